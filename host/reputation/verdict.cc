// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "reputation/verdict.h"

#include <algorithm>
#include <array>
#include <functional>

namespace kaopu {
namespace {

constexpr std::array<std::string_view, 4> kVerdictNames = {"unknown", "dependable", "watch_out",
                                                           "danger"};                 // WIRE
constexpr std::array<std::string_view, 3> kCautionNames = {"low", "normal", "high"};  // WIRE, DISK

int64_t Percent(Micro share) { return (share * 100 + kOne / 2) / kOne; }

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

struct Fired {
  const SignalRule* rule;
  Micro value;
};

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
// danger, one more good one left.
Verdict Decide(const Policy& policy, const Judgement& judgement, bool overdue) {
  const Tally& tally = judgement.tally;
  const bool own_bad = tally.BadWeight() >= policy.accuse_weight_min;
  if (own_bad && judgement.loss >= judgement.thresholds.danger) return Verdict::kDanger;
  if (judgement.hard_signal || overdue) return Verdict::kWatchOut;
  if (judgement.loss >= judgement.thresholds.watch_out)
    return own_bad ? Verdict::kWatchOut : Verdict::kUnknown;
  const bool enough = tally.Decided() >= policy.dependable_orders_min &&
                      tally.Weight() >= policy.dependable_weight_min;
  return enough ? Verdict::kDependable : Verdict::kUnknown;
}

class Reasons {
 public:
  Reasons(const Policy& policy, const Question& question, const Judgement& judgement)
      : policy_(policy), question_(question), judgement_(judgement) {}

  std::vector<Reason> List(const std::vector<Fired>& fired) {
    AddOwn();
    AddPage(fired);
    AddMissing();
    // What speaks for the verdict, strongest first; then what speaks against it.
    const bool praise = judgement_.verdict == Verdict::kDependable;
    std::ranges::stable_sort(list_, [praise](const Reason& a, const Reason& b) {
      if (a.praise != b.praise) return a.praise == praise;
      return a.moved > b.moved;
    });
    if (list_.size() > static_cast<size_t>(policy_.reasons_max)) list_.resize(policy_.reasons_max);
    return std::move(list_);
  }

 private:
  using Args = std::vector<std::pair<std::string, ReasonValue>>;

  Micro Loss(const Tally& tally, Micro page_weight) const {
    return ExpectedLoss(policy_, tally, page_weight, judgement_.recoverable);
  }

  // By how much the loss would differ had these outcomes not happened.
  Micro Moved(const std::function<void(Tally&)>& forget) const {
    Tally without = judgement_.tally;
    forget(without);
    const Micro loss = Loss(without, judgement_.page_weight);
    return loss > judgement_.loss ? loss - judgement_.loss : judgement_.loss - loss;
  }

  void Add(std::string key, Args args, Micro moved) {
    list_.push_back({std::move(key), std::move(args), moved, false});
  }

  void AddOwn() {
    const Tally& tally = judgement_.tally;
    const int64_t total = tally.Decided();
    const auto counts = [&](int bad, const Interval& interval) -> Args {
      return {{"bad", int64_t{bad}},
              {"total", total},
              {"low", Percent(interval.low)},
              {"high", Percent(interval.high)}};
    };
    if (tally.never_shipped > 0) {
      Add("reason_own_never", counts(tally.never_shipped, judgement_.estimate.never),
          Moved([](Tally& t) { t.never_shipped_weight = 0; }));
    }
    if (tally.fake_shipment > 0) {
      Add("reason_own_fake", counts(tally.fake_shipment, judgement_.estimate.never),
          Moved([](Tally& t) { t.fake_shipment_weight = 0; }));
    }
    if (tally.seller_cancelled > 0) {
      Add("reason_own_cancelled", counts(tally.seller_cancelled, judgement_.estimate.never),
          Moved([](Tally& t) { t.seller_cancelled_weight = 0; }));
    }
    if (tally.late > 0) {
      Args args = counts(tally.late, judgement_.estimate.late);
      const Micro moved = Moved([](Tally& t) { t.late_weight = {}; });
      if (tally.days_late_known == 0) {
        Add("reason_own_late", std::move(args), moved);
      } else {
        args.emplace_back(
            "days", (tally.days_late_sum + tally.days_late_known / 2) / tally.days_late_known);
        Add("reason_own_late_days", std::move(args), moved);
      }
    }
    if (tally.on_time > 0) {
      Add("reason_own_on_time",
          {{"good", int64_t{tally.on_time}},
           {"total", total},
           {"low", Percent(judgement_.estimate.bad.low)},
           {"high", Percent(judgement_.estimate.bad.high)}},
          Moved([](Tally& t) { t.on_time_weight = 0; }));
      list_.back().praise = true;
    }
    if (question_.overdue.count > 0) {
      Add("reason_own_overdue",
          {{"count", int64_t{question_.overdue.count}},
           {"days", int64_t{question_.overdue.days_max}}},
          judgement_.thresholds.watch_out);
    }
  }

  void AddPage(const std::vector<Fired>& fired) {
    for (const Fired& hit : fired) {
      const Micro weight = std::min(hit.rule->weight, policy_.page_weight_max);
      Micro moved = Loss(judgement_.tally, weight) - Loss(judgement_.tally, 0);
      if (hit.rule->hard) moved = std::max(moved, judgement_.thresholds.watch_out);
      const int64_t shown =
          hit.rule->unit == "share" ? Percent(hit.value) : (hit.value + kOne / 2) / kOne;
      Add(hit.rule->reason, {{"value", shown}}, moved);
    }
  }

  // Why there is no verdict, where there is none: that moved it more than anything that is known.
  void AddMissing() {
    const Tally& tally = judgement_.tally;
    if (judgement_.verdict == Verdict::kUnknown) {
      const int needed = policy_.dependable_orders_min;
      if (tally.Decided() == 0) {
        Add(tally.open > 0 ? "reason_only_open" : "reason_no_history",
            {{"open", int64_t{tally.open}}}, kOne);
      } else if (tally.Decided() < needed) {
        Add("reason_little_history",
            {{"total", int64_t{tally.Decided()}}, {"needed", int64_t{needed}}}, kOne);
      } else if (tally.Weight() < policy_.dependable_weight_min) {
        Add("reason_old_history", {{"total", int64_t{tally.Decided()}}}, kOne);
      }
    }
    if (question_.self_operated) Add("reason_self_operated", {}, 0);
  }

  const Policy& policy_;
  const Question& question_;
  const Judgement& judgement_;
  std::vector<Reason> list_;
};

std::vector<Reason> AdviceFor(const Question& question, const Judgement& judgement) {
  std::vector<Reason> advice;
  const auto add = [&](std::string_view key) {
    advice.push_back({std::string(key), {}, 0, false});
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
  judgement.tally = TallyOf(policy, question.today, question.own);
  const std::vector<Fired> fired = FiredRules(policy, question.page);
  for (const Fired& hit : fired) {
    judgement.page_weight =
        std::min(judgement.page_weight + hit.rule->weight, policy.page_weight_max);
    judgement.hard_signal |= hit.rule->hard;
  }
  judgement.recoverable = question.page.escrow.value_or(false) && !question.page.off_platform;
  if (question.value) {
    const auto limit = policy.high_value_minor.find(question.value->currency);
    judgement.high_value =
        limit != policy.high_value_minor.end() && question.value->amount_minor >= limit->second;
  }
  judgement.estimate = EstimateOf(policy, judgement.tally, judgement.page_weight);
  judgement.loss =
      ExpectedLoss(policy, judgement.tally, judgement.page_weight, judgement.recoverable);
  judgement.thresholds = ThresholdsFor(policy, question.caution, judgement.high_value);
  judgement.verdict = Decide(policy, judgement, question.overdue.count > 0);
  judgement.reasons = Reasons(policy, question, judgement).List(fired);
  judgement.advice = AdviceFor(question, judgement);
  return judgement;
}

bool IsWorse(Verdict a, Verdict b) {
  constexpr std::array<int, 4> kRank = {
      1, 0, 2, 3};  // by Verdict: unknown stands between dependable and watch_out
  return kRank[static_cast<size_t>(a)] > kRank[static_cast<size_t>(b)];
}

}  // namespace kaopu
