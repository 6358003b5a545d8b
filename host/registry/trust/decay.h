// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// How the registry's sums forget, by whole days.
#pragma once

#include <algorithm>
#include <cstdint>

#include "reputation/fixed.h"
#include "reputation/policy.h"

namespace kaopu {

// kOne * 2^(-days / half_life_days), rounded down; kOne for days <= 0.
inline Micro DecayWeight(int64_t days, int64_t half_life_days) {
  return HalvedOver(std::max<int64_t>(days, 0), half_life_days) * kOne >> 30;
}

}  // namespace kaopu
