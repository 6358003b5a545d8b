// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// `kaopu-registry backup` and `restore`.
#include <memory>
#include <string>

#include "base/files.h"
#include "registry/commands/commands.h"
#include "registry/commands/database_option.h"
#include "registry/folder/registry_backup.h"
#include "report/seal/report_keys.h"
#include "tlog/note.h"

namespace kaopu {
namespace {

struct Options {
  std::string data, database, backup, seen;
};

void BackUp(const Options& options, RegistryContext& context) {
  const auto facts =
      BackUpRegistry(options.data, options.backup, context.clock.Now(), options.database);
  if (!facts) return context.Fail(facts.error());
  context.out << "Copied " << facts->entries << " entries to " << options.backup
              << "; root of their tree: " << report::BytesToText(facts->root)
              << "\nIt holds the secret keys: keep it where nobody else can read it.\n";
}

void Restore(const Options& options, RegistryContext& context) {
  std::string seen;
  if (!options.seen.empty()) {
    auto read = ReadFile(options.seen, tlog::kNoteBytesMax);
    if (!read) return context.Fail(read.error());
    seen = std::move(*read);
  }
  const auto facts = RestoreRegistry(
      options.backup, options.data,
      seen.empty() ? std::nullopt : std::optional<std::string_view>(seen), options.database);
  if (!facts) return context.Fail(facts.error());
  context.out << "Put back " << facts->entries << " entries into " << options.data
              << "; root of their tree: " << report::BytesToText(facts->root)
              << "\nServe it only if the registry it was copied from never runs again.\n";
  if (options.seen.empty()) {
    context.Note(
        "not compared with any checkpoint that shoppers hold: reports taken in after the copy are "
        "missing, and their receipts would contradict this registry. Next: restore again with "
        "--seen and the newest checkpoint that a mirror, an auditor or a shopper has");
  }
}

}  // namespace

void AddBackupCommand(Command app, RegistryContext& context) {
  auto options = std::make_shared<Options>();
  Command backup = app.AddCommand("backup", "Copy a registry, served or not, as of one moment");
  backup.AddOption("--data", options->data, "The registry's folder").Required().TypeName("DIR");
  AddDatabaseOption(backup, options->database);
  backup.AddOption("--to", options->backup, "Folder to make; it must not be there")
      .Required()
      .TypeName("PATH");
  backup.Footer(
      "Example:\n  kaopu-registry backup --data /var/lib/kaopu-registry --to "
      "/var/backups/kaopu-registry/$(date +%F)");
  backup.Callback([options, &context] { BackUp(*options, context); });
}

void AddRestoreCommand(Command app, RegistryContext& context) {
  auto options = std::make_shared<Options>();
  Command restore = app.AddCommand("restore", "Put a copy back into an empty folder, and check it");
  restore.AddOption("--from", options->backup, "What `backup` made").Required().TypeName("PATH");
  restore.AddOption("--data", options->data, "The registry's folder; absent or empty")
      .Required()
      .TypeName("DIR");
  AddDatabaseOption(restore, options->database);
  restore
      .AddOption("--seen", options->seen,
                 "Newest checkpoint of this registry that anybody has; a copy that lacks entries "
                 "of it is refused")
      .TypeName("FILE");
  restore.Footer(
      "Example:\n  kaopu-registry restore --from /var/backups/kaopu-registry/2026-11-26 --data "
      "/var/lib/kaopu-registry --seen checkpoint");
  restore.Callback([options, &context] { Restore(*options, context); });
}

}  // namespace kaopu
