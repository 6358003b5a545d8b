// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "registry/trust/report_judge.h"

#include "registry/trust/decay.h"

namespace kaopu {

using report::WeightClass;

Judgement ReportJudge::Judge(PersonIndex reporter, PersonIndex seller, bool bad, bool proven,
                             int64_t at_s) {
  Standing& standing = standing_[reporter];
  if (standing.reports++ == 0) standing.first_s = at_s;
  const int64_t known_s = at_s - standing.first_s;
  const CollusionFinder::Found found = finder_.Add(reporter, seller, bad, at_s);
  // Judged as the reporter stood before this report.
  const bool earned =
      !proven && trust_.ReliabilityOf(reporter) >= rules_.earned_reliability_min &&
      trust_.WeightOf(reporter) >= rules_.earned_weight_min &&
      standing.earned_words < trust_.ProofsOf(reporter) * rules_.earned_words_a_proof;
  if (earned) ++standing.earned_words;
  trust_.Add(reporter, seller, bad ? ReporterTrust::Word::kBad : ReporterTrust::Word::kGood, at_s);
  if (proven) trust_.AddProof(reporter);

  if (proven) {
    const bool newcomer = known_s < rules_.newcomer_days * kDaySeconds;
    return {.weight_class = newcomer ? WeightClass::kNewcomer : WeightClass::kTrusted};
  }
  if (found.ring)
    return {.weight = rules_.ring_word_weight};  // what it earned is spent all the same
  if (earned) return {.weight_class = WeightClass::kTrusted, .weight = rules_.earned_word_weight};
  if (found.burst) return {.weight = rules_.burst_word_weight};
  const bool aged = standing.reports > 1 && known_s >= rules_.aged_days * kDaySeconds &&
                    trust_.ReliabilityOf(reporter) >= rules_.earned_reliability_min &&
                    trust_.WeightOf(reporter) >= (standing.aged_words + 1) * rules_.aged_word_price;
  if (aged) ++standing.aged_words;
  return {.aged = aged};
}

}  // namespace kaopu
