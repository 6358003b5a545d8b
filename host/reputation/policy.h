// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Every constant behind a verdict, as data. Filled from host/data/policy/policy.json by
// messaging/policy_file.h; meaning and reasons of the numbers: host/docs/estimate.md. Integers
// throughout: the same policy and evidence give the same bits anywhere.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "reputation/risk.h"

namespace kaopu {

// Weights, probabilities, costs: millionths. kOne = one order, or certainty, or the whole price.
using Micro = int64_t;
inline constexpr Micro kOne = 1'000'000;

enum class Caution { kLow, kNormal, kHigh };

// Share of the price lost, in the mean, when an order is late by at most `days_max` days. Bands
// ascend in both.
struct LateBand {
  int days_max = 0;  // the last band's is INT_MAX
  Micro cost = 0;
};
inline constexpr int kLateBandsMax = 8;

// Expected loss, as a share of the price, from which a seller is to be watched / is a danger.
struct Thresholds {
  Micro watch_out = 0;
  Micro danger = 0;
};

// One row of the page signal table: the first row of a name that applies counts.
struct SignalRule {
  std::string
      name;  // a platform signal's name, or promise_days, presale, off_platform, unfair_terms
  enum class When { kBelow, kAbove, kRelativeBelow, kPresent } when = When::kPresent;
  Micro limit = 0;     // kBelow / kAbove: compared with the value (ratios and scores of a scale as
                       // share of the scale)
  Micro weight = 0;    // of one observation, at most kOne
  bool hard = false;   // enough for watch_out without any history
  std::string unit;    // how the reason words the value: share days hours count
  std::string reason;  // key of extension/_locales
  std::string source;  // where the weight comes from; a rule without a source says so here
};

struct Policy {
  int version = 0;
  std::string published_on;  // YYYY-MM-DD

  // What a seller is taken for where no stream has told (the prior of the epoch,
  // reputation/risk.h): P(bad) of a seller nobody knows, how many orders that opinion weighs, and
  // P(never) by how well the seller is known (never rising). And how fast own orders are forgotten:
  // a share of the mean for each half-life that evidence is kept at, kOne together.
  Micro prior_strength = 0;
  Micro prior_bad = 0;
  std::array<Micro, kThinBands> prior_never{};
  std::array<Micro, kHalfLives> half_life_shares{};

  // Costs, as a share of the price.
  std::vector<LateBand> late_bands;  // 1..kLateBandsMax
  int days_late_unknown = 0;         // taken where nobody knows how late, and by the prior
  Micro never_cost = 0;              // nothing came, money not recoverable
  Micro never_cost_recoverable = 0;  // nothing came, the platform or the card gives the money back

  std::array<Thresholds, 3> thresholds;  // by Caution
  Micro high_value_factor = 0;  // thresholds of high-value orders are multiplied by this (<= kOne)
  std::map<std::string, int64_t>
      high_value_minor;  // by ISO 4217 currency; one not listed is never high value

  // The usual share of bad orders against which a seller is watched for turning bad
  // (reputation/early_warning.h), and how many orders a year that reckons with.
  Micro usual_bad = 0;
  int usual_orders_a_year = 0;

  // Bad outcomes that weigh less than this after forgetting accuse nobody on their own.
  Micro accuse_weight_min = 0;
  // For `dependable`: so many decided orders, weighing so much after forgetting.
  int dependable_orders_min = 0;
  Micro dependable_weight_min = 0;

  // Shared reports (pooled.h), by weight: bad ones accuse from `accuse` on (watch_out), and from
  // `danger` on, which what nobody has proven cannot reach, may also say danger; all of them
  // together, own orders included, make a seller `dependable` from `dependable` on.
  struct Pooled {
    Micro accuse_weight_min = 0, danger_weight_min = 0, dependable_weight_min = 0;
    int old_days = 0;  // an index older than this is said to be old
  } pooled;

  Micro page_weight_max = 0;  // of all page signals together, at most kOne
  Micro page_cost = 0;        // page signals stand for an order of the dearest late band up to this
  std::vector<SignalRule> signals;
  int reasons_max = 0;  // at most 4
};

}  // namespace kaopu
