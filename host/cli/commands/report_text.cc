// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "cli/commands/report_text.h"

#include "base/str_cat.h"
#include "cli/commands/own_record.h"
#include "cli/table.h"
#include "report/report.h"

namespace kaopu {
namespace {

// The registry's name; its id where it is no longer one of the shopper's.
std::string RegistryName(const Json& report) {
  const std::string name = CellOf(report["registry"]["name"]);
  return name.empty() ? CellOf(report["registry"]["id"]) : name;
}

std::string OutcomeWord(const Json& report, const Words& words) {
  const Expected<report::Report> read = report::Report::Parse(CellOf(report["text"]));
  return read ? words.Say(StrCat("outcome_", OutcomeKindName(read->outcome))) : std::string();
}

std::string StateWords(const Json& report, const Words& words) {
  if (!report["replaced_by"].is_null()) return words.Say("cli_report_replaced");
  return words.Say("report_state_" + CellOf(report["state"]));
}

// What a person must know beside the state: why it was refused, removed or is not there yet.
std::string Trouble(const Json& report, const Words& words) {
  for (const auto& [field, key] :
       {std::pair{"reason", "cli_report_reason"}, {"last_error", "cli_report_last_error"}}) {
    if (const std::string text = CellOf(report[field]); !text.empty()) {
      return words.Say(key, {{"id", report["report_id"]}, {"error", text}}) + "\n";
    }
  }
  return {};
}

}  // namespace

bool IsOnItsWay(const Json& report) {
  const std::string state = CellOf(report["state"]);
  return state == "waiting" || state == "withdrawing";
}

std::string NextTry(TimeMs at, TimeMs now, const Words& words) {
  const int64_t minutes = std::chrono::ceil<std::chrono::minutes>(at - now).count();
  if (minutes <= 0) return words.Say("cli_outbox_next_sync");
  if (minutes < 120) return words.Say("cli_outbox_in_minutes", {{"minutes", minutes}});
  return words.Say("cli_outbox_in_hours", {{"hours", (minutes + 30) / 60}});
}

std::string PreviewText(const Json& preview, const Words& words) {
  std::string text = words.Say("report_reveals_title") + "\n";
  for (const Json& key : preview["reveals"]) {
    text += StrCat("- ", words.Say(key.get_ref<const std::string&>()), "\n");
  }
  text +=
      StrCat(words.Say("report_exactly"), "\n  ", TerminalSafe(CellOf(preview["report"])), "\n");
  for (const Json& earlier : preview["earlier"]) {
    if (!earlier["replaced_by"].is_null()) continue;
    const std::string state = CellOf(earlier["state"]);
    if (state == "waiting" || state == "sent") {
      text += words.Say("cli_report_takes_place",
                        {{"id", earlier["report_id"]}, {"registry", RegistryName(earlier)}}) +
              "\n";
    }
  }
  return text;
}

std::string ReportTable(const Json& reports, const Words& words) {
  Table table({words.Say("cli_head_id"), words.Say("cli_head_seller"),
               words.Say("cli_head_outcome"), words.Say("cli_head_registry"),
               words.Say("cli_head_state"), words.Say("cli_head_entry"),
               words.Say("cli_head_weighed")});
  std::string proofs, trouble;
  for (const Json& report : reports) {
    const std::string weighed = CellOf(report["class"]);
    table.Add({CellOf(report["report_id"]), CellOf(report["seller_key"]),
               OutcomeWord(report, words), RegistryName(report), StateWords(report, words),
               CellOf(report["entry"]),
               weighed.empty() ? weighed : words.Say("cli_report_class_" + weighed)});
    if (const std::string by = CellOf(report["proof_by"]); !by.empty()) {
      proofs += words.Say("cli_report_proof", {{"id", report["report_id"]}, {"name", by}}) + "\n";
    }
    trouble += Trouble(report, words);
  }
  return table.empty() ? std::string() : table.Print() + proofs + trouble;
}

std::string OutboxText(const Json& reports, TimeMs now, const Words& words) {
  std::string text;
  for (const Json& report : reports) {
    if (!IsOnItsWay(report)) continue;
    const int64_t tries = report["tries"].get<int64_t>();
    text += StrCat(words.Say("cli_outbox_line", {{"id", report["report_id"]},
                                                 {"seller", report["seller_key"]},
                                                 {"outcome", OutcomeWord(report, words)},
                                                 {"registry", RegistryName(report)},
                                                 {"state", StateWords(report, words)}}),
                   "\n  ");
    if (tries == 1) text += words.Say("cli_outbox_tried_once");
    if (tries > 1) text += words.Say("cli_outbox_tries", {{"tries", tries}});
    const TimeMs next(std::chrono::milliseconds(report["next_try_at_ms"].get<int64_t>()));
    text += words.Say("cli_outbox_next", {{"when", NextTry(next, now, words)}}) + "\n";
    if (const std::string trouble = CellOf(report["last_error"]); !trouble.empty()) {
      text += StrCat("  ", words.Say("cli_outbox_last_error", {{"error", trouble}}), "\n");
    }
  }
  return text;
}

}  // namespace kaopu
