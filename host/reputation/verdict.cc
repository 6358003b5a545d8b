// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "reputation/verdict.h"

#include <algorithm>
#include <array>

#include "reputation/reasons.h"

namespace kaopu {
namespace {

constexpr std::array<std::string_view, 4> kVerdictNames = {"unknown", "dependable", "watch_out",
                                                           "danger"};                       // WIRE
constexpr std::array<std::string_view, 3> kDirectionNames = {"neutral", "for", "against"};  // WIRE
constexpr std::array<std::string_view, 3> kCautionNames = {"low", "normal", "high"};  // WIRE, DISK

// The value a rule looks at, and whether the page has it at all.
std::optional<Micro> ValueFor(const SignalRule& rule, const PageEvidence& page) {
  using When = SignalRule::When;
  if (rule.name == "promise_days") {
    if (!page.promise_hours || page.presale) return std::nullopt;
    return (*page.promise_hours + 23) / 24 * kOne;
  }
  if (rule.name == "presale") return page.presale ? std::optional(kOne) : std::nullopt;
  if (rule.name == "off_platform") return page.off_platform ? std::optional(kOne) : std::nullopt;
  if (rule.name == "unfair_terms")
    return page.unfair_terms > 0 ? std::optional(page.unfair_terms * kOne) : std::nullopt;
  for (const PageSignal& signal : page.signals) {
    if (signal.name != rule.name) continue;
    if (rule.when == When::kRelativeBelow) {
      if (signal.below_average) return signal.value.value_or(0);
    } else if (signal.value) {
      return signal.value;
    }
  }
  return std::nullopt;
}

bool Applies(const SignalRule& rule, Micro value) {
  switch (rule.when) {
    case SignalRule::When::kBelow:
      return value < rule.limit;
    case SignalRule::When::kAbove:
      return value > rule.limit;
    case SignalRule::When::kRelativeBelow:
    case SignalRule::When::kPresent:
      return true;
  }
  return false;
}

std::vector<Fired> FiredRules(const Policy& policy, const PageEvidence& page) {
  std::vector<Fired> fired;
  for (const SignalRule& rule : policy.signals) {
    const bool had =
        std::ranges::any_of(fired, [&](const Fired& f) { return f.rule->name == rule.name; });
    if (had) continue;
    const std::optional<Micro> value = ValueFor(rule, page);
    if (value && Applies(rule, *value)) fired.push_back({&rule, *value});
  }
  return fired;
}

Thresholds ThresholdsFor(const Policy& policy, Caution caution, bool high_value) {
  Thresholds thresholds = policy.thresholds[static_cast<size_t>(caution)];
  if (high_value) {
    thresholds.watch_out = thresholds.watch_out * policy.high_value_factor / kOne;
    thresholds.danger = thresholds.danger * policy.high_value_factor / kOne;
  }
  return thresholds;
}

// Every rule here keeps the order: one more bad outcome moves right in dependable < watch_out <
// danger, one more good one left. What others say neither calls a seller a danger before it weighs
// more than unproven words can, nor talks down what the shopper has lived through below watch_out.
Verdict Decide(const Policy& policy, const Judgement& judgement, bool overdue) {
  const Assessment& all = judgement.assessment;
  const Thresholds& limit = judgement.thresholds;
  const bool own_bad = all.late_weight + all.never_weight >= policy.accuse_weight_min;
  const bool danger = (own_bad && judgement.own_loss >= limit.danger) ||
                      all.pooled_bad_of_one >= policy.pooled.danger_weight_min;
  if (danger && all.loss >= limit.danger) return Verdict::kDanger;
  if (judgement.hard_signal || overdue || all.warned_bad > 0) return Verdict::kWatchOut;
  if (own_bad && judgement.own_loss >= limit.watch_out) return Verdict::kWatchOut;
  if (all.loss >= limit.watch_out) {
    const bool accused = own_bad || all.pooled_bad_of_one >= policy.pooled.accuse_weight_min;
    return accused ? Verdict::kWatchOut : Verdict::kUnknown;
  }
  const bool enough = (all.tally.Decided() >= policy.dependable_orders_min &&
                       all.Weight() >= policy.dependable_weight_min) ||
                      all.Weight() + all.PooledWeight() >= policy.pooled.dependable_weight_min;
  return enough ? Verdict::kDependable : Verdict::kUnknown;
}

std::vector<Reason> AdviceFor(const Question& question, const Judgement& judgement) {
  std::vector<Reason> advice;
  const auto add = [&](std::string_view key) {
    advice.push_back({.key = std::string(key), .args = {}});
  };
  const bool cautious =
      judgement.verdict == Verdict::kWatchOut || judgement.verdict == Verdict::kDanger;
  if (question.page.off_platform) add("advice_stay_on_platform");
  if (judgement.verdict == Verdict::kDanger) add("advice_other_seller");
  if (judgement.high_value || question.page.off_platform || (cautious && !judgement.recoverable)) {
    add("advice_use_escrow");
  }
  if (cautious || (judgement.verdict == Verdict::kUnknown && !question.page.promise_hours)) {
    add("advice_ask_ship_date");
  }
  if (cautious) add("advice_keep_evidence");
  return advice;
}

}  // namespace

std::string_view VerdictName(Verdict verdict) {
  return kVerdictNames[static_cast<size_t>(verdict)];
}
std::string_view DirectionName(Direction direction) {
  return kDirectionNames[static_cast<size_t>(direction)];
}
std::string_view CautionName(Caution caution) {
  return kCautionNames[static_cast<size_t>(caution)];
}

std::optional<Caution> ParseCaution(std::string_view name) {
  for (size_t i = 0; i < kCautionNames.size(); ++i) {
    if (kCautionNames[i] == name) return static_cast<Caution>(i);
  }
  return std::nullopt;
}

Judgement Judge(const Policy& policy, const Question& question) {
  Judgement judgement;
  const std::vector<Fired> fired = FiredRules(policy, question.page);
  for (const Fired& hit : fired) judgement.hard_signal |= hit.rule->hard;
  judgement.recoverable = question.page.escrow.value_or(false) && !question.page.off_platform;
  if (question.value) {
    const auto limit = policy.high_value_minor.find(question.value->currency);
    judgement.high_value =
        limit != policy.high_value_minor.end() && question.value->amount_minor >= limit->second;
  }
  const auto assess = [&](const PooledWeights& pooled) {
    return Assess(policy, question.today, question.own, pooled, PageWeight(policy, fired),
                  judgement.recoverable);
  };
  const PooledWeights pooled = Join(question.pooled);
  judgement.assessment = assess(pooled);
  judgement.own_loss = pooled.known ? assess({}).loss : judgement.assessment.loss;
  judgement.thresholds = ThresholdsFor(policy, question.caution, judgement.high_value);
  judgement.verdict = Decide(policy, judgement, question.overdue.count > 0);
  judgement.reasons = ReasonsFor(policy, question, judgement, fired);
  judgement.advice = AdviceFor(question, judgement);
  return judgement;
}

bool IsWorse(Verdict a, Verdict b) {
  constexpr std::array<int, 4> kRank = {
      1, 0, 2, 3};  // by Verdict: unknown stands between dependable and watch_out
  return kRank[static_cast<size_t>(a)] > kRank[static_cast<size_t>(b)];
}

}  // namespace kaopu
