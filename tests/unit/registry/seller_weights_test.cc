// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "registry/publish/seller_weights.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "base/files.h"
#include "registry/trust/trust_policy.h"
#include "reputation/evidence.h"
#include "reputation/risk.h"

namespace kaopu {
namespace {

using report::WeightClass;

constexpr int kToday = 20'700;

PoolRules Rules() {
  static const PoolRules rules =
      LoadTrustPolicy(std::string(KAOPU_SOURCE_DIR) + "/host/data")->pool;
  return rules;
}

ReleasedReport One(int day, OutcomeKind kind, bool enrolled, WeightClass weight_class) {
  static uint64_t entry = 0;
  return {.entry = ++entry,
          .seller = "taobao:1",
          .outcome = {.kind = kind, .known_on = Date{std::chrono::days{day}}},
          .enrolled = enrolled,
          .weight_class = weight_class};
}

WeighedSeller Weigh(const std::vector<ReleasedReport>& reports, bool proof_kinds,
                    std::optional<Fix> bias) {
  std::vector<const ReleasedReport*> pointers;
  for (const ReleasedReport& one : reports) pointers.push_back(&one);
  return WeighSeller(pointers, Rules(), proof_kinds, bias);
}

double Sum(const WeighedSeller& seller, bool bad) {
  Fix sum = 0;
  for (const WeighedReport& one : seller.reports) {
    if (IsBad(one.report->outcome.kind) == bad) sum += one.weight;
  }
  return static_cast<double>(sum) / kFixOne;
}

SellerEvidence EvidenceOf(const WeighedSeller& seller) {
  SellerEvidence evidence;
  for (const WeighedReport& one : seller.reports) {
    const Minute at = one.report->outcome.known_on.time_since_epoch().count() * kMinutesADay;
    evidence.Add(at, {.bad = IsBad(one.report->outcome.kind), .weight = one.weight});
    if (IsNever(one.report->outcome.kind)) evidence.AddNever(at, one.never_weight);
  }
  return evidence;
}

TEST(SellerWeights, AFloodOfUnprovenWordsWeighsWhatAFewDo) {
  std::vector<ReleasedReport> few, many;
  for (int i = 0; i < 3; ++i)
    few.push_back(One(kToday - i, OutcomeKind::kNeverShipped, true, WeightClass::kPool));
  for (int i = 0; i < 3000; ++i) {
    many.push_back(One(kToday - i % 300, OutcomeKind::kNeverShipped, true, WeightClass::kPool));
  }
  EXPECT_DOUBLE_EQ(Sum(Weigh(few, true, {}), true), 0.25);
  EXPECT_DOUBLE_EQ(Sum(Weigh(many, true, {}), true), 0.25);
  // The rounding of the counters must not eat it.
  EXPECT_GT(EvidenceOf(Weigh(many, true, {})).At(kToday * kMinutesADay, kLong).bad, kFixOne / 5);
}

TEST(SellerWeights, WhatIsProvenCountsFully) {
  std::vector<ReleasedReport> reports;
  for (int i = 0; i < 7; ++i)
    reports.push_back(One(kToday, OutcomeKind::kLate, true, WeightClass::kTrusted));
  EXPECT_DOUBLE_EQ(Sum(Weigh(reports, true, {}), true), 7);
}

TEST(SellerWeights, NewcomersShareAWiderPool) {
  std::vector<ReleasedReport> reports;
  for (int i = 0; i < 50; ++i)
    reports.push_back(One(kToday, OutcomeKind::kLate, true, WeightClass::kNewcomer));
  EXPECT_DOUBLE_EQ(Sum(Weigh(reports, true, {}), true), 1);
  for (int i = 0; i < 4; ++i)
    reports.push_back(One(kToday, OutcomeKind::kLate, true, WeightClass::kTrusted));
  EXPECT_DOUBLE_EQ(Sum(Weigh(reports, true, {}), true), 4 + 1 + 2);
}

TEST(SellerWeights, ToldAfterwardsWithoutEnrolledOrdersIsNoRate) {
  std::vector<ReleasedReport> reports;
  for (int i = 0; i < 20; ++i)
    reports.push_back(One(kToday, OutcomeKind::kNeverShipped, false, WeightClass::kTrusted));
  const WeighedSeller seller = Weigh(reports, true, FixOf(5));
  EXPECT_EQ(Sum(seller, true), 0);
  EXPECT_EQ(seller.orders.afterwards.bad, FixOf(20));
}

TEST(SellerWeights, ToldAfterwardsIsWeighedByTheBiasAndByTheEnrolled) {
  std::vector<ReleasedReport> reports;
  for (int i = 0; i < 10; ++i)
    reports.push_back(One(kToday, OutcomeKind::kOnTime, true, WeightClass::kTrusted));
  for (int i = 0; i < 20; ++i)
    reports.push_back(One(kToday, OutcomeKind::kLate, false, WeightClass::kTrusted));
  EXPECT_NEAR(Sum(Weigh(reports, true, FixOf(5)), true), 4, 1e-4);
  EXPECT_NEAR(Sum(Weigh(reports, true, FixOf(1)), true), 10, 1e-4);
  EXPECT_EQ(Sum(Weigh(reports, true, {}), true), 0);  // the bias is not known
}

TEST(SellerWeights, UnprovenComplaintsTakeNothingFromEnrolledOnes) {
  std::vector<ReleasedReport> reports = {
      One(kToday - 5, OutcomeKind::kNeverShipped, true, WeightClass::kPool)};
  const double before = Sum(Weigh(reports, true, {}), true);
  for (int i = 0; i < 100; ++i)
    reports.push_back(One(kToday, OutcomeKind::kLate, false, WeightClass::kPool));
  EXPECT_EQ(Sum(Weigh(reports, true, {}), true), before);
}

// P(bad), P(never) and each counter, over random sellers: one more bad report, known on the last
// day or later, never lowers P(bad); one more unproven late one takes nothing from never shipped.
TEST(SellerWeights, OneMoreBadReportNeverHelpsTheSeller) {
  std::mt19937_64 random(7);
  const auto pick = [&](int n) { return static_cast<int>(random() % static_cast<uint64_t>(n)); };
  constexpr OutcomeKind kKinds[] = {OutcomeKind::kOnTime, OutcomeKind::kOnTime, OutcomeKind::kLate,
                                    OutcomeKind::kNeverShipped, OutcomeKind::kOpen};
  constexpr WeightClass kClasses[] = {WeightClass::kTrusted, WeightClass::kNewcomer,
                                      WeightClass::kPool};
  Epoch epoch;
  epoch.mixture.fill(kFixOne / kCandidates);
  epoch.prior_bad.fill(FixOf(1, 10));
  epoch.prior_never.fill(FixOf(1, 50));
  for (int round = 0; round < 3000; ++round) {
    std::vector<ReleasedReport> reports;
    const int count = pick(40), reach = 1 + pick(900);
    int last = kToday - reach;
    for (int i = 0; i < count; ++i) {
      reports.push_back(
          One(kToday - pick(reach), kKinds[pick(5)], pick(2) == 0, kClasses[pick(3)]));
      if (pick(4) == 0) reports.back().weight = kOne / 2;
      reports.back().aged = pick(3) == 0;
      if (!IsCensored(reports.back().outcome.kind)) {
        last = std::max(
            last, static_cast<int>(reports.back().outcome.known_on.time_since_epoch().count()));
      }
    }
    const bool proof_kinds = pick(2) == 0;
    const auto bias =
        pick(3) == 0 ? std::nullopt : std::optional<Fix>(FixOf(1, 2) * (1 + pick(40)));
    const Minute now = (kToday + pick(60)) * kMinutesADay;
    const WeighedSeller before = Weigh(reports, proof_kinds, bias);
    const Risk was = RiskOf(epoch, EvidenceOf(before), now);
    std::vector<ReleasedReport> more = reports;
    more.push_back(One(last + pick(kToday - last + 1),
                       pick(2) == 0 ? OutcomeKind::kLate : OutcomeKind::kNeverShipped, pick(2) == 0,
                       kClasses[pick(3)]));
    more.back().aged = pick(2) == 0;
    const WeighedSeller after = Weigh(more, proof_kinds, bias);
    const Risk is = RiskOf(epoch, EvidenceOf(after), now);
    // A few thousandths: counters have ten bits, the two sides round apart.
    EXPECT_GE(is.bad, was.bad - FixOf(4, 1000)) << "round " << round;
    if (HasFailure()) return;
  }
}

TEST(SellerWeights, TheOrderOfInputDoesNotMatter) {
  std::mt19937_64 random(3);
  std::vector<ReleasedReport> reports;
  for (int i = 0; i < 60; ++i) {
    reports.push_back(One(kToday - static_cast<int>(random() % 200),
                          random() % 2 == 0 ? OutcomeKind::kLate : OutcomeKind::kOnTime,
                          random() % 2 == 0, static_cast<WeightClass>(random() % 3)));
  }
  const WeighedSeller one = Weigh(reports, true, FixOf(3));
  std::vector<ReleasedReport> shuffled = reports;
  std::ranges::shuffle(shuffled, random);
  const WeighedSeller two = Weigh(shuffled, true, FixOf(3));
  ASSERT_EQ(one.reports.size(), two.reports.size());
  for (size_t i = 0; i < one.reports.size(); ++i) {
    EXPECT_EQ(one.reports[i].report->entry, two.reports[i].report->entry);
    EXPECT_EQ(one.reports[i].weight, two.reports[i].weight);
  }
}

}  // namespace
}  // namespace kaopu
