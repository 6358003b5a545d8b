// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// `kaopu outcome add|list|edit|remove|undo`: how the shopper's own orders ended.
#include <memory>

#include "cli/commands/commands.h"
#include "cli/commands/own_record.h"

namespace kaopu {
namespace {

struct Options {
  RequestOptions fields;
  bool json = false;
};

constexpr char kOutcomeHelp[] =
    "on_time, late, never_shipped, fake_shipment, seller_cancelled, open or buyer_cancelled";

std::shared_ptr<Options> AddJsonFlag(Command command) {
  auto options = std::make_shared<Options>();
  command.AddFlag("--json", options->json, "Print one JSON value");
  return options;
}

void AddDetails(Command command, RequestOptions& fields) {
  fields.Whole(command, "--days-late", "days_late",
               "Days from the promised date to shipment (late only)");
  fields.Text(command, "--order", "order_id", "Order number");
  fields.Text(command, "--placed", "placed_at", "Day of the order, YYYY-MM-DD");
  fields.Text(command, "--promised", "promised_by", "Last day on which it should have shipped");
  fields.Text(command, "--shipped", "shipped_at", "Day of the first carrier scan");
  fields.Text(command, "--delivered", "delivered_at", "Day it arrived");
  fields.Text(command, "--item", "item_title", "What was bought");
  fields.Price(command, "--price", "item_price", "What it cost, such as \"149.00 CNY\"");
  fields.Text(command, "--note", "note", "A note of your own");
}

std::string SayKept(const Json& reply, const Words& words) {
  return OutcomeTable(Json::array({reply["outcome"]}), words);
}

void AddAdd(Command outcome, CommandContext& context) {
  Command command = outcome.AddCommand("add", "Record how an order ended");
  auto options = AddJsonFlag(command);
  options->fields
      .Text(command, "SELLER_KEY", "seller_key", "Seller, such as jd:12345 or web:example.com")
      .Required();
  options->fields.Text(command, "OUTCOME", "outcome", kOutcomeHelp).Required();
  options->fields.Text(command, "--name", "seller_name", "The seller's name");
  AddDetails(command, options->fields);
  command.Footer(
      "Example:\n  kaopu outcome add jd:12345 late --placed 2026-10-01 --promised 2026-10-03 "
      "--shipped 2026-10-09");
  command.Callback([options, &context] {
    RunAndSay(context, options->fields.Request("outcome_add"), options->json, SayKept);
  });
}

void AddList(Command outcome, CommandContext& context) {
  Command command = outcome.AddCommand("list", "Show recorded outcomes, newest first");
  auto options = AddJsonFlag(command);
  options->fields.Text(command, "SELLER_KEY", "seller_key", "Only of this seller");
  options->fields.Whole(command, "--limit", "limit", "At most so many (100)");
  command.Footer("Examples:\n  kaopu outcome list\n  kaopu outcome list jd:12345 --limit 10");
  command.Callback([options, &context] {
    RunAndSay(context, options->fields.Request("outcome_list"), options->json,
              [](const Json& reply, const Words& words) {
                const std::string table = OutcomeTable(reply["outcomes"], words);
                return table.empty() ? words.Say("cli_outcome_none") + "\n" : table;
              });
  });
}

void AddEdit(Command outcome, CommandContext& context) {
  Command command = outcome.AddCommand("edit", "Change a recorded outcome");
  auto options = AddJsonFlag(command);
  options->fields.Whole(command, "ID", "outcome_id", "Number from `kaopu outcome list`").Required();
  options->fields.Text(command, "--outcome", "outcome", kOutcomeHelp);
  options->fields.Text(command, "--seller", "seller_key", "Seller");
  AddDetails(command, options->fields);
  options->fields.Clear(command);
  command.Footer(
      "Examples:\n"
      "  kaopu outcome edit 3 --outcome late --days-late 4\n"
      "  kaopu outcome edit 3 --clear note");
  command.Callback([options, &context] {
    RunAndSay(context, options->fields.Request("outcome_edit"), options->json, SayKept);
  });
}

void AddRemove(Command outcome, CommandContext& context) {
  Command command = outcome.AddCommand("remove", "Forget a recorded outcome");
  command.Footer("Example:\n  kaopu outcome remove 3");
  auto options = AddJsonFlag(command);
  options->fields.Whole(command, "ID", "outcome_id", "Number from `kaopu outcome list`").Required();
  command.Callback([options, &context] {
    RunAndSay(context, options->fields.Request("outcome_remove"), options->json,
              [](const Json& reply, const Words& words) {
                return words.Say("cli_outcome_removed", {{"id", reply["removed"]}}) + "\n";
              });
  });
}

void AddUndo(Command outcome, CommandContext& context) {
  Command command = outcome.AddCommand("undo", "Take back the last change, again and again");
  command.Footer("Examples:\n  kaopu outcome undo\n  kaopu outcome undo 3");
  auto options = AddJsonFlag(command);
  options->fields.Whole(command, "ID", "outcome_id", "Only changes of this outcome");
  command.Callback([options, &context] {
    RunAndSay(context, options->fields.Request("outcome_undo"), options->json,
              [](const Json& reply, const Words& words) {
                std::string text = words.Say("cli_undone_" + CellOf(reply["undone"]),
                                             {{"what", reply["outcome_id"]}}) +
                                   "\n";
                if (!reply["outcome"].is_null()) text += SayKept(reply, words);
                return text;
              });
  });
}

}  // namespace

void AddOutcomeCommand(Command app, CommandContext& context) {
  Command outcome = app.AddCommand(
      "outcome", "Your own experience with sellers: came on time, came late, never came");
  outcome.NeedCommand();
  outcome.Footer(
      "Examples:\n"
      "  kaopu outcome add jd:12345 never_shipped\n"
      "  kaopu outcome list\n"
      "  kaopu outcome undo");
  AddAdd(outcome, context);
  AddList(outcome, context);
  AddEdit(outcome, context);
  AddRemove(outcome, context);
  AddUndo(outcome, context);
}

}  // namespace kaopu
