// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "registry/trust/report_pool.h"

#include <gtest/gtest.h>

#include "base/files.h"
#include "registry/trust/report_judge.h"
#include "registry/trust/trust_policy.h"

namespace kaopu {
namespace {

constexpr int64_t kDay = 86'400;
constexpr PersonIndex kSeller = 7;

TrustPolicy Shipped() {
  const auto policy = LoadTrustPolicy(std::filesystem::path(KAOPU_SOURCE_DIR) / "host/data");
  EXPECT_TRUE(policy) << policy.error().message;
  return policy.value_or(TrustPolicy{});
}

// A registry's two steps as one: how a report counts is decided, then it counts.
class Registry {
 public:
  explicit Registry(const PoolRules& rules) : judge_(rules), pool_(rules) {}

  Judgement Add(PersonIndex reporter, PersonIndex seller, bool bad, bool proven, int64_t at_s) {
    const Judgement judgement = judge_.Judge(reporter, seller, bad, proven, at_s);
    pool_.Add(seller, bad, judgement, at_s);
    return judgement;
  }
  PoolCounts At(PersonIndex seller, int64_t at_s, bool proof_kinds = true) const {
    return pool_.At(seller, at_s, proof_kinds);
  }
  void Inherit(PersonIndex seller, PersonIndex from) { pool_.Inherit(seller, from); }

 private:
  ReportJudge judge_;
  ReportPool pool_;
};

// Twelve proven good orders and one bad, by people known for long.
Registry GoodSeller(const PoolRules& rules) {
  Registry registry(rules);
  for (PersonIndex i = 0; i < 13; ++i) registry.Add(100 + i, 900, false, true, i * kDay);
  for (PersonIndex i = 0; i < 13; ++i)
    registry.Add(100 + i, kSeller, i == 0, true, (90 + i) * kDay);
  return registry;
}

TEST(ReportPool, DamageDoesNotGrowWithTheNumberOfFakes) {
  const PoolRules rules = Shipped().pool;
  const auto after = [&](PersonIndex fakes) {
    Registry registry = GoodSeller(rules);
    for (PersonIndex i = 0; i < fakes; ++i)
      registry.Add(10'000 + i, kSeller, true, false, 104 * kDay);
    return registry.At(kSeller, 105 * kDay);
  };
  const PoolCounts clean = after(0), few = after(10), many = after(10'000);
  EXPECT_EQ(few.bad, many.bad);
  EXPECT_LE(many.bad - clean.bad, rules.cap_constant + clean.trusted_bad);
  EXPECT_NEAR(static_cast<double>(many.good), static_cast<double>(clean.good), 100);
  EXPECT_NEAR(static_cast<double>(many.trusted_bad), static_cast<double>(clean.trusted_bad), 100);
}

TEST(ReportPool, NeitherDoesPraise) {
  const PoolRules rules = Shipped().pool;
  Registry registry(rules);
  for (PersonIndex i = 0; i < 5000; ++i) registry.Add(10'000 + i, kSeller, false, false, kDay);
  EXPECT_LE(registry.At(kSeller, kDay).good, rules.cap_constant);
}

TEST(ReportPool, BoughtProofsOfNewcomersAreCappedToo) {
  const PoolRules rules = Shipped().pool;
  Registry registry = GoodSeller(rules);
  const Micro before = registry.At(kSeller, 105 * kDay).bad;
  for (PersonIndex i = 0; i < 500; ++i) registry.Add(10'000 + i, kSeller, true, true, 104 * kDay);
  EXPECT_LE(registry.At(kSeller, 105 * kDay).bad - before, rules.newcomer_constant + 2 * kOne);
}

TEST(ReportPool, NoTrustIsEarnedWithoutAProof) {
  const PoolRules rules = Shipped().pool;
  const auto bad_after = [&](bool with_proof) {
    Registry registry = GoodSeller(rules);
    // Agrees with everybody for two years.
    for (int i = 0; i < 60; ++i) {
      for (PersonIndex other = 0; other < 4; ++other) {
        registry.Add(300 + other, 2000 + i, false, true, (10 * i) * kDay);
      }
      registry.Add(500, 2000 + i, false, with_proof && i == 0, (10 * i + 1) * kDay);
    }
    registry.Add(500, 3000, true, false, 601 * kDay);
    return registry.At(3000, 601 * kDay);
  };
  EXPECT_EQ(bad_after(false).trusted_bad, 0);
  EXPECT_TRUE(bad_after(false).UnprovenAlone());
  // With one, the words it carries were spent on the sellers that came first.
  EXPECT_EQ(bad_after(true).trusted_bad, 0);

  Registry registry = GoodSeller(rules);
  registry.Add(101, 3000, true, false, 200 * kDay);  // proven twice
  EXPECT_EQ(registry.At(3000, 200 * kDay).trusted_bad, rules.earned_word_weight);
}

TEST(ReportPool, AgedIndependentReportersRaiseTheCapOnlyWhereNothingCanBeProven) {
  const PoolRules rules = Shipped().pool;
  Registry registry(rules);
  // Ten people who were right about many others for months, without a proof between them.
  for (int i = 0; i < 20; ++i) {
    for (PersonIndex who = 0; who < 10; ++who)
      registry.Add(who, 2000 + i, false, false, 7 * i * kDay);
  }
  for (PersonIndex who = 0; who < 10; ++who)
    registry.Add(who, kSeller, true, false, (150 + who) * kDay);
  const PoolCounts provable = registry.At(kSeller, 160 * kDay, true),
                   unprovable = registry.At(kSeller, 160 * kDay, false);
  EXPECT_LE(provable.bad, rules.cap_constant);
  EXPECT_GT(unprovable.bad, provable.bad);
  EXPECT_LE(unprovable.bad, rules.cap_constant + rules.aged_limit);
  EXPECT_TRUE(unprovable.UnprovenAlone());

  // A thousand made today raise nothing.
  Registry fresh(rules);
  for (PersonIndex i = 0; i < 1000; ++i) fresh.Add(5000 + i, kSeller, true, false, kDay);
  EXPECT_LE(fresh.At(kSeller, kDay, false).bad, rules.cap_constant);
}

// The rules as shipped, but for bursts and rings, which lose nothing.
PoolRules Blind() {
  PoolRules rules = Shipped().pool;
  rules.burst_word_weight = rules.ring_word_weight = kOne;
  rules.together.burst_reports_min = rules.together.ring_members_min = 1'000'000;
  return rules;
}

TEST(ReportJudge, WhatIsProvenIsNeverTouchedByABurst) {
  const PoolRules rules = Shipped().pool;
  const auto news = [&](const PoolRules& with) {  // forty proven bad reports and as many unproven
    Registry registry = GoodSeller(with);
    for (PersonIndex i = 0; i < 80; ++i) {
      const Judgement judgement =
          registry.Add(5000 + i, kSeller, true, i % 2 == 0, 200 * kDay + i * 3600);
      if (i % 2 == 0) {
        EXPECT_EQ(judgement.weight, kOne);
        EXPECT_EQ(judgement.weight_class, report::WeightClass::kNewcomer);
      }
    }
    return registry.At(kSeller, 204 * kDay);
  };
  const PoolCounts seen = news(rules), blind = news(Blind());
  EXPECT_EQ(seen.trusted_bad, blind.trusted_bad);
  EXPECT_EQ(seen.trusted_good, blind.trusted_good);
  EXPECT_EQ(seen.bad, blind.bad);  // its first words fill the pool
}

TEST(ReportJudge, AnHonestBurstWithoutProofsIsHeardByItsFirstWords) {
  const PoolRules rules = Shipped().pool;
  Registry registry(rules);
  // Ten people who were right about many others for months, without a proof between them.
  for (int i = 0; i < 40; ++i) {
    for (PersonIndex who = 0; who < 10; ++who)
      registry.Add(20 + who, 2000 + 10 * i + (who + i) % 5, false, false, (7 * i + who % 3) * kDay);
  }
  int heard = 0;
  for (PersonIndex who = 0; who < 10; ++who) {  // a warehouse burns
    const Judgement judgement =
        registry.Add(20 + who, kSeller, true, false, 300 * kDay + who * 43'200);
    EXPECT_EQ(judgement.weight_class, report::WeightClass::kPool);
    heard += judgement.weight == kOne;
  }
  EXPECT_EQ(heard, rules.together.burst_reports_min - 1);
  EXPECT_GE(registry.At(kSeller, 306 * kDay, false).bad, rules.cap_constant);
}

TEST(ReportJudge, ASellerWithManyReportsEveryDayHasNoBurst) {
  Registry registry(Shipped().pool);
  for (PersonIndex i = 0; i < 3000; ++i) {
    const int64_t day = i / 10;
    const Judgement judgement =
        registry.Add(1000 + i, kSeller, false, false, day * kDay + i % 10 * 3600);
    if (day > 100) {  // what is usual is known by then
      EXPECT_EQ(judgement.weight, kOne) << i;
    }
  }
  // Three times as many on the day of a sale are still no burst over a week.
  for (PersonIndex i = 0; i < 30; ++i)
    EXPECT_EQ(registry.Add(90'000 + i, kSeller, false, false, 301 * kDay + i * 60).weight, kOne);
}

TEST(ReportJudge, ARingsWordsWeighNothingOnceItIsSeenAndItsEarnedWordsNeither) {
  const PoolRules rules = Shipped().pool;
  Registry registry = GoodSeller(rules);
  constexpr int64_t kLater = 120 * kDay;
  for (PersonIndex member = 1; member <= 4; ++member) {  // each bought two proofs
    for (PersonIndex own = 0; own < 2; ++own)
      registry.Add(member, 4000 + 10 * member + own, false, true, kLater + own * kDay);
  }
  int ring_words = 0;
  for (PersonIndex target = 0; target < 6; ++target) {
    for (PersonIndex member = 1; member <= 4; ++member) {
      const Judgement judgement = registry.Add(member, 3000 + target, true, false,
                                               kLater + (20 + target * 20) * kDay + member * 3600);
      ring_words += judgement.weight == 0 && judgement.weight_class == report::WeightClass::kPool;
    }
  }
  EXPECT_GE(ring_words, 6);  // from the third target on, who comes third and later
  EXPECT_EQ(registry.Add(1, kSeller, true, true, kLater + 200 * kDay).weight, kOne);  // proven
}

TEST(ReportJudge, SaysTheSameWhenAskedTheSame) {
  const PoolRules rules = Shipped().pool;
  ReportJudge first(rules), second(rules);
  uint64_t state = 7;
  for (int i = 0; i < 5000; ++i) {
    state = state * 6364136223846793005 + 1442695040888963407;
    const auto reporter = static_cast<PersonIndex>(state >> 33) % 60,
               seller = static_cast<PersonIndex>(state >> 40) % 20;
    const bool bad = state >> 60 < 3, proven = (state >> 55) % 5 == 0;
    const auto at = [&](ReportJudge& judge) {
      return judge.Judge(reporter, seller, bad, proven, i * 7200);
    };
    EXPECT_EQ(at(first), at(second));
  }
}

TEST(ReportPool, EvidenceFadesAndFollowsALinkedName) {
  const PoolRules rules = Shipped().pool;
  Registry registry = GoodSeller(rules);
  const PoolCounts now = registry.At(kSeller, 105 * kDay);
  const PoolCounts later = registry.At(kSeller, (105 + rules.half_life_days) * kDay);
  EXPECT_NEAR(static_cast<double>(later.trusted_good), static_cast<double>(now.trusted_good) / 2,
              10);
  registry.Inherit(8, kSeller);
  EXPECT_EQ(registry.At(8, 105 * kDay).trusted_good, now.trusted_good);
  EXPECT_EQ(registry.At(12345, 105 * kDay).good, 0);
}

TEST(TrustPolicy, ProofKindsAreData) {
  const TrustPolicy policy = Shipped();
  EXPECT_TRUE(policy.HasProofKind("amazon"));
  EXPECT_FALSE(policy.HasProofKind("taobao"));
  EXPECT_FALSE(policy.HasProofKind("pinduoduo"));
  EXPECT_TRUE(policy.AcceptsDkim("amazon", "amazon.com"));
  EXPECT_TRUE(policy.AcceptsDkim("amazon", "mail.amazon.com"));
  EXPECT_FALSE(policy.AcceptsDkim("amazon", "notamazon.com"));
  EXPECT_FALSE(policy.AcceptsDkim("amazon", "amazon.com.evil.example"));
  EXPECT_FALSE(policy.AcceptsDkim("ebay", "amazon.com"));
  EXPECT_FALSE(policy.AcceptsVoucher("anything"));
}

TEST(TrustPolicy, SaysWhatIsWrong) {
  const auto none = ParseTrustPolicy("{}", "trust.json");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, ErrorCode::kDamaged);
  EXPECT_EQ(none.error().message, "trust.json: version must be a number from 1 to 1000000");
  EXPECT_FALSE(ParseTrustPolicy("[", "trust.json"));
}

}  // namespace
}  // namespace kaopu
