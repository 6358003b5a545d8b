// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// A policy of the tests' own, so that they say what the code does whatever the shipped numbers are.
#pragma once

#include <array>
#include <limits>
#include <random>

#include "reputation/outcome.h"
#include "reputation/policy.h"
#include "reputation/pooled.h"

namespace kaopu {

// Random histories of the property tests.
class Draws {
 public:
  explicit Draws(unsigned seed) : random_(seed) {}
  int operator()(int below) { return static_cast<int>(random_() % static_cast<unsigned>(below)); }
  // A decided order, on time in at least `good_bias` of 5 cases.
  Outcome Decided(int good_bias, int days_late_below, Date today, int age_days_below) {
    constexpr std::array kKinds = {OutcomeKind::kOnTime, OutcomeKind::kLate,
                                   OutcomeKind::kNeverShipped, OutcomeKind::kFakeShipment,
                                   OutcomeKind::kSellerCancelled};
    Draws& pick = *this;
    const OutcomeKind kind = pick(5) < good_bias ? OutcomeKind::kOnTime : kKinds[pick(5)];
    return Outcome{kind, pick(days_late_below), today - std::chrono::days{pick(age_days_below)}};
  }

  // What a registry may say: nothing of some kinds, up to thirty orders of others.
  PooledReports Shared() {
    Draws& pick = *this;
    PooledReports one;
    const auto weight = [&] { return pick(3) == 0 ? Fix{0} : Fix{pick(30 << 16)} << 8; };
    const Fix good = weight(), late = weight();
    one.never = weight();
    for (size_t h = 0; h < kHalfLives; ++h) {  // what is forgotten faster weighs less
      one.counts[h] = {.bad = (late + one.never) * static_cast<Fix>(h + 1) / Fix{kHalfLives},
                       .good = good * static_cast<Fix>(h + 1) / Fix{kHalfLives}};
    }
    return one;
  }
  // One more order told to a registry on the day of looking; whether it was a bad one.
  bool OneMoreShared(PooledReports& one) {
    const int kind = (*this)(3);
    const Fix weight = kFixOne >> (*this)(4);
    for (Counts& counts : one.counts) (kind == 0 ? counts.good : counts.bad) += weight;
    if (kind == 2) one.never += weight;
    return kind != 0;
  }

 private:
  std::mt19937 random_;
};

inline Policy TestPolicy() {
  Policy policy;
  policy.version = 1;
  policy.prior_strength = 2 * kOne;
  policy.prior_bad = 100'000;
  policy.prior_never = {20'000, 20'000, 15'000, 10'000};
  policy.half_life_shares = {0, 250'000, 750'000};
  policy.usual_bad = 100'000;
  policy.usual_orders_a_year = 20;
  policy.late_bands = {
      {2, 100'000}, {7, 150'000}, {14, 200'000}, {std::numeric_limits<int>::max(), 250'000}};
  policy.days_late_unknown = 5;
  policy.never_cost = kOne;
  policy.never_cost_recoverable = 500'000;
  policy.thresholds = {Thresholds{45'000, 160'000}, Thresholds{30'000, 120'000},
                       Thresholds{20'000, 80'000}};
  policy.high_value_factor = 750'000;
  policy.high_value_minor = {{"CNY", 100'000}};
  policy.accuse_weight_min = 50'000;
  policy.dependable_orders_min = 3;
  policy.dependable_weight_min = 1'500'000;
  policy.pooled = {.accuse_weight_min = 500'000,
                   .danger_weight_min = 2'500'000,
                   .dependable_weight_min = 5 * kOne,
                   .old_days = 30};
  policy.page_weight_max = kOne;
  policy.page_cost = 200'000;
  using When = SignalRule::When;
  policy.signals = {
      {"off_platform", When::kPresent, 0, kOne, true, "count", "reason_page_off_platform", "terms"},
      {"unfair_terms", When::kPresent, 0, 500'000, false, "count", "reason_page_unfair_terms",
       "none"},
      {"logistics_score", When::kRelativeBelow, 0, 500'000, false, "share",
       "reason_page_logistics_below", "none"},
      {"positive_ratio", When::kBelow, 900'000, 500'000, false, "share", "reason_page_positive_low",
       "none"},
      {"positive_ratio", When::kBelow, 950'000, 250'000, false, "share", "reason_page_positive_low",
       "none"},
      {"shop_age_days", When::kBelow, 90 * kOne, 500'000, false, "days", "reason_page_new_shop",
       "none"},
      {"promise_days", When::kAbove, 7 * kOne, 200'000, false, "days", "reason_page_long_promise",
       "none"},
      {"presale", When::kPresent, 0, 300'000, false, "count", "reason_page_presale", "none"},
  };
  policy.reasons_max = 4;
  return policy;
}

}  // namespace kaopu
