// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// `kaopu why SELLER_KEY`: every number behind a verdict.
#include <iomanip>
#include <memory>
#include <sstream>

#include "cli/commands/commands.h"
#include "cli/commands/own_record.h"
#include "cli/table.h"

namespace kaopu {
namespace {

std::string Number(const Json& value, int decimals = 3) {
  if (!value.is_number()) return {};
  std::ostringstream text;
  text.imbue(std::locale::classic());
  text << std::fixed << std::setprecision(decimals) << value.get<double>();
  return text.str();
}

// Where a number comes from, in the shopper's language.
std::string SourceOf(const Json& line, const Words& words) {
  std::string text;
  for (const Json& key : line["source_keys"])
    text += (text.empty() ? "" : ", ") + words.Say(CellOf(key));
  return text;
}

std::string FormulaOf(const Json& line, const Words& words) {
  std::string text = CellOf(line["formula"]);
  const Json& note = line["note"];
  if (!note.is_object()) return text;
  const std::string said = words.Say(CellOf(note["key"]), note["args"]);
  return text.empty() ? said : text + "  (" + said + ")";
}

std::string SayWhy(const Json& reply, const Words& words) {
  const Json& why = reply["explanation"];
  const std::string name = CellOf(why["seller_name"]);
  std::string text =
      words.Say("cli_why_title",
                {{"seller", name.empty() ? CellOf(why["seller_key"])
                                         : name + " (" + CellOf(why["seller_key"]) + ")"},
                 {"verdict", words.Say("verdict_" + CellOf(why["verdict"]))}}) +
      "\n";
  for (const Json& reason : why["reasons"])
    text += "  - " + words.Say(CellOf(reason["key"]), reason["args"]) + "\n";
  text += "\n" +
          words.Say("cli_why_policy", {{"version", why["policy"]["version"]},
                                       {"published", why["policy"]["published_on"]},
                                       {"today", why["today"]}}) +
          "\n";
  Table numbers(
      {words.Say("cli_head_number"), words.Say("cli_head_value"), words.Say("cli_head_source")});
  std::string formulas;
  for (const Json& line : why["lines"]) {
    const std::string label = words.Say(CellOf(line["key"]));
    // Days are counted by dates: more decimals would be made up.
    const bool days = CellOf(line["key"]).starts_with("why_ship_");
    numbers.Add({label, Number(line["value"], days ? 1 : 3), SourceOf(line, words)});
    const std::string formula = FormulaOf(line, words);
    if (!formula.empty()) formulas += "  " + label + " = " + formula + "\n";
  }
  text += numbers.Print() + "\n" + words.Say("cli_why_formulas") + "\n" + formulas;
  Table outcomes({words.Say("cli_head_id"), words.Say("cli_head_outcome"),
                  words.Say("cli_head_known_on"), words.Say("cli_head_age_days"),
                  words.Say("cli_head_weight")});
  for (const Json& row : why["outcomes"]) {
    outcomes.Add({CellOf(row["outcome_id"]), words.Say("outcome_" + CellOf(row["outcome"])),
                  CellOf(row["known_on"]), CellOf(row["age_days"]), Number(row["weight"])});
  }
  return outcomes.empty() ? text : text + "\n" + outcomes.Print();
}

}  // namespace

void AddWhyCommand(Command app, CommandContext& context) {
  struct Options {
    RequestOptions fields;
    bool json = false;
  };
  auto options = std::make_shared<Options>();
  Command command =
      app.AddCommand("why", "Every number behind the verdict on a seller, and where it came from");
  options->fields
      .Text(command, "SELLER_KEY", "seller_key", "Seller, such as jd:12345 or web:example.com")
      .Required();
  command.AddFlag("--json", options->json, "Print one JSON value");
  command.Footer("Examples:\n  kaopu why jd:12345\n  kaopu why web:example.com --json");
  command.Callback([options, &context] {
    RunAndSay(context, options->fields.Request("why"), options->json, SayWhy);
  });
}

}  // namespace kaopu
