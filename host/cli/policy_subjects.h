// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Sellers and pages to judge by a policy, so that two policies can be compared and one be checked:
// the policy's own cases, the shopper's own sellers, the sellers of a stream.
#pragma once

#include <filesystem>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "messaging/action.h"
#include "reputation/verdict.h"

namespace kaopu {

struct PolicySubject {
  std::string name;
  std::vector<Outcome> own;
  Overdue overdue;
  std::vector<PooledReports> pooled;
  PageEvidence page;
  std::optional<Money> value;
  Caution caution = Caution::kNormal;
  Date today;
  bool self_operated = false;
  std::optional<Verdict> expected;  // of a case

  Judgement JudgeBy(const Policy& policy) const;
};

// `data`/policy/cases/*.json. kDamaged names file, case and what is wrong with it.
Expected<std::vector<PolicySubject>> ReadPolicyCases(const std::filesystem::path& data);
// The same from text; `what` names it in messages.
Expected<std::vector<PolicySubject>> ParsePolicyCases(std::string_view text, std::string_view what);

// Every seller of the shopper's own record, as kaopu check judges it without a page: own orders and
// what the indexes on this disk say.
Expected<std::vector<PolicySubject>> OwnSubjects(const ActionContext& context);

// The sellers of a stream (CONTRACT.md, "Backtest events") as of the day of its last line, in the
// order of their keys. A bad order not known to have shipped never did once 30 days have passed.
// kBadRequest names the line.
Expected<std::vector<PolicySubject>> StreamSubjects(std::istream& in, Caution caution);

}  // namespace kaopu
