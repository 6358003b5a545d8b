// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "registry/trust/report_pool.h"

#include <algorithm>

#include "registry/trust/decay.h"

namespace kaopu {

using report::WeightClass;

namespace {

__extension__ using Wide = __int128;

}  // namespace

SellerPool::Sums SellerPool::Decayed(const PoolRules& rules, const Sums& sums, int64_t day) const {
  const Micro weight = DecayWeight(day - day_, rules.half_life_days);
  return {Times(sums.bad, weight), Times(sums.good, weight)};
}

void SellerPool::MoveTo(const PoolRules& rules, int64_t day) {
  if (day <= day_) return;  // what comes late counts as of the newest
  trusted_ = Decayed(rules, trusted_, day);
  newcomer_ = Decayed(rules, newcomer_, day);
  pool_ = Decayed(rules, pool_, day);
  aged_ = Decayed(rules, aged_, day);
  day_ = day;
}

void SellerPool::Add(const PoolRules& rules, int64_t day, bool bad, const Judgement& judgement) {
  MoveTo(rules, day);
  Sums& sums = judgement.weight_class == WeightClass::kTrusted    ? trusted_
               : judgement.weight_class == WeightClass::kNewcomer ? newcomer_
                                                                  : pool_;
  (bad ? sums.bad : sums.good) += judgement.weight;
  if (judgement.aged && aged_day_[bad] != day) {  // a day's worth of them is one
    aged_day_[bad] = day;
    (bad ? aged_.bad : aged_.good) += kOne;
  }
}

PoolCaps SellerPool::CapsAt(const PoolRules& rules, int64_t day, bool proof_kinds) const {
  const int64_t now = std::max(day, day_);
  const Sums established = Decayed(rules, trusted_, now), newcomer = Decayed(rules, newcomer_, now),
             aged = Decayed(rules, aged_, now);
  const auto cap = [&](Micro proven, Micro of_newcomers, Micro aged_reporters) {
    PoolCaps::Cap out;
    out.newcomers = rules.newcomer_constant + Times(proven, rules.newcomer_share);
    const Micro trusted = proven + std::min(of_newcomers, out.newcomers);
    out.pool = rules.cap_constant + Times(trusted, rules.cap_share);
    if (!proof_kinds) out.pool += std::min(Times(aged_reporters, rules.aged_step), rules.aged_limit);
    return out;
  };
  return {cap(established.bad, newcomer.bad, aged.bad),
          cap(established.good, newcomer.good, aged.good)};
}

PoolCounts SellerPool::At(const PoolRules& rules, int64_t day, bool proof_kinds) const {
  const int64_t now = std::max(day, day_);
  const Sums established = Decayed(rules, trusted_, now), newcomer = Decayed(rules, newcomer_, now),
             pool = Decayed(rules, pool_, now);
  const PoolCaps caps = CapsAt(rules, day, proof_kinds);
  PoolCounts counts;
  counts.trusted_bad = established.bad + std::min(newcomer.bad, caps.bad.newcomers);
  counts.trusted_good = established.good + std::min(newcomer.good, caps.good.newcomers);
  counts.bad = counts.trusted_bad + std::min(pool.bad, caps.bad.pool);
  counts.good = counts.trusted_good + std::min(pool.good, caps.good.pool);
  return counts;
}

void SellerPool::Inherit(const PoolRules& rules, const SellerPool& from) {
  MoveTo(rules, from.day_);
  const auto add = [&](Sums& to, const Sums& sums) {
    const Sums decayed = from.Decayed(rules, sums, std::max(day_, from.day_));
    to.bad += decayed.bad;
    to.good += decayed.good;
  };
  add(trusted_, from.trusted_);
  add(newcomer_, from.newcomer_);
  add(pool_, from.pool_);
  add(aged_, from.aged_);
}

void ReportPool::Add(PersonIndex seller, bool bad, const Judgement& judgement, int64_t at_s) {
  const int64_t day = DayOf(at_s);
  sellers_[seller].Add(rules_, day, bad, judgement);
  // Everybody's rate is learned from those known longer: fakes must not move what a seller nobody
  // knows is taken for.
  if (judgement.weight_class == WeightClass::kTrusted) everybody_.Add(rules_, day, bad, judgement);
}

PoolCounts ReportPool::At(PersonIndex seller, int64_t at_s, bool proof_kinds) const {
  const auto found = sellers_.find(seller);
  return found == sellers_.end() ? PoolCounts{}
                                 : found->second.At(rules_, DayOf(at_s), proof_kinds);
}

void ReportPool::Inherit(PersonIndex seller, PersonIndex from) {
  const auto found = sellers_.find(from);
  if (found == sellers_.end() || seller == from) return;
  const SellerPool evidence = found->second;
  sellers_[seller].Inherit(rules_, evidence);
}

Micro ReportPool::TrustedBadShare(int64_t at_s) const {
  const PoolCounts counts = everybody_.At(rules_, DayOf(at_s), true);
  // One in ten until there is anything to go by: an opinion worth ten reports.
  return static_cast<Micro>(Wide{counts.trusted_bad + kOne} * kOne /
                            (counts.trusted_bad + counts.trusted_good + 10 * kOne));
}

}  // namespace kaopu
