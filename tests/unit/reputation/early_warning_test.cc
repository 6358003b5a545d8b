// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "reputation/early_warning.h"

#include <gtest/gtest.h>

#include <random>

namespace kaopu {
namespace {

TEST(EarlyWarning, ARunOfBadOrdersIsNoticedAndPasses) {
  const Usual usual(50'000, 200);
  EarlyWarning warning;
  for (int i = 0; i < 500; ++i) EXPECT_FALSE(warning.Add(usual, i % 20 == 0)) << i;
  int needed = 1;
  while (!warning.Add(usual, true)) ASSERT_LT(++needed, 12);
  EXPECT_TRUE(warning.Raised());
  EXPECT_FALSE(warning.Add(usual, true)) << "raised once, not again";
  for (int i = 0; i < 200; ++i) warning.Add(usual, false);
  EXPECT_FALSE(warning.Raised()) << "back to the usual";
}

TEST(EarlyWarning, TheUsualRateAndTheVolumeMakeItHarder) {
  const auto needed = [](int64_t rate, int64_t volume) {
    const Usual usual(rate, volume);
    EarlyWarning warning;
    int count = 1;
    while (!warning.Add(usual, true) && count < 1000) ++count;
    return count;
  };
  EXPECT_LT(needed(10'000, 20), needed(100'000, 20));
  EXPECT_LT(needed(100'000, 20), needed(100'000, 2000));
  EXPECT_LE(needed(100'000, 2000), needed(100'000, 1'000'000));
  EXPECT_LT(needed(200'000, INT64_MAX), 1000);
  EXPECT_EQ(needed(60'000, 20), needed(100'000, 20)) << "between two steps: the upper one";
}

TEST(EarlyWarning, ASellerAsBadAsThatIsNotWatched) {
  const Usual usual(250'000, 200);
  EXPECT_FALSE(usual.Watched());
  EarlyWarning warning;
  for (int i = 0; i < 1000; ++i) EXPECT_FALSE(warning.Add(usual, true));
  EXPECT_FALSE(warning.Raised());
  EXPECT_EQ(warning, EarlyWarning());
}

TEST(EarlyWarning, SteadySellersAreRarelyAccused) {
  std::mt19937 random(9);
  const Usual usual(100'000, 200);
  EarlyWarning warning;
  int alarms = 0;
  for (int i = 0; i < 200 * 20'000; ++i) alarms += warning.Add(usual, random() % 10 == 0);
  EXPECT_LE(alarms, 40) << "20,000 years at 1 in 1,000: 20, and 40 is past five sigma";
}

}  // namespace
}  // namespace kaopu
