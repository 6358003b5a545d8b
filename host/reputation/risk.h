// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Evidence about one seller -> P(bad), P(never), time to ship. Called by `kaopu backtest`, whose
// Epoch comes from a Learner that chose it from the stream's past, and by the shopper's own verdict
// (assessment.h), whose Epoch the policy gives. Formulas: host/docs/estimate.md.
#pragma once

#include <array>
#include <cstdint>

#include "reputation/evidence.h"
#include "reputation/fixed.h"

namespace kaopu {

// The candidates: half-life of evidence x half-life of the prior rate x strength of the prior.
inline constexpr size_t kPriorHalfLives = 3;
inline constexpr std::array<Minute, kPriorHalfLives> kPriorHalfLife = {
    30 * kMinutesADay, 180 * kMinutesADay, 2880 * kMinutesADay};
inline constexpr size_t kStrengths = 4;
inline constexpr std::array<Fix, kStrengths> kStrength = {FixOf(1), FixOf(2), FixOf(4), FixOf(8)};
inline constexpr size_t kCandidates = kHalfLives * kPriorHalfLives * kStrengths;
constexpr size_t CandidateOf(size_t half_life, size_t prior_half_life, size_t strength) {
  return (half_life * kPriorHalfLives + prior_half_life) * kStrengths + strength;
}

// How thinly a seller is known, by the weight of the orders seen to ship in time (half-life kLong):
// none, up to 4, up to 16, more.
inline constexpr size_t kThinBands = 4;
size_t ThinBandOf(Fix good_weight);

// All that is fixed when an index is published. With it fixed, one more bad outcome never lowers
// P(bad) and one more good one never raises it (property test).
struct Epoch {
  Minute at = 0;
  std::array<Fix, kCandidates> mixture{};        // sums to kFixOne
  std::array<Fix, kPriorHalfLives> prior_bad{};  // the rate of everybody, by half-life
  std::array<Fix, kThinBands> prior_never{};     // by how thinly known, never rising
  std::array<Fix, kShipBands> prior_ship{};      // shares, of one order's weight in all
  Fix mean_raw_good = kFixOne;                   // see GoodWeight
};

struct Risk {
  Fix bad = 0;    // P(late or never)
  Fix never = 0;  // P(never), at most bad; late orders are left out of it, so that one more late
                  // one never lowers it
  Fix late() const { return bad - never; }
  Fix weight = 0;  // effective sample size: decayed orders, without the prior
  Fix prior = 0;   // the weight of the prior beside them
  Fix rate = 0;    // P(bad) before context
  Fix orders = 0;  // what it is worth in orders, for its interval: 1 / (how much one outcome more
                   // moves it) - 1, or what a stream has shown that to be worth (sureness.h)
};

// `context` is added to the log-odds: what is known of the order and not of the seller.
Risk RiskOf(const Epoch& epoch, const SellerEvidence& seller, Minute now, Fix context = 0);
// The same of evidence kept elsewhere (the shared index): weights as of the asked time, `never` at
// half-life kLong.
Risk RiskOf(const Epoch& epoch, const std::array<Counts, kHalfLives>& counts, Fix never,
            Fix context = 0);

// What each candidate says of P(bad); `Counts` by half-life.
std::array<Fix, kCandidates> CandidatesSay(const std::array<Fix, kPriorHalfLives>& prior_bad,
                                           const std::array<Counts, kHalfLives>& counts);

struct Span {
  Fix mean = 0, low = 0, high = 0;
};
// 90 % interval of a rate by Wilson's score (z = 1.644854) for `rate * weight` out of `weight`.
Span WilsonSpan(Fix rate, Fix weight);
// Of P(bad), by `orders`: its log-odds taken as normal around a mean that gives P(bad) back, with
// the variance ln(1 + 1 / (orders p (1 - p))).
Span SpanOf(const Risk& risk);

// Minutes from order to the carrier's first scan, of those orders that did ship.
struct ShipTime {
  Fix weight = 0;  // of orders whose time is known; 0 = the numbers below are everybody's
  std::array<int64_t, 3> median{}, p90{};  // value, low, high: 90 % interval
};
ShipTime ShipTimeOf(const Epoch& epoch, const SellerEvidence& seller, Minute now);

// Getting worse or recovering: the last month against the long run, each shrunk to the prior by two
// orders; log-odds, above 0 is worse. `sure`: beyond 1.28 standard errors of the month's.
struct Trend {
  Fix change = 0;
  bool sure = false;
};
Trend TrendOf(const Epoch& epoch, const SellerEvidence& seller, Minute now);

}  // namespace kaopu
