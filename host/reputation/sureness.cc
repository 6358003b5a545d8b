// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "reputation/sureness.h"

#include <algorithm>
#include <bit>

namespace kaopu {
namespace {

constexpr Minute kSureHalfLife = 480 * kMinutesADay;
constexpr int kScoreBits = 16, kMassBits = 10;
constexpr Fix kScoreMax = FixOf(1 << 12), kMassMax = FixOf(1 << 14);

Fix ScoreOf(const Surprise& surprise) { return Fix{surprise.score} << (kFixBits - kScoreBits); }
Fix MassOf(const Surprise& surprise) { return Fix{surprise.mass} << (kFixBits - kMassBits); }
// How far one outcome moves an estimate of this weight.
Fix GainOf(Fix n) { return FixDiv(kFixOne, n + kFixOne); }

}  // namespace

void Surprise::Add(bool bad, Fix said, Fix n) {
  const Fix kept = kFixOne - GainOf(n);
  const Fix next = FixMul(kept, ScoreOf(*this)) + (bad ? kFixOne : 0) - said;
  score = static_cast<int32_t>(std::clamp(next, -kScoreMax, kScoreMax) >> (kFixBits - kScoreBits));
  const Fix grown = FixMul(FixMul(kept, kept), MassOf(*this)) + kFixOne;
  mass = static_cast<int32_t>(std::min(grown, kMassMax) >> (kFixBits - kMassBits));
}

size_t Sureness::BandOf(Fix n) {
  const auto whole = static_cast<uint64_t>(std::max<Fix>(n, 0) >> kFixBits);
  return std::min<size_t>(std::bit_width(whole), kBands - 1);
}

void Sureness::Learn(Minute at, bool bad, Fix said, Fix n, const Surprise& before, Fix weight) {
  if (before.mass == 0) return;
  const Fix variance = std::max<Fix>(FixMul(said, kFixOne - said), FixOf(1, 100));
  const Fix surprise = (bad ? kFixOne : 0) - said;
  const Fix mass = FixMul(weight, MassOf(before));
  Band& band = bands_[BandOf(n)];
  band.follow.Add(at, kSureHalfLife,
                  FixMul(weight, FixDiv(FixMul(surprise, ScoreOf(before)), variance)));
  band.mass.Add(at, kSureHalfLife, mass);
}

Fix Sureness::OrdersOf(Fix n, Minute now) const {
  const size_t b = BandOf(n);
  const Fix mass = bands_[b].mass.At(now, kSureHalfLife);
  // An opinion that n is right, worth a quarter of what tells it from twice right.
  const Fix opinion = FixMul(n, n) / 4;
  const Fix follow = FixDiv(bands_[b].follow.At(now, kSureHalfLife), mass + opinion);
  // Error over variance: (follow + k) / (1 - k), and 1 / n where nothing follows.
  const Fix gain = GainOf(n);
  const Fix error = FixDiv(follow + gain, kFixOne - gain);
  return error <= 0 ? 4 * n : std::clamp(FixDiv(kFixOne, error), n / 16, 4 * n);
}

}  // namespace kaopu
