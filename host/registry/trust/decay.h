// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Whole days, and how the registry's sums forget by them.
#pragma once

#include <algorithm>
#include <cstdint>

#include "reputation/fixed.h"
#include "reputation/policy.h"

namespace kaopu {

inline constexpr int64_t kDaySeconds = 86'400;

// Days since 1970 of a time in seconds, rounded down.
constexpr int64_t DayOf(int64_t at_s) { return at_s / kDaySeconds - (at_s % kDaySeconds < 0); }

// a * b of two numbers in millionths.
constexpr Micro Times(Micro a, Micro b) {
  __extension__ using Wide = __int128;
  return static_cast<Micro>(Wide{a} * b / kOne);
}

// kOne * 2^(-days / half_life_days), rounded down; kOne for days <= 0.
inline Micro DecayWeight(int64_t days, int64_t half_life_days) {
  return HalvedOver(std::max<int64_t>(days, 0), half_life_days) * kOne >> 30;
}

}  // namespace kaopu
