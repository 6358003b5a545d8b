// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// `kaopu verify --all`: receipts, the registries' files and the shopper's record, held against each
// other on this disk. No network.
#include <algorithm>
#include <filesystem>
#include <memory>

#include "base/files.h"
#include "base/str_cat.h"
#include "cli/commands/commands.h"
#include "pool/net/logged_index.h"
#include "pool/net/receipts.h"
#include "tlog/checkpoint.h"

namespace kaopu {
namespace {

namespace fs = std::filesystem;

struct Options {
  bool all = false;
  bool json = false;
};

using State = pool::KeptCheck::State;

// One thing looked at: what, of whom, and what is wrong with it.
struct Finding {
  std::string what;  // database registry checkpoint proof index details alarm receipt report
  std::string of;    // a registry's name, a report's number; empty for the database
  std::optional<Error> why;  // it is not sound
  State state = why ? State::kWrong : State::kSound;
};

// WIRE
std::string_view NameOf(State state) {
  switch (state) {
    case State::kSound:
      return "sound";
    case State::kProven:
      return "proven";
    case State::kNotProven:
      return "not_proven";
    case State::kWrong:
      break;
  }
  return "wrong";
}

Expected<void> CheckHead(const pool::Registry& registry, const fs::path& folder) {
  const Expected<tlog::VerifierKey> key = tlog::VerifierKey::Parse(registry.info.log_key);
  if (!key) return std::unexpected(key.error());
  const Expected<std::string> note = ReadFile(folder / "checkpoint", tlog::kNoteBytesMax);
  if (!note) {
    if (note.error().code == ErrorCode::kNotFound && registry.state.entries == 0) return {};
    return std::unexpected(note.error());
  }
  const auto head = tlog::VerifyCheckpoint(*note, *key);
  if (!head) return std::unexpected(head.error());
  if (head->checkpoint.size < registry.state.entries) {
    return Fail(ErrorCode::kDamaged,
                StrCat("the log's head has ", head->checkpoint.size, " entries, but ",
                       registry.state.entries, " were seen"));
  }
  return {};
}

std::optional<Error> ErrorOf(const Expected<void>& done) {
  return done ? std::nullopt : std::optional(done.error());
}

void LookAtRegistries(const fs::path& home, std::vector<Finding>& findings,
                      const std::vector<pool::Registry>& registries) {
  for (const pool::Registry& registry : registries) {
    const fs::path folder = pool::PoolFolder(home) / registry.id;
    const std::string& name = registry.info.name;
    findings.push_back({"checkpoint", name, ErrorOf(CheckHead(registry, folder))});
    if (const auto checks = pool::CheckKeptIndex(home, registry.id)) {
      for (const pool::KeptCheck& one : *checks) {
        findings.push_back({one.what, name, one.why, one.state});
      }
    } else {
      findings.push_back({"index", name, checks.error()});
    }
    if (registry.state.alarm) {
      findings.push_back(
          {"alarm", name, Error{ErrorCode::kDamaged, registry.state.alarm->message}});
    }
  }
}

void LookAtReports(const std::vector<ReportRecord>& reports, std::vector<Finding>& findings,
                   const std::vector<pool::Registry>& registries) {
  for (const ReportRecord& report : reports) {
    const std::string number = std::to_string(report.report_id);
    if (report.state == ReportState::kVanished) {
      findings.push_back(
          {"report", number,
           Error{ErrorCode::kDamaged, "it vanished from the registry, whose log gives no reason"}});
    }
    if (!report.entry) continue;
    const auto known = std::ranges::find(registries, report.registry_id, &pool::Registry::id);
    if (known == registries.end()) {
      // A registry that was let go cannot be checked, which damages nothing.
      findings.push_back({"receipt", number,
                          Error{ErrorCode::kNotFound,
                                "its registry is no longer one of yours: it cannot be checked"},
                          State::kNotProven});
      continue;
    }
    findings.push_back({"receipt", number, pool::ReceiptTrouble(report, *known)});
  }
}

void Verify(CommandContext& context, const Options& options) {
  const Expected<ActionContext*> actions = context.Actions();
  if (!actions) return context.Fail(actions.error());
  std::vector<Finding> findings;
  findings.push_back({"database", "", ErrorOf((*actions)->store.Check())});
  std::string problem;
  const std::vector<pool::Registry> registries = pool::ListRegistries((*actions)->home, &problem);
  if (!problem.empty()) {
    findings.push_back({"registry", "", Error{ErrorCode::kDamaged, problem}});
  }
  LookAtRegistries((*actions)->home, findings, registries);
  if (const auto reports = (*actions)->store.Reports()) {
    LookAtReports(*reports, findings, registries);
  } else {
    findings.push_back({"database", "", reports.error()});
  }
  const Words& words = context.words();
  Json list = Json::array();
  size_t wrong = 0, not_proven = 0;
  std::string text;
  for (const Finding& one : findings) {
    wrong += one.state == State::kWrong ? 1 : 0;
    not_proven += one.state == State::kNotProven ? 1 : 0;
    list.push_back({{"what", one.what},
                    {"of", one.of},
                    {"ok", one.state != State::kWrong},
                    {"state", NameOf(one.state)},
                    {"message", one.why ? Json(one.why->message) : Json(nullptr)}});
    text += StrCat(words.Say("cli_verify_" + one.what, {{"of", one.of}}), ": ",
                   one.why ? words.Of(TerminalSafe(one.why->message))
                           : words.Say(StrCat("cli_verify_", NameOf(one.state))),
                   "\n");
  }
  const bool sound = wrong == 0;
  if (options.json) {
    context.out << DumpJson({{"ok", sound},
                             {"wrong", wrong},
                             {"not_proven", not_proven},
                             {"checks", std::move(list)}},
                            1)
                << '\n';
  } else {
    context.out << text
                << words.Say(!sound           ? "cli_verify_not_sound"
                             : not_proven > 0 ? "cli_verify_all_but_proof"
                                              : "cli_verify_all_sound")
                << '\n';
  }
  if (!sound) context.exit_code = ExitCodeFor(ErrorCode::kDamaged);
}

}  // namespace

void AddVerifyCommand(Command app, CommandContext& context) {
  auto options = std::make_shared<Options>();
  Command command = app.AddCommand(
      "verify", "Check every receipt and every file of the shared databases, without network");
  command.AddFlag("--all", options->all, "All there is (what it does without, too)");
  command.AddFlag("--json", options->json, "Print one JSON value");
  command.Footer(
      "Index files are held against what the registry's signed log names, by the proof that the "
      "last "
      "kaopu sync kept.\n"
      "Exit code 6 where something is damaged, vanished, or a registry was caught lying.\n"
      "Exit code 0 where something is not proven yet; that is said, and --json has its state.\n"
      "Example:\n  kaopu verify --all");
  command.Callback([options, &context] { Verify(context, *options); });
}

}  // namespace kaopu
