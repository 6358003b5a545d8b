// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// What is remembered of one seller: 64 bytes, O(1) an outcome, nothing kept in order of arrival.
//
// Forgetting by forward decay (Cormode et al., "Forward Decay", ICDE 2009): an outcome at time t is
// added with weight 2^(t / H) relative to a landmark, a whole multiple of the half-life H; moving
// the landmark is a shift. So a counter depends only on its own outcomes: one more bad outcome
// leaves the good counters the same bits, and none falls.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "reputation/fixed.h"

namespace kaopu {

using Minute = int64_t;  // since 1970, UTC; 0 .. kMinuteMax
inline constexpr Minute kMinuteMax = 0xffff'ffff;
inline constexpr Minute kMinutesADay = 1440;

// The candidates among which the half-life of evidence is chosen: a month, a season, more than a
// year.
inline constexpr size_t kHalfLives = 3;
inline constexpr std::array<Minute, kHalfLives> kHalfLife = {
    30 * kMinutesADay, 120 * kMinutesADay, 480 * kMinutesADay};
inline constexpr size_t kMonth = 0, kSeason = 1, kLong = 2;

// Time to ship, in octaves: up to 12 h, 24 h, 48 h, ... 768 h, beyond.
inline constexpr size_t kShipBands = 8;
size_t ShipBandOf(int64_t ship_minutes);  // negative (shipped before it was asked) is band 0

struct Observation {
  bool bad = false;       // not scanned by the promised limit
  Fix weight = kFixOne;   // of the report, 0 .. kFixOne; what is not in it is not evidence
  Fix good_weight = kFixOne;  // of a good one, see GoodWeight; not read where bad
};

// Decayed weights of one half-life.
struct Counts {
  Fix bad = 0;
  Fix good = 0;
  Fix Total() const { return bad + good; }
};

class SellerEvidence {
 public:
  // An outcome known at `at`. O(1). One that comes after a newer one (by `at`) is taken in too, but
  // what is said of one more outcome is exact to the bit only where they come in order of time;
  // else each late one may lose a thousandth of an order by rounding.
  void Add(Minute at, const Observation& outcome);
  // One of the bad outcomes turns out to be one that never shipped.
  void AddNever(Minute at, Fix weight = kFixOne);
  // An order, late or not, took so long from order to the carrier's first scan.
  void AddShipTime(Minute at, int64_t ship_minutes, Fix weight = kFixOne);

  // As of `now`; a `now` before the newest outcome counts as that.
  Counts At(Minute now, size_t half_life) const;
  std::array<Counts, kHalfLives> At(Minute now) const;
  Fix NeverAt(Minute now) const;                              // half-life kLong
  std::array<Fix, kShipBands> ShipTimesAt(Minute now) const;  // half-life kSeason
  Minute newest() const { return newest_; }
  bool Empty() const { return newest_ == 0; }

  friend bool operator==(const SellerEvidence&, const SellerEvidence&) = default;

 private:
  using Weight = uint32_t;  // 10 fractional bits, relative to the landmark; stops at 2^22

  void MoveTo(Minute at);

  uint32_t newest_ = 0;  // also says the landmarks: the last multiple of each half-life
  std::array<Weight, kHalfLives> bad_{}, good_{};
  Weight never_ = 0;
  std::array<Weight, kShipBands> ship_{};
};

// How much a good outcome weighs, by how much of the promised time was left when it shipped: next
// to nothing at the last minute (it might as well have been late), most when at once. Divided by
// its mean over all good outcomes, so that the rates keep their meaning. Never turns good to bad:
// one more good outcome, however narrow, never raises the risk.
//   raw = 1/10 + (1 - ship / promise), ship / promise held in 0..1
// Source: reasoning alone; that it helps is measured in host/docs/estimate.md.
std::optional<Fix> RawGoodWeight(std::optional<int64_t> ship_minutes,
                                 std::optional<int64_t> promise_minutes);
// kFixOne where either is unknown. `mean_raw` > 0.
Fix GoodWeight(std::optional<Fix> raw, Fix mean_raw);

// The same forgetting for a wide sum (a stream's running rate), one half-life.
class DecayedSum {
 public:
  void Add(Minute at, Minute half_life, Fix value);
  Fix At(Minute now, Minute half_life) const;

 private:
  int64_t landmark_ = 0;  // in half-lives
  Fix sum_ = 0;
};

}  // namespace kaopu
