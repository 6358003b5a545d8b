// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "reputation/verdict.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <functional>
#include <random>

#include "test_policy.h"

namespace kaopu {
namespace {

constexpr Date kToday{std::chrono::days{20'000}};

std::vector<Outcome> Orders(int on_time, int late, int never) {
  std::vector<Outcome> outcomes;
  outcomes.insert(outcomes.end(), on_time, {OutcomeKind::kOnTime, 0, kToday});
  outcomes.insert(outcomes.end(), late, {OutcomeKind::kLate, 3, kToday});
  outcomes.insert(outcomes.end(), never, {OutcomeKind::kNeverShipped, 0, kToday});
  return outcomes;
}

Question Ask(const std::vector<Outcome>& own) { return {.own = own, .today = kToday}; }
Judgement JudgeOf(const Question& question) { return Judge(TestPolicy(), question); }
Verdict VerdictOf(const Question& question) { return JudgeOf(question).verdict; }

std::vector<std::string> Keys(const std::vector<Reason>& reasons) {
  std::vector<std::string> keys;
  for (const Reason& reason : reasons) keys.push_back(reason.key);
  return keys;
}

PageEvidence PraisedPage() {
  PageEvidence page;
  page.signals = {{"positive_ratio", kOne, false},
                  {"logistics_score", kOne, false},
                  {"on_time_ratio", kOne, false},
                  {"shop_age_days", 9000 * kOne, false},
                  {"rating", kOne, false}};
  page.promise_hours = 24;
  page.escrow = true;
  return page;
}

TEST(Judge, NothingKnownIsUnknown) {
  const Judgement judgement = JudgeOf(Ask({}));
  EXPECT_EQ(judgement.verdict, Verdict::kUnknown);
  EXPECT_THAT(Keys(judgement.reasons), testing::ElementsAre("reason_no_history"));
}

TEST(Judge, PraiseOnThePageIsNoEvidence) {
  Question question = Ask({});
  question.page = PraisedPage();
  EXPECT_EQ(VerdictOf(question), Verdict::kUnknown);
  // Nor does it soften what the shopper has lived through.
  const std::vector<Outcome> bad = Orders(0, 0, 1);
  Question praised = Ask(bad);
  praised.page = PraisedPage();
  praised.page.escrow.reset();
  EXPECT_EQ(JudgeOf(praised).assessment.loss, JudgeOf(Ask(bad)).assessment.loss);
}

TEST(Judge, OneExperienceMatters) {
  EXPECT_EQ(VerdictOf(Ask(Orders(0, 0, 1))), Verdict::kDanger);
  EXPECT_EQ(VerdictOf(Ask(Orders(0, 1, 0))), Verdict::kWatchOut);
  EXPECT_EQ(VerdictOf(Ask(Orders(1, 0, 0))), Verdict::kUnknown);
  EXPECT_EQ(VerdictOf(Ask(Orders(2, 0, 0))), Verdict::kUnknown);
  EXPECT_EQ(VerdictOf(Ask(Orders(3, 0, 0))), Verdict::kDependable);
}

TEST(Judge, HowLateCounts) {
  for (const int days : {0, 1, 3, 10, 60}) {
    const std::vector<Outcome> one = {{OutcomeKind::kLate, days, kToday}};
    EXPECT_EQ(VerdictOf(Ask(one)), Verdict::kWatchOut) << days;
  }
  const std::vector<Outcome> slightly(4, {OutcomeKind::kLate, 1, kToday});
  const std::vector<Outcome> months(4, {OutcomeKind::kLate, 60, kToday});
  EXPECT_LT(JudgeOf(Ask(slightly)).assessment.loss, JudgeOf(Ask(months)).assessment.loss);
  EXPECT_EQ(VerdictOf(Ask(months)), Verdict::kDanger);
}

TEST(Judge, ASellerRecovers) {
  EXPECT_EQ(VerdictOf(Ask(Orders(60, 0, 1))), Verdict::kDependable);
  EXPECT_EQ(VerdictOf(Ask(Orders(9, 1, 0))), Verdict::kDependable);
  const std::vector<Outcome> long_ago = {
      {OutcomeKind::kNeverShipped, 0, kToday - std::chrono::days{4000}}};
  EXPECT_EQ(VerdictOf(Ask(long_ago)), Verdict::kUnknown);
}

TEST(Judge, FailuresOfADependableSellerDoNotReadLikeAContradiction) {
  const auto keys = [](const std::vector<Outcome>& own) { return Keys(JudgeOf(Ask(own)).reasons); };
  EXPECT_THAT(keys(Orders(60, 0, 1)), testing::Contains("reason_own_never_still"));
  const std::vector<std::string> late = keys(Orders(9, 1, 0));
  EXPECT_THAT(late, testing::AnyOf(testing::Contains("reason_own_late_still"),
                                   testing::Contains("reason_own_late_days_still")));
  for (const std::string& key : keys(Orders(0, 1, 0))) EXPECT_FALSE(key.ends_with("_still")) << key;
}

TEST(Judge, OldPraiseFadesToo) {
  const std::vector<Outcome> old(3, {OutcomeKind::kOnTime, 0, kToday - std::chrono::days{800}});
  const Judgement judgement = JudgeOf(Ask(old));
  EXPECT_EQ(judgement.verdict, Verdict::kUnknown);
  EXPECT_EQ(judgement.reasons.front().key, "reason_old_history");
}

TEST(Judge, CensoredOrdersDecideNothing) {
  const std::vector<Outcome> open = {{OutcomeKind::kOpen, 0, kToday},
                                     {OutcomeKind::kBuyerCancelled, 0, kToday}};
  const Judgement judgement = JudgeOf(Ask(open));
  EXPECT_EQ(judgement.verdict, Verdict::kUnknown);
  EXPECT_EQ(judgement.reasons.front().key, "reason_only_open");
}

TEST(Judge, OffPlatformPaymentIsEnoughToWatchOut) {
  Question question = Ask({});
  question.page.off_platform = true;
  const Judgement judgement = JudgeOf(question);
  EXPECT_EQ(judgement.verdict, Verdict::kWatchOut);
  EXPECT_EQ(judgement.reasons.front().key, "reason_page_off_platform");
  EXPECT_THAT(Keys(judgement.advice),
              testing::IsSupersetOf({"advice_stay_on_platform", "advice_use_escrow"}));
  const std::vector<Outcome> fine = Orders(20, 0, 0);
  Question known = Ask(fine);
  known.page.off_platform = true;
  EXPECT_EQ(VerdictOf(known), Verdict::kWatchOut);
}

TEST(Judge, OtherPageSignalsAloneAccuseNobody) {
  Question question = Ask({});
  question.page.signals = {{"positive_ratio", 500'000, false},
                           {"shop_age_days", 3 * kOne, false},
                           {"logistics_score", 800'000, true}};
  question.page.unfair_terms = 3;
  question.page.promise_hours = 24 * 40;
  const Judgement judgement = JudgeOf(question);
  EXPECT_EQ(judgement.verdict, Verdict::kUnknown);
  EXPECT_EQ(judgement.assessment.page_weight, kOne);  // five signals, one observation
  EXPECT_EQ(judgement.reasons.size(), 4u);
  EXPECT_EQ(judgement.reasons.front().key, "reason_no_history");
}

TEST(Judge, APageSignalCountsOnceByItsStrictestRow) {
  Question question = Ask({});
  question.page.signals = {{"positive_ratio", 800'000, false}, {"positive_ratio", 100'000, false}};
  EXPECT_EQ(JudgeOf(question).assessment.page_weight, 500'000);
  question.page.signals = {{"positive_ratio", 930'000, false}};
  const Judgement judgement = JudgeOf(question);
  EXPECT_EQ(judgement.assessment.page_weight, 250'000);
  EXPECT_EQ(judgement.reasons.back().key, "reason_page_positive_low");
  EXPECT_EQ(judgement.reasons.back().args.front(),
            (std::pair<std::string, ReasonValue>{"value", int64_t{93}}));
}

TEST(Judge, EscrowAndValueMoveTheVerdict) {
  const std::vector<Outcome> own = Orders(4, 0, 1);
  Question question = Ask(own);
  EXPECT_EQ(VerdictOf(question), Verdict::kDanger);
  question.page.escrow = true;
  EXPECT_EQ(VerdictOf(question), Verdict::kWatchOut);
  question.value = Money{200'000, "CNY"};
  const Judgement judgement = JudgeOf(question);
  EXPECT_TRUE(judgement.high_value);
  EXPECT_EQ(judgement.thresholds.danger, 90'000);
  EXPECT_THAT(Keys(judgement.advice), testing::Contains("advice_use_escrow"));
  question.value = Money{200'000, "XXX"};
  EXPECT_FALSE(JudgeOf(question).high_value);
}

TEST(Judge, CautionIsTheShoppers) {
  const std::vector<Outcome> own = Orders(5, 1, 0);
  Question question = Ask(own);
  question.caution = Caution::kLow;
  EXPECT_EQ(VerdictOf(question), Verdict::kDependable);
  question.caution = Caution::kHigh;
  EXPECT_EQ(VerdictOf(question), Verdict::kWatchOut);
}

TEST(Judge, AnOverdueOrderCallsForCare) {
  const std::vector<Outcome> own = Orders(5, 0, 0);
  Question question = Ask(own);
  question.overdue = {.count = 1, .days_max = 6};
  const Judgement judgement = JudgeOf(question);
  EXPECT_EQ(judgement.verdict, Verdict::kWatchOut);
  EXPECT_THAT(Keys(judgement.reasons), testing::Contains("reason_own_overdue"));
}

TEST(Judge, ReasonsAreAtMostFourStrongestFirstWithCounts) {
  std::vector<Outcome> own = Orders(2, 3, 2);
  own.push_back({OutcomeKind::kFakeShipment, 0, kToday});
  own.push_back({OutcomeKind::kSellerCancelled, 0, kToday});
  Question question = Ask(own);
  question.page.signals = {{"shop_age_days", 3 * kOne, false}};
  const Judgement judgement = JudgeOf(question);
  ASSERT_EQ(judgement.reasons.size(), 4u);
  EXPECT_TRUE(std::ranges::is_sorted(judgement.reasons, std::greater{}, &Reason::moved));
  EXPECT_EQ(judgement.reasons.front().key, "reason_own_never");
  EXPECT_EQ(judgement.reasons.front().args[0].second, ReasonValue{int64_t{2}});
  EXPECT_EQ(judgement.reasons.front().args[1].second, ReasonValue{int64_t{9}});
}

TEST(Judge, ReasonsSayWhichWayTheySpeak) {
  const std::vector<Outcome> own = Orders(4, 0, 1);
  const Judgement judgement = JudgeOf(Ask(own));
  EXPECT_EQ(judgement.verdict, Verdict::kDanger);
  EXPECT_THAT(Keys(judgement.reasons),
              testing::ElementsAre("reason_own_never", "reason_own_on_time"));
  EXPECT_EQ(judgement.reasons[0].direction, Direction::kAgainst);
  EXPECT_EQ(judgement.reasons[1].direction, Direction::kFor);
  EXPECT_EQ(JudgeOf(Ask({})).reasons[0].direction, Direction::kNeutral);
  EXPECT_EQ(JudgeOf(Ask(Orders(60, 0, 1))).reasons[0].key, "reason_own_on_time");
}

TEST(Judge, ASellerWhoTurnsBadIsWatchedThoughTheMeanIsStillFine) {
  std::vector<Outcome> own(80, {OutcomeKind::kOnTime, 0, kToday - std::chrono::days{100}});
  own.insert(own.end(), 5, {OutcomeKind::kLate, 1, kToday});
  const Judgement judgement = JudgeOf(Ask(own));
  EXPECT_LT(judgement.assessment.loss, judgement.thresholds.watch_out);
  EXPECT_EQ(judgement.verdict, Verdict::kWatchOut);
  EXPECT_THAT(Keys(judgement.reasons), testing::Contains("reason_own_turned_bad"));
}

TEST(Judge, SelfOperatedIsSaidNotPraised) {
  Question question = Ask({});
  question.self_operated = true;
  const Judgement judgement = JudgeOf(question);
  EXPECT_EQ(judgement.verdict, Verdict::kUnknown);
  EXPECT_EQ(judgement.reasons.back().key, "reason_self_operated");
}

// One more bad outcome never improves a verdict, one more good one never worsens it; unknown stands
// outside.
TEST(Judge, VerdictIsMonotone) {
  Draws pick(11);
  const Policy policy = TestPolicy();
  int compared = 0;
  for (int round = 0; round < 20'000; ++round) {
    const int good_bias = pick(5);
    const auto draw = [&] { return pick.Decided(good_bias, 30, kToday, 1500); };
    std::vector<Outcome> own;
    for (int n = pick(15); n > 0; --n) own.push_back(draw());
    Question question = Ask(own);
    question.caution = static_cast<Caution>(pick(3));
    if (pick(4) == 0) question.page.off_platform = true;
    if (pick(3) == 0) question.page.signals = {{"shop_age_days", pick(100) * kOne, false}};
    if (pick(2) == 0) question.page.escrow = true;
    if (pick(3) == 0) question.value = Money{500'000, "CNY"};
    if (pick(6) == 0) question.overdue = {1, 4};
    const Verdict before = Judge(policy, question).verdict;
    std::vector<Outcome> more = own;
    more.push_back(draw());
    question.own = more;
    const Verdict after = Judge(policy, question).verdict;
    if (before == Verdict::kUnknown || after == Verdict::kUnknown) continue;
    ++compared;
    if (IsBad(more.back().kind)) {
      EXPECT_FALSE(IsWorse(before, after)) << "round " << round;
    } else {
      EXPECT_FALSE(IsWorse(after, before)) << "round " << round;
    }
  }
  EXPECT_GT(compared, 5000);
}

PooledReports Says(Fix on_time, Fix late, Fix never) {
  PooledReports one{.registry = "Fair Shops", .as_of = kToday, .last_on = kToday, .counted = {}};
  one.counts.fill({.bad = late + never, .good = on_time});
  one.never = never;
  return one;
}
Question AskShared(const std::vector<PooledReports>& pooled) {
  return {.pooled = pooled, .today = kToday};
}

TEST(JudgeShared, WhatNobodyNeedProveNeverGivesDanger) {
  for (const Caution caution : {Caution::kLow, Caution::kNormal, Caution::kHigh}) {
    for (const Fix never : {FixOf(1, 4), FixOf(1), FixOf(9, 4), FixOf(249, 100)}) {
      const std::vector<PooledReports> pooled = {Says(0, 0, never), Says(0, never, 0)};
      Question question = AskShared(pooled);
      question.caution = caution;
      question.value = Money{500'000, "CNY"};
      EXPECT_NE(VerdictOf(question), Verdict::kDanger);
    }
  }
  const std::vector<PooledReports> most = {Says(0, 0, FixOf(9, 4))};
  const Judgement judgement = JudgeOf(AskShared(most));
  EXPECT_EQ(judgement.verdict, Verdict::kWatchOut);
  EXPECT_GE(judgement.assessment.loss, judgement.thresholds.danger);
  EXPECT_THAT(Keys(judgement.reasons), testing::Contains("reason_pooled_unproven"));
  const std::vector<PooledReports> proven = {Says(0, 0, FixOf(3))};
  EXPECT_EQ(VerdictOf(AskShared(proven)), Verdict::kDanger);
  const std::vector<PooledReports> newcomer = {Says(0, 0, FixOf(1, 4))};
  EXPECT_EQ(VerdictOf(AskShared(newcomer)), Verdict::kUnknown);
}

TEST(JudgeShared, UnprovenWordsNeitherAddUpWithALateOrderOfOnesOwnToDanger) {
  const std::vector<Outcome> own = Orders(0, 1, 0);
  const std::vector<PooledReports> pooled = {Says(0, 0, FixOf(9, 4))};
  Question question = AskShared(pooled);
  question.own = own;
  EXPECT_GE(JudgeOf(question).assessment.loss, JudgeOf(question).thresholds.danger);
  EXPECT_EQ(VerdictOf(question), Verdict::kWatchOut);
}

TEST(JudgeShared, PraiseDoesNotTalkDownWhatTheShopperLivedThrough) {
  const std::vector<PooledReports> pooled = {Says(FixOf(5000), 0, 0)};
  EXPECT_EQ(VerdictOf(AskShared(pooled)), Verdict::kDependable);
  const std::vector<Outcome> own = Orders(0, 0, 1);
  Question question = AskShared(pooled);
  question.own = own;
  EXPECT_LT(JudgeOf(question).assessment.loss, JudgeOf(question).thresholds.watch_out);
  EXPECT_EQ(VerdictOf(question), Verdict::kWatchOut);
  const std::vector<PooledReports> little = {Says(FixOf(9, 4), 0, 0)};
  EXPECT_EQ(VerdictOf(AskShared(little)), Verdict::kUnknown);
}

TEST(JudgeShared, NoEvidenceIsUnknownStill) {
  const std::vector<PooledReports> nothing = {Says(0, 0, 0)};
  const Judgement judgement = JudgeOf(AskShared(nothing));
  EXPECT_EQ(judgement.verdict, Verdict::kUnknown);
  EXPECT_EQ(judgement.reasons.front().key, "reason_pooled_little");
}

TEST(JudgeShared, ReasonsHaveCountsIntervalAgeAndSource) {
  PooledReports one = Says(FixOf(35), FixOf(4), FixOf(2));
  one.as_of = kToday - std::chrono::days{2};
  one.counted.emplace();
  one.counted->windows = {{{30, 20, 3}, {90, 41, 6}, {365, 80, 9}}};
  one.counted->never = 2;
  const std::vector<PooledReports> pooled = {one};
  const Judgement judgement = JudgeOf(AskShared(pooled));
  EXPECT_EQ(judgement.verdict, Verdict::kWatchOut);
  EXPECT_THAT(Keys(judgement.reasons),
              testing::UnorderedElementsAre("reason_pooled_bad", "reason_pooled_never",
                                            "reason_pooled_on_time"));
  const auto bad = std::ranges::find(judgement.reasons, "reason_pooled_bad", &Reason::key);
  using Arg = std::pair<std::string, ReasonValue>;
  EXPECT_THAT(bad->args,
              testing::ElementsAre(Arg{"bad", int64_t{6}}, Arg{"total", int64_t{41}},
                                   Arg{"days", int64_t{90}}, Arg{"until", FormatDate(kToday)},
                                   Arg{"low", int64_t{8}}, Arg{"high", int64_t{26}},
                                   Arg{"registry", "Fair Shops"},
                                   Arg{"as_of", FormatDate(kToday - std::chrono::days{2})}));
  EXPECT_EQ(bad->direction, Direction::kAgainst);
}

// Nineteen of nineteen on time, told by nobody known: no reason to be 90 % sure of anything.
TEST(JudgeShared, CountsAreAsSureAsTheyWeigh) {
  PooledReports one = Says(FixOf(1, 4), 0, 0);
  one.counted.emplace();
  one.counted->windows = {{{30, 19, 0}, {90, 19, 0}, {365, 40, 0}}};
  const std::vector<PooledReports> pooled = {one};
  const Judgement judgement = JudgeOf(AskShared(pooled));
  const auto good = std::ranges::find(judgement.reasons, "reason_pooled_on_time", &Reason::key);
  ASSERT_NE(good, judgement.reasons.end());
  using Arg = std::pair<std::string, ReasonValue>;
  EXPECT_THAT(good->args, testing::Contains(Arg{"good", int64_t{19}}));
  EXPECT_THAT(good->args, testing::Contains(Arg{"low", int64_t{8}}));  // 1/4 of 1/4 + z squared
  EXPECT_THAT(good->args, testing::Contains(Arg{"high", int64_t{100}}));
}

TEST(JudgeShared, AnOldIndexIsSaidToBeOld) {
  std::vector<PooledReports> pooled = {Says(0, 0, FixOf(3))};
  EXPECT_THAT(Keys(JudgeOf(AskShared(pooled)).reasons),
              testing::Not(testing::Contains("reason_pooled_old")));
  pooled[0].as_of = kToday - std::chrono::days{400};
  EXPECT_THAT(Keys(JudgeOf(AskShared(pooled)).reasons), testing::Contains("reason_pooled_old"));
}

TEST(JudgeShared, VerdictIsMonotone) {
  Draws pick(29);
  const Policy policy = TestPolicy();
  int compared = 0;
  for (int round = 0; round < 20'000; ++round) {
    const int good_bias = pick(5);
    std::vector<Outcome> own;
    for (int n = pick(4); n > 0; --n) own.push_back(pick.Decided(good_bias, 30, kToday, 1500));
    std::vector<PooledReports> pooled(1 + pick(3));
    for (PooledReports& one : pooled) one = pick.Shared();
    Question question{.own = own, .pooled = pooled, .today = kToday};
    question.caution = static_cast<Caution>(pick(3));
    if (pick(2) == 0) question.page.escrow = true;
    const Verdict before = Judge(policy, question).verdict;
    const bool own_told = pick(4) == 0;
    bool bad = false;
    if (own_told) {
      own.push_back(pick.Decided(good_bias, 30, kToday, 1500));
      question.own = own;
      bad = IsBad(own.back().kind);
    } else {
      bad = pick.OneMoreShared(pooled[pick(static_cast<int>(pooled.size()))]);
    }
    const Verdict after = Judge(policy, question).verdict;
    if (before == Verdict::kUnknown || after == Verdict::kUnknown) continue;
    ++compared;
    EXPECT_FALSE(bad ? IsWorse(before, after) : IsWorse(after, before)) << "round " << round;
  }
  EXPECT_GT(compared, 5000);
}

TEST(IsWorse, OrdersACart) {
  EXPECT_TRUE(IsWorse(Verdict::kDanger, Verdict::kWatchOut));
  EXPECT_TRUE(IsWorse(Verdict::kWatchOut, Verdict::kUnknown));
  EXPECT_TRUE(IsWorse(Verdict::kUnknown, Verdict::kDependable));
  EXPECT_FALSE(IsWorse(Verdict::kDanger, Verdict::kDanger));
}

}  // namespace
}  // namespace kaopu
