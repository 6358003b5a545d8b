// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// `kaopu order add|list|show|set|undo`: the shopper's orders and what was promised for them.
#include <memory>

#include "cli/commands/commands.h"
#include "cli/commands/own_record.h"

namespace kaopu {
namespace {

struct Options {
  RequestOptions fields;
  bool json = false;
};

using Say = std::string (*)(const Json& reply, const Words& words);

std::string SayOrder(const Json& reply, const Words& words) {
  std::string text = OrderTable(Json::array({reply["order"]}), words);
  const Json& outcomes = reply["order"]["outcomes"];
  if (outcomes.is_array() && !outcomes.empty()) text += "\n" + OutcomeTable(outcomes, words);
  return text;
}

std::string SayOrders(const Json& reply, const Words& words) {
  const std::string table = OrderTable(reply["orders"], words);
  return table.empty() ? words.Say("cli_order_none") + "\n" : table;
}

std::string SayUndone(const Json& reply, const Words& words) {
  const std::string text =
      words.Say("cli_undone_" + CellOf(reply["undone"]), {{"what", reply["order_id"]}}) + "\n";
  return reply["order"].is_null() ? text : text + SayOrder(reply, words);
}

Command Add(Command order, CommandContext& context, const char* name, const char* help,
            const char* op, Say say, std::shared_ptr<Options>& options) {
  options = std::make_shared<Options>();
  Command command = order.AddCommand(name, help);
  command.AddFlag("--json", options->json, "Print one JSON value");
  command.Callback([options, op, say, &context] {
    RunAndSay(context, options->fields.Request(op), options->json, say);
  });
  return command;
}

void AddDetails(Command command, RequestOptions& fields) {
  fields.Text(command, "--status", "status",
              "paid, shipped, delivered, cancelled, refunded or unknown");
  fields.Text(command, "--placed", "placed_at", "Day of the order, YYYY-MM-DD");
  fields.Text(command, "--promised", "promised_by", "Last day on which it should ship");
  fields.Text(command, "--item", "item_title", "What was bought");
  fields.Price(command, "--price", "item_price", "What it cost, such as \"149.00 CNY\"");
}

}  // namespace

void AddOrderCommand(Command app, CommandContext& context) {
  Command order = app.AddCommand("order", "Your own orders: what was promised, what is overdue");
  order.NeedCommand();
  order.Footer(
      "Examples:\n"
      "  kaopu order add 2026-001 jd:12345 --promised 2026-11-05\n"
      "  kaopu order list\n"
      "  kaopu order set 2026-001 --status shipped");
  std::shared_ptr<Options> options;
  const char* id = "Order number";

  Command command = Add(order, context, "add", "Record an order", "order_add", SayOrder, options);
  options->fields.Text(command, "ORDER_ID", "order_id", id).Required();
  options->fields
      .Text(command, "SELLER_KEY", "seller_key", "Seller, such as jd:12345 or web:example.com")
      .Required();
  options->fields.Text(command, "--name", "seller_name", "The seller's name");
  AddDetails(command, options->fields);
  command.Footer(
      "Example:\n  kaopu order add 2026-001 jd:12345 --placed 2026-11-01 --promised 2026-11-05");

  command =
      Add(order, context, "list", "Show orders, newest first", "order_list", SayOrders, options);
  options->fields.Text(command, "SELLER_KEY", "seller_key", "Only of this seller");
  options->fields.Whole(command, "--limit", "limit", "At most so many (100)");
  command.Footer("Examples:\n  kaopu order list\n  kaopu order list jd:12345 --limit 10");

  command = Add(order, context, "show", "Show one order and its outcomes", "order_show", SayOrder,
                options);
  options->fields.Text(command, "ORDER_ID", "order_id", id).Required();
  command.Footer("Example:\n  kaopu order show 2026-001");

  command = Add(order, context, "set", "Change an order", "order_set", SayOrder, options);
  options->fields.Text(command, "ORDER_ID", "order_id", id).Required();
  options->fields.Text(command, "--seller", "seller_key", "Seller");
  AddDetails(command, options->fields);
  options->fields.Clear(command);
  command.Footer(
      "Examples:\n"
      "  kaopu order set 2026-001 --status shipped\n"
      "  kaopu order set 2026-001 --clear promised_by");

  command = Add(order, context, "undo", "Take back the last change, again and again", "order_undo",
                SayUndone, options);
  options->fields.Text(command, "ORDER_ID", "order_id", "Only changes of this order");
  command.Footer("Examples:\n  kaopu order undo\n  kaopu order undo 2026-001");
}

}  // namespace kaopu
