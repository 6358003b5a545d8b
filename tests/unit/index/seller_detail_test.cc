// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "index/seller_detail.h"

#include "unit/index/index_test_support.h"

namespace kaopu::index {
namespace {

Date Day(int after_base) {
  return Date{std::chrono::days{static_cast<int>(kBaseDay) + after_base}};
}

SellerDetail TheDetail(const std::vector<Outcome>& outcomes) {
  const auto detail = DetailOf(AHeader(Kind::kDetails), 0xdeadbeef, outcomes);
  EXPECT_TRUE(detail && *detail);
  return detail && *detail ? **detail : SellerDetail{};
}

TEST(SellerDetail, CountsBinsAndMonths) {
  // The base day is 2024-10-04; day 100 is 2025-01-12.
  const std::vector<Outcome> outcomes = {
      {.kind = OutcomeKind::kOnTime, .known_on = Day(-400), .ship_days = 9},  // counts as day 0
      {.kind = OutcomeKind::kOnTime, .known_on = Day(20), .ship_days = 1},
      {.kind = OutcomeKind::kLate, .days_late = 2, .known_on = Day(60), .ship_days = 4},
      {.kind = OutcomeKind::kLate, .days_late = 20, .known_on = Day(95), .ship_days = 25},
      {.kind = OutcomeKind::kLate, .known_on = Day(95)},
      {.kind = OutcomeKind::kOpen, .known_on = Day(99)},
      {.kind = OutcomeKind::kNeverShipped, .known_on = Day(100)},
  };
  const SellerDetail detail = TheDetail(outcomes);
  EXPECT_EQ(detail.check, 0xdeadbeef);
  EXPECT_EQ(detail.day, 100);
  EXPECT_EQ(detail.windows[0], (SellerDetail::Window{3, 3}));
  EXPECT_EQ(detail.windows[1], (SellerDetail::Window{5, 4}));
  EXPECT_EQ(detail.windows[2], (SellerDetail::Window{6, 4}));
  EXPECT_EQ(detail.never, 1u);
  EXPECT_EQ(detail.late, (std::array<uint8_t, 4>{3, 3, 0, 3}));  // a sixth each, in fifteenths
  EXPECT_EQ(detail.ship_hours_median, 96u);
  EXPECT_EQ(detail.ship_hours_p90, 646u);  // 25 days: the first step not below 600 hours
  const SellerDetail::Month january{7, 7}, october{5, 0}, december{2, 7};
  EXPECT_EQ(detail.months[11], january);
  EXPECT_EQ(detail.months[10], december);
  EXPECT_EQ(detail.months[9], SellerDetail::Month{});
  EXPECT_EQ(detail.months[8], october);
}

TEST(SellerDetail, FiveDecidedOutcomesOrNone) {
  std::vector<Outcome> outcomes(4, {.kind = OutcomeKind::kOnTime, .known_on = Day(1)});
  outcomes.resize(9, {.kind = OutcomeKind::kBuyerCancelled, .known_on = Day(1)});
  const auto none = DetailOf(AHeader(Kind::kDetails), 0, outcomes);
  ASSERT_TRUE(none);
  EXPECT_FALSE(none->has_value());
  outcomes.push_back({.kind = OutcomeKind::kOnTime, .known_on = Day(1)});
  EXPECT_EQ(TheDetail(outcomes).windows[0].all, 5u);
}

TEST(SellerDetail, LargeCountsAreRoundedDownALittle) {
  TestRandom random(1);
  for (int round = 0; round < 30; ++round) {
    const size_t good = 5 + random.Below(3000), bad = random.Below(800);
    std::vector<Outcome> outcomes(good, {.kind = OutcomeKind::kOnTime, .known_on = Day(1)});
    outcomes.resize(good + bad, {.kind = OutcomeKind::kNeverShipped, .known_on = Day(1)});
    const SellerDetail detail = TheDetail(outcomes);
    const auto& year = detail.windows[2];
    EXPECT_LE(year.all, good + bad);
    EXPECT_GE(year.all * 17, (good + bad) * 16);
    EXPECT_LE(year.bad, bad);
    EXPECT_GE(year.bad * 17, bad * 16);
    EXPECT_EQ(year.bad, detail.never);
    EXPECT_LE(detail.windows[0].bad, detail.windows[0].all);
  }
}

TEST(SellerDetail, TwentyFiveBytesComeBack) {
  TestRandom random(2);
  const Layout layout = LayoutFor(Kind::kDetails, 1, 0, 0);
  EXPECT_EQ(layout.PayloadBits(), 200u);
  for (int i = 0; i < 1000; ++i) {
    const SellerDetail detail = UnpackDetail(APayload(layout, random));
    EXPECT_EQ(UnpackDetail(PackDetail(detail)), detail);
  }
}

}  // namespace
}  // namespace kaopu::index
