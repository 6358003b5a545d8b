// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Steps and thresholds of reputation/early_warning.h, in 1/256 nat.
#pragma once

#include <array>
#include <cstdint>

#include "reputation/early_warning.h"

namespace kaopu {

inline constexpr size_t kVolumes = 5;
inline constexpr std::array<int64_t, kVolumes> kVolume = {20, 63, 200, 632, 2000};  // orders a year

struct EarlyWarningRow {
  int64_t usual_millionths;
  std::array<int64_t, kShifts> shifted_millionths;
  std::array<int16_t, kShifts> bad_step;   // 256 ln(shifted / usual)
  std::array<int16_t, kShifts> good_step;  // 256 ln((1 - shifted) / (1 - usual))
  std::array<std::array<int16_t, kShifts>, kVolumes> thresholds;
};

inline constexpr std::array<EarlyWarningRow, 5> kEarlyWarningRows = {{
#include "reputation/early_warning_table.inc"
}};

}  // namespace kaopu
