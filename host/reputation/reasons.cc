// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "reputation/reasons.h"

#include <algorithm>

#include "base/clock.h"

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
        pooled_(Join(question.pooled)),
        nothing_(Loss({}, {}, 0)) {}

  std::vector<Reason> List() {
    AddOwn();
    AddPooled();
    AddPage();
    AddMissing();
    std::ranges::stable_sort(list_, std::greater{}, &Reason::moved);
    if (list_.size() > static_cast<size_t>(policy_.reasons_max)) list_.resize(policy_.reasons_max);
    return std::move(list_);
  }

 private:
  using Args = std::vector<std::pair<std::string, ReasonValue>>;

  Micro Loss(std::span<const Outcome> own, const PooledWeights& pooled, Micro page_weight) const {
    return Assess(policy_, question_.today, own, pooled, page_weight, judgement_.recoverable).loss;
  }

  Micro Moved(Micro without, Micro alone) const {
    return (std::abs(own_.loss - without) + std::abs(alone - nothing_)) / 2;
  }
  Micro MovedByOutcomes(OutcomeKind kind) const {
    std::vector<Outcome> others, these;
    for (const Outcome& outcome : question_.own)
      (outcome.kind == kind ? these : others).push_back(outcome);
    return Moved(Loss(others, pooled_, own_.page_weight), Loss(these, {}, 0));
  }
  // `these`: a part of the shared reports.
  Micro MovedByPooled(const PooledWeights& these) const {
    PooledWeights others = pooled_;
    for (size_t h = 0; h < kHalfLives; ++h) {
      others.counts[h].bad -= these.counts[h].bad;
      others.counts[h].good -= these.counts[h].good;
    }
    others.never -= these.never;
    return Moved(Loss(question_.own, others, own_.page_weight), Loss({}, these, 0));
  }
  Micro MovedByPage(const Fired& hit) const {
    std::vector<Fired> others;
    for (const Fired& other : fired_) {
      if (other.rule != hit.rule) others.push_back(other);
    }
    return Moved(Loss(question_.own, pooled_, PageWeight(policy_, others)),
                 Loss({}, {}, PageWeight(policy_, {hit})));
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

  // Failures of a seller who is dependable all the same are worded so, not as if they contradicted
  // the verdict.
  std::string Worded(std::string key) const {
    return judgement_.verdict == Verdict::kDependable ? key + "_still" : key;
  }

  void AddFailed(const std::string& key, OutcomeKind kind, int count, const Interval& interval) {
    if (count == 0) return;
    Add(Worded(key), Counts("bad", count, interval), MovedByOutcomes(kind), Direction::kAgainst);
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

  // Of the registry that says most of that kind.
  template <typename Weight>
  const PooledReports& Heaviest(Weight weight) const {
    return *std::ranges::max_element(question_.pooled, {}, weight);
  }

  void AddPooledCounts(std::string key, std::string_view name, int count,
                       const PooledReports::Window& window, const PooledReports& source,
                       const PooledWeights& these, Direction direction) {
    const Fix all = Fix{window.all} << kFixBits;
    const Fix share = all > 0 ? FixDiv(Fix{std::min(count, window.all)} << kFixBits, all) : 0;
    // As sure as the reports weigh, never surer: twenty by nobody known say next to nothing.
    const Span sure = WilsonSpan(share, std::min(all, source.counts[kLong].Total()));
    Add(std::move(key),
        {{std::string(name), int64_t{count}},
         {"total", int64_t{window.all}},
         {"days", int64_t{window.days}},
         {"until", FormatDate(source.last_on)},
         {"low", PercentOf(sure.low)},
         {"high", PercentOf(sure.high)},
         {"registry", source.registry},
         {"as_of", FormatDate(source.as_of)}},
        MovedByPooled(these), direction);
  }

  // Fewer than five reports: no counts are published, and their weight is a share alone.
  void AddPooledFew(std::string key, const PooledReports& source, const PooledWeights& these,
                    Direction direction) {
    const kaopu::Counts& counts = source.counts[kLong];
    const Span sure =
        WilsonSpan(counts.Total() > 0 ? FixDiv(counts.bad, counts.Total()) : 0, counts.Total());
    Add(std::move(key),
        {{"low", PercentOf(sure.low)},
         {"high", PercentOf(sure.high)},
         {"until", FormatDate(source.last_on)},
         {"registry", source.registry},
         {"as_of", FormatDate(source.as_of)}},
        MovedByPooled(these), direction);
  }

  // What others say: how often it went badly, that of these which never shipped, and how often
  // well, each by the registry that knows most of it.
  void AddPooled() {
    if (!pooled_.known) return;
    PooledWeights good, bad, never;
    for (size_t h = 0; h < kHalfLives; ++h) {
      good.counts[h].good = pooled_.counts[h].good;
      bad.counts[h].bad = pooled_.counts[h].bad;
      never.counts[h].bad = std::min(pooled_.counts[h].bad, pooled_.never);
    }
    bad.never = never.never = pooled_.never;
    if (own_.pooled_late + own_.pooled_never > 0) {
      const PooledReports& source =
          Heaviest([](const PooledReports& one) { return one.counts[kLong].bad; });
      const PooledReports::Window* window = WindowOf(source);
      if (window == nullptr || window->bad == 0) {
        AddPooledFew("reason_pooled_few_bad", source, bad, Direction::kAgainst);
      } else {
        AddPooledCounts(Worded("reason_pooled_bad"), "bad", window->bad, *window, source, bad,
                        Direction::kAgainst);
        if (source.counted->never > 0) {
          AddPooledCounts(Worded("reason_pooled_never"), "bad", source.counted->never,
                          source.counted->windows.back(), source, never, Direction::kAgainst);
        }
      }
    }
    if (own_.pooled_on_time > 0) {
      const PooledReports& source =
          Heaviest([](const PooledReports& one) { return one.counts[kLong].good; });
      const PooledReports::Window* window = WindowOf(source);
      if (window == nullptr || window->all == window->bad) {
        AddPooledFew("reason_pooled_few_good", source, good, Direction::kFor);
      } else {
        AddPooledCounts("reason_pooled_on_time", "good", window->all - window->bad, *window, source,
                        good, Direction::kFor);
      }
    }
    AddPooledLimits();
  }

  // What holds shared reports back: their age, or that nobody may have proven them.
  void AddPooledLimits() {
    const PooledReports& oldest =
        *std::ranges::min_element(question_.pooled, {}, &PooledReports::as_of);
    const int64_t age = (question_.today - oldest.as_of).count();
    const Micro shared = own_.loss - judgement_.own_loss;
    if (age > policy_.pooled.old_days) {
      Add("reason_pooled_old", {{"registry", oldest.registry}, {"days", age}}, std::abs(shared),
          Direction::kNeutral);
    }
    if (judgement_.verdict == Verdict::kWatchOut && own_.loss >= judgement_.thresholds.danger &&
        own_.pooled_bad_of_one > 0 && own_.pooled_bad_of_one < policy_.pooled.danger_weight_min) {
      Add("reason_pooled_unproven", {}, shared, Direction::kNeutral);
    }
  }

  // 90 days, or the year where these say too little.
  static const PooledReports::Window* WindowOf(const PooledReports& source) {
    constexpr int kTelling = 5;
    if (!source.counted) return nullptr;
    const auto& windows = source.counted->windows;
    return windows[1].all >= kTelling ? &windows[1] : &windows[2];
  }
  static int64_t PercentOf(Fix share) { return (share * 100 + kFixOne / 2) >> kFixBits; }

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
      if (pooled_.known && total == 0 && tally.open == 0) {
        add("reason_pooled_little", {});
      } else if (total == 0) {
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
  PooledWeights pooled_;
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
