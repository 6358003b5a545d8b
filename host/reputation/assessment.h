// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// What a shopper's own orders with one seller, what others shared, and the page in view come to:
// probabilities with intervals, days to ship, trend, expected loss. The estimator is that of `kaopu
// backtest` (evidence.h, risk.h); its epoch is the policy's, as no stream chose one. Integers only;
// the same bytes whatever the order in which outcomes are given. Formulas: host/docs/estimate.md.
#pragma once

#include <array>
#include <span>

#include "base/clock.h"
#include "reputation/outcome.h"
#include "reputation/policy.h"
#include "reputation/pooled.h"
#include "reputation/risk.h"

namespace kaopu {

// 90 % interval around a mean; low <= mean <= high.
struct Interval {
  Micro mean = 0;
  Micro low = 0;
  Micro high = 0;
};

// Plain counts.
struct Tally {
  int on_time = 0, late = 0, never_shipped = 0, fake_shipment = 0, seller_cancelled = 0;
  int open = 0, buyer_cancelled = 0, cancelled_in_time = 0;  // censored: counted, never weighed
  int64_t days_late_sum = 0;  // over late outcomes whose days are known
  int days_late_known = 0;

  int Decided() const { return on_time + Bad(); }
  int Bad() const { return late + Never(); }
  int Never() const { return never_shipped + fake_shipment + seller_cancelled; }
};

// How an order's cost depends on how it went, from the cheapest way on: the layers of the loss.
// `chance` is that of an order going this badly or worse.
struct LossLayer {
  Micro cost = 0;
  Micro chance = 0;
};

struct Assessment {
  Tally tally;
  // Weights of the own decided orders after forgetting (half-life kLong), without prior and page.
  Micro on_time_weight = 0, late_weight = 0, never_weight = 0;
  // Of shared reports, joined; and the most that one registry says of late and never together.
  Micro pooled_on_time = 0, pooled_late = 0, pooled_never = 0, pooled_bad_of_one = 0;
  Micro page_weight = 0;
  Micro prior_strength = 0, prior_bad = 0, prior_late = 0, prior_never = 0;  // as they entered
  // What P(bad) is the mean of: bad and all orders by half-life, shared ones and page signals
  // included, and how far each half-life counts.
  struct Faded {
    Micro bad = 0, total = 0, share = 0;
  };
  std::array<Faded, kHalfLives> faded{};
  size_t known =
      0;  // 0 nothing, 1 little, 2 some, 3 well: ThinBandOf the orders on time, shared ones too

  // 90 % intervals by Wilson's score, with the weights below (prior included).
  Interval bad;    // late or never, page signals included
  Interval late;   // of orders that ship, late
  Interval never;  // late orders left out; so each of the three only ever moves the right way
  Micro bad_n = 0, late_n = 0, never_n = 0;
  Micro Weight() const { return on_time_weight + late_weight + never_weight; }
  Micro PooledWeight() const { return pooled_on_time + pooled_late + pooled_never; }

  // Of own orders: days from order to first scan, in millionths of a day; 0 orders = not known.
  int ship_orders = 0;
  Interval ship_median, ship_p90;

  // Of own orders: the last month against the long run. `sure`: beyond chance.
  enum class Trend { kUnknown, kSteady, kWorse, kBetter } trend = Trend::kUnknown;

  // Turned bad: of the last `warned_total` decided orders `warned_bad` went badly, which a usual
  // seller's hardly ever do (early_warning.h). 0 = no warning.
  int warned_bad = 0, warned_total = 0;

  // Expected loss as a share of the price, and what it is made of: the sum over `layers` of
  // (cost - the cost of the layer before) x chance.
  Micro loss = 0;
  std::array<LossLayer, kLateBandsMax + 1> layers{};
  size_t layer_count = 0;
};

// What the evidence is weighed with. `today` fixes the epoch.
Epoch EpochOf(const Policy& policy, Date today);

// Within one policy and day: one more bad outcome, own or shared, never lowers P(bad), P(late),
// P(never), the loss or the warning, one more good one never raises them. `page_weight` (0..kOne)
// counts as that much of one order that was late. `recoverable`: the platform gives the money back
// when nothing comes.
Assessment Assess(const Policy& policy, Date today, std::span<const Outcome> own,
                  const PooledWeights& pooled, Micro page_weight, bool recoverable);

// The weight of an outcome known on that day, as Assess gives it (half-life kLong).
Micro WeightOf(const Outcome& outcome, Date today);

// How decided orders went, month by month, the month of `today` last.
struct Month {
  std::chrono::year_month month;
  int on_time = 0, late = 0, never = 0;
};
inline constexpr size_t kMonthsShown = 12;
std::array<Month, kMonthsShown> MonthsOf(std::span<const Outcome> own, Date today);

// Rounded; never falls where the Fix rises.
Micro MicroOf(Fix fix);

std::string_view TrendName(Assessment::Trend trend);  // WIRE: unknown steady worse better
std::string_view KnownName(size_t known);             // WIRE: nothing little some well

}  // namespace kaopu
