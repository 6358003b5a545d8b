// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Chooses the Epoch from a stream's own past: which half-lives and prior strength (by the running
// log-loss of what each candidate said when asked), what everybody's rates are, and how far
// context counts. It holds no sellers, only what is common to all; O(1) an order and an outcome,
// nothing of the future. Sellers live with the caller (reputation/stream.h, or the registry).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <unordered_map>

#include "reputation/evidence.h"
#include "reputation/risk.h"
#include "reputation/sureness.h"

namespace kaopu {

// Orders placed with one seller, this week against the last two months.
class Activity {
 public:
  void Add(Minute at);
  // ln of this week's rate over that of two months; 0 = as always, or nothing known.
  Fix Load(Minute now) const;

 private:
  DecayedSum week_, season_;
  bool any_ = false;
};

// What is known of an order besides its seller; 0 or nullopt = not known. Texts are given as
// KeyOf(text), so that a stream's own words need no table.
struct OrderContext {
  uint64_t category = 0;
  uint64_t state = 0;  // of the country: where the parcel goes, or the platform's word for it
  std::optional<int64_t> promise_minutes;
  std::optional<int64_t> price_minor;
};
uint64_t KeyOf(const char* text, size_t size);  // FNV-1a, 64 bits; never 0

// What Ask remembers until the outcome: what each candidate said, and the context terms.
inline constexpr size_t kGroups = 6;           // category state promise price weekday hour
inline constexpr size_t kTerms = 1 + kGroups;  // load, then the groups
struct Asked {
  Minute at = 0;
  std::array<uint16_t, kCandidates> said{};  // probabilities, times 2^16
  std::array<int32_t, kTerms> terms{};       // times 2^16
  std::array<uint64_t, kGroups> groups{};    // keys; 0 = not known
  uint8_t thin_band = 0;                     // of the seller, when asked
  uint32_t bad = 0;                          // what was answered, times 2^24
  Fix n = 0;                                 // the answer's weight with its prior
  Surprise surprise;                         // of the seller, when asked
};

class Learner {
 public:
  Learner();

  // P(bad) and what belongs to it, from what was learned by now. Changes nothing.
  Risk Ask(const SellerEvidence& seller, const Activity& activity, const OrderContext& context,
           Minute now, Asked& asked, const Surprise& surprise = {}) const;

  // The outcome of an order, asked about or not; adds it to the seller and its surprises too.
  void Learn(const Asked& asked, Minute at, bool bad, std::optional<int64_t> ship_minutes,
             std::optional<int64_t> promise_minutes, SellerEvidence& seller, Fix weight = kFixOne,
             Surprise* surprise = nullptr);
  // One of the bad outcomes turned out to be one that never shipped.
  void LearnNever(const Asked& asked, Minute at, SellerEvidence& seller, Fix weight = kFixOne);
  // One of the bad outcomes turned out to have shipped, late.
  void LearnShipTime(Minute at, int64_t ship_minutes, SellerEvidence& seller, Fix weight = kFixOne);

  Epoch EpochAt(Minute now) const;
  // How many orders an answer of the weight `n` is worth.
  Fix OrdersOf(Fix n, Minute now) const { return sureness_.OrdersOf(n, now); }
  // For people: the weight of each candidate, and each context term's coefficient.
  std::array<Fix, kCandidates> Mixture() const;
  const std::array<Fix, kTerms>& coefficients() const { return coefficient_; }

 private:
  struct Rate {
    DecayedSum bad, all;
  };
  struct Group {
    DecayedSum bad, expected;
  };
  Fix PriorBad(size_t prior_half_life, Minute now) const;
  Fix GroupTerm(uint64_t key, Fix everybody, Minute now) const;

  std::array<Rate, kPriorHalfLives> rates_;
  std::array<Fix, kCandidates> loss_{};  // running, discounted
  std::array<Fix, kCandidates> mixture_{};
  Minute last_learned_ = 0;
  std::array<Fix, kTerms> coefficient_{}, variance_{};
  std::unordered_map<uint64_t, Group> groups_;
  std::array<DecayedSum, kThinBands> never_, decided_;  // by how thinly known
  std::array<DecayedSum, kShipBands> ship_;
  Sureness sureness_;
  Fix raw_good_sum_ = 0;
  int64_t raw_good_count_ = 0;
};

}  // namespace kaopu
