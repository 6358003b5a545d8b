// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "reputation/estimate.h"

#include <algorithm>
#include <bit>

namespace kaopu {
namespace {

__extension__ using Wide = __int128;

// round(2^31 * 2^(-2^-k)) for k = 1..16: any fractional power of one half is a product of these.
constexpr std::array<uint64_t, 16> kHalfPowers = {
    1518500250, 1805811301, 1969251188, 2056437387, 2101467502, 2124350982, 2135885998, 2141676973,
    2144578345, 2146030505, 2146756953, 2147120270, 2147301951, 2147392798, 2147438222, 2147460935};

// 1.644854 is the 95 % quantile of the normal distribution: 90 % lie between it and its negative.
constexpr Micro kZ = 1'644'854;
constexpr Micro kZSquared = 2'705'545;

Micro MulDiv(Micro a, Micro b, Micro c) { return static_cast<Micro>(Wide{a} * b / c); }

// Largest integer whose square is at most `value`.
uint64_t IntegerSqrt(uint64_t value) {
  uint64_t root = 0;
  for (uint64_t bit = uint64_t{1} << 31; bit != 0; bit >>= 1) {
    const uint64_t next = root | bit;
    if (next * next <= value) root = next;
  }
  return root;
}

size_t LateBandOf(const Policy& policy, int days_late) {
  const int days = days_late > 0 ? days_late : policy.days_late_unknown;
  size_t band = 0;
  while (band + 1 < policy.late_bands.size() && days > policy.late_bands[band].days_max) ++band;
  return band;
}

Micro PriorWeight(const Policy& policy, Micro probability) {
  return MulDiv(policy.prior_strength, probability, kOne);
}

}  // namespace

Micro Tally::LateWeight() const {
  Micro sum = 0;
  for (const Micro weight : late_weight) sum += weight;
  return sum;
}

Micro DecayWeight(int64_t days, int half_life_days) {
  if (days <= 0) return kOne;
  const int64_t halvings = days / half_life_days;
  if (halvings >= 64) return 0;
  const uint64_t fraction =
      (static_cast<uint64_t>(days % half_life_days) << 16) / static_cast<uint64_t>(half_life_days);
  uint64_t power = uint64_t{1} << 31;
  for (size_t k = 0; k < kHalfPowers.size(); ++k) {
    if (fraction >> (15 - k) & 1) power = power * kHalfPowers[k] >> 31;
  }
  return static_cast<Micro>((power * static_cast<uint64_t>(kOne) >> 31) >> halvings);
}

void AddOutcome(const Policy& policy, Date today, const Outcome& outcome, Tally& tally) {
  const Micro weight = DecayWeight((today - outcome.known_on).count(), policy.half_life_days);
  switch (outcome.kind) {
    case OutcomeKind::kOnTime:
      ++tally.on_time;
      tally.on_time_weight += weight;
      return;
    case OutcomeKind::kLate:
      ++tally.late;
      tally.late_weight[LateBandOf(policy, outcome.days_late)] += weight;
      if (outcome.days_late > 0) {
        ++tally.days_late_known;
        tally.days_late_sum += outcome.days_late;
      }
      return;
    case OutcomeKind::kNeverShipped:
      ++tally.never_shipped;
      tally.never_shipped_weight += weight;
      return;
    case OutcomeKind::kFakeShipment:
      ++tally.fake_shipment;
      tally.fake_shipment_weight += weight;
      return;
    case OutcomeKind::kSellerCancelled:
      ++tally.seller_cancelled;
      tally.seller_cancelled_weight += weight;
      return;
    case OutcomeKind::kOpen:
      ++tally.open;
      return;
    case OutcomeKind::kBuyerCancelled:
      ++tally.buyer_cancelled;
      return;
  }
}

Tally TallyOf(const Policy& policy, Date today, std::span<const Outcome> outcomes) {
  Tally tally;
  for (const Outcome& outcome : outcomes) AddOutcome(policy, today, outcome, tally);
  return tally;
}

Interval WilsonInterval(Micro bad, Micro total) {
  const Micro variance = MulDiv(bad, total - bad, total) + kZSquared / 4;
  const Micro spread =
      MulDiv(kZ, static_cast<Micro>(IntegerSqrt(static_cast<uint64_t>(variance) * kOne)), kOne);
  const Micro centre = bad + kZSquared / 2;
  Interval interval;
  interval.mean = MulDiv(bad, kOne, total);
  interval.low = MulDiv(std::max<Micro>(centre - spread, 0), kOne, total + kZSquared);
  interval.high = MulDiv(centre + spread, kOne, total + kZSquared);
  // Rounding must not push an end past the mean or past certainty.
  interval.low = std::min(interval.low, interval.mean);
  interval.high = std::clamp(interval.high, interval.mean, kOne);
  return interval;
}

Estimate EstimateOf(const Policy& policy, const Tally& tally, Micro page_weight) {
  const Micro late = PriorWeight(policy, policy.prior_late) + tally.LateWeight();
  const Micro never = PriorWeight(policy, policy.prior_never) + tally.NeverWeight();
  const Micro total = policy.prior_strength + tally.Weight();
  Estimate estimate;
  estimate.bad = WilsonInterval(late + never + page_weight, total + page_weight);
  estimate.late = WilsonInterval(late, total);
  estimate.never = WilsonInterval(never, total);
  estimate.effective_n = tally.Weight();
  return estimate;
}

Micro ExpectedLoss(const Policy& policy, const Tally& tally, Micro page_weight, bool recoverable) {
  const Micro never_cost = recoverable ? policy.never_cost_recoverable : policy.never_cost;
  const Micro late_cost = policy.late_bands[LateBandOf(policy, 0)].cost;
  Wide weight = policy.prior_strength + tally.on_time_weight + tally.NeverWeight();
  Wide loss = Wide{tally.NeverWeight()} * never_cost +
              Wide{PriorWeight(policy, policy.prior_never)} * never_cost +
              Wide{PriorWeight(policy, policy.prior_late)} * late_cost;
  // What is less dear than the mean so far would lower it. From the dearest down, so the first such
  // ends it.
  struct Part {
    Micro weight, cost;
  };
  std::array<Part, kLateBandsMax + 1> parts{};
  size_t count = 0;
  for (size_t i = 0; i < policy.late_bands.size(); ++i) {
    parts[count++] = {tally.late_weight[i], policy.late_bands[i].cost};
  }
  parts[count++] = {page_weight, policy.page_cost};
  std::sort(parts.begin(), parts.begin() + count,
            [](const Part& a, const Part& b) { return a.cost > b.cost; });
  for (size_t i = 0; i < count && Wide{parts[i].cost} * weight > loss; ++i) {
    weight += parts[i].weight;
    loss += Wide{parts[i].weight} * parts[i].cost;
  }
  return static_cast<Micro>(loss / weight);
}

}  // namespace kaopu
