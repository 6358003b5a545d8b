// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "reputation/fixed.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

namespace kaopu {
namespace {

#include "reputation/fixed_tables.inc"

double Real(Fix x) { return static_cast<double>(x) / static_cast<double>(kFixOne); }

TEST(FixedTables, AreTheFunctionsRounded) {
  for (int i = 0; i <= 256; ++i) {
    EXPECT_EQ(kExp2[i], std::llround(std::exp2(i / 256.0) * 1073741824.0)) << i;
    EXPECT_EQ(kLog2[i], std::llround(std::log2(1 + i / 256.0) * 1073741824.0)) << i;
  }
}

TEST(Fixed, ExpAndLogAgreeWithTheRealOnesAndNeverFall) {
  Fix before = -1;
  for (Fix x = -20 * kFixOne; x < 20 * kFixOne; x += 104'729) {
    const Fix power = FixExp2(x);
    EXPECT_NEAR(Real(power), std::exp2(Real(x)), 3e-6 * std::exp2(Real(x)) + 1.2e-7) << Real(x);
    EXPECT_GE(power, before);
    before = power;
  }
  before = FixLog2(1);
  for (Fix x = 2; x < Fix{1} << 50; x += x / 37 + 1) {
    EXPECT_NEAR(Real(FixLog2(x)), std::log2(Real(x)), 3e-6) << Real(x);
    EXPECT_GE(FixLog2(x), before);
    before = FixLog2(x);
  }
  for (int i = -24; i < 30; ++i) {
    EXPECT_EQ(FixExp2(i * kFixOne), i <= -24 ? 1 : kFixOne << std::max(i, 0) >> std::max(-i, 0));
    EXPECT_EQ(FixLog2(i < 0 ? kFixOne >> -i : kFixOne << i), i * kFixOne);
  }
  EXPECT_EQ(FixLog2(0), FixLog2(1));
}

TEST(Fixed, LogOddsAndBack) {
  for (Fix p = kFixOne / 5000; p < kFixOne; p += kFixOne / 997) {
    const double real = Real(p);
    EXPECT_NEAR(Real(Logit(p)), std::log(real / (1 - real)), 1e-5);
    EXPECT_NEAR(Real(Sigmoid(Logit(p))), real, 1e-5);
    EXPECT_NEAR(Real(LogLoss(p)), -std::log(real), 1e-5);
  }
  EXPECT_GT(Sigmoid(-1000 * kFixOne), 0);
  EXPECT_LT(Sigmoid(1000 * kFixOne), kFixOne);
  EXPECT_EQ(Sigmoid(0), kFixOne / 2);
}

TEST(Fixed, DivisionRoundsDownOnBothSidesOfZero) {
  EXPECT_EQ(FixDiv(-1, 3 * kFixOne), -1);
  EXPECT_EQ(FixDiv(1, 3 * kFixOne), 0);
  EXPECT_EQ(FixDiv(Fix{1} << 45, kFixOne), Fix{1} << 45);
  EXPECT_EQ(FixMul(-1, 1), -1);
  EXPECT_EQ(FixSqrt(4 * kFixOne), 2 * kFixOne);
  EXPECT_NEAR(Real(FixSqrt(2 * kFixOne)), std::sqrt(2.0), 1e-7);
}

TEST(HalvedOver, IsAPowerOfOneHalfAndNeverRises) {
  constexpr int64_t kOne30 = 1 << 30;
  for (const int64_t half_life : {1440, 43'200, 691'200, 4'147'200}) {
    EXPECT_EQ(HalvedOver(0, half_life), kOne30);
    EXPECT_EQ(HalvedOver(half_life, half_life), kOne30 / 2);
    EXPECT_EQ(HalvedOver(3 * half_life, half_life), kOne30 / 8);
    EXPECT_EQ(HalvedOver(100 * half_life, half_life), 0);
    int64_t before = kOne30;
    for (int64_t m = 0; m < 3 * half_life; m += half_life / 701 + 1) {
      const int64_t power = HalvedOver(m, half_life);
      EXPECT_NEAR(static_cast<double>(power),
                  1073741824.0 * std::exp2(-static_cast<double>(m) / half_life), 4000);
      EXPECT_LE(power, before);
      before = power;
    }
  }
}

}  // namespace
}  // namespace kaopu
