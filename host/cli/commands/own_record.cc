// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "cli/commands/own_record.h"

#include <algorithm>

#include "base/str_cat.h"
#include "cli/table.h"
#include "page/price.h"

namespace kaopu {

Option RequestOptions::Text(Command command, const std::string& names, std::string field,
                            const std::string& help) {
  Entry& entry = entries_.emplace_back(Entry{.field = std::move(field), .kind = Kind::kText});
  return entry.option.emplace(command.AddOption(names, entry.text, help));
}

Option RequestOptions::Whole(Command command, const std::string& names, std::string field,
                             const std::string& help) {
  Entry& entry = entries_.emplace_back(Entry{.field = std::move(field), .kind = Kind::kWhole});
  return entry.option.emplace(command.AddOption(names, entry.whole, help));
}

Option RequestOptions::Price(Command command, const std::string& names, std::string field,
                             const std::string& help) {
  Entry& entry = entries_.emplace_back(Entry{.field = std::move(field), .kind = Kind::kPrice});
  return entry.option.emplace(command.AddOption(names, entry.text, help));
}

void RequestOptions::Clear(Command command) {
  command.AddOption("--clear", clear_, "Forget this field, such as promised_by (may be repeated)");
}

Expected<Json> RequestOptions::Request(std::string_view op) const {
  Json request = {{"op", op}};
  for (const Entry& entry : entries_) {
    if (!entry.option->IsGiven()) continue;
    if (entry.kind == Kind::kWhole) {
      request[entry.field] = entry.whole;
    } else if (entry.kind == Kind::kText) {
      request[entry.field] = entry.text;
    } else {
      Expected<Json> price = ReadPriceOption(entry.text);
      if (!price) return price;
      request[entry.field] = std::move(*price);
    }
  }
  for (const std::string& field : clear_) {
    if (std::ranges::find(entries_, field, &Entry::field) == entries_.end()) {
      return Fail(ErrorCode::kBadRequest, StrCat("--clear ", field, ": there is no such field"));
    }
    request[field] = nullptr;
  }
  return request;
}

Expected<Json> ReadPriceOption(const std::string& text) {
  const std::optional<kaopu::Price> price = ReadPrice(text);
  if (!price) {
    return Fail(
        ErrorCode::kBadRequest,
        StrCat("\"", text,
               "\" is no price; expected an amount and a currency, such as \"149.00 CNY\""));
  }
  return Json{{"amount_minor", price->amount_minor}, {"currency", price->currency}};
}

void SayOtherKey(CommandContext& context, const Json& request, const Json& reply) {
  const std::string typed = CellOf(request.value("seller_key", Json()));
  for (const char* part : {"outcome", "order", "explanation", "seller"}) {
    const Json object = reply.value(part, Json());
    if (typed.empty() || !object.is_object()) continue;
    const std::string kept =
        CellOf(object.value(std::string_view(part) == "seller" ? "key" : "seller_key", Json()));
    if (kept.empty() || kept == typed) continue;
    context.err << context.words().Say("cli_kept_as", {{"typed", typed}, {"kept", kept}}) << '\n';
  }
}

void RunAndSay(CommandContext& context, const Expected<Json>& request, bool json,
               const std::function<std::string(const Json&, const Words&)>& say) {
  if (!request) return context.Fail(request.error());
  const Expected<ActionContext*> actions = context.Actions();
  if (!actions) return context.Fail(actions.error());
  const Expected<Json> reply =
      RunAction(**actions, request->at("op").get_ref<const std::string&>(), *request);
  if (!reply) return context.Fail(reply.error());
  if (json) {
    context.out << DumpJson(*reply, 1) << '\n';
  } else {
    context.out << say(*reply, context.words());
  }
  SayOtherKey(context, *request, *reply);
}

std::string CellOf(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number_integer()) return std::to_string(value.get<int64_t>());
  return {};
}

std::string MoneyCell(const Json& price) {
  if (!price.is_object()) return {};
  const int64_t minor = price.value("amount_minor", int64_t{0});
  const std::string currency = price.value("currency", "");
  const int digits = MinorDigits(currency).value_or(0);
  int64_t unit = 1;
  for (int i = 0; i < digits; ++i) unit *= 10;
  std::string text = std::to_string(minor / unit);
  if (digits > 0) text += StrCat(".", ZeroPadded(minor % unit, static_cast<size_t>(digits)));
  return StrCat(text, " ", currency);
}

std::string OutcomeTable(const Json& outcomes, const Words& words) {
  Table table({words.Say("cli_head_id"), words.Say("cli_head_seller"),
               words.Say("cli_head_outcome"), words.Say("cli_head_days_late"),
               words.Say("cli_head_placed"), words.Say("cli_head_promised"),
               words.Say("cli_head_shipped"), words.Say("cli_head_order"),
               words.Say("cli_head_item"), words.Say("cli_head_note")});
  for (const Json& row : outcomes) {
    table.Add({CellOf(row["outcome_id"]), CellOf(row["seller_key"]),
               words.Say("outcome_" + CellOf(row["outcome"])), CellOf(row["days_late"]),
               CellOf(row["placed_at"]), CellOf(row["promised_by"]), CellOf(row["shipped_at"]),
               CellOf(row["order_id"]), CellOf(row["item_title"]), CellOf(row["note"])});
  }
  return table.empty() ? std::string() : table.Print();
}

std::string OrderTable(const Json& orders, const Words& words) {
  Table table({words.Say("cli_head_order"), words.Say("cli_head_seller"),
               words.Say("cli_head_status"), words.Say("cli_head_placed"),
               words.Say("cli_head_promised"), words.Say("cli_head_price"),
               words.Say("cli_head_item")});
  for (const Json& row : orders) {
    std::string status = words.Say("status_" + CellOf(row["status"]));
    if (row["overdue_days"].is_number()) {
      status += ", " + words.Say("cli_order_overdue", {{"days", row["overdue_days"]}});
    }
    table.Add({CellOf(row["order_id"]), CellOf(row["seller_key"]), status, CellOf(row["placed_at"]),
               CellOf(row["promised_by"]), MoneyCell(row["item_price"]),
               CellOf(row["item_title"])});
  }
  return table.empty() ? std::string() : table.Print();
}

bool Agrees(CommandContext& context, std::string_view question) {
  context.out.flush();
  context.err << question << ' ' << std::flush;
  std::string answer;
  std::getline(context.in, answer);
  for (const char* yes : {"y", "Y", "yes", "是", "好", "同意"}) {
    if (answer == yes) return true;
  }
  return false;
}

}  // namespace kaopu
