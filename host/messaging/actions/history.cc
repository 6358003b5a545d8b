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
constexpr std::chrono::days kGrace{30};  // no carrier scan by the limit + 30 days = never shipped

std::string_view PlatformOf(std::string_view key) { return key.substr(0, key.find(':')); }

Date DayOf(TimeMs time) { return std::chrono::floor<std::chrono::days>(time); }

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

Date KnownOn(const OutcomeRecord& outcome) {
  const Date recorded = DayOf(outcome.recorded_at);
  std::optional<Date> known;
  if (IsNever(outcome.outcome)) {
    const std::optional<Date> limit = outcome.promised_by ? outcome.promised_by : outcome.placed_at;
    if (limit) known = *limit + kGrace;
  } else if (outcome.shipped_at) {
    known = outcome.shipped_at;
  } else if (outcome.promised_by) {
    known = *outcome.promised_by + std::chrono::days(outcome.days_late.value_or(0));
  } else {
    known = outcome.delivered_at ? outcome.delivered_at : outcome.placed_at;
  }
  return std::min(known.value_or(recorded), recorded);
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
    own.outcomes.push_back({record.outcome, record.days_late.value_or(0), KnownOn(record)});
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
    if (!over) {
      ++own.open;
      own.outcomes.push_back({OutcomeKind::kOpen, 0, today});
    }
    overdue(DaysOverdue(order, today));
  }
  return own;
}

Json HistoryJson(const OwnEvidence& own) {
  int on_time = 0, late = 0, never = 0;
  std::set<std::string> orders;
  int64_t nameless = 0;  // outcomes without an order number are orders of their own
  Json last = Json::array();
  for (const OutcomeRecord& record : own.history.outcomes) {
    on_time += record.outcome == OutcomeKind::kOnTime;
    late += record.outcome == OutcomeKind::kLate;
    never += IsNever(record.outcome);
    if (record.order_id) {
      orders.insert(*record.order_id);
    } else {
      ++nameless;
    }
    if (last.size() < kLastShown) last.push_back(ToJson(record));
  }
  for (const OrderRecord& order : own.history.orders) orders.insert(order.order_id);
  return {{"orders", static_cast<int64_t>(orders.size()) + nameless},
          {"on_time", on_time},
          {"late", late},
          {"never", never},
          {"open", own.open},
          {"overdue", own.overdue.count},
          {"last", std::move(last)}};
}

}  // namespace kaopu
