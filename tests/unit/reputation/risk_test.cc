// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "reputation/risk.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "reputation/stream.h"

namespace kaopu {
namespace {

constexpr Minute kDay = kMinutesADay;
constexpr Minute kNow = 20'000 * kDay;

struct Event {
  Minute at;
  Observation outcome;
  bool never;
};

Epoch SomeEpoch(std::mt19937& random) {
  Epoch epoch;
  Fix left = kFixOne;
  for (size_t c = 0; c + 1 < kCandidates; ++c) {
    epoch.mixture[c] = random() % 3 == 0 ? left * (random() % 100) / 200 : 0;
    left -= epoch.mixture[c];
  }
  epoch.mixture.back() = left;
  for (Fix& q : epoch.prior_bad) q = kFixOne / 100 + random() % (kFixOne / 4);
  Fix never = kFixOne / 10;
  for (Fix& q : epoch.prior_never) q = never = never * (random() % 100) / 100;
  return epoch;
}

Event SomeEvent(std::mt19937& random) {
  const bool bad = random() % 4 == 0;
  return {kNow - static_cast<Minute>(random() % (900 * kDay)),
          {.bad = bad,
           .weight = random() % 3 == 0 ? static_cast<Fix>(random() % kFixOne) : kFixOne,
           .good_weight = kFixOne / 10 + static_cast<Fix>(random() % (2 * kFixOne))},
          bad && random() % 3 == 0};
}

SellerEvidence EvidenceOf(const std::vector<Event>& events) {
  SellerEvidence seller;
  for (const Event& event : events) {
    seller.Add(event.at, event.outcome);
    if (event.never) seller.AddNever(event.at, event.outcome.weight);
  }
  return seller;
}

// Within an epoch: one more bad outcome never improves, one more good one never worsens; wherever
// in the history it stands, whatever it weighs, to the last bit.
TEST(Risk, IsMonotoneInOneMoreOutcome) {
  std::mt19937 random(7);
  for (int trial = 0; trial < 20'000; ++trial) {
    const Epoch epoch = SomeEpoch(random);
    std::vector<Event> events(random() % 12);
    for (Event& event : events) event = SomeEvent(random);
    std::ranges::sort(events, {}, &Event::at);
    const Fix context = static_cast<Fix>(random() % kFixOne) - kFixOne / 2;
    const Risk before = RiskOf(epoch, EvidenceOf(events), kNow, context);
    Event more = SomeEvent(random);
    more.never = false;
    events.insert(std::ranges::lower_bound(events, more.at, {}, &Event::at), more);
    const Risk after = RiskOf(epoch, EvidenceOf(events), kNow, context);
    if (more.outcome.bad) {
      ASSERT_GE(after.bad, before.bad) << trial;
    } else {
      ASSERT_LE(after.bad, before.bad) << trial;
      ASSERT_LE(after.never, before.never) << trial;
    }
    ASSERT_LE(after.never, after.bad);
  }
}

TEST(SellerEvidence, IsACacheLineAndForgetsByHalf) {
  static_assert(sizeof(SellerEvidence) <= 64);
  SellerEvidence seller;
  for (int i = 0; i < 1000; ++i) seller.Add(kNow, {.bad = i % 10 == 0});
  for (size_t h = 0; h < kHalfLives; ++h) {
    for (int halvings = 0; halvings < 6; ++halvings) {
      const Counts counts = seller.At(kNow + halvings * kHalfLife[h], h);
      EXPECT_NEAR(static_cast<double>(counts.bad) / kFixOne, 100.0 / (1 << halvings), 0.2);
      EXPECT_NEAR(static_cast<double>(counts.good) / kFixOne, 900.0 / (1 << halvings), 1.5);
    }
  }
}

TEST(SellerEvidence, OrderOfArrivalMattersByRoundingAlone) {
  std::mt19937 random(11);
  std::vector<Event> events(60);
  for (Event& event : events) event = SomeEvent(random);
  const SellerEvidence one = EvidenceOf(events);
  std::shuffle(events.begin(), events.end(), random);
  const SellerEvidence other = EvidenceOf(events);
  for (size_t h = 0; h < kHalfLives; ++h) {
    EXPECT_NEAR(static_cast<double>(one.At(kNow, h).good - other.At(kNow, h).good) / kFixOne, 0,
                0.1);
    EXPECT_NEAR(static_cast<double>(one.At(kNow, h).bad - other.At(kNow, h).bad) / kFixOne, 0, 0.1);
  }
}

TEST(SellerEvidence, StopsAtItsLargestWeightInsteadOfTurningOver) {
  SellerEvidence seller;
  for (int i = 0; i < 5'000'000; ++i) seller.Add(kNow, {.bad = false});
  EXPECT_GT(seller.At(kNow, kLong).good, 2'000'000 * kFixOne);
}

TEST(GoodWeight, NarrowIsLessButNeverBad) {
  const Fix at_once = *RawGoodWeight(0, 2880), narrow = *RawGoodWeight(2880, 2880);
  EXPECT_GT(at_once, narrow);
  EXPECT_GT(narrow, 0);
  EXPECT_EQ(RawGoodWeight(-500, 2880), at_once);
  EXPECT_EQ(RawGoodWeight(100, std::nullopt), std::nullopt);
  EXPECT_EQ(GoodWeight(std::nullopt, at_once), kFixOne);
}

TEST(ShipTime, QuantilesOfWhatWasSeen) {
  Epoch epoch;
  SellerEvidence seller;
  for (int i = 0; i < 900; ++i) seller.AddShipTime(kNow, 20 * 60);   // 12 to 24 h
  for (int i = 0; i < 100; ++i) seller.AddShipTime(kNow, 100 * 60);  // 96 to 192 h
  const ShipTime time = ShipTimeOf(epoch, seller, kNow);
  EXPECT_GE(time.median[0], 12 * 60);
  EXPECT_LE(time.median[0], 24 * 60);
  EXPECT_LE(time.median[1], time.median[0]);
  EXPECT_GE(time.median[2], time.median[0]);
  EXPECT_GT(time.p90[2], 90 * 60);
  EXPECT_EQ(ShipTimeOf(epoch, SellerEvidence(), kNow).weight, 0);
}

TEST(Trend, TellsWorseFromBetterAndNothingFromNothing) {
  Epoch epoch;
  epoch.prior_bad.fill(kFixOne / 10);
  SellerEvidence worse, better;
  for (int day = 400; day > 0; --day) {
    worse.Add(kNow - day * kDay, {.bad = day < 25 ? day % 2 == 0 : day % 20 == 0});
    better.Add(kNow - day * kDay, {.bad = day < 60 ? false : day % 3 == 0});
  }
  EXPECT_GT(TrendOf(epoch, worse, kNow).change, 0);
  EXPECT_TRUE(TrendOf(epoch, worse, kNow).sure);
  EXPECT_LT(TrendOf(epoch, better, kNow).change, 0);
  EXPECT_FALSE(TrendOf(epoch, SellerEvidence(), kNow).sure);
}

// A stream in which being new is the sign of never shipping.
TEST(Learner, ThinlyKnownIsATermOfItsOwn) {
  std::mt19937 random(3);
  Stream stream;
  int id = 0;
  for (int day = 0; day < 600; ++day) {
    const Minute at = kNow + day * kDay;
    for (int i = 0; i < 5; ++i) {
      const bool fresh = i == 0;
      const std::string order = std::to_string(++id);
      const std::string seller = fresh ? "new" + order : "old" + std::to_string(random() % 20);
      stream.Order(at, order, seller, {}, false);
      const bool bad = fresh && random() % 3 == 0;
      stream.Outcome(at + 60, order, seller, bad, bad ? std::nullopt : std::optional<int64_t>(600),
                     2880);
    }
  }
  const Epoch epoch = stream.learner().EpochAt(kNow + 600 * kDay);
  EXPECT_GT(epoch.prior_never[0], 5 * epoch.prior_never[3]);
  const Risk fresh = stream.Order(kNow + 600 * kDay, "x", "nobody", {}, true);
  const Risk old = stream.Order(kNow + 600 * kDay, "y", "old3", {}, true);
  EXPECT_GT(fresh.never, 4 * old.never);
  EXPECT_EQ(fresh.weight, 0);
}

// Fast frauds and slow logistics: the half-life is chosen from the stream.
TEST(Learner, ChoosesTheHalfLifeThatTheStreamHas) {
  const auto share = [](int days_a_phase) {
    std::mt19937 random(5);
    Stream stream;
    int id = 0;
    for (int day = 0; day < 900; ++day) {
      for (int s = 0; s < 20; ++s) {
        const std::string order = std::to_string(++id), seller = std::to_string(s);
        const unsigned rate = (day / days_a_phase * 7 + s) % 4 == 0 ? 70 : 5;
        stream.Order(kNow + day * kDay, order, seller, {}, false);
        stream.Outcome(kNow + day * kDay, order, seller, random() % 100 < rate, std::nullopt,
                       std::nullopt);
      }
    }
    Fix sum = 0;
    const auto mixture = stream.learner().Mixture();
    for (size_t i = 0; i < kPriorHalfLives * kStrengths; ++i)
      sum += mixture[CandidateOf(kMonth, 0, 0) + i];
    return sum;
  };
  EXPECT_GT(share(60), FixOf(9, 10));
  EXPECT_LT(share(100'000), FixOf(1, 10));
}

}  // namespace
}  // namespace kaopu
