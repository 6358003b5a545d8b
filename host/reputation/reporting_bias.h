// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// People report failures more readily than orders that went well. An order *enrolled* before its
// outcome is known is told of either way; one told of *afterwards* was chosen by how it ended. So
// rates come from enrolled orders; what was told afterwards is a stratum of its own, whose bias is
// measured against the enrolled, and which without them is "N complaints" and no rate.
//
// Assumes that whom a shopper enrols does not depend on how the order will end, and that of two
// bad orders at two sellers of one group each is as likely to be told of afterwards.
#pragma once

#include <optional>

#include "reputation/fixed.h"

namespace kaopu {

// Weights of orders, as decayed and capped as the caller wants them.
struct Stratum {
  Fix bad = 0, good = 0;
  Fix Total() const { return bad + good; }
};

struct ReportedOrders {
  Stratum enrolled;
  Fix enrolled_open = 0;  // outcome not known yet: counted, in no rate
  Stratum afterwards;
};

// How many times as likely a bad order is told of afterwards as a good one, from all reports of a
// group (a platform): the odds of bad afterwards over those among the enrolled, half an order added
// to each count (Haldane and Anscombe), held in 1/4 .. 256. nullopt where any of the four counts is
// below ten orders: then nothing can be said of it.
std::optional<Fix> ReportingBiasOf(const Stratum& enrolled, const Stratum& afterwards);

struct JoinedReports {
  Stratum evidence;    // what a rate may be taken from
  Fix complaints = 0;  // bad orders told of afterwards: a count, never a rate
};

// One seller. Told afterwards, a bad order weighs 1 / `bias` of a good one; all of them together
// weigh at most as much as the seller's enrolled orders. Without `bias`, or without enrolled
// orders, they weigh nothing. One more bad order never lowers the share of bad ones and one more
// good one never raises it, `bias` held.
JoinedReports JoinReports(const ReportedOrders& seller, std::optional<Fix> bias);

}  // namespace kaopu
