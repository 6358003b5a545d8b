// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// How an order ended, judged by shipping alone: one word, and by when it was known. OutcomeOf is
// the definition; words a shopper gives are taken as given, by JudgedOutcome.
#pragma once

#include <optional>
#include <string_view>

#include "base/clock.h"

namespace kaopu {

// WIRE, DISK: names (OutcomeKindName) are for ever.
enum class OutcomeKind {
  kOnTime,           // first carrier scan by the promised limit
  kLate,             // scanned after it, `days_late` after
  kNeverShipped,     // no scan by limit + 30 days
  kFakeShipment,     // a label, yet no scan by then
  kSellerCancelled,  // the seller called it off
  kOpen,             // not decided yet: censored, no evidence either way
  kBuyerCancelled,   // the shopper called it off: censored
  kCancelledInTime,  // the seller called it off while the promise still held: censored. Worked out
                     // from dates, never stored
};

struct Outcome {
  OutcomeKind kind = OutcomeKind::kOpen;
  int days_late = 0;  // kLate only: whole days, 1 or more; 0 = late by an unknown number of days
  Date known_on{};  // when it was decided; evidence ages from here. A date after "today" counts as
                    // today
  std::optional<int> ship_days;  // from order to first scan, 0 or more
};

enum class CancelledBy { kNobody, kBuyer, kSeller };

// What happened to an order, as far as it is known; absent = has not happened, or nobody saw it.
struct OrderHistory {
  std::optional<Date> paid_at, promised_ship_by, label_at, first_scan_at, delivered_at,
      cancelled_at, refunded_at;
  CancelledBy cancelled_by = CancelledBy::kNobody;
};

// No scan by the limit and so many days more: it never shipped.
inline constexpr std::chrono::days kNeverAfter{30};

// The outcome by what was seen until `seen` (later events are not there yet):
//   scanned                    on_time up to the limit, late after it; open where no limit is known
//   delivered, no scan seen    on_time where it arrived by the limit, else open: it did ship
//   called off by the buyer    buyer_cancelled, whatever the seller had promised
//   called off by the seller   cancelled_in_time up to the limit, seller_cancelled after it, or
//                              where limit or day is not known
//   refunded, nothing scanned  never shipped, from the limit on; before it, open
//   none of these by limit + kNeverAfter   fake_shipment with a label, else never_shipped
Outcome OutcomeOf(const OrderHistory& history, Date seen);

// The outcome a shopper told, dated by the same history: a `kind` that is told stands, but for
// seller_cancelled, of which the dates may say that it was in time. `told` is the day of telling:
// nothing was known later than that. Late by so many days after a known limit says when it was
// scanned.
Outcome JudgedOutcome(OutcomeKind kind, std::optional<int> days_late, const OrderHistory& history,
                      Date told);

// `on_time`, `late`, `never_shipped`, `fake_shipment`, `seller_cancelled`, `open`,
// `buyer_cancelled`, `cancelled_in_time`.
std::string_view OutcomeKindName(OutcomeKind kind);
// Those that can be told: all but cancelled_in_time.
std::optional<OutcomeKind> ParseOutcomeKind(std::string_view name);

bool IsCensored(OutcomeKind kind);  // open, cancelled by the buyer, cancelled in time
bool IsNever(OutcomeKind kind);  // the goods never left: never shipped, fake shipment, cancelled by
                                 // the seller
bool IsBad(OutcomeKind kind);    // late or never

}  // namespace kaopu
