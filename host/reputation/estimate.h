// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Outcomes -> probabilities. One Beta estimator (a Dirichlet over on time / late / never, of which
// each probability is a Beta margin) with a prior and with forgetting. Pure integer arithmetic: no
// clock, no floating point, no library function.
#pragma once

#include <array>
#include <span>

#include "base/clock.h"
#include "reputation/outcome.h"
#include "reputation/policy.h"

namespace kaopu {

// 90 % interval around the posterior mean (Wilson score on posterior mean and weight); low <= mean
// <= high, all in 0..kOne.
struct Interval {
  Micro mean = 0;
  Micro low = 0;
  Micro high = 0;
};

// Evidence about one seller: plain counts, and their weights after forgetting. O(1) in size, one
// addition an outcome.
struct Tally {
  int on_time = 0, late = 0, never_shipped = 0, fake_shipment = 0, seller_cancelled = 0;
  int open = 0, buyer_cancelled = 0;  // censored: counted, never weighed
  int64_t days_late_sum = 0;          // over late outcomes whose days are known
  int days_late_known = 0;
  Micro on_time_weight = 0;
  std::array<Micro, kLateBandsMax> late_weight{};  // by Policy::late_bands
  Micro never_shipped_weight = 0, fake_shipment_weight = 0, seller_cancelled_weight = 0;

  int Decided() const { return on_time + Bad(); }
  int Bad() const { return late + Never(); }
  int Never() const { return never_shipped + fake_shipment + seller_cancelled; }
  Micro LateWeight() const;
  Micro NeverWeight() const {
    return never_shipped_weight + fake_shipment_weight + seller_cancelled_weight;
  }
  Micro BadWeight() const { return LateWeight() + NeverWeight(); }
  Micro Weight() const { return on_time_weight + LateWeight() + NeverWeight(); }
};

// kOne * 2^(-days / half_life), rounded down; kOne for days <= 0, 0 beyond 64 half-lives.
// `half_life_days` >= 1.
Micro DecayWeight(int64_t days, int half_life_days);

void AddOutcome(const Policy& policy, Date today, const Outcome& outcome, Tally& tally);
Tally TallyOf(const Policy& policy, Date today, std::span<const Outcome> outcomes);

struct Estimate {
  Interval bad;  // late or never
  Interval late;
  Interval never;
  Micro effective_n = 0;  // weight of the decided orders behind it, without the prior
};

// `page_weight` (0..kOne) counts as that much of one order that went badly: it can only raise
// P(bad).
Estimate EstimateOf(const Policy& policy, const Tally& tally, Micro page_weight = 0);

// Wilson 90 % interval of `bad` out of `total` (both weights, 0 <= bad <= total, total > 0).
Interval WilsonInterval(Micro bad, Micro total);

// Expected loss as a share of the price. One more on-time order never raises it, one more bad order
// never lowers it: orders that were late are left out of the mean where they would lower it (a late
// parcel does not make up for one that never came). `recoverable`: escrow or a card gives the money
// back when nothing comes.
Micro ExpectedLoss(const Policy& policy, const Tally& tally, Micro page_weight, bool recoverable);

}  // namespace kaopu
