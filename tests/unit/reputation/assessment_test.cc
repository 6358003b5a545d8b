// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "reputation/assessment.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>
#include <vector>

#include "test_policy.h"

namespace kaopu {
namespace {

constexpr Date kToday{std::chrono::days{20'000}};
using std::chrono::days;

std::vector<Outcome> Orders(int on_time, int late, int never) {
  std::vector<Outcome> outcomes;
  outcomes.insert(outcomes.end(), on_time, {OutcomeKind::kOnTime, 0, kToday});
  outcomes.insert(outcomes.end(), late, {OutcomeKind::kLate, 3, kToday});
  outcomes.insert(outcomes.end(), never, {OutcomeKind::kNeverShipped, 0, kToday});
  return outcomes;
}

Assessment AssessOrders(const std::vector<Outcome>& own, Micro page = 0, bool recoverable = false) {
  return Assess(TestPolicy(), kToday, own, {}, page, recoverable);
}

TEST(Assess, NoEvidenceIsThePriorAndWide) {
  const Assessment none = AssessOrders({});
  EXPECT_NEAR(none.bad.mean, 100'000, 1);
  EXPECT_NEAR(none.late.mean, 80'000, 1);
  EXPECT_NEAR(none.never.mean, 20'000, 1);
  EXPECT_EQ(none.Weight(), 0);
  EXPECT_EQ(none.known, 0u);
  EXPECT_GT(none.bad.high - none.bad.low, 500'000);
  EXPECT_EQ(none.ship_orders, 0);
  EXPECT_EQ(none.trend, Assessment::Trend::kUnknown);
}

TEST(Assess, IsTheMeanOfThePosterior) {
  const Assessment nine = AssessOrders(Orders(6, 2, 1));
  EXPECT_NEAR(nine.bad.mean, 3'200'000 / 11, 90);
  EXPECT_NEAR(nine.late.mean, 2'160'000 / 10, 90);  // of the eight that shipped, and two
  EXPECT_NEAR(nine.never.mean, 1'030'000 / 9, 9);   // late ones left out; known by 6 in time
  EXPECT_NEAR(nine.Weight(), 9 * kOne, 9000);       // kept to a thousandth of an order
  EXPECT_EQ(nine.known, 2u);
}

TEST(Assess, BeingLittleKnownIsTheSignOfNeverShipping) {
  EXPECT_GT(AssessOrders(Orders(1, 0, 0)).prior_never, AssessOrders(Orders(20, 0, 0)).prior_never);
}

TEST(Assess, OldEvidenceFades) {
  const Assessment fresh = AssessOrders(Orders(0, 0, 1));
  const Assessment old = AssessOrders({{OutcomeKind::kNeverShipped, 0, kToday - days{3650}}});
  EXPECT_GT(fresh.bad.mean, 300'000);
  EXPECT_LT(old.bad.mean, 103'000);
  EXPECT_EQ(old.tally.never_shipped, 1);
  EXPECT_NEAR(WeightOf({OutcomeKind::kLate, 2, kToday - days{480}}, kToday), kOne / 2, 1000);
  EXPECT_EQ(WeightOf({OutcomeKind::kOpen, 0, kToday}, kToday), 0);
  EXPECT_EQ(WeightOf({OutcomeKind::kLate, 2, kToday + days{9}}, kToday),
            WeightOf({OutcomeKind::kLate, 2, kToday}, kToday));
}

TEST(Assess, CensoredOrdersAreCountedNotWeighed) {
  std::vector<Outcome> own = Orders(1, 1, 0);
  const Assessment before = AssessOrders(own);
  own.push_back({OutcomeKind::kOpen, 0, kToday});
  own.push_back({OutcomeKind::kBuyerCancelled, 0, kToday});
  own.push_back({OutcomeKind::kCancelledInTime, 0, kToday});
  const Assessment after = AssessOrders(own);
  EXPECT_EQ(after.tally.open, 1);
  EXPECT_EQ(after.tally.buyer_cancelled, 1);
  EXPECT_EQ(after.tally.cancelled_in_time, 1);
  EXPECT_EQ(after.tally.Decided(), 2);
  EXPECT_EQ(after.bad.mean, before.bad.mean);
  EXPECT_EQ(after.loss, before.loss);
}

TEST(Loss, IsTheSumOfItsLayers) {
  // One never, nothing else: P(bad) = 1.2 / 3, dearer than 5 days .04 + 1 over 3, and so on up.
  EXPECT_NEAR(AssessOrders(Orders(0, 0, 1)).loss, 150'000 * 1.2 / 3 + 850'000 * 1.04 / 3, 300);
  EXPECT_NEAR(AssessOrders(Orders(0, 0, 1), 0, true).loss, 150'000 * 1.2 / 3 + 350'000 * 1.04 / 3,
              300);
}

TEST(Loss, ALateParcelDoesNotMakeUpForOneThatNeverCame) {
  EXPECT_GT(AssessOrders(Orders(0, 5, 3)).loss, AssessOrders(Orders(0, 0, 3)).loss);
  EXPECT_GT(AssessOrders(Orders(9, 5, 0)).loss, AssessOrders(Orders(9, 0, 0)).loss);
}

TEST(Loss, HowLateCounts) {
  Micro before = 0;
  for (const int late : {1, 5, 10, 60}) {
    const std::vector<Outcome> own(3, {OutcomeKind::kLate, late, kToday});
    EXPECT_GT(AssessOrders(own).loss, before) << late;
    before = AssessOrders(own).loss;
  }
}

// Within one policy and day: one more bad outcome never lowers, one more good one never raises,
// page signals never lower.
TEST(Assess, IsMonotone) {
  const Policy policy = TestPolicy();
  Draws pick(7);
  for (int round = 0; round < 20'000; ++round) {
    const int good_bias = pick(5);
    const auto draw = [&] { return pick.Decided(good_bias, 40, kToday, 2000); };
    std::vector<Outcome> own;
    for (int n = pick(20); n > 0; --n) own.push_back(draw());
    const Micro page = pick(3) == 0 ? pick(1'000'001) : 0;
    const bool recoverable = pick(2) == 0;
    const Assessment before = Assess(policy, kToday, own, {}, page, recoverable);
    const Outcome more = draw();
    std::vector<Outcome> with = own;
    with.push_back(more);
    const Assessment after = Assess(policy, kToday, with, {}, page, recoverable);
    const bool bad = IsBad(more.kind);
    const Assessment &worse = bad ? after : before, &better = bad ? before : after;
    EXPECT_GE(worse.loss, better.loss);
    EXPECT_GE(worse.bad.mean, better.bad.mean);
    EXPECT_GE(worse.late.mean, better.late.mean);
    EXPECT_GE(worse.never.mean, better.never.mean);
    EXPECT_GE(worse.never.high, better.never.high - 2);  // both ends are rounded on their own
    EXPECT_GE(worse.never.low, better.never.low - 2);
    EXPECT_GE(worse.late.high, better.late.high - 2);
    EXPECT_GE(worse.late.low, better.late.low - 2);
    EXPECT_GE(worse.warned_bad > 0, better.warned_bad > 0);
    EXPECT_GE(Assess(policy, kToday, own, {}, kOne, recoverable).loss, before.loss);
    EXPECT_GE(Assess(policy, kToday, own, {}, kOne, recoverable).bad.mean, before.bad.mean);
    for (const Interval& i : {after.bad, after.late, after.never}) {
      EXPECT_LE(i.low, i.mean);
      EXPECT_GE(i.high, i.mean);
    }
    if (HasFailure()) FAIL() << "round " << round;
  }
}

// The same over shared reports: one more order told to any registry, of any kind, whatever the
// others say and whatever the shopper has lived through.
TEST(Assess, IsMonotoneOverSharedReports) {
  const Policy policy = TestPolicy();
  Draws pick(23);
  for (int round = 0; round < 20'000; ++round) {
    const int good_bias = pick(5);
    std::vector<Outcome> own;
    for (int n = pick(6); n > 0; --n) own.push_back(pick.Decided(good_bias, 40, kToday, 2000));
    std::vector<PooledReports> pooled(1 + pick(3));
    for (PooledReports& one : pooled) one = pick.Shared();
    const bool recoverable = pick(2) == 0;
    const Assessment before = Assess(policy, kToday, own, Join(pooled), 0, recoverable);
    PooledReports& told = pooled[pick(static_cast<int>(pooled.size()))];
    const bool bad = pick.OneMoreShared(told);
    const Assessment after = Assess(policy, kToday, own, Join(pooled), 0, recoverable);
    const Assessment &worse = bad ? after : before, &better = bad ? before : after;
    EXPECT_GE(worse.loss, better.loss);
    EXPECT_GE(worse.bad.mean, better.bad.mean);
    EXPECT_GE(worse.late.mean, better.late.mean);
    EXPECT_GE(worse.never.mean, better.never.mean);
    EXPECT_GE(worse.pooled_bad_of_one, better.pooled_bad_of_one);
    if (HasFailure()) FAIL() << "round " << round;
  }
}

TEST(Join, TakesOfEachKindWhoKnowsMostOfItAndAddsNothing) {
  const auto says = [](int on_time, int late, int never) {
    PooledReports one;
    one.counts.fill({.bad = (Fix{late} + never) << kFixBits, .good = Fix{on_time} << kFixBits});
    one.never = Fix{never} << kFixBits;
    return one;
  };
  const std::vector<PooledReports> both = {says(100, 8, 1), says(10, 2, 5)};
  const PooledWeights joined = Join(both);
  EXPECT_EQ(joined.counts[kLong].good, FixOf(100));
  EXPECT_EQ(joined.Late(), FixOf(8));
  EXPECT_EQ(joined.never, FixOf(5));
  EXPECT_EQ(joined.bad_of_one, FixOf(9));
  EXPECT_FALSE(Join({}).known);
  // Between what each of them says alone.
  const auto bad = [](const PooledWeights& weights) {
    return Assess(TestPolicy(), kToday, {}, weights, 0, false).bad.mean;
  };
  EXPECT_GT(bad(joined), bad(Join(std::span(both).first(1))));
  EXPECT_LT(bad(joined), bad(Join(std::span(both).last(1))));
}

TEST(Assess, OwnOrdersAndSharedOnesCountAlike) {
  PooledReports shared;
  shared.counts.fill({.bad = FixOf(3), .good = FixOf(6)});
  shared.never = FixOf(1);
  const Assessment others = Assess(TestPolicy(), kToday, {}, Join({{shared}}), 0, false);
  std::vector<Outcome> same = Orders(6, 0, 1);
  same.insert(same.end(), 2, {OutcomeKind::kLate, 0, kToday});
  const Assessment own = AssessOrders(same);
  EXPECT_NEAR(others.bad.mean, own.bad.mean, 100);
  EXPECT_NEAR(others.late.mean, own.late.mean, 100);
  EXPECT_NEAR(others.never.mean, own.never.mean, 100);
  EXPECT_NEAR(others.loss, own.loss, 100);
  EXPECT_NEAR(others.bad.high, own.bad.high, 200);
  EXPECT_EQ(others.Weight(), 0);
  EXPECT_NEAR(others.PooledWeight(), 9 * kOne, 10);
}

TEST(Assess, DoesNotDependOnTheOrderOfOutcomes) {
  std::vector<Outcome> outcomes;
  for (int i = 0; i < 60; ++i) {
    outcomes.push_back({static_cast<OutcomeKind>(i % 8), i, kToday - days{i / 3 * 37}, i % 9});
  }
  const Assessment forward = AssessOrders(outcomes);
  std::ranges::reverse(outcomes);
  const Assessment backward = AssessOrders(outcomes);
  EXPECT_EQ(forward.Weight(), backward.Weight());
  EXPECT_EQ(forward.loss, backward.loss);
  EXPECT_EQ(forward.bad.high, backward.bad.high);
  EXPECT_EQ(forward.ship_p90.mean, backward.ship_p90.mean);
  EXPECT_EQ(forward.warned_bad, backward.warned_bad);
}

TEST(Assess, DaysToShipOfThoseThatDidShip) {
  std::vector<Outcome> own;
  for (int i = 0; i < 20; ++i) own.push_back({OutcomeKind::kOnTime, 0, kToday, 2});
  own.push_back({OutcomeKind::kLate, 10, kToday, 14});
  own.push_back({OutcomeKind::kNeverShipped, 0, kToday});
  const Assessment known = AssessOrders(own);
  EXPECT_EQ(known.ship_orders, 21);
  EXPECT_GE(known.ship_median.mean, kOne);
  EXPECT_LE(known.ship_median.mean, 2 * kOne);
  EXPECT_GT(known.ship_p90.high, 4 * kOne);
  EXPECT_LE(known.ship_median.low, known.ship_median.mean);
}

TEST(Assess, WarnsOfASellerWhoTurnsBad) {
  std::vector<Outcome> own;
  for (int i = 0; i < 40; ++i) own.push_back({OutcomeKind::kOnTime, 0, kToday - days{400 - i}});
  EXPECT_EQ(AssessOrders(own).warned_bad, 0);
  for (int i = 0; i < 6; ++i) own.push_back({OutcomeKind::kLate, 1, kToday - days{30 - i}});
  const Assessment turned = AssessOrders(own);
  EXPECT_EQ(turned.warned_bad, 6);
  EXPECT_EQ(turned.warned_total, 6);
  EXPECT_EQ(turned.trend, Assessment::Trend::kWorse);
  for (int i = 0; i < 40; ++i) own.push_back({OutcomeKind::kOnTime, 0, kToday});
  EXPECT_EQ(AssessOrders(own).warned_bad, 0);
}

TEST(Months, CountsTheLastTwelve) {
  using std::chrono::year_month_day;
  const Date today = std::chrono::year{2026} / 11 / 25;
  const std::vector<Outcome> own = {
      {OutcomeKind::kOnTime, 0, std::chrono::year{2025} / 12 / 1},
      {OutcomeKind::kLate, 3, std::chrono::year{2025} / 11 / 30},  // too long ago
      {OutcomeKind::kFakeShipment, 0, std::chrono::year{2026} / 11 / 1},
      {OutcomeKind::kOpen, 0, today}};
  const auto months = MonthsOf(own, today);
  EXPECT_EQ(months.front().month, std::chrono::year{2025} / 12);
  EXPECT_EQ(months.front().on_time, 1);
  EXPECT_EQ(months.back().never, 1);
  int late = 0;
  for (const Month& month : months) late += month.late;
  EXPECT_EQ(late, 0);
}

}  // namespace
}  // namespace kaopu
