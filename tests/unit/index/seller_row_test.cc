// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "index/seller_row.h"

#include <algorithm>
#include <cmath>

#include "unit/index/index_test_support.h"

namespace kaopu::index {
namespace {

Minute Day(int64_t after_base) { return (Minute{kBaseDay} + after_base) * kMinutesADay; }

double Orders(Fix weight) { return static_cast<double>(weight) / static_cast<double>(kFixOne); }

struct Event {
  Minute at;
  bool bad, never;
};
SellerEvidence EvidenceOf(const std::vector<Event>& events) {
  SellerEvidence evidence;
  for (const Event& event : events) {
    evidence.Add(event.at, {.bad = event.bad});
    if (event.never) evidence.AddNever(event.at);
  }
  return evidence;
}

SellerRow TheRow(const SellerEvidence& evidence) {
  const auto row = RowOf(AHeader(), evidence);
  EXPECT_TRUE(row && *row);
  return row && *row ? **row : SellerRow{};
}

TEST(SellerRow, SixBytesComeBack) {
  TestRandom random(1);
  for (int i = 0; i < 1000; ++i) {
    const Payload payload{random.Next() & 0xffff'ffff'ffff};
    EXPECT_EQ(PackRow(UnpackRow(payload)), payload);
  }
}

TEST(SellerRow, WeightsAreOctavesOfTwelveSteps) {
  const WeightTable& weights = StandardWeights();
  EXPECT_EQ(weights[0], 0u);
  EXPECT_EQ(weights[1], 64u);     // a sixteenth
  EXPECT_EQ(weights[49], 1024u);  // one order
  EXPECT_EQ(weights[61], 2048u);
  for (size_t code = 2; code < weights.size(); ++code) {
    EXPECT_NEAR(weights[code], 64 * std::exp2(static_cast<double>(code - 1) / 12),
                0.51 + weights[code] * 1e-5);
  }
  for (size_t code = 0; code < weights.size(); ++code) {
    const auto small = static_cast<uint8_t>(code);
    EXPECT_EQ(CodeOf(weights, WeightOfCode(weights, small)), small);
  }
  EXPECT_EQ(CodeOf(weights, Fix{1} << 60), 255);
}

TEST(SellerRow, OneFreshOrderIsOneOrder) {
  const SellerRow row = TheRow(EvidenceOf({{Day(100), true, true}}));
  EXPECT_EQ(row, (SellerRow{.day = 100, .never = 49, .bad_season = 7, .bad_month = 7}));
  const PooledEvidence pooled = EvidenceAt(AHeader(), row, Day(100));
  EXPECT_EQ(pooled.counts[kLong].bad, kFixOne);
  EXPECT_EQ(pooled.counts[kMonth].bad, kFixOne);
  EXPECT_EQ(pooled.never, kFixOne);
  EXPECT_EQ(pooled.counts[kLong].good, 0);
  EXPECT_EQ(FormatDate(pooled.last_on), "2025-01-12");
}

TEST(SellerRow, FadesAsTheEvidenceItselfDoes) {
  TestRandom random(2);
  for (int round = 0; round < 300; ++round) {
    std::vector<Event> events;
    for (uint64_t n = 1 + random.Below(60); n > 0; --n) {
      const bool bad = random.Below(4) == 0;
      events.push_back(
          {Day(static_cast<int64_t>(random.Below(900))), bad, bad && random.Below(2) == 0});
    }
    std::ranges::sort(events, {}, &Event::at);
    const SellerEvidence evidence = EvidenceOf(events);
    const SellerRow row = TheRow(evidence);
    for (const int64_t later : {0, 1, 30, 400, 2000}) {
      const Minute now = evidence.newest() + later * kMinutesADay;
      const PooledEvidence pooled = EvidenceAt(AHeader(), row, now);
      const Counts exact = evidence.At(now, kLong);
      // Late and never are rounded one by one: 3 % each.
      EXPECT_NEAR(Orders(pooled.counts[kLong].good), Orders(exact.good),
                  .032 * Orders(exact.good) + .04);
      EXPECT_NEAR(Orders(pooled.counts[kLong].bad), Orders(exact.bad),
                  .032 * Orders(exact.bad) + .08);
      EXPECT_NEAR(Orders(pooled.never), Orders(evidence.NeverAt(now)),
                  .032 * Orders(evidence.NeverAt(now)) + .04);
      const Counts season = evidence.At(now, kSeason);
      EXPECT_NEAR(Orders(pooled.counts[kSeason].good), Orders(season.good),
                  .032 * Orders(season.good) + .08 * Orders(exact.good) + .04);
      EXPECT_LE(pooled.counts[kMonth].good, pooled.counts[kSeason].good);
      EXPECT_LE(pooled.counts[kSeason].bad, pooled.counts[kLong].bad);
      EXPECT_LE(pooled.never, pooled.counts[kLong].bad);
    }
  }
}

TEST(SellerRow, OneMoreOutcomeOfTheDayMovesItsOwnKindAlone) {
  TestRandom random(3);
  for (int round = 0; round < 500; ++round) {
    std::vector<Event> events;
    for (uint64_t n = 1 + random.Below(40); n > 0; --n) {
      const bool bad = random.Below(3) == 0;
      events.push_back(
          {Day(static_cast<int64_t>(random.Below(200))), bad, bad && random.Below(2) == 0});
    }
    std::ranges::sort(events, {}, &Event::at);
    SellerEvidence evidence = EvidenceOf(events);
    const SellerRow before = TheRow(evidence);
    const bool bad = random.Below(2) == 0;
    evidence.Add(evidence.newest(), {.bad = bad});
    const SellerRow after = TheRow(evidence);
    const PooledEvidence was = EvidenceAt(AHeader(), before, Day(300));
    const PooledEvidence is = EvidenceAt(AHeader(), after, Day(300));
    for (size_t h = 0; h < kHalfLives; ++h) {
      if (bad) {
        EXPECT_EQ(is.counts[h].good, was.counts[h].good);
        EXPECT_GE(is.counts[h].bad, was.counts[h].bad);
      } else {
        EXPECT_EQ(is.counts[h].bad, was.counts[h].bad);
        EXPECT_GE(is.counts[h].good, was.counts[h].good);
      }
    }
    EXPECT_EQ(after.never, before.never);
  }
}

TEST(SellerRow, BeforeTheBaseDayItHasAgedUntilThen) {
  const SellerRow row = TheRow(EvidenceOf({{Day(-480), false, false}, {Day(-480), true, false}}));
  EXPECT_EQ(row.day, 0);
  EXPECT_EQ(row.good, 37);  // a half
  EXPECT_EQ(row.late, 37);
}

TEST(SellerRow, TooLittleIsNotSaidAndTooLateIsAnError) {
  SellerEvidence light;
  light.Add(Day(1), {.bad = true, .weight = kFixOne / 64});
  const auto nothing = RowOf(AHeader(), light);
  ASSERT_TRUE(nothing);
  EXPECT_FALSE(nothing->has_value());
  const auto late = RowOf(AHeader(), EvidenceOf({{Day(kDayMax + 1), true, false}}));
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, ErrorCode::kLimit);
  EXPECT_TRUE(RowOf(AHeader(), EvidenceOf({{Day(kDayMax), true, false}})));
}

TEST(SellerRow, AnyRowGivesAValue) {
  TestRandom random(4);
  for (int i = 0; i < 20'000; ++i) {
    const SellerRow row = UnpackRow({random.Next()});
    const PooledEvidence pooled =
        EvidenceAt(AHeader(), row, static_cast<Minute>(random.Below(kMinuteMax)));
    EXPECT_GE(pooled.never, 0);
    EXPECT_LE(pooled.counts[kLong].Total(), Fix{1} << 44);
  }
}

}  // namespace
}  // namespace kaopu::index
