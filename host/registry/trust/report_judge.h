// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Decides how a report counts: once, when it comes in, from what was known then. The registry asks
// it at intake and writes the answer beside the report; nothing that comes later changes it. Its
// state is a function of the calls, in order: asked the same again it says the same again, so a
// registry that starts replays what it has. host/docs/trust.md has the rules and what they bring.
//
// O(1) a report, no clock, no floating point.
#pragma once

#include <cstdint>
#include <unordered_map>

#include "registry/trust/collusion.h"
#include "registry/trust/report_pool.h"
#include "registry/trust/reporter_trust.h"

namespace kaopu {

class ReportJudge {
 public:
  explicit ReportJudge(const PoolRules& rules) : rules_(rules), finder_(rules.together) {}

  // In order of time. `proven`: backed by a proof that the policy accepts.
  Judgement Judge(PersonIndex reporter, PersonIndex seller, bool bad, bool proven, int64_t at_s);

  const ReporterTrust& reporters() const { return trust_; }

 private:
  struct Standing {
    int64_t first_s = 0;
    int32_t reports = 0, earned_words = 0, aged_words = 0;
  };

  PoolRules rules_;
  ReporterTrust trust_;
  CollusionFinder finder_;
  std::unordered_map<PersonIndex, Standing> standing_;
};

}  // namespace kaopu
