// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "registry/trust/collusion.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace kaopu {
namespace {

constexpr int64_t kDay = 86'400;

TEST(Collusion, SteadyReportsAreNoBurst) {
  CollusionFinder finder;
  for (PersonIndex i = 0; i < 2000; ++i) finder.Add(10 + i, 1, true, i * kDay / 4);  // four a day
  // The first days of a target have nothing to be compared with; after them nothing stands out.
  for (const Burst& burst : finder.Bursts()) EXPECT_LT(burst.from_day, 30);
}

TEST(Collusion, ManyAtOnceAreABurstWithItsDaysAndNumbers) {
  CollusionFinder finder;
  for (PersonIndex i = 0; i < 100; ++i) finder.Add(1000 + i, 1, true, i * 2 * kDay);
  for (PersonIndex i = 0; i < 40; ++i) finder.Add(5000 + i, 1, true, 200 * kDay + i * 3600);
  const std::vector<Burst> bursts = finder.Bursts();
  ASSERT_EQ(bursts.size(), 1u);
  EXPECT_EQ(bursts[0].target, 1u);
  EXPECT_TRUE(bursts[0].bad);
  EXPECT_GE(bursts[0].to_day, 200);
  EXPECT_GE(bursts[0].reports, 30);
  EXPECT_GT(bursts[0].usual, 0);
  EXPECT_LT(bursts[0].usual, 2 * kOne);
}

TEST(Collusion, OneWhoRepeatsIsNoBurst) {
  CollusionFinder finder;
  for (int i = 0; i < 100; ++i) finder.Add(7, 1, true, i * 60);
  EXPECT_TRUE(finder.Bursts().empty());
}

TEST(Collusion, ARingIsFoundWithItsMembersAndTargetsAmongOrdinaryPeople) {
  std::mt19937 random(11);
  CollusionFinder finder;
  struct Report {
    PersonIndex reporter, target;
    bool bad;
    int64_t at_s;
  };
  std::vector<Report> reports;
  for (PersonIndex person = 1000; person < 3000; ++person) {  // 6 orders each at 300 sellers
    for (int i = 0; i < 6; ++i)
      reports.push_back({person, static_cast<PersonIndex>(random() % 300), random() % 10 == 0,
                         static_cast<int64_t>(random() % (365 * kDay))});
  }
  for (PersonIndex member = 1; member <= 6; ++member) {  // 5 targets, together, and one alone
    for (PersonIndex target = 900; target < 905; ++target)
      reports.push_back({member, target, true,
                         (target - 900) * 30 * kDay + static_cast<int64_t>(random() % (3 * kDay))});
    reports.push_back({member, static_cast<PersonIndex>(random() % 300), false, 200 * kDay});
  }
  std::ranges::sort(reports, {}, &Report::at_s);
  for (const Report& report : reports)
    finder.Add(report.reporter, report.target, report.bad, report.at_s);
  const std::vector<Ring> rings = finder.Rings();
  ASSERT_EQ(rings.size(), 1u);
  EXPECT_EQ(rings[0].reporters, (std::vector<PersonIndex>{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(rings[0].targets, (std::vector<PersonIndex>{900, 901, 902, 903, 904}));
}

TEST(Collusion, TwoFriendsAreNoRing) {
  CollusionFinder finder;
  for (PersonIndex target = 0; target < 5; ++target) {
    finder.Add(100, target, false, target * 40 * kDay);
    finder.Add(101, target, false, target * 40 * kDay + 60);
  }
  EXPECT_TRUE(finder.Rings().empty());
}

}  // namespace
}  // namespace kaopu
