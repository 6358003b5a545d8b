// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "cli/check_text.h"

#include <algorithm>
#include <cmath>

#include "base/str_cat.h"

namespace kaopu {
namespace {

const Json& At(const Json& object, const char* field) {
  static const Json kNull;
  if (!object.is_object()) return kNull;
  const auto it = object.find(field);
  return it == object.end() ? kNull : *it;
}

std::string Text(const Json& object, const char* field) {
  const Json& value = At(object, field);
  return value.is_string() ? TerminalSafe(value.get_ref<const std::string&>()) : std::string();
}

int64_t Count(const Json& object, const char* field) {
  const Json& value = At(object, field);
  return value.is_number_integer() ? value.get<int64_t>() : 0;
}

int64_t Percent(const Json& object, const char* field) {
  const Json& value = At(object, field);
  return value.is_number() ? std::llround(value.get<double>() * 100) : 0;
}

// Days are counted by dates: within 13.6 days is within 14.
int64_t WholeDays(const Json& days) {
  return std::llround(std::ceil(std::clamp(days.get<double>(), 0.0, 1e6) - 1e-6));
}

// The price as the page wrote it; where it wrote a bare number, with the currency it was read in.
std::string PriceText(const Json& price) {
  const std::string text = Text(price, "text");
  const std::string currency = Text(price, "currency");
  const bool bare = text.find_first_not_of("0123456789., -'") == std::string::npos;
  if (text.empty() || currency.empty() || !bare) return text;
  return StrCat(text, " ", currency);
}

std::string SellerName(const Json& seller, const Words& words) {
  const std::string name = Text(seller, "name");
  const std::string key = Text(seller, "key");
  if (name.empty() && key.empty()) return words.Say("cli_seller_unknown");
  if (name.empty() || key.empty()) return name + key;
  return StrCat(name, " (", key, ")");
}

void AddSaid(const Json& list, std::string_view indent, const Words& words, std::string& out) {
  if (!list.is_array()) return;
  for (const Json& entry : list) {
    const std::string direction = Text(entry, "direction");  // for the seller, against, or neither
    const std::string_view mark = direction == "for" ? "+ " : direction == "against" ? "- " : "* ";
    out += StrCat(indent, mark, words.Say(Text(entry, "key"), At(entry, "args")), "\n");
  }
}

std::string VerdictLine(const Json& verdict, const Json& seller, const Words& words) {
  const std::string name = verdict.is_string() ? verdict.get<std::string>() : "unknown";
  return words.Say("cli_check_title", {{"verdict", words.Say("verdict_" + name)},
                                       {"seller", SellerName(seller, words)}}) +
         "\n";
}

// A cart: one line a seller, the reasons below each.
void AddSellers(const Json& sellers, const Words& words, std::string& out) {
  if (!sellers.is_array() || sellers.size() < 2) return;
  out += words.Say("cli_check_sellers") + "\n";
  for (const Json& entry : sellers) {
    out += "  " + VerdictLine(At(entry, "verdict"), At(entry, "seller"), words);
    AddSaid(At(entry, "reasons"), "    ", words, out);
  }
}

void AddHistory(const Json& history, const Words& words, std::string& out) {
  const int64_t orders = Count(history, "orders");
  if (orders == 0) return;
  out += words.Say("cli_check_history", {{"orders", orders},
                                         {"on_time", Count(history, "on_time")},
                                         {"late", Count(history, "late")},
                                         {"never", Count(history, "never")},
                                         {"open", Count(history, "open")}}) +
         "\n";
}

// One line a registry: what it counted, what it weighs where it counted too little, or that it
// knows nothing of the seller.
void AddPooled(const Json& pooled, const Words& words, std::string& out) {
  const Json& registries = At(pooled, "registries");
  if (!registries.is_array()) return;
  for (const Json& registry : registries) {
    Json args = {{"registry", Text(registry, "name")},
                 {"as_of", Text(registry, "as_of")},
                 {"age", Count(registry, "age_days")}};
    const Json& reports = At(registry, "reports");
    const Json& here = At(registry, "on_this_disk");
    if (!reports.is_array() || reports.empty()) {
      out += words.Say(here.is_boolean() && !here.get<bool>() ? "cli_check_shared_not_here"
                                                              : "cli_check_shared_none",
                       args) +
             "\n";
      continue;
    }
    for (const Json& one : reports) {
      const Json& windows = At(At(one, "counted"), "windows");
      args["low"] = Percent(At(one, "bad"), "low");
      args["high"] = Percent(At(one, "bad"), "high");
      args["until"] = Text(one, "last_on");
      const bool counted = windows.is_array() && !windows.empty();
      if (counted) {
        const Json& year = windows.back();
        args["bad"] = Count(year, "bad");
        args["total"] = Count(year, "all");
        args["days"] = Count(year, "days");
      }
      out += words.Say(counted ? "cli_check_shared" : "cli_check_shared_few", args) + "\n";
    }
  }
  const Json& left_out = At(pooled, "left_out");
  if (!left_out.is_array()) return;
  for (const Json& one : left_out) {
    out += words.Say("cli_check_left_out", {{"message", Text(one, "message")}}) + "\n";
  }
}

// Said only where orders are behind it: the prior alone is nobody's record.
void AddEstimate(const Json& estimate, const Words& words, std::string& out) {
  const Json& bad = At(estimate, "bad");
  const Json& orders = At(estimate, "effective_n");
  if (!bad.is_object() || !orders.is_number() || orders.get<double>() <= 0) return;
  out += words.Say("cli_check_estimate", {{"mean", Percent(bad, "mean")},
                                          {"low", Percent(bad, "low")},
                                          {"high", Percent(bad, "high")}}) +
         "\n";
  const Json& ship = At(estimate, "days_to_ship");
  const Json& median = At(At(ship, "median"), "mean");
  const Json& p90 = At(At(ship, "p90"), "mean");
  if (median.is_number() && p90.is_number()) {
    out += words.Say("cli_check_days", {{"median", WholeDays(median)},
                                        {"p90", WholeDays(p90)},
                                        {"orders", Count(ship, "orders")}}) +
           "\n";
  }
}

// What was read off the page: goods, price, promises.
void AddFacts(const Json& facts, const Words& words, std::string& out) {
  if (Text(facts, "page_kind") == "challenge") {
    out += words.Say("cli_check_challenge") + "\n";
  } else if (Text(facts, "platform") == "none") {
    out += words.Say("cli_check_no_shop") + "\n";
  }
  const Json& item = At(facts, "item");
  if (const std::string title = Text(item, "title"); !title.empty()) {
    const std::string price = PriceText(At(item, "price"));
    out += words.Say(price.empty() ? "cli_check_item" : "cli_check_item_price",
                     {{"title", title}, {"price", price}}) +
           "\n";
  }
  const Json& promises = At(facts, "promises");
  if (!promises.is_array()) return;
  for (const Json& promise : promises) {
    out += words.Say("cli_check_promise", {{"text", Text(promise, "text")}}) + "\n";
  }
}

}  // namespace

std::string CheckText(const Json& reply, const Words& words) {
  std::string out = VerdictLine(At(reply, "verdict"), At(reply, "seller"), words);
  AddSaid(At(reply, "reasons"), "  ", words, out);
  AddSellers(At(reply, "sellers"), words, out);
  AddFacts(At(reply, "facts"), words, out);
  AddHistory(At(reply, "history"), words, out);
  AddPooled(At(reply, "pooled"), words, out);
  AddEstimate(At(reply, "estimate"), words, out);
  if (const Json& advice = At(reply, "advice"); advice.is_array() && !advice.empty()) {
    out += words.Say("cli_check_advice") + "\n";
    AddSaid(advice, "  ", words, out);
  }
  return out;
}

}  // namespace kaopu
