// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "reputation/reasons.h"

#include <algorithm>

namespace kaopu {
namespace {

int64_t Percent(Micro share) { return (share * 100 + kOne / 2) / kOne; }

class Reasons {
 public:
  Reasons(const Policy& policy, const Question& question, const Judgement& judgement,
          const std::vector<Fired>& fired)
      : policy_(policy),
        question_(question),
        judgement_(judgement),
        own_(judgement.assessment),
        fired_(fired),
        nothing_(Loss({}, 0)) {}

  std::vector<Reason> List() {
    AddOwn();
    AddPage();
    AddMissing();
    std::ranges::stable_sort(list_, std::greater{}, &Reason::moved);
    if (list_.size() > static_cast<size_t>(policy_.reasons_max)) list_.resize(policy_.reasons_max);
    return std::move(list_);
  }

 private:
  using Args = std::vector<std::pair<std::string, ReasonValue>>;

  Micro Loss(std::span<const Outcome> own, Micro page_weight) const {
    return Assess(policy_, question_.today, own, page_weight, judgement_.recoverable).loss;
  }

  Micro Moved(Micro without, Micro alone) const {
    return (std::abs(own_.loss - without) + std::abs(alone - nothing_)) / 2;
  }
  Micro MovedByOutcomes(OutcomeKind kind) const {
    std::vector<Outcome> others, these;
    for (const Outcome& outcome : question_.own)
      (outcome.kind == kind ? these : others).push_back(outcome);
    return Moved(Loss(others, own_.page_weight), Loss(these, 0));
  }
  Micro MovedByPage(const Fired& hit) const {
    std::vector<Fired> others;
    for (const Fired& other : fired_) {
      if (other.rule != hit.rule) others.push_back(other);
    }
    return Moved(Loss(question_.own, PageWeight(policy_, others)),
                 Loss({}, PageWeight(policy_, {hit})));
  }

  void Add(std::string key, Args args, Micro moved, Direction direction) {
    list_.push_back({std::move(key), std::move(args), moved, direction});
  }

  Args Counts(std::string_view name, int count, const Interval& interval) const {
    return {{std::string(name), int64_t{count}},
            {"total", int64_t{own_.tally.Decided()}},
            {"low", Percent(interval.low)},
            {"high", Percent(interval.high)}};
  }

  void AddFailed(std::string key, OutcomeKind kind, int count, const Interval& interval) {
    if (count == 0) return;
    Add(std::move(key), Counts("bad", count, interval), MovedByOutcomes(kind), Direction::kAgainst);
  }

  void AddOwn() {
    const Tally& tally = own_.tally;
    AddFailed("reason_own_never", OutcomeKind::kNeverShipped, tally.never_shipped, own_.never);
    AddFailed("reason_own_fake", OutcomeKind::kFakeShipment, tally.fake_shipment, own_.never);
    AddFailed("reason_own_cancelled", OutcomeKind::kSellerCancelled, tally.seller_cancelled,
              own_.never);
    if (tally.days_late_known == 0) {
      AddFailed("reason_own_late", OutcomeKind::kLate, tally.late, own_.late);
    } else {
      AddFailed("reason_own_late_days", OutcomeKind::kLate, tally.late, own_.late);
      list_.back().args.emplace_back(
          "days", (tally.days_late_sum + tally.days_late_known / 2) / tally.days_late_known);
    }
    if (tally.on_time > 0) {
      Add("reason_own_on_time", Counts("good", tally.on_time, own_.bad),
          MovedByOutcomes(OutcomeKind::kOnTime), Direction::kFor);
    }
    // These lead to watch_out by themselves, whatever the loss.
    if (own_.warned_bad > 0) {
      Add("reason_own_turned_bad",
          {{"bad", int64_t{own_.warned_bad}}, {"total", int64_t{own_.warned_total}}},
          judgement_.thresholds.watch_out, Direction::kAgainst);
    }
    if (question_.overdue.count > 0) {
      Add("reason_own_overdue",
          {{"count", int64_t{question_.overdue.count}},
           {"days", int64_t{question_.overdue.days_max}}},
          judgement_.thresholds.watch_out, Direction::kAgainst);
    }
  }

  void AddPage() {
    for (const Fired& hit : fired_) {
      Micro moved = MovedByPage(hit);
      if (hit.rule->hard) moved = std::max(moved, judgement_.thresholds.watch_out);
      const int64_t shown =
          hit.rule->unit == "share" ? Percent(hit.value) : (hit.value + kOne / 2) / kOne;
      Add(hit.rule->reason, {{"value", shown}}, moved, Direction::kAgainst);
    }
  }

  // Why there is no verdict, where there is none: that moved it more than anything that is known.
  void AddMissing() {
    const Tally& tally = own_.tally;
    const auto add = [&](std::string key, Args args) {
      Add(std::move(key), std::move(args), kOne, Direction::kNeutral);
    };
    if (judgement_.verdict == Verdict::kUnknown) {
      const int64_t needed = policy_.dependable_orders_min, total = tally.Decided();
      if (total == 0) {
        add(tally.open > 0 ? "reason_only_open" : "reason_no_history",
            {{"open", int64_t{tally.open}}});
      } else if (total < needed) {
        add("reason_little_history", {{"total", total}, {"needed", needed}});
      } else if (own_.Weight() < policy_.dependable_weight_min) {
        add("reason_old_history", {{"total", total}});
      }
    }
    if (question_.self_operated) Add("reason_self_operated", {}, 0, Direction::kNeutral);
  }

  const Policy& policy_;
  const Question& question_;
  const Judgement& judgement_;
  const Assessment& own_;
  const std::vector<Fired>& fired_;
  Micro nothing_;  // the loss by nothing but the prior
  std::vector<Reason> list_;
};

}  // namespace

Micro PageWeight(const Policy& policy, const std::vector<Fired>& fired) {
  Micro weight = 0;
  for (const Fired& hit : fired)
    weight = std::min(weight + hit.rule->weight, policy.page_weight_max);
  return weight;
}

std::vector<Reason> ReasonsFor(const Policy& policy, const Question& question,
                               const Judgement& judgement, const std::vector<Fired>& fired) {
  return Reasons(policy, question, judgement, fired).List();
}

}  // namespace kaopu
