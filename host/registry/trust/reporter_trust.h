// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// How far a reporter's word can be relied on, from the reports that reporter GAVE and what others
// said of the same targets, before and soon after. Nothing that is said about the reporter enters:
// taking away, adding or turning round any report received by a person leaves that person's
// reliability the same bits (property test). Formulas and measurements: host/docs/trust.md.
//
// O(1) a report. Millionths throughout; no floating point, no library function.
#pragma once

#include <array>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "reputation/policy.h"

namespace kaopu {

// Numbers of people (reporters and targets alike) as the caller counts them, from 0.
using PersonIndex = uint32_t;

// Every constant of the formula. See host/docs/trust.md for how they were chosen: a target is
// presumed ordinary, a reporter mostly honest, and both opinions weigh a handful of reports.
struct ReporterTrustRules {
  Micro honest_share = 800'000;    // prior: so much of a reporter's word agrees ...
  Micro honest_weight = 4 * kOne;  // ... an opinion worth so many reports
  Micro good_share = 900'000;      // prior of a target: so many of its reports are good ...
  Micro good_weight = 2 * kOne;    // ... an opinion worth so many reports
  Micro doubt_weight =
      3 * kOne;                 // n reports about a target judge another with weight n / (n + this)
  int64_t age_s = 90 * 86'400;  // a reporter seen this long is half way from ...
  Micro newcomer_factor = 750'000;  // ... this share of its reliability to all of it
};

class ReporterTrust {
 public:
  explicit ReporterTrust(const ReporterTrustRules& rules = {}) : rules_(rules) {}

  enum class Word { kGood, kBad, kNothing };  // kNothing: neither; only makes the reporter known

  // In order of time. A second report by the same reporter about the same target replaces the first
  // and earns nothing; a report about oneself counts for nothing.
  void Add(PersonIndex reporter, PersonIndex target, Word word, int64_t at_s);
  // A report that is backed by a proof: agreement in itself, weight 1.
  void AddProof(PersonIndex reporter);

  // 0..kOne. One who never gave a report: the prior's, as a newcomer.
  Micro ReliabilityOf(PersonIndex reporter) const;
  int ProofsOf(PersonIndex reporter) const;
  // Whether so many reports' worth of judgement stands behind it.
  Micro WeightOf(PersonIndex reporter) const;

 private:
  // The reports before a new one that it corroborates or contradicts.
  static constexpr size_t kRecent = 8;
  struct Recent {
    PersonIndex reporter;
    bool good;
  };
  struct Reporter {
    Micro agreed = 0, weight = 0;
    int64_t first_s = 0, last_s = 0;
    int32_t reports = 0, proofs = 0;
  };
  struct Target {
    int64_t good = 0, bad = 0;
    std::array<Recent, kRecent> recent{};
    uint64_t seen = 0;  // reports ever put into `recent`, which is a ring
  };

  Reporter& ReporterOf(PersonIndex person);
  Target& TargetOf(PersonIndex person);

  ReporterTrustRules rules_;
  std::vector<Reporter> reporters_;
  std::vector<Target> targets_;
  std::unordered_map<uint64_t, bool> said_;  // reporter << 32 | target -> good
};

}  // namespace kaopu
