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

void AddBackupCommand(CLI::App& app, RegistryContext& context) {
  auto options = std::make_shared<Options>();
  CLI::App* backup =
      app.add_subcommand("backup", "Copy a registry, served or not, as of one moment");
  backup->add_option("--data", options->data, "The registry's folder")
      ->required()
      ->type_name("DIR");
  AddDatabaseOption(*backup, options->database);
  backup->add_option("--to", options->backup, "Folder to make; it must not be there")
      ->required()
      ->type_name("PATH");
  backup->footer(
      "Example:\n  kaopu-registry backup --data /var/lib/kaopu-registry --to "
      "/var/backups/kaopu-registry/$(date +%F)");
  backup->callback([options, &context] { BackUp(*options, context); });
}

void AddRestoreCommand(CLI::App& app, RegistryContext& context) {
  auto options = std::make_shared<Options>();
  CLI::App* restore =
      app.add_subcommand("restore", "Put a copy back into an empty folder, and check it");
  restore->add_option("--from", options->backup, "What `backup` made")
      ->required()
      ->type_name("PATH");
  restore->add_option("--data", options->data, "The registry's folder; absent or empty")
      ->required()
      ->type_name("DIR");
  AddDatabaseOption(*restore, options->database);
  restore
      ->add_option("--seen", options->seen,
                   "Newest checkpoint of this registry that anybody has; a copy that lacks entries "
                   "of it is refused")
      ->type_name("FILE");
  restore->footer(
      "Example:\n  kaopu-registry restore --from /var/backups/kaopu-registry/2026-11-26 --data "
      "/var/lib/kaopu-registry --seen checkpoint");
  restore->callback([options, &context] { Restore(*options, context); });
}

}  // namespace kaopu
