// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "reputation/risk.h"

#include <algorithm>

namespace kaopu {
namespace {

// 95 % and 90 % quantiles of the normal distribution, times 2^24.
constexpr Fix kZ90 = 27596268;        // 1.644854: 90 % lie within it on both sides
constexpr Fix kT90 = 30129956;        // 1.795885: the same of Student's t, 11 degrees of freedom
constexpr Fix kZSquared = 45391507;   // 2.705543
constexpr Fix kZOneSided = 21500863;  // 1.281552

constexpr Fix kLn2 = 11629080;  // ln 2 * 2^24

constexpr Fix kTrendStrength = FixOf(2);
constexpr Fix kShipStrength = FixOf(1);

// Where the cumulative share `share` is reached, in minutes: bands are octaves from 12 h, a
// straight line inside one. The last band is open; its end is taken one octave on.
int64_t QuantileOf(const std::array<Fix, kShipBands>& bands, Fix total, Fix share) {
  const Fix wanted = FixMul(total, std::clamp<Fix>(share, 0, kFixOne));
  Fix sum = 0;
  int64_t low = 0, high = kMinutesADay / 2;
  for (size_t i = 0; i < kShipBands; ++i) {
    if (sum + bands[i] >= wanted && bands[i] > 0) {
      return low + FixMul(high - low, FixDiv(wanted - sum, bands[i]));
    }
    sum += bands[i];
    low = high;
    high *= 2;
  }
  return low;
}

}  // namespace

size_t ThinBandOf(Fix good_weight) {
  if (good_weight < FixOf(1, 4)) return 0;
  return good_weight < FixOf(4) ? 1 : good_weight < FixOf(16) ? 2 : 3;
}

std::array<Fix, kCandidates> CandidatesSay(const std::array<Fix, kPriorHalfLives>& prior_bad,
                                           const std::array<Counts, kHalfLives>& counts) {
  std::array<Fix, kCandidates> say;
  for (size_t h = 0; h < kHalfLives; ++h) {
    for (size_t q = 0; q < kPriorHalfLives; ++q) {
      for (size_t m = 0; m < kStrengths; ++m) {
        say[CandidateOf(h, q, m)] = FixDiv(counts[h].bad + FixMul(kStrength[m], prior_bad[q]),
                                           counts[h].Total() + kStrength[m]);
      }
    }
  }
  return say;
}

Risk RiskOf(const Epoch& epoch, const SellerEvidence& seller, Minute now, Fix context) {
  return RiskOf(epoch, seller.At(now), seller.NeverAt(now), context);
}

Risk RiskOf(const Epoch& epoch, const std::array<Counts, kHalfLives>& counts, Fix never,
            Fix context) {
  const std::array<Fix, kCandidates> say = CandidatesSay(epoch.prior_bad, counts);
  Risk risk;
  for (size_t h = 0; h < kHalfLives; ++h) {
    for (size_t q = 0; q < kPriorHalfLives; ++q) {
      for (size_t m = 0; m < kStrengths; ++m) {
        const size_t c = CandidateOf(h, q, m);
        if (epoch.mixture[c] == 0) continue;
        risk.rate += FixMul(epoch.mixture[c], say[c]);
        risk.weight += FixMul(epoch.mixture[c], counts[h].Total());
        risk.prior += FixMul(epoch.mixture[c], kStrength[m]);
      }
    }
  }
  Fix moves = 0;  // by how much one outcome more moves the mean
  for (size_t h = 0; h < kHalfLives; ++h) {
    for (size_t m = 0; m < kStrengths; ++m) {
      Fix share = 0;
      for (size_t q = 0; q < kPriorHalfLives; ++q) share += epoch.mixture[CandidateOf(h, q, m)];
      if (share > 0) moves += FixDiv(share, counts[h].Total() + kStrength[m] + kFixOne);
    }
  }
  if (moves > 0) risk.orders = FixDiv(kFixOne, moves) - kFixOne;
  risk.bad = context == 0 ? risk.rate : Sigmoid(Logit(risk.rate) + context);
  const Counts& known = counts[kLong];
  const Fix prior_never = epoch.prior_never[ThinBandOf(known.good)];
  risk.never = std::min(
      risk.bad, FixDiv(never + FixMul(risk.prior, prior_never), never + known.good + risk.prior));
  return risk;
}

Span WilsonSpan(Fix rate, Fix weight) {
  const Fix bad = FixMul(rate, weight);
  const Fix spread = FixMul(kZ90, FixSqrt(FixMul(bad, kFixOne - rate) + kZSquared / 4));
  const Fix centre = bad + kZSquared / 2;
  const Fix total = weight + kZSquared;
  return {.mean = rate,
          .low = std::clamp<Fix>(FixDiv(std::max<Fix>(centre - spread, 0), total), 0, rate),
          .high = std::clamp<Fix>(FixDiv(centre + spread, total), rate, kFixOne)};
}

Span SpanOf(const Risk& risk) {
  const Fix variance = std::max<Fix>(FixMul(risk.bad, kFixOne - risk.bad), kFixOne >> 12);
  // Of the log-odds, taken as normal around a mean that gives P(bad) back.
  const Fix error = FixDiv(kFixOne, FixMul(variance, std::max<Fix>(risk.orders, kFixOne)));
  const Fix spread_squared = FixMul(FixLog2(kFixOne + error), kLn2);
  const Fix centre = Logit(risk.bad) - FixMul(kFixOne / 2 - risk.bad, spread_squared);
  const Fix spread = FixMul(kT90, FixSqrt(spread_squared));
  return {.mean = risk.bad,
          .low = std::min(risk.bad, Sigmoid(centre - spread)),
          .high = std::max(risk.bad, Sigmoid(centre + spread))};
}

ShipTime ShipTimeOf(const Epoch& epoch, const SellerEvidence& seller, Minute now) {
  std::array<Fix, kShipBands> bands = seller.ShipTimesAt(now);
  ShipTime time;
  for (const Fix band : bands) time.weight += band;
  Fix total = time.weight;
  for (size_t i = 0; i < kShipBands; ++i) {
    const Fix prior = FixMul(kShipStrength, epoch.prior_ship[i]);
    bands[i] += prior;
    total += prior;
  }
  if (total == 0) return time;
  // The interval of a quantile: those of the shares around it (order statistics, normal
  // approximation).
  const auto around = [&](Fix share) -> std::array<int64_t, 3> {
    const Fix spread = FixMul(kZ90, FixSqrt(FixDiv(FixMul(share, kFixOne - share), total)));
    return {QuantileOf(bands, total, share), QuantileOf(bands, total, share - spread),
            QuantileOf(bands, total, share + spread)};
  };
  time.median = around(kFixOne / 2);
  time.p90 = around(FixOf(9, 10));
  return time;
}

Trend TrendOf(const Epoch& epoch, const SellerEvidence& seller, Minute now) {
  const Counts month = seller.At(now, kMonth), run = seller.At(now, kLong);
  const auto rate = [&](const Counts& counts) {
    return FixDiv(counts.bad + FixMul(kTrendStrength, epoch.prior_bad.back()),
                  counts.Total() + kTrendStrength);
  };
  const Fix long_run = rate(run), lately = rate(month);
  const Fix error =
      FixSqrt(FixDiv(FixMul(long_run, kFixOne - long_run), month.Total() + kTrendStrength));
  const Fix gap = lately > long_run ? lately - long_run : long_run - lately;
  return {.change = Logit(lately) - Logit(long_run), .sure = gap > FixMul(kZOneSided, error)};
}

}  // namespace kaopu
