// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// How an order ended, judged by shipping alone: one word, and by when it was known.
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
};

struct Outcome {
  OutcomeKind kind = OutcomeKind::kOpen;
  int days_late = 0;  // kLate only: whole days, 1 or more; 0 = late by an unknown number of days
  Date known_on{};  // when it was decided; evidence ages from here. A date after "today" counts as
                    // today
};

// `on_time`, `late`, `never_shipped`, `fake_shipment`, `seller_cancelled`, `open`,
// `buyer_cancelled`.
std::string_view OutcomeKindName(OutcomeKind kind);
std::optional<OutcomeKind> ParseOutcomeKind(std::string_view name);

bool IsCensored(OutcomeKind kind);  // open, cancelled by the buyer
bool IsNever(OutcomeKind kind);  // the goods never left: never shipped, fake shipment, cancelled by
                                 // the seller
bool IsBad(OutcomeKind kind);    // late or never

}  // namespace kaopu
