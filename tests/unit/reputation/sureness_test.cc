// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "reputation/sureness.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "reputation/stream.h"

namespace kaopu {
namespace {

constexpr Minute kNow = 25'000'000;

// Sellers of 60 orders a year for three years, told of on the spot; `walk`: the standard deviation
// of their log-odds over a year. Share of true chances within the interval, over the last two.
double CoverageOf(double walk, Stream& stream) {
  constexpr int kSellers = 80, kOrders = 180;
  std::mt19937_64 random(7);
  std::normal_distribution<double> normal;
  std::vector<double> odds(kSellers);
  for (double& one : odds) one = std::log(1. / 9) + normal(random);
  double asked = 0, within = 0;
  for (int order = 0; order < kOrders; ++order) {
    for (int seller = 0; seller < kSellers; ++seller) {
      odds[seller] += walk / std::sqrt(60.) * normal(random);
      const double truth = 1 / (1 + std::exp(-odds[seller]));
      const Minute now = kNow + order * 6 * kMinutesADay + seller;
      const std::string id = std::to_string(order * kSellers + seller);
      const Risk risk = stream.Order(now, id, std::to_string(seller), {}, false);
      const Span span = SpanOf(risk);
      EXPECT_LE(span.low, risk.bad);
      EXPECT_GE(span.high, risk.bad);
      const Fix true_fix = static_cast<Fix>(truth * kFixOne);
      if (order >= 60) {
        ++asked;
        within += true_fix >= span.low && true_fix <= span.high;
      }
      const bool bad = std::uniform_real_distribution<double>()(random) < truth;
      stream.Outcome(now, id, std::to_string(seller), bad, std::nullopt, std::nullopt);
    }
  }
  return within / asked;
}

TEST(Sureness, SaysWhatItWasToldWhereNothingWasLearned) {
  const Sureness sureness;
  for (const int orders : {1, 3, 40, 900}) {
    const Fix n = FixOf(1) * orders;
    EXPECT_NEAR(static_cast<double>(sureness.OrdersOf(n, kNow)) / kFixOne, orders, orders * .01);
  }
}

TEST(Sureness, SurprisesThatFollowEachOtherMakeAnEstimateWorthLess) {
  Sureness sureness;
  Surprise surprise;
  const Fix n = FixOf(40), said = FixOf(1, 10);
  for (int i = 0; i < 4000; ++i) {
    const bool bad = i / 100 % 4 == 0;  // a hundred in a row, then none for three hundred
    sureness.Learn(kNow, bad, said, n, surprise, kFixOne);
    surprise.Add(bad, said, n);
  }
  EXPECT_LT(sureness.OrdersOf(n, kNow), n / 4);
  EXPECT_GE(sureness.OrdersOf(n, kNow), n / 16);
}

TEST(Sureness, NineOfTenTruthsLieWithinTheIntervalOfADriftingStream) {
  Stream slow, fast;
  EXPECT_NEAR(CoverageOf(.4, slow), .90, .06);
  EXPECT_NEAR(CoverageOf(1.2, fast), .90, .06);
  // The faster sellers drift, the less the same weight is worth.
  EXPECT_LT(fast.learner().OrdersOf(FixOf(20), kNow + 1080 * kMinutesADay),
            slow.learner().OrdersOf(FixOf(20), kNow + 1080 * kMinutesADay));
}

}  // namespace
}  // namespace kaopu
