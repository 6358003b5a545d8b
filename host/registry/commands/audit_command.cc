// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// `kaopu-registry audit`: is a log what its checkpoint says?
#include <filesystem>
#include <string>

#include "base/files.h"
#include "base/json.h"
#include "base/str_cat.h"
#include "registry/commands/commands.h"
#include "tlog/log_audit.h"

namespace kaopu {
namespace {

struct AuditOptions {
  std::string from;
  std::string key;
  std::vector<std::string> witnesses;
  bool log_only = false;
  bool json = false;
};

Expected<tlog::LogAudit> Audit(const AuditOptions& options, std::ostream& progress) {
  const auto key = tlog::VerifierKey::Parse(options.key);
  if (!key) return Fail(ErrorCode::kBadRequest, StrCat("--key: ", key.error().message));
  std::vector<tlog::VerifierKey> witnesses;
  for (const std::string& text : options.witnesses) {
    auto witness = tlog::VerifierKey::Parse(text);
    if (!witness)
      return Fail(ErrorCode::kBadRequest, StrCat("--witness: ", witness.error().message));
    witnesses.push_back(std::move(*witness));
  }
  const std::filesystem::path root = options.from;
  const tlog::ReadLogFile read = [&](const std::string& path, size_t bytes_max) {
    return ReadFile(root / path, bytes_max);
  };
  constexpr uint64_t kProgressEvery = 1'000'000;
  return tlog::AuditLog(read, *key, witnesses, [&](uint64_t index, std::string_view) {
    if ((index + 1) % kProgressEvery == 0) progress << index + 1 << " entries checked\n";
  });
}

void Run(const AuditOptions& options, RegistryContext& context) {
  const auto audit = Audit(options, context.err);
  if (!audit) {
    // What was found wrong in the log is the log's damage, not a mistake of whoever asks.
    Error error = audit.error();
    if (error.code == ErrorCode::kBadRequest && !error.message.starts_with("--")) {
      error.code = ErrorCode::kDamaged;
    }
    if (options.json) {
      context.out << DumpJson({{"ok", false}, {"reason", error.message}}) << '\n';
    }
    return context.Fail(error);
  }
  const tlog::Checkpoint& head = audit->head.checkpoint;
  Json cosigned = Json::array();
  for (const auto& one : audit->head.cosignatures) cosigned.push_back(one.name);
  if (options.json) {
    context.out << DumpJson({{"ok", true},
                             {"reason", nullptr},
                             {"origin", head.origin},
                             {"size", head.size},
                             {"root", tlog::ToBase64(tlog::AsText(head.root))},
                             {"tiles", audit->tiles},
                             {"cosigned_by", cosigned}})
                << '\n';
    return;
  }
  context.out << "The log " << head.origin << " is whole: " << head.size << " entries lead "
              << "through every tile to the root that its key has signed";
  if (!options.witnesses.empty()) {
    context.out << "; cosigned by " << cosigned.size() << " of " << options.witnesses.size()
                << " witnesses";
  }
  context.out << ".\n";
}

}  // namespace

void AddAuditCommand(CLI::App& app, RegistryContext& context) {
  auto options = std::make_shared<AuditOptions>();
  CLI::App* audit = app.add_subcommand(
      "audit", "Check a published log: every entry, every tile, the signed root");
  audit->add_option("--from", options->from, "Folder that holds the log's files")
      ->required()
      ->check(CLI::ExistingDirectory);
  audit->add_option("--key", options->key, "The log's public key: NAME+ID+KEY")->required();
  audit->add_option("--witness", options->witnesses, "Public key of a witness; may be repeated");
  audit
      ->add_flag("--log-only", options->log_only,
                 "Check the log alone, also one that is not Kaopu's")
      ->required();
  audit->add_flag("--json", options->json, "Print one JSON object");
  audit->footer(
      "The log is static files as in c2sp.org/tlog-tiles. The first file that differs is named; "
      "the "
      "exit code is then 6, or 4 where a file is missing.\n"
      "Example:\n  kaopu-registry audit --log-only --from ./log --key "
      "example.com/log+33d7b496+AeH...");
  audit->callback([options, &context] { Run(*options, context); });
}

}  // namespace kaopu
