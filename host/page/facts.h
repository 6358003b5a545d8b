// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// What was read off a page. Absent is nullopt or an empty list, never a default: a wrong value is worse than none.
// ToJson gives the object of `kaopu page` (field names and meaning: host/docs/facts.md).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/json.h"

namespace kaopu {

enum class PageKind { kProduct, kShop, kCart, kCheckout, kOrderList, kOrder, kSearch, kChallenge, kOther };

// Integer minor units of an ISO 4217 currency ("CNY" 14900 = 149.00); `text` as displayed.
struct Price {
  int64_t amount_minor = 0;
  std::string currency;
  std::string text;
};

struct Seller {
  std::optional<std::string> key;  // `platform:id` or `web:<registrable domain>`; for ever, see host/docs/facts.md
  std::optional<std::string> name;
  std::optional<std::string> id;
  std::optional<std::string> shop_id;
  std::optional<std::string> url;
  bool self_operated = false;  // the platform sells itself
  std::vector<std::string> aliases;   // other keys the page shows for the same seller, e.g. `taobao:shop:64592671`
};

struct Item {
  std::optional<std::string> id;
  std::optional<std::string> title;
  std::optional<Price> price;  // what a buyer would pay now for one, as displayed
};

enum class PromiseKind { kNone, kShip, kDeliver, kPresale };

// A shipping promise. Hours count from payment; a business day is 24 h with `business_days`.
// Dates bound shipping or delivery as `kind` says; a promise made of dates alone has no hours.
struct Promise {
  std::string text;
  PromiseKind kind = PromiseKind::kNone;
  std::optional<double> min_hours;
  std::optional<double> max_hours;
  bool business_days = false;
  std::optional<Date> earliest;
  std::optional<Date> latest;
  std::optional<std::string> compensation;
};

// A number the platform shows about the seller. `name`: logistics_score service_score description_score
// positive_ratio rating rating_count shop_age_days on_time_ratio ships_in_hours badge. Ratios are 0..1.
struct Signal {
  std::string name;
  std::optional<double> value;
  std::optional<double> scale_max;
  std::string text;
  std::optional<std::string> relative;  // "above" | "below" | "equal" to the platform's average, where the page says so
};

struct Payment {
  std::optional<bool> escrow;
  std::vector<std::string> methods;
  bool off_platform = false;  // the page asks to be paid outside the platform
};

struct Term {
  std::string kind;  // no_refund final_interpretation deemed_accepted ...
  std::string text;
};

struct Order {
  std::optional<std::string> order_id;
  std::optional<Seller> seller;
  std::optional<Date> placed_at;
  std::string status = "unknown";  // paid shipped delivered cancelled refunded unknown
  std::optional<Price> total;
  std::optional<std::string> title;
};

struct Facts {
  PageKind page_kind = PageKind::kOther;
  std::string platform = "none";  // adapter's platform, `generic` = a shop without an adapter of its own, `none` = no shop
  std::optional<Seller> seller;
  std::optional<Item> item;
  std::vector<Promise> promises;
  std::vector<Signal> signals;
  Payment payment;
  std::vector<Term> terms;
  std::vector<Seller> sellers;  // cart and checkout: every seller in it, in page order
  std::vector<Order> orders;
  std::map<std::string, std::string> where;  // field -> rule that gave it, e.g. "item.price" -> "xpath://..."
  std::vector<std::string> notes;  // rules that broke or fields a platform's page should have and lacked (stale adapter?)
};

std::string_view PageKindName(PageKind kind);
std::string_view PromiseKindName(PromiseKind kind);
Json ToJson(const Facts& facts);
Json ToJson(const Seller& seller);
Json ToJson(const Promise& promise);
Json ToJson(const Price& price);

}  // namespace kaopu
