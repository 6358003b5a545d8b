// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Reports about one seller -> the weights of bad and good evidence, so that the damage liars can do
// does not grow with how many of them there are. Two tiers: what is proven, or comes from a
// reporter who has earned it, counts by itself (newcomers' proofs up to a wide cap); everything
// else goes into one pool a polarity whose TOTAL weight is capped. host/docs/trust.md has the
// formulas and the attack table.
//
// O(1) a report, 96 bytes a seller; no clock, no floating point.
#pragma once

#include <array>
#include <cstdint>
#include <unordered_map>

#include "registry/trust/collusion.h"
#include "registry/trust/reporter_trust.h"
#include "report/seal/log_entry.h"
#include "reputation/policy.h"

namespace kaopu {

// From host/data/policy/trust.json, see trust_policy.h.
struct PoolRules {
  int half_life_days = 120;
  // The cap of a pool: constant + share x trusted evidence of the same polarity.
  Micro cap_constant = 0;
  Micro cap_share = 0;
  // Where a platform has no kind of proof: the cap grows by this for each aged, independent
  // reporter in the pool, up to the limit.
  Micro aged_step = 0;
  Micro aged_limit = 0;
  int aged_days = 0;          // since the reporter's first report
  Micro aged_word_price = 0;  // so many reports' worth of judgement for each word that widens it
  // Proven words of newcomers share a wider pool, so that bought proofs buy little: reporters seen
  // for less than so many days; cap = constant + share x the rest of the trusted evidence.
  int newcomer_days = 0;
  Micro newcomer_constant = 0;
  Micro newcomer_share = 0;
  // Earned trust: as reliable as this, by at least so many reports' worth of judgement and one
  // proof; each proof carries so many unproven words, each of this weight.
  Micro earned_reliability_min = 0;
  Micro earned_weight_min = 0;
  int earned_words_a_proof = 0;
  Micro earned_word_weight = 0;
  // Unproven words of a burst or a ring weigh so much, and widen no cap.
  CollusionRules together;
  Micro burst_word_weight = kOne;
  Micro ring_word_weight = kOne;
};

struct PoolCounts {
  Micro bad = 0, good = 0;                  // as they enter the estimate
  Micro trusted_bad = 0, trusted_good = 0;  // of which proven or earned
  // The bad evidence is unproven: a verdict built on it goes no further than watch_out.
  bool UnprovenAlone() const { return trusted_bad == 0 && bad > 0; }
};

// How a report counts, decided once when it came in (report_judge.h).
struct Judgement {
  report::WeightClass weight_class = report::WeightClass::kPool;
  Micro weight = kOne;  // of an order, within the class
  bool aged = false;  // by an aged, independent reporter: widens the cap where nothing is provable
  friend bool operator==(const Judgement&, const Judgement&) = default;
};

// How much of each kind counts at most, as of a day.
struct PoolCaps {
  struct Cap {
    Micro newcomers = 0, pool = 0;
  };
  Cap bad, good;
};

// One seller. Days are whole days since 1970.
class SellerPool {
 public:
  void Add(const PoolRules& rules, int64_t day, bool bad, const Judgement& judgement);
  // `proof_kinds`: whether the seller's platform has any kind of proof.
  PoolCounts At(const PoolRules& rules, int64_t day, bool proof_kinds) const;
  PoolCaps CapsAt(const PoolRules& rules, int64_t day, bool proof_kinds) const;
  // Another name of the same business: its evidence is this one's too.
  void Inherit(const PoolRules& rules, const SellerPool& from);

 private:
  struct Sums {
    Micro bad = 0, good = 0;
  };
  Sums Decayed(const PoolRules& rules, const Sums& sums, int64_t day) const;
  void MoveTo(const PoolRules& rules, int64_t day);

  int64_t day_ = 0;
  Sums trusted_, newcomer_, pool_,
      aged_;  // as of day_; aged_: independent aged reporters, one a day
  std::array<int64_t, 2> aged_day_ = {-1, -1};  // by polarity: the last day that counted
};

// Everybody's reports, as they were judged.
class ReportPool {
 public:
  explicit ReportPool(const PoolRules& rules) : rules_(rules) {}

  // In order of time.
  void Add(PersonIndex seller, bool bad, const Judgement& judgement, int64_t at_s);
  PoolCounts At(PersonIndex seller, int64_t at_s, bool proof_kinds = true) const;
  void Inherit(PersonIndex seller, PersonIndex from);

  // The share of bad outcomes among trusted evidence, lately: the prior of a seller nobody knows.
  Micro TrustedBadShare(int64_t at_s) const;

 private:
  PoolRules rules_;
  std::unordered_map<PersonIndex, SellerPool> sellers_;
  SellerPool everybody_;
};

}  // namespace kaopu
