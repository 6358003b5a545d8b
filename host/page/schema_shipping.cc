// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "page/schema_shipping.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <utility>

#include "base/clock.h"
#include "base/str_cat.h"
#include "page/text.h"

namespace kaopu {
namespace {

using Kind = ValueTree::Kind;
constexpr double kHoursMax = 24 * 365;
constexpr size_t kPromisesMax = 5;

// A length of time, in hours; `text` as written.
struct Span {
  double min = 0;
  std::optional<double> max;
  bool business = false;
  std::string cutoff;  // "14:30"
  std::string text;

  bool Same(const Span& other) const {
    return min == other.min && max == other.max && business == other.business;
  }
};

struct Details {
  Span handling, transit;
  std::set<std::string> countries;  // in upper case; empty: not told
};

class Reader {
 public:
  explicit Reader(const SchemaProduct& product)
      : typed_(*product.typed), tree_(product.typed->tree), product_(product) {}

  std::vector<Details> All() const {
    std::vector<Details> all;
    for (const ValueId offer : OfferIdsOf(product_)) {
      for (const ValueId details : typed_.Members(offer, "shippingDetails")) {
        if (all.size() >= 50) return all;
        if (Text(details, "doesNotShip") != "true") AddDetails(details, all);
      }
    }
    return all;
  }

 private:
  std::string Text(ValueId object, std::string_view key) const {
    return CleanText(tree_.Text(typed_.Follow(tree_.Member(object, key))).value_or(""));
  }
  ValueId First(ValueId object, std::string_view key) const {
    const auto all = typed_.Members(object, key, 1);
    return all.empty() ? kNoValue : all[0];
  }

  void AddDetails(ValueId details, std::vector<Details>& all) const {
    Details one;
    one.countries = Countries(details);
    if (const ValueId delivery = First(details, "deliveryTime"); delivery != kNoValue) {
      one.handling = SpanOf(First(delivery, "handlingTime"));
      one.transit = SpanOf(First(delivery, "transitTime"));
      const bool business = BusinessDays(delivery);
      one.handling.business |= business;
      one.transit.business |= business;
      if (one.handling.cutoff.empty()) one.handling.cutoff = Cutoff(delivery);
    }
    const auto services = typed_.Members(details, "hasShippingService", 10);
    if (services.empty()) all.push_back(one);
    for (const ValueId service : services) {
      Details with = one;
      if (const Span own = SpanOf(First(service, "handlingTime")); own.max) with.handling = own;
      bool any = false;
      for (const ValueId condition : typed_.Members(service, "shippingConditions", 20)) {
        if (Text(condition, "doesNotShip") == "true") continue;
        Details row = with;
        if (const Span own = SpanOf(First(condition, "transitTime")); own.max) row.transit = own;
        if (auto countries = Countries(condition); !countries.empty()) row.countries = countries;
        all.push_back(std::move(row));
        any = true;
      }
      if (!any) all.push_back(std::move(with));
    }
  }

  std::set<std::string> Countries(ValueId holder) const {
    std::set<std::string> out;
    for (const ValueId region : typed_.Members(holder, "shippingDestination", 50)) {
      for (const ValueId country : typed_.Members(region, "addressCountry", 300)) {
        std::string name = tree_.Text(country).value_or(Text(country, "name"));
        for (char& c : name) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
        if (!name.empty()) out.insert(CleanText(name));
      }
    }
    return out;
  }

  // A QuantitativeValue, a ServicePeriod around one, or an ISO 8601 duration.
  Span SpanOf(ValueId id, int levels = 2) const {
    Span span;
    if (id == kNoValue) return span;
    if (const auto text = tree_.Text(id)) {
      span.text = CleanText(*text);
      span.max = IsoHours(span.text);
    } else if (tree_.At(id).kind == Kind::kObject) {
      if (const ValueId inner = First(id, "duration"); inner != kNoValue && levels > 0) {
        span = SpanOf(inner, levels - 1);
      } else {
        ReadQuantity(id, span);
      }
      span.business |= BusinessDays(id);
      if (span.cutoff.empty()) span.cutoff = Cutoff(id);
    }
    if (span.max &&
        (*span.max < 0 || *span.max > kHoursMax || span.min < 0 || span.min > *span.max))
      return {};
    return span;
  }

  void ReadQuantity(ValueId id, Span& span) const {
    const auto number = [&](std::string_view key) { return FirstNumber(Text(id, key)); };
    const auto min = number("minValue");
    auto max = number("maxValue");
    if (!max) max = number("value");
    std::string unit = Text(id, "unitCode");
    if (unit.empty()) unit = Text(id, "unitText");
    const auto hours = UnitHours(unit);
    if (!max || !hours) return;
    span.min = min.value_or(0) * *hours;
    span.max = *max * *hours;
    span.text = min ? StrCat(Text(id, "minValue"), "-") : std::string();
    span.text += StrCat(Text(id, Text(id, "maxValue").empty() ? "value" : "maxValue"), " ",
                        unit.empty() ? "DAY" : unit);
  }

  // UN/CEFACT codes and what shops write for them; a count without a unit is of days.
  static std::optional<double> UnitHours(std::string_view unit) {
    static constexpr std::array<std::pair<std::string_view, double>, 18> kUnits = {
        {{"", 24},
         {"day", 24},
         {"days", 24},
         {"d", 24},
         {"hur", 1},
         {"h", 1},
         {"hour", 1},
         {"hours", 1},
         {"min", 1. / 60},
         {"minute", 1. / 60},
         {"minutes", 1. / 60},
         {"wee", 168},
         {"week", 168},
         {"weeks", 168},
         {"wk", 168},
         {"mon", 720},
         {"month", 720},
         {"months", 720}}};
    const std::string lower = ToLowerAscii(ShortType(unit));
    for (const auto& [name, hours] : kUnits) {
      if (name == lower) return hours;
    }
    return std::nullopt;
  }

  // "P3D", "PT12H", "P1W", "P1DT12H".
  static std::optional<double> IsoHours(std::string_view text) {
    if (!text.starts_with('P')) return std::nullopt;
    double hours = 0;
    bool time = false, any = false;
    for (size_t at = 1; at < text.size();) {
      if (text[at] == 'T') {
        time = true;
        ++at;
        continue;
      }
      const size_t end = text.find_first_not_of("0123456789.", at);
      if (end == std::string_view::npos || end == at || end - at > 6) return std::nullopt;
      const double count = FirstNumber(text.substr(at, end - at)).value_or(0);
      const char unit = text[end];
      if (unit == 'W') {
        hours += count * 168;
      } else if (unit == 'D') {
        hours += count * 24;
      } else if (unit == 'M') {
        hours += time ? count / 60 : count * 720;
      } else if (unit == 'H' && time) {
        hours += count;
      } else {
        return std::nullopt;
      }
      any = true;
      at = end + 1;
    }
    return any ? std::optional(hours) : std::nullopt;
  }

  // Whether days of the week are named and one of the weekend is not among them.
  bool BusinessDays(ValueId holder) const {
    bool saturday = false, sunday = false, any = false;
    const auto see = [&](std::string_view name) {
      any = any || !name.empty();
      saturday |= ContainsIgnoringCase(name, "saturday");
      sunday |= ContainsIgnoringCase(name, "sunday");
    };
    for (const ValueId hours : typed_.Members(holder, "businessDays", 20)) {
      if (const auto text = tree_.Text(hours)) see(*text);
      for (const ValueId day : typed_.Members(hours, "dayOfWeek", 20))
        see(tree_.Text(day).value_or(""));
    }
    return any && !(saturday && sunday);
  }

  // "14:30:00-07:00" -> "14:30".
  std::string Cutoff(ValueId holder) const {
    const std::string text = Text(holder, "cutoffTime");
    const bool is_time =
        text.size() >= 5 && text[2] == ':' && text.find_first_not_of("0123456789:") >= 5;
    return is_time ? text.substr(0, 5) : std::string();
  }

  const TypedTree& typed_;
  const ValueTree& tree_;
  const SchemaProduct& product_;
};

// "US" of a page in en-US.
std::string RegionOf(const PageContext& page) {
  const size_t mark = page.lang.find_last_of("-_");
  if (mark == std::string::npos || page.lang.size() - mark != 3) return {};
  std::string region = page.lang.substr(mark + 1);
  for (char& c : region) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  return region;
}

Promise PromiseOf(PromiseKind kind, const Span& span, std::string_view name) {
  Promise promise{.kind = kind, .min_hours = span.min, .max_hours = span.max};
  // "0 days" of handling: today.
  if (kind == PromiseKind::kShip) promise.max_hours = std::max(*span.max, *span.max < 1 ? 24. : 0.);
  if (*promise.min_hours == 0) promise.min_hours.reset();
  promise.business_days = span.business;
  promise.text = StrCat(name, " ", span.text);
  if (!span.cutoff.empty()) promise.text += StrCat(", cutoffTime ", span.cutoff);
  return promise;
}

Span Together(const Span& handling, const Span& transit) {
  return {.min = handling.min + transit.min,
          .max = *handling.max + *transit.max,
          .business = handling.business || transit.business,
          .text = StrCat(handling.text, " + ", transit.text)};
}

// What is written about when the product can be had.
struct Availability {
  std::string state;  // short name: InStock, PreOrder
  std::string from;   // a day, as written
};

bool IsAnnounced(const Availability& one) {
  const std::string state = ToLowerAscii(one.state);
  if (state == "preorder" || state == "presale" || state == "pre-order" || state == "pending")
    return true;
  return (state == "backorder" || state == "available for order") && !one.from.empty();
}

}  // namespace

std::vector<Promise> SchemaPromises(const SchemaProduct& product, const PageContext& page) {
  std::vector<Details> all = Reader(product).All();
  const std::string region = RegionOf(page);
  const auto is_for = [&](const Details& one) { return one.countries.contains(region); };
  if (std::ranges::any_of(all, is_for)) {
    std::erase_if(all, [&](const Details& d) { return !d.countries.empty() && !is_for(d); });
  }
  std::vector<Promise> out;
  const auto handling =
      std::ranges::find_if(all, [](const Details& d) { return d.handling.max.has_value(); });
  if (handling != all.end() && std::ranges::all_of(all, [&](const Details& d) {
        return !d.handling.max || d.handling.Same(handling->handling);
      })) {
    out.push_back(PromiseOf(PromiseKind::kShip, handling->handling, "handlingTime"));
  }
  struct Delivery {
    Span span;
    const char* name;
  };
  std::vector<Delivery> deliveries;
  std::set<std::set<std::string>> destinations;
  for (const Details& one : all) {
    if (!one.transit.max) continue;
    destinations.insert(one.countries);
    const bool both = one.handling.max.has_value();
    Delivery made{both ? Together(one.handling, one.transit) : one.transit,
                  both ? "handlingTime + transitTime" : "transitTime"};
    if (*made.span.max <= 0 || *made.span.max > kHoursMax) continue;
    if (std::ranges::none_of(deliveries, [&](const Delivery& d) { return d.span.Same(made.span); }))
      deliveries.push_back(std::move(made));
  }
  if (deliveries.size() > 1 && destinations.size() > 1) deliveries.clear();
  for (const Delivery& one : deliveries) {
    if (out.size() < kPromisesMax)
      out.push_back(PromiseOf(PromiseKind::kDeliver, one.span, one.name));
  }
  return out;
}

std::optional<Promise> SchemaPresale(const std::optional<SchemaProduct>& product,
                                     const PageContext& page) {
  std::vector<Availability> all;
  if (product) {
    const ValueTree& tree = product->typed->tree;
    const auto text = [&](ValueId object, std::string_view key) {
      return CleanText(tree.Text(product->typed->Follow(tree.Member(object, key))).value_or(""));
    };
    for (const ValueId offer : OfferIdsOf(*product)) {
      Availability one{std::string(ShortType(text(offer, "availability"))),
                       text(offer, "availabilityStarts")};
      if (!one.state.empty()) all.push_back(std::move(one));
    }
  }
  if (all.empty()) {
    for (const char* name : {"product:availability", "og:availability"}) {
      if (const std::string_view state = page.document.Meta(name); !state.empty()) {
        all.push_back(
            {CleanText(state), std::string(page.document.Meta("product:availability_date"))});
        break;
      }
    }
  }
  if (all.empty() || !std::ranges::all_of(all, IsAnnounced)) return std::nullopt;
  Promise promise{.text = StrCat("availability: ", all[0].state), .kind = PromiseKind::kPresale};
  const bool one_day =
      std::ranges::all_of(all, [&](const Availability& one) { return one.from == all[0].from; });
  if (const auto day = ParseDate(std::string_view(all[0].from).substr(0, 10));
      day && one_day &&
      std::chrono::sys_days(*day) > std::chrono::floor<std::chrono::days>(page.now)) {
    promise.earliest = *day;
    promise.text += StrCat(", availabilityStarts ", FormatDate(*day));
  }
  return promise;
}

std::optional<Term> SchemaReturnTerm(const SchemaProduct& product) {
  const TypedTree& typed = *product.typed;
  std::vector<ValueId> holders = OfferIdsOf(product);
  holders.push_back(product.id);
  bool any = false;
  for (const ValueId holder : holders) {
    for (const ValueId policy : typed.Members(holder, "hasMerchantReturnPolicy", 20)) {
      const std::string category =
          CleanText(typed.tree.Text(typed.Follow(typed.tree.Member(policy, "returnPolicyCategory")))
                        .value_or(""));
      if (category.empty()) continue;
      if (ShortType(category) != "MerchantReturnNotPermitted") return std::nullopt;
      any = true;
    }
  }
  if (!any) return std::nullopt;
  return Term{"no_refund", "returnPolicyCategory: MerchantReturnNotPermitted"};
}

}  // namespace kaopu
