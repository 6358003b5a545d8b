// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "reputation/evidence.h"

#include <algorithm>
#include <bit>

namespace kaopu {
namespace {

constexpr int kWeightBits = 10;
constexpr uint64_t kWeightMax = 0xffff'ffff;

void Shift(uint32_t& counter, int64_t by) { counter = by > 31 ? 0 : counter >> by; }

// weight * 2^((at - landmark) / half_life) in a counter's bits: at the landmark before `at`, then
// moved to a later one as counters are.
uint32_t Forward(Minute at, Minute landmark, Minute half_life, Fix weight) {
  const Minute own = at / half_life;
  // From the next landmark back, so that only halving is needed: 2^(a - l) = 2 / 2^(l + 1 - a).
  const int64_t power = HalvedOver((own + 1) * half_life - at, half_life);  // 2^30 = 1
  auto counter = static_cast<uint32_t>(weight * (power >> 6) >> (2 * kFixBits - 1 - kWeightBits));
  Shift(counter, landmark - own);
  return counter;
}

// Back from the landmark's weights to those of `now`: first to the landmark of now, as any later
// outcome would have done, so that it makes no difference whether one came.
Fix Faded(uint32_t weight, Minute now, Minute landmark, Minute half_life) {
  Shift(weight, now / half_life - landmark);
  return static_cast<Fix>(weight) * HalvedOver(now % half_life, half_life) >>
         (30 + kWeightBits - kFixBits);
}

void Grow(uint32_t& counter, uint64_t by) {
  counter = static_cast<uint32_t>(std::min(counter + by, kWeightMax));
}

}  // namespace

size_t ShipBandOf(int64_t ship_minutes) {
  const int64_t half_days = std::max<int64_t>(ship_minutes - 1, 0) / (kMinutesADay / 2);
  return std::min<size_t>(std::bit_width(static_cast<uint64_t>(half_days)), kShipBands - 1);
}

void SellerEvidence::MoveTo(Minute at) {
  at = std::clamp<Minute>(at, 0, kMinuteMax);
  if (at <= newest_) return;
  for (size_t h = 0; h < kHalfLives; ++h) {
    const int64_t by = at / kHalfLife[h] - newest_ / kHalfLife[h];
    if (by == 0) continue;
    Shift(bad_[h], by);
    Shift(good_[h], by);
    if (h == kLong) Shift(never_, by);
    if (h == kSeason) {
      for (Weight& band : ship_) Shift(band, by);
    }
  }
  newest_ = static_cast<uint32_t>(at);
}

void SellerEvidence::Add(Minute at, const Observation& outcome) {
  MoveTo(at);
  for (size_t h = 0; h < kHalfLives; ++h) {
    const Minute landmark = newest_ / kHalfLife[h];
    if (outcome.bad) {
      Grow(bad_[h], Forward(at, landmark, kHalfLife[h], outcome.weight));
    } else {
      Grow(good_[h],
           Forward(at, landmark, kHalfLife[h], FixMul(outcome.weight, outcome.good_weight)));
    }
  }
}

void SellerEvidence::AddNever(Minute at, Fix weight) {
  MoveTo(at);
  Grow(never_, Forward(at, newest_ / kHalfLife[kLong], kHalfLife[kLong], weight));
}

void SellerEvidence::AddShipTime(Minute at, int64_t ship_minutes, Fix weight) {
  MoveTo(at);
  Grow(ship_[ShipBandOf(ship_minutes)],
       Forward(at, newest_ / kHalfLife[kSeason], kHalfLife[kSeason], weight));
}

Counts SellerEvidence::At(Minute now, size_t half_life) const {
  now = std::max<Minute>(now, newest_);
  const Minute h = kHalfLife[half_life];
  return {Faded(bad_[half_life], now, newest_ / h, h),
          Faded(good_[half_life], now, newest_ / h, h)};
}

std::array<Counts, kHalfLives> SellerEvidence::At(Minute now) const {
  std::array<Counts, kHalfLives> counts;
  for (size_t h = 0; h < kHalfLives; ++h) counts[h] = At(now, h);
  return counts;
}

Fix SellerEvidence::NeverAt(Minute now) const {
  const Minute h = kHalfLife[kLong];
  return Faded(never_, std::max<Minute>(now, newest_), newest_ / h, h);
}

std::array<Fix, kShipBands> SellerEvidence::ShipTimesAt(Minute now) const {
  const Minute h = kHalfLife[kSeason];
  std::array<Fix, kShipBands> bands;
  for (size_t i = 0; i < kShipBands; ++i) {
    bands[i] = Faded(ship_[i], std::max<Minute>(now, newest_), newest_ / h, h);
  }
  return bands;
}

std::optional<Fix> RawGoodWeight(std::optional<int64_t> ship_minutes,
                                 std::optional<int64_t> promise_minutes) {
  if (!ship_minutes || !promise_minutes || *promise_minutes <= 0) return std::nullopt;
  const int64_t used = std::clamp<int64_t>(*ship_minutes, 0, *promise_minutes);
  return FixOf(1, 10) + FixDiv(*promise_minutes - used, *promise_minutes);
}

Fix GoodWeight(std::optional<Fix> raw, Fix mean_raw) {
  return raw ? FixDiv(*raw, mean_raw) : kFixOne;
}

void DecayedSum::Add(Minute at, Minute half_life, Fix value) {
  const int64_t landmark = at / half_life;
  if (landmark > landmark_) {
    sum_ = landmark - landmark_ > 62 ? 0 : sum_ >> (landmark - landmark_);
    landmark_ = landmark;
  }
  const int64_t power = HalvedOver((landmark_ + 1) * half_life - at, half_life);
  sum_ += FixMul(value, power >> 5);  // 2^30 / 2^5 is 2 in 24 bits: half of it was one step back
}

Fix DecayedSum::At(Minute now, Minute half_life) const {
  const Minute start = landmark_ * half_life;
  return FixMul(sum_, HalvedOver(now > start ? now - start : 0, half_life) >> 6);
}

}  // namespace kaopu
