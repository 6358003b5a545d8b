// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "registry/trust/reporter_trust.h"

#include <algorithm>

namespace kaopu {
namespace {

__extension__ using Wide = __int128;

Micro MulDiv(Micro a, Micro b, Micro c) { return static_cast<Micro>(Wide{a} * b / c); }

template <typename T>
T& At(std::vector<T>& all, PersonIndex index) {
  if (index >= all.size()) all.resize(size_t{index} + 1);
  return all[index];
}

}  // namespace

ReporterTrust::Reporter& ReporterTrust::ReporterOf(PersonIndex person) {
  return At(reporters_, person);
}

ReporterTrust::Target& ReporterTrust::TargetOf(PersonIndex person) { return At(targets_, person); }

void ReporterTrust::Add(PersonIndex reporter, PersonIndex target, Word word, int64_t at_s) {
  Reporter& from = ReporterOf(reporter);
  if (word == Word::kNothing || reporter == target) return;
  const bool good = word == Word::kGood;
  from.first_s = from.reports == 0 ? at_s : std::min(from.first_s, at_s);
  from.last_s = from.reports == 0 ? at_s : std::max(from.last_s, at_s);
  ++from.reports;

  Target& about = TargetOf(target);
  const auto [said, first] = said_.try_emplace(uint64_t{reporter} << 32 | target, good);
  if (!first) {  // a change of mind
    if (said->second == good) return;
    said->second = good;
    about.good += good ? 1 : -1;
    about.bad += good ? -1 : 1;
    for (Recent& recent : about.recent) {
      if (recent.reporter == reporter) recent.good = good;
    }
    return;
  }

  // Agreement with what was known before.
  const int64_t known = about.good + about.bad;
  const Micro expected_good =
      (about.good * kOne + MulDiv(rules_.good_weight, rules_.good_share, kOne)) * kOne /
      (known * kOne + rules_.good_weight);
  const Micro weight = MulDiv(known * kOne, kOne, known * kOne + rules_.doubt_weight);
  from.agreed += MulDiv(weight, good ? expected_good : kOne - expected_good, kOne);
  from.weight += weight;

  // And this one is what comes after for those before it: all together one report's worth.
  constexpr Micro kAfter = kOne / static_cast<Micro>(kRecent);
  for (size_t i = 0; i < std::min<uint64_t>(about.seen, kRecent); ++i) {
    Reporter& earlier = ReporterOf(about.recent[i].reporter);
    earlier.weight += kAfter;
    if (about.recent[i].good == good) earlier.agreed += kAfter;
  }
  about.recent[about.seen++ % kRecent] = {reporter, good};
  (good ? about.good : about.bad) += 1;
}

void ReporterTrust::AddProof(PersonIndex reporter) {
  Reporter& from = ReporterOf(reporter);
  from.agreed += kOne;
  from.weight += kOne;
  ++from.proofs;
}

Micro ReporterTrust::ReliabilityOf(PersonIndex reporter) const {
  const Reporter from = reporter < reporters_.size() ? reporters_[reporter] : Reporter{};
  const Micro agreement =
      MulDiv(MulDiv(rules_.honest_weight, rules_.honest_share, kOne) + from.agreed, kOne,
             rules_.honest_weight + from.weight);
  const int64_t age = from.last_s - from.first_s;
  const Micro aged = MulDiv(age, kOne, age + rules_.age_s);
  return MulDiv(agreement,
                rules_.newcomer_factor + MulDiv(kOne - rules_.newcomer_factor, aged, kOne), kOne);
}

int ReporterTrust::ProofsOf(PersonIndex reporter) const {
  return reporter < reporters_.size() ? reporters_[reporter].proofs : 0;
}

Micro ReporterTrust::WeightOf(PersonIndex reporter) const {
  return reporter < reporters_.size() ? reporters_[reporter].weight : 0;
}

}  // namespace kaopu
