// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "reputation/estimate.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <random>
#include <vector>

#include "test_policy.h"

namespace kaopu {
namespace {

constexpr Date kToday{std::chrono::days{20'000}};

Tally Orders(int on_time, int late, int never) {
  Tally tally;
  const Policy policy = TestPolicy();
  for (int i = 0; i < on_time; ++i)
    AddOutcome(policy, kToday, {OutcomeKind::kOnTime, 0, kToday}, tally);
  for (int i = 0; i < late; ++i) AddOutcome(policy, kToday, {OutcomeKind::kLate, 3, kToday}, tally);
  for (int i = 0; i < never; ++i)
    AddOutcome(policy, kToday, {OutcomeKind::kNeverShipped, 0, kToday}, tally);
  return tally;
}

TEST(OutcomeKind, NamesReadBackAndGroup) {
  for (const auto kind : {OutcomeKind::kOnTime, OutcomeKind::kLate, OutcomeKind::kNeverShipped,
                          OutcomeKind::kFakeShipment, OutcomeKind::kSellerCancelled,
                          OutcomeKind::kOpen, OutcomeKind::kBuyerCancelled}) {
    EXPECT_EQ(ParseOutcomeKind(OutcomeKindName(kind)), kind);
    EXPECT_FALSE(IsCensored(kind) && IsBad(kind));
    EXPECT_TRUE(!IsNever(kind) || IsBad(kind));
  }
  EXPECT_EQ(ParseOutcomeKind("LATE"), std::nullopt);
  EXPECT_EQ(ParseOutcomeKind(""), std::nullopt);
}

TEST(DecayWeight, IsAPowerOfOneHalf) {
  EXPECT_EQ(DecayWeight(0, 365), kOne);
  EXPECT_EQ(DecayWeight(-7, 365), kOne);
  EXPECT_EQ(DecayWeight(365, 365), kOne / 2);
  EXPECT_EQ(DecayWeight(730, 365), kOne / 4);
  EXPECT_EQ(DecayWeight(int64_t{365} * 64, 365), 0);
  EXPECT_EQ(DecayWeight(int64_t{1} << 60, 1), 0);
  for (const int half_life : {1, 7, 30, 182, 365, 10'000}) {
    Micro before = kOne;
    for (int64_t days = 1; days < 8 * half_life && days < 20'000; ++days) {
      const Micro weight = DecayWeight(days, half_life);
      EXPECT_NEAR(static_cast<double>(weight),
                  1e6 * std::exp2(-static_cast<double>(days) / half_life), 20)
          << days;
      EXPECT_LE(weight, before) << days << " of " << half_life;
      before = weight;
    }
  }
}

// The same bits on every machine, so that what is published can be recomputed.
TEST(DecayWeight, ExactValues) {
  EXPECT_EQ(DecayWeight(1, 365), 998'108);
  EXPECT_EQ(DecayWeight(100, 365), 827'039);
  EXPECT_EQ(DecayWeight(1, 30), 977'165);
}

TEST(WilsonInterval, AgreesWithTheFormula) {
  for (const auto& [bad, total] : std::vector<std::pair<double, double>>{
           {6, 41}, {0, 1}, {1, 1}, {0.3, 2.2}, {500, 1000}, {0, 100'000}, {1.5, 3.25}}) {
    const double z = 1.644854, p = bad / total;
    const double centre = (bad + z * z / 2) / (total + z * z);
    const double spread = z * std::sqrt(total * p * (1 - p) + z * z / 4) / (total + z * z);
    const Interval interval = WilsonInterval(std::llround(bad * 1e6), std::llround(total * 1e6));
    EXPECT_NEAR(static_cast<double>(interval.mean), p * 1e6, 2);
    EXPECT_NEAR(static_cast<double>(interval.low), std::max(0.0, centre - spread) * 1e6, 3)
        << bad << "/" << total;
    EXPECT_NEAR(static_cast<double>(interval.high), std::min(1.0, centre + spread) * 1e6, 3)
        << bad << "/" << total;
  }
  // "6 of 41 late: 90 % sure between 8 % and 26 %"
  const Interval interval = WilsonInterval(6 * kOne, 41 * kOne);
  EXPECT_EQ(interval.low / 10'000, 7);
  EXPECT_EQ(interval.high / 10'000, 25);
}

TEST(WilsonInterval, HoldsItsMeanForAMillionOrders) {
  for (Micro bad = 0; bad <= 1'000'000 * kOne; bad += 40'000 * kOne) {
    const Interval interval = WilsonInterval(bad, 1'000'000 * kOne);
    EXPECT_LE(interval.low, interval.mean);
    EXPECT_GE(interval.high, interval.mean);
    EXPECT_LT(interval.high - interval.low, 2000);
  }
}

TEST(EstimateOf, NoEvidenceIsThePriorAndWide) {
  const Estimate estimate = EstimateOf(TestPolicy(), Tally{});
  EXPECT_EQ(estimate.bad.mean, 100'000);
  EXPECT_EQ(estimate.late.mean, 80'000);
  EXPECT_EQ(estimate.never.mean, 20'000);
  EXPECT_EQ(estimate.effective_n, 0);
  EXPECT_GT(estimate.bad.high - estimate.bad.low, 500'000);
}

TEST(EstimateOf, IsTheBetaMean) {
  const Estimate estimate = EstimateOf(TestPolicy(), Orders(6, 2, 1));
  EXPECT_EQ(estimate.late.mean, 2'160'000 / 11);
  EXPECT_EQ(estimate.never.mean, 1'040'000 / 11);
  EXPECT_EQ(estimate.bad.mean, 3'200'000 / 11);
  EXPECT_EQ(estimate.effective_n, 9 * kOne);
}

TEST(EstimateOf, OldEvidenceFades) {
  const Policy policy = TestPolicy();
  Tally fresh, old;
  AddOutcome(policy, kToday, {OutcomeKind::kNeverShipped, 0, kToday}, fresh);
  AddOutcome(policy, kToday, {OutcomeKind::kNeverShipped, 0, kToday - std::chrono::days{3650}},
             old);
  EXPECT_GT(EstimateOf(policy, fresh).bad.mean, 300'000);
  EXPECT_LT(EstimateOf(policy, old).bad.mean, 101'000);
  EXPECT_EQ(old.never_shipped, 1);
}

TEST(EstimateOf, CensoredOrdersAreCountedNotWeighed) {
  const Policy policy = TestPolicy();
  Tally tally = Orders(1, 1, 0);
  const Estimate before = EstimateOf(policy, tally);
  AddOutcome(policy, kToday, {OutcomeKind::kOpen, 0, kToday}, tally);
  AddOutcome(policy, kToday, {OutcomeKind::kBuyerCancelled, 0, kToday}, tally);
  EXPECT_EQ(tally.open, 1);
  EXPECT_EQ(tally.buyer_cancelled, 1);
  EXPECT_EQ(tally.Decided(), 2);
  EXPECT_EQ(EstimateOf(policy, tally).bad.mean, before.bad.mean);
}

TEST(ExpectedLoss, ALateParcelDoesNotMakeUpForOneThatNeverCame) {
  const Policy policy = TestPolicy();
  EXPECT_EQ(ExpectedLoss(policy, Orders(0, 5, 3), 0, false),
            ExpectedLoss(policy, Orders(0, 0, 3), 0, false));
  EXPECT_GT(ExpectedLoss(policy, Orders(9, 5, 0), 0, false),
            ExpectedLoss(policy, Orders(9, 0, 0), 0, false));
}

TEST(ExpectedLoss, RecoverableMoneyIsLessToLose) {
  const Policy policy = TestPolicy();
  EXPECT_LT(ExpectedLoss(policy, Orders(1, 0, 1), 0, true),
            ExpectedLoss(policy, Orders(1, 0, 1), 0, false));
}

// Within one policy and day: one more bad outcome never lowers, one more good one never raises,
// page signals never lower.
TEST(ExpectedLoss, IsMonotone) {
  const Policy policy = TestPolicy();
  std::mt19937 random(7);
  const auto pick = [&](int below) {
    return static_cast<int>(random() % static_cast<unsigned>(below));
  };
  constexpr std::array kKinds = {OutcomeKind::kOnTime, OutcomeKind::kLate,
                                 OutcomeKind::kNeverShipped, OutcomeKind::kFakeShipment,
                                 OutcomeKind::kSellerCancelled};
  for (int round = 0; round < 20'000; ++round) {
    Tally tally;
    const int orders = pick(12);
    const auto draw = [&] {
      return Outcome{kKinds[pick(5)], pick(40), kToday - std::chrono::days{pick(2000)}};
    };
    for (int i = 0; i < orders; ++i) AddOutcome(policy, kToday, draw(), tally);
    const Micro page = pick(3) == 0 ? pick(1'000'001) : 0;
    const bool recoverable = pick(2) == 0;
    const Micro loss = ExpectedLoss(policy, tally, page, recoverable);
    const Interval bad = EstimateOf(policy, tally, page).bad;

    const Outcome more = draw();
    Tally with = tally;
    AddOutcome(policy, kToday, more, with);
    const Micro loss_with = ExpectedLoss(policy, with, page, recoverable);
    const Interval bad_with = EstimateOf(policy, with, page).bad;
    if (IsBad(more.kind)) {
      EXPECT_GE(loss_with, loss);
      EXPECT_GE(bad_with.mean, bad.mean);
      EXPECT_GE(bad_with.high, bad.high - 3);  // both ends are rounded on their own
      EXPECT_GE(bad_with.low, bad.low - 3);
    } else {
      EXPECT_LE(loss_with, loss);
      EXPECT_LE(bad_with.mean, bad.mean);
      EXPECT_LE(bad_with.high, bad.high + 3);
      EXPECT_LE(bad_with.low, bad.low + 3);
    }
    EXPECT_GE(ExpectedLoss(policy, tally, kOne, recoverable), loss);
    EXPECT_GE(EstimateOf(policy, tally, kOne).bad.mean, bad.mean);
    if (HasFailure()) FAIL() << "round " << round;
  }
}

TEST(TallyOf, DoesNotDependOnTheOrderOfOutcomes) {
  const Policy policy = TestPolicy();
  std::vector<Outcome> outcomes;
  for (int i = 0; i < 50; ++i) {
    outcomes.push_back({static_cast<OutcomeKind>(i % 7), i, kToday - std::chrono::days{i * 37}});
  }
  const Tally forward = TallyOf(policy, kToday, outcomes);
  std::ranges::reverse(outcomes);
  const Tally backward = TallyOf(policy, kToday, outcomes);
  EXPECT_EQ(forward.Weight(), backward.Weight());
  EXPECT_EQ(ExpectedLoss(policy, forward, 0, false), ExpectedLoss(policy, backward, 0, false));
}

}  // namespace
}  // namespace kaopu
