// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// `kaopu-registry audit`: is a log what its checkpoint says, and an index what its log gives?
#include <string>
#include <thread>

#include "base/json.h"
#include "base/str_cat.h"
#include "registry/audit/registry_audit.h"
#include "registry/commands/commands.h"
#include "registry/fetch/http_reader.h"
#include "tlog/log_audit.h"

namespace kaopu {
namespace {

struct AuditOptions {
  std::string from;
  std::string key;
  std::vector<std::string> witnesses;
  bool log_only = false;
  bool no_signatures = false;
  bool json = false;
};

Expected<std::optional<tlog::VerifierKey>> KeyOf(const AuditOptions& options) {
  if (options.key.empty()) return std::nullopt;
  auto key = tlog::VerifierKey::Parse(options.key);
  if (!key) return Fail(ErrorCode::kBadRequest, StrCat("--key: ", key.error().message));
  return std::move(*key);
}

Expected<std::vector<tlog::VerifierKey>> WitnessesOf(const AuditOptions& options) {
  std::vector<tlog::VerifierKey> witnesses;
  for (const std::string& text : options.witnesses) {
    auto witness = tlog::VerifierKey::Parse(text);
    if (!witness) {
      return Fail(ErrorCode::kBadRequest, StrCat("--witness: ", witness.error().message));
    }
    witnesses.push_back(std::move(*witness));
  }
  return witnesses;
}

Expected<tlog::LogAudit> AuditLogOnly(const AuditOptions& options, RegistryContext& context) {
  const auto key = KeyOf(options);
  if (!key) return std::unexpected(key.error());
  if (!*key) return Fail(ErrorCode::kBadRequest, "--log-only needs the log's key: --key VKEY");
  const auto witnesses = WitnessesOf(options);
  if (!witnesses) return std::unexpected(witnesses.error());
  const auto read = ReaderOf(options.from);
  if (!read) return std::unexpected(read.error());
  constexpr uint64_t kProgressEvery = 1'000'000;
  return tlog::AuditLog(*read, **key, *witnesses, [&](uint64_t index, std::string_view) {
    if ((index + 1) % kProgressEvery == 0) context.Note(StrCat(index + 1, " entries checked"));
  });
}

void FailAudit(const AuditOptions& options, Error error, RegistryContext& context) {
  // What was found wrong in the log is the log's damage, not a mistake of whoever asks.
  if (error.code == ErrorCode::kBadRequest && !error.message.starts_with("--")) {
    error.code = ErrorCode::kDamaged;
  }
  if (options.json) context.out << DumpJson({{"ok", false}, {"reason", error.message}}) << '\n';
  context.Fail(error);
}

Expected<RegistryAudit> AuditAll(const AuditOptions& options, RegistryContext& context) {
  auto key = KeyOf(options);
  if (!key) return std::unexpected(key.error());
  auto witnesses = WitnessesOf(options);
  if (!witnesses) return std::unexpected(witnesses.error());
  const auto read = ReaderOf(options.from);
  if (!read) return std::unexpected(read.error());
  return AuditRegistry(*read, {.key = std::move(*key),
                               .witnesses = std::move(*witnesses),
                               .signatures = !options.no_signatures,
                               .threads = std::max(1u, std::thread::hardware_concurrency()),
                               .progress = [&](std::string_view text) { context.Note(text); }});
}

void RunAll(const AuditOptions& options, RegistryContext& context) {
  const auto audit = AuditAll(options, context);
  if (!audit) return FailAudit(options, audit.error(), context);
  if (options.json) {
    context.out << DumpJson({{"ok", true},
                             {"reason", nullptr},
                             {"origin", audit->origin},
                             {"entries", audit->entries},
                             {"reports", audit->reports},
                             {"contents", audit->contents},
                             {"removed", audit->removed},
                             {"waiting", audit->waiting},
                             {"left_over", audit->left_over},
                             {"publish", audit->publish},
                             {"sellers", audit->sellers},
                             {"recomputed", audit->publish > 0 && !audit->by_digest_alone},
                             {"ranges", audit->ranges},
                             {"older_checked", audit->older_checked},
                             {"older_gone", audit->older_gone},
                             {"signatures", !options.no_signatures}})
                << '\n';
    return;
  }
  context.out << audit->origin << ": the log is whole, " << audit->entries << " entries, "
              << audit->reports << " of them reports; ";
  if (audit->contents == 0) {
    context.out << "no content is released";
  } else {
    context.out << audit->contents << " released contents are what it commits to"
                << (options.no_signatures ? " (signatures were not looked at)" : " and are signed");
  }
  context.out << ", " << audit->removed << " were removed, " << audit->waiting
              << " are not released yet.\n";
  if (audit->left_over > 0) {
    context.out << audit->left_over
                << " contents lie there that were removed, or are to be published next.\n";
  }
  if (audit->publish == 0) {
    context.out << "No index was published yet.\n";
  } else if (audit->by_digest_alone) {
    context.out << "Index " << audit->publish
                << ": its files are those in the log. Contents were removed since, so it cannot be "
                   "computed again.\n";
  } else {
    context.out << "Index " << audit->publish << ": computed again from the contents, "
                << audit->sellers << " sellers, the same bytes.\n";
  }
  if (audit->ranges > 0) {
    context.out << "Its " << audit->ranges << " ranges: cut again, the same bytes.\n";
  }
  if (audit->older_checked + audit->older_gone > 0) {
    context.out << "Earlier indexes: " << audit->older_checked << " are those in the log, "
                << audit->older_gone << " are no longer kept whole.\n";
  }
}

void Run(const AuditOptions& options, RegistryContext& context) {
  if (!options.log_only) return RunAll(options, context);
  const auto audit = AuditLogOnly(options, context);
  if (!audit) return FailAudit(options, audit.error(), context);
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

void AddAuditCommand(Command app, RegistryContext& context) {
  auto options = std::make_shared<AuditOptions>();
  Command audit = app.AddCommand(
      "audit",
      "Check what a registry published: the log, the contents, and the index computed again");
  audit.AddOption("--from", options->from, "Folder or http(s) address of its public files")
      .Required();
  audit.AddOption("--key", options->key,
                  "The log's public key: NAME+ID+KEY. Without it the one that registry.json "
                  "names is taken: then ask someone else whether it is the right one");
  audit.AddOption("--witness", options->witnesses, "Public key of a witness; may be repeated");
  audit.AddFlag("--log-only", options->log_only,
                "Check the log alone, also one that is not Kaopu's");
  audit.AddFlag("--no-signatures", options->no_signatures,
                "Leave out the reporters' signatures, which take most of the time");
  audit.AddFlag("--json", options->json, "Print one JSON object");
  audit.Footer(
      "The log is static files as in c2sp.org/tlog-tiles. The first thing that differs is named; "
      "the exit code is then 6, or 4 where a file is missing. Which weight class the registry gave "
      "a report cannot be told from outside; all that follows from it can.\n"
      "Examples:\n  kaopu-registry audit --from https://registry.example/ --key "
      "registry.example/log+33d7b496+AeH...\n  kaopu-registry audit --log-only --from ./log --key "
      "example.com/log+33d7b496+AeH...");
  audit.Callback([options, &context] { Run(*options, context); });
}

}  // namespace kaopu
