// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "reputation/reporting_bias.h"

#include <gtest/gtest.h>

#include <random>

namespace kaopu {
namespace {

Stratum Orders(int64_t bad, int64_t good) { return {bad * kFixOne, good * kFixOne}; }
double ShareOf(const Stratum& stratum) {
  return static_cast<double>(stratum.bad) / static_cast<double>(stratum.Total());
}

TEST(ReportingBias, IsTheRatioOfOdds) {
  // 10 % bad among the enrolled; afterwards five bad ones for each good one that would be due.
  const auto bias = ReportingBiasOf(Orders(1000, 9000), Orders(5000, 9000));
  ASSERT_TRUE(bias);
  EXPECT_NEAR(static_cast<double>(*bias) / kFixOne, 5.0, 0.01);
}

TEST(ReportingBias, OfFewOrdersIsUnknown) {
  EXPECT_FALSE(ReportingBiasOf(Orders(9, 100), Orders(50, 50)));
  EXPECT_FALSE(ReportingBiasOf(Orders(50, 50), Orders(50, 9)));
  EXPECT_FALSE(ReportingBiasOf({}, {}));
  EXPECT_TRUE(ReportingBiasOf(Orders(10, 10), Orders(10, 10)));
}

TEST(JoinReports, ToldAfterwardsAloneIsACountAndNoRate) {
  const JoinedReports joined =
      JoinReports({.enrolled_open = kFixOne, .afterwards = Orders(40, 3)}, FixOf(5));
  EXPECT_EQ(joined.evidence.Total(), 0);
  EXPECT_EQ(joined.complaints, FixOf(40));
}

TEST(JoinReports, UnknownBias_LeavesTheEnrolledAlone) {
  const JoinedReports joined =
      JoinReports({.enrolled = Orders(2, 18), .afterwards = Orders(40, 3)}, std::nullopt);
  EXPECT_EQ(joined.evidence.bad, FixOf(2));
  EXPECT_EQ(joined.evidence.good, FixOf(18));
}

TEST(JoinReports, WeighsAtMostAsMuchAsTheEnrolled) {
  const JoinedReports joined =
      JoinReports({.enrolled = Orders(1, 9), .afterwards = Orders(5000, 9000)}, FixOf(5));
  EXPECT_EQ(joined.evidence.Total(), FixOf(20));
  EXPECT_NEAR(ShareOf(joined.evidence), 0.1, 1e-6);
}

TEST(JoinReports, OneMoreBadNeverLowersTheShareOfBad) {
  std::mt19937 random(7);
  const auto upto = [&](int most) { return static_cast<int64_t>(random() % (most + 1)); };
  for (int round = 0; round < 20000; ++round) {
    ReportedOrders seller{.enrolled = Orders(upto(6), upto(30)),
                          .afterwards = Orders(upto(60), upto(30))};
    const Fix bias = kFixOne / 4 + static_cast<Fix>(random() % (40 * kFixOne));
    const Stratum before = JoinReports(seller, bias).evidence;
    if (before.Total() == 0) continue;
    const auto at_least = [&](const Stratum& more, const Stratum& less) {
      // more.bad / more.total >= less.bad / less.total, up to the last bits of the two products.
      __extension__ using Wide = __int128;
      const Wide slack = Wide{4} * (more.Total() + less.Total());
      return Wide{more.bad} * less.Total() + slack >= Wide{less.bad} * more.Total();
    };
    for (Stratum ReportedOrders::*stratum :
         {&ReportedOrders::enrolled, &ReportedOrders::afterwards}) {
      ReportedOrders worse = seller;
      (worse.*stratum).bad += kFixOne;
      EXPECT_TRUE(at_least(JoinReports(worse, bias).evidence, before)) << round;
      ReportedOrders better = seller;
      (better.*stratum).good += kFixOne;
      EXPECT_TRUE(at_least(before, JoinReports(better, bias).evidence)) << round;
    }
  }
}

}  // namespace
}  // namespace kaopu
