// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "reputation/outcome.h"

#include <algorithm>
#include <array>
#include <utility>

namespace kaopu {
namespace {

// WIRE, DISK
constexpr std::array<std::pair<OutcomeKind, std::string_view>, 8> kNames = {{
    {OutcomeKind::kOnTime, "on_time"},
    {OutcomeKind::kLate, "late"},
    {OutcomeKind::kNeverShipped, "never_shipped"},
    {OutcomeKind::kFakeShipment, "fake_shipment"},
    {OutcomeKind::kSellerCancelled, "seller_cancelled"},
    {OutcomeKind::kOpen, "open"},
    {OutcomeKind::kBuyerCancelled, "buyer_cancelled"},
    {OutcomeKind::kCancelledInTime, "cancelled_in_time"},
}};

int Days(std::chrono::days days) { return static_cast<int>(days.count()); }

std::optional<int> ShipDays(const OrderHistory& history) {
  if (!history.paid_at || !history.first_scan_at) return std::nullopt;
  return std::max(Days(*history.first_scan_at - *history.paid_at), 0);
}

// When "never" was certain.
std::optional<Date> NeverOn(const OrderHistory& history) {
  const std::optional<Date> limit =
      history.promised_ship_by ? history.promised_ship_by : history.paid_at;
  return limit ? std::optional<Date>(*limit + kNeverAfter) : std::nullopt;
}

// An event that lies after the day of looking has not been seen.
void Forget(std::optional<Date>& event, Date after) {
  if (event && *event > after) event.reset();
}

}  // namespace

std::string_view OutcomeKindName(OutcomeKind kind) {
  for (const auto& [known, name] : kNames) {
    if (known == kind) return name;
  }
  return "open";
}

std::optional<OutcomeKind> ParseOutcomeKind(std::string_view name) {
  for (const auto& [kind, known] : kNames) {
    if (known == name && kind != OutcomeKind::kCancelledInTime) return kind;
  }
  return std::nullopt;
}

bool IsCensored(OutcomeKind kind) {
  return kind == OutcomeKind::kOpen || kind == OutcomeKind::kBuyerCancelled ||
         kind == OutcomeKind::kCancelledInTime;
}

bool IsNever(OutcomeKind kind) {
  return kind == OutcomeKind::kNeverShipped || kind == OutcomeKind::kFakeShipment ||
         kind == OutcomeKind::kSellerCancelled;
}

bool IsBad(OutcomeKind kind) { return kind == OutcomeKind::kLate || IsNever(kind); }

Outcome OutcomeOf(const OrderHistory& history, Date seen) {
  OrderHistory past = history;
  for (auto event :
       {&OrderHistory::label_at, &OrderHistory::first_scan_at, &OrderHistory::delivered_at,
        &OrderHistory::cancelled_at, &OrderHistory::refunded_at}) {
    Forget(past.*event, seen);
  }
  if (history.cancelled_at && !past.cancelled_at) past.cancelled_by = CancelledBy::kNobody;
  const std::optional<Date>& limit = past.promised_ship_by;
  if (past.first_scan_at) {
    if (!limit) return {.known_on = *past.first_scan_at, .ship_days = ShipDays(past)};
    const int late = Days(*past.first_scan_at - *limit);
    return {.kind = late > 0 ? OutcomeKind::kLate : OutcomeKind::kOnTime,
            .days_late = std::max(late, 0),
            .known_on = *past.first_scan_at,
            .ship_days = ShipDays(past)};
  }
  if (past.delivered_at) {
    const bool in_time = limit && *past.delivered_at <= *limit;
    return {.kind = in_time ? OutcomeKind::kOnTime : OutcomeKind::kOpen,
            .known_on = *past.delivered_at};
  }
  const Date closed = past.cancelled_at.value_or(past.refunded_at.value_or(seen));
  if (past.cancelled_by == CancelledBy::kBuyer) {
    return {.kind = OutcomeKind::kBuyerCancelled, .known_on = closed};
  }
  if (past.cancelled_by == CancelledBy::kSeller) {
    const bool in_time = limit && past.cancelled_at && *past.cancelled_at <= *limit;
    return {.kind = in_time ? OutcomeKind::kCancelledInTime : OutcomeKind::kSellerCancelled,
            .known_on = closed};
  }
  const std::optional<Date> never_on = limit ? NeverOn(past) : std::nullopt;
  const bool refunded = limit && past.refunded_at && *past.refunded_at >= *limit;
  if (!refunded && !(never_on && seen >= *never_on)) return {.known_on = seen};
  return {.kind = past.label_at ? OutcomeKind::kFakeShipment : OutcomeKind::kNeverShipped,
          .known_on = refunded ? std::min(*past.refunded_at, *never_on) : *never_on};
}

Outcome JudgedOutcome(OutcomeKind kind, std::optional<int> days_late, const OrderHistory& dates,
                      Date told) {
  OrderHistory history = dates;
  const bool scan_follows = kind == OutcomeKind::kLate && !history.first_scan_at && days_late;
  if (scan_follows && history.promised_ship_by)
    history.first_scan_at = *history.promised_ship_by + std::chrono::days(*days_late);
  std::optional<Date> known;
  if (kind == OutcomeKind::kSellerCancelled && history.cancelled_at) {
    known = history.cancelled_at;
    if (history.promised_ship_by && *known <= *history.promised_ship_by)
      kind = OutcomeKind::kCancelledInTime;
  } else if (IsNever(kind)) {
    known = NeverOn(history);
    if (history.refunded_at && known) known = std::min(*known, *history.refunded_at);
  } else if (history.first_scan_at) {
    known = history.first_scan_at;
  } else if (history.promised_ship_by) {
    known = *history.promised_ship_by + std::chrono::days(days_late.value_or(0));
  } else {
    known = history.delivered_at ? history.delivered_at : history.paid_at;
  }
  return {.kind = kind,
          .days_late = days_late.value_or(0),
          .known_on = std::min(known.value_or(told), told),
          .ship_days = ShipDays(history)};
}

}  // namespace kaopu
