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
#include "index/index_file.h"
#include "pool/net/receipts.h"
#include "tlog/checkpoint.h"

namespace kaopu {
namespace {

namespace fs = std::filesystem;

struct Options {
  bool all = false;
  bool json = false;
};

// One thing looked at: what, of whom, and what is wrong with it.
struct Finding {
  std::string what;  // database registry checkpoint index details alarm receipt report
  std::string of;    // a registry's name, a report's number; empty for the database
  std::optional<Error> wrong;
};

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

Expected<void> CheckIndex(const fs::path& file) {
  const Expected<index::IndexFile> opened = index::IndexFile::Open(file);
  if (!opened) return std::unexpected(opened.error());
  return opened->Verify();
}

std::optional<Error> ErrorOf(const Expected<void>& done) {
  return done ? std::nullopt : std::optional(done.error());
}

void LookAtRegistries(const fs::path& home, std::vector<Finding>& findings,
                      const std::vector<pool::Registry>& registries) {
  for (const pool::Registry& registry : registries) {
    const fs::path folder = pool::PoolFolder(home) / registry.id;
    const std::string& name = registry.info.name;
    const bool synced = registry.state.publish > 0;
    findings.push_back({"checkpoint", name, ErrorOf(CheckHead(registry, folder))});
    if (synced) {
      findings.push_back({"index", name, ErrorOf(CheckIndex(folder / "sellers.kpi"))});
      std::error_code error;
      if (fs::exists(folder / "details.kpi", error)) {
        findings.push_back({"details", name, ErrorOf(CheckIndex(folder / "details.kpi"))});
      }
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
    findings.push_back(
        {"receipt", number,
         known != registries.end()
             ? pool::ReceiptTrouble(report, *known)
             : std::optional(
                   Error{ErrorCode::kNotFound,
                         "its registry is no longer one of yours: it cannot be checked"})});
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
  bool sound = true;
  std::string text;
  for (const Finding& one : findings) {
    // A registry that was let go cannot be checked, which damages nothing.
    const bool let_go =
        one.wrong && one.what == "receipt" && one.wrong->code == ErrorCode::kNotFound;
    if (one.wrong && !let_go) sound = false;
    list.push_back({{"what", one.what},
                    {"of", one.of},
                    {"ok", !one.wrong},
                    {"message", one.wrong ? Json(one.wrong->message) : Json(nullptr)}});
    text += StrCat(
        words.Say("cli_verify_" + one.what, {{"of", one.of}}), ": ",
        one.wrong ? words.Of(TerminalSafe(one.wrong->message)) : words.Say("cli_verify_sound"),
        "\n");
  }
  if (options.json) {
    context.out << DumpJson({{"ok", sound}, {"checks", std::move(list)}}, 1) << '\n';
  } else {
    context.out << text << words.Say(sound ? "cli_verify_all_sound" : "cli_verify_not_sound")
                << '\n';
  }
  if (!sound) context.exit_code = ExitCodeFor(ErrorCode::kDamaged);
}

}  // namespace

void AddVerifyCommand(CLI::App& app, CommandContext& context) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "verify", "Check every receipt and every file of the shared databases, without network");
  command->add_flag("--all", options->all, "All there is (what it does without, too)");
  command->add_flag("--json", options->json, "Print one JSON value");
  command->footer(
      "Exit code 6 where something is damaged, vanished, or a registry was caught lying.\n"
      "Example:\n  kaopu verify --all");
  command->callback([options, &context] { Verify(context, *options); });
}

}  // namespace kaopu
