// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Evidence -> verdict with reasons, by the policy. Praise on a page never enters: page signals can
// only add caution.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/money.h"
#include "reputation/assessment.h"
#include "reputation/outcome.h"
#include "reputation/policy.h"

namespace kaopu {

// Too little evidence is kUnknown; it stands outside the order dependable < watch_out < danger.
enum class Verdict { kUnknown, kDependable, kWatchOut, kDanger };

// Of a reason: for or against the seller.
enum class Direction { kNeutral, kFor, kAgainst };

std::string_view VerdictName(Verdict verdict);        // WIRE: unknown dependable watch_out danger
std::string_view DirectionName(Direction direction);  // WIRE: neutral for against
std::string_view CautionName(Caution caution);        // WIRE, DISK: low normal high
std::optional<Caution> ParseCaution(std::string_view name);

// What the page in view says about the seller, in the reputation room's own terms.
struct PageSignal {
  std::string name;  // as in Facts: logistics_score positive_ratio on_time_ratio shop_age_days ...
  std::optional<Micro> value;  // scores of a scale as share of the scale
  bool below_average = false;  // the platform itself says: below the average
};

struct PageEvidence {
  std::vector<PageSignal> signals;
  std::optional<int64_t> promise_hours;  // longest shipping promise
  bool presale = false;
  bool off_platform = false;  // asks to be paid outside the platform
  int unfair_terms = 0;
  std::optional<bool> escrow;  // absent = the page does not say
};

// An order of the shopper's own that is past its promised date and not known to have shipped.
struct Overdue {
  int count = 0;
  int days_max = 0;
};

struct Question {
  std::span<const Outcome> own;
  Overdue overdue;
  std::span<const PooledReports> pooled;
  PageEvidence page;
  std::optional<Money> value;  // what is at stake; absent = unknown
  bool self_operated = false;  // the platform sells itself
  Caution caution = Caution::kNormal;
  Date today;
};

using ReasonValue = std::variant<int64_t, std::string>;

struct Reason {
  std::string key;  // of extension/_locales; see host/docs/reasons.md
  std::vector<std::pair<std::string, ReasonValue>> args;
  Micro moved = 0;  // by how much it moved the expected loss
  Direction direction = Direction::kNeutral;
};

struct Judgement {
  Verdict verdict = Verdict::kUnknown;
  std::vector<Reason> reasons;  // at most Policy::reasons_max, by how much each moved the loss
  std::vector<Reason> advice;
  Assessment assessment;  // the numbers the verdict was made of
  Micro own_loss = 0;     // the loss by own orders and page alone
  Thresholds thresholds;  // as applied: caution and value taken in
  bool recoverable = false;
  bool high_value = false;
  bool hard_signal = false;
};

Judgement Judge(const Policy& policy, const Question& question);

// For a cart: danger before watch_out before unknown before dependable.
bool IsWorse(Verdict a, Verdict b);

}  // namespace kaopu
