// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "reputation/fixed.h"

#include <algorithm>
#include <array>
#include <bit>

namespace kaopu {
namespace {

#include "reputation/fixed_tables.inc"

constexpr int kTableBits = 30;
constexpr Fix kLn2 = 11629080;          // round(ln 2 * 2^24)
constexpr Fix kLog2OfE = 24204406;      // round(log2 e * 2^24)
constexpr Fix kSureness = kFixOne >> 16;  // nothing is surer than this

// Between table points: `fraction` is 0..2^bits - 1 of the table's whole range.
int64_t Interpolate(const std::array<int64_t, 257>& table, int64_t fraction, int bits) {
  const auto index = static_cast<size_t>(fraction >> (bits - 8));
  const int64_t rest = fraction & ((int64_t{1} << (bits - 8)) - 1);
  return table[index] + ((table[index + 1] - table[index]) * rest >> (bits - 8));
}

}  // namespace

Fix FixExp2(Fix x) {
  if (x < -40 * kFixOne) return 0;
  x = std::min(x, 30 * kFixOne);
  const int64_t whole = x >> kFixBits;
  const int64_t power = Interpolate(kExp2, x & (kFixOne - 1), kFixBits);  // 2^30 .. 2^31
  const int64_t shift = whole - (kTableBits - kFixBits);
  return shift >= 0 ? power << shift : power >> -shift;
}

Fix FixLog2(Fix x) {
  if (x <= 0) return -kFixBits * kFixOne;
  const int top = std::bit_width(static_cast<uint64_t>(x)) - 1;
  const int64_t fraction = top >= 32 ? (x >> (top - 32)) & 0xffffffff
                                     : (x << (32 - top)) & 0xffffffff;
  return (top - kFixBits) * kFixOne +
         (Interpolate(kLog2, fraction, 32) >> (kTableBits - kFixBits));
}

Fix Logit(Fix probability) {
  const Fix p = std::clamp(probability, kSureness, kFixOne - kSureness);
  return FixMul(FixLog2(p) - FixLog2(kFixOne - p), kLn2);
}

Fix Sigmoid(Fix log_odds) {
  // 1 / (1 + e^-x); taken on the side where e^-|x| is at most 1, so that both tails are as fine.
  const Fix x = std::clamp(log_odds, -12 * kFixOne, 12 * kFixOne);
  const Fix odds = FixExp2(FixMul(x < 0 ? x : -x, kLog2OfE));
  const Fix small = std::clamp(FixDiv(odds, kFixOne + odds), kSureness, kFixOne / 2);
  return x < 0 ? small : kFixOne - small;
}

Fix LogLoss(Fix probability) {
  return FixMul(-FixLog2(std::clamp(probability, kSureness, kFixOne)), kLn2);
}

Fix FixSqrt(Fix x) {
  const auto value = static_cast<unsigned __int128>(x) << kFixBits;
  uint64_t root = 0;
  for (uint64_t bit = uint64_t{1} << 43; bit != 0; bit >>= 1) {
    const uint64_t next = root | bit;
    if (static_cast<unsigned __int128>(next) * next <= value) root = next;
  }
  return static_cast<Fix>(root);
}

int64_t HalvedOver(int64_t minutes, int64_t half_life_minutes) {
  const int64_t halvings = minutes / half_life_minutes;
  if (halvings > kTableBits) return 0;
  // 2^-f = 2^(1 - f) / 2: rounded up, so that no time at all is exactly one.
  const int64_t left = half_life_minutes - minutes % half_life_minutes;
  const int64_t power = left == half_life_minutes
                            ? kExp2[256]
                            : Interpolate(kExp2, (left << 32) / half_life_minutes, 32);
  return power >> (halvings + 1);
}

}  // namespace kaopu
