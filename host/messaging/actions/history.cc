// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "messaging/actions/history.h"

#include <algorithm>
#include <set>

#include "messaging/actions/wire.h"
#include "page/licence.h"

namespace kaopu {
namespace {

constexpr size_t kLastShown = 5;
constexpr size_t kShippedShown = 12;

std::string_view PlatformOf(std::string_view key) { return key.substr(0, key.find(':')); }

Date DayOf(TimeMs time) { return std::chrono::floor<std::chrono::days>(time); }

// The newest orders whose days to ship are known, the oldest of them first.
Json ShippedJson(const OwnEvidence& own) {
  std::vector<std::pair<Date, Json>> shipped;
  for (size_t i = 0; i < own.history.outcomes.size() && shipped.size() < kShippedShown; ++i) {
    const OutcomeRecord& record = own.history.outcomes[i];
    const std::optional<int> days = own.outcomes[i].ship_days;
    if (!days) continue;
    std::optional<int64_t> promised;
    if (record.promised_by && *record.promised_by >= *record.placed_at)
      promised = (*record.promised_by - *record.placed_at).count();
    shipped.emplace_back(*record.placed_at, Json{{"placed_at", FormatDate(*record.placed_at)},
                                                 {"days", *days},
                                                 {"promised_days", OrNull(promised)}});
  }
  std::ranges::stable_sort(shipped, {}, &std::pair<Date, Json>::first);
  Json list = Json::array();
  for (auto& [day, order] : shipped) list.push_back(std::move(order));
  return list;
}

}  // namespace

Date Today(const ActionContext& context) { return DayOf(context.clock.Now()); }

std::vector<std::string> TrustedKeys(const std::string& key, std::span<const std::string> aliases) {
  std::vector<std::string> keys = {key};
  const std::string_view platform = PlatformOf(key);
  if (platform == "web") return keys;
  for (const std::string& alias : aliases) {
    if (PlatformOf(alias) == platform && std::ranges::find(keys, alias) == keys.end())
      keys.push_back(alias);
  }
  return keys;
}

std::vector<std::string> AliasesToKeep(const std::string& key,
                                       std::span<const std::string> aliases) {
  std::vector<std::string> kept = TrustedKeys(key, aliases);
  kept.erase(kept.begin());
  for (const std::string& alias : aliases) {
    if (alias.starts_with(kLicencePrefix)) kept.push_back(alias);
  }
  return kept;
}

Expected<std::vector<Reason>> ReasonsFromLicences(const Store& store, const std::string& key,
                                                  std::span<const std::string> aliases) {
  std::vector<std::string> licences;
  for (const std::string& alias : aliases) {
    if (alias.starts_with(kLicencePrefix)) licences.push_back(alias);
  }
  const std::vector<std::string> keys = TrustedKeys(key, aliases);
  const Expected<std::vector<SellerRecord>> others = store.SellersWithLicence(keys, licences);
  if (!others) return std::unexpected(others.error());
  std::vector<std::pair<int64_t, Reason>> linked;
  for (const SellerRecord& other : *others) {
    const Expected<SellerHistory> history = store.HistoryOf(std::vector{other.seller_key});
    if (!history) return std::unexpected(history.error());
    int64_t bad = 0, total = 0;
    for (const OutcomeRecord& record : history->outcomes) {
      if (IsCensored(record.outcome)) continue;
      ++total;
      bad += IsBad(record.outcome);
    }
    linked.emplace_back(bad, Reason{.key = "reason_same_licence",
                                    .args = {{"name", other.name.value_or(other.seller_key)},
                                             {"bad", bad},
                                             {"total", total}}});
  }
  std::ranges::stable_sort(linked, std::greater{}, &std::pair<int64_t, Reason>::first);
  std::vector<Reason> reasons;
  for (auto& [bad, reason] : linked) reasons.push_back(std::move(reason));
  return reasons;
}

Outcome JudgedOutcome(const OutcomeRecord& outcome) {
  return JudgedOutcome(outcome.outcome, outcome.days_late,
                       {.paid_at = outcome.placed_at,
                        .promised_ship_by = outcome.promised_by,
                        .first_scan_at = outcome.shipped_at,
                        .delivered_at = outcome.delivered_at},
                       DayOf(outcome.recorded_at));
}

int DaysOverdue(const OrderRecord& order, Date today) {
  const bool waiting = order.status == OrderStatus::kUnknown || order.status == OrderStatus::kPaid;
  if (!waiting || !order.promised_by || *order.promised_by >= today) return 0;
  return static_cast<int>((today - *order.promised_by).count());
}

bool IsDecided(const OrderRecord& order, std::span<const OutcomeRecord> outcomes) {
  return std::ranges::any_of(outcomes, [&](const OutcomeRecord& outcome) {
    return outcome.order_id == order.order_id && outcome.outcome != OutcomeKind::kOpen;
  });
}

Expected<OwnEvidence> ReadOwnEvidence(const Store& store, std::span<const std::string> keys,
                                      Date today) {
  Expected<SellerHistory> history = store.HistoryOf(keys);
  if (!history) return std::unexpected(history.error());
  OwnEvidence own;
  own.history = std::move(*history);
  std::set<std::string> told;  // orders that an outcome speaks of
  const auto overdue = [&](int days) {
    if (days <= 0) return;
    ++own.overdue.count;
    own.overdue.days_max = std::max(own.overdue.days_max, days);
  };
  for (const OutcomeRecord& record : own.history.outcomes) {
    own.outcomes.push_back(JudgedOutcome(record));
    if (record.order_id) told.insert(*record.order_id);
    if (record.outcome != OutcomeKind::kOpen) continue;
    ++own.open;
    if (!record.shipped_at && record.promised_by)
      overdue(static_cast<int>((today - *record.promised_by).count()));
  }
  for (const OrderRecord& order : own.history.orders) {
    if (told.contains(order.order_id)) continue;
    const bool over = order.status == OrderStatus::kDelivered ||
                      order.status == OrderStatus::kCancelled ||
                      order.status == OrderStatus::kRefunded;
    if (over) continue;
    // Known to be paid and not shipped on the day it was last changed.
    Outcome outcome{.known_on = today};
    if (order.status == OrderStatus::kPaid) {
      outcome = OutcomeOf({.paid_at = order.placed_at, .promised_ship_by = order.promised_by},
                          DayOf(order.changed_at));
    }
    own.open += outcome.kind == OutcomeKind::kOpen;
    own.outcomes.push_back(outcome);
    if (outcome.kind == OutcomeKind::kOpen) overdue(DaysOverdue(order, today));
  }
  return own;
}

Json HistoryJson(const OwnEvidence& own, Date today) {
  int on_time = 0, late = 0, never = 0;
  for (const Outcome& outcome : own.outcomes) {
    on_time += outcome.kind == OutcomeKind::kOnTime;
    late += outcome.kind == OutcomeKind::kLate;
    never += IsNever(outcome.kind);
  }
  std::set<std::string> orders;
  int64_t nameless = 0;  // outcomes without an order number are orders of their own
  Json last = Json::array();
  for (const OutcomeRecord& record : own.history.outcomes) {
    if (record.order_id) {
      orders.insert(*record.order_id);
    } else {
      ++nameless;
    }
    if (last.size() < kLastShown) last.push_back(ToJson(record));
  }
  for (const OrderRecord& order : own.history.orders) orders.insert(order.order_id);
  Json months = Json::array();
  if (on_time + late + never > 0) {
    for (const Month& month : MonthsOf(own.outcomes, today)) {
      months.push_back({{"month", FormatDate(Date(month.month / 1)).substr(0, 7)},
                        {"on_time", month.on_time},
                        {"late", month.late},
                        {"never", month.never}});
    }
  }
  return {{"orders", static_cast<int64_t>(orders.size()) + nameless},
          {"on_time", on_time},
          {"late", late},
          {"never", never},
          {"open", own.open},
          {"overdue", own.overdue.count},
          {"months", std::move(months)},
          {"shipped", ShippedJson(own)},
          {"last", std::move(last)}};
}

}  // namespace kaopu
