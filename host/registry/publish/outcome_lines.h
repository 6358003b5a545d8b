// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Outcomes as JSON lines:
// {"seller":"taobao:1","on":"2026-11-02","outcome":"late","days_late":3,"ship_days":5,"weight":0.5}
// on: the day it was known. days_late, ship_days and weight may be absent; unknown fields are
// ignored.
#pragma once

#include <functional>
#include <istream>
#include <string_view>

#include "base/error.h"
#include "registry/publish/index_builder.h"

namespace kaopu {

inline constexpr size_t kOutcomeLineBytesMax = 4096;
inline constexpr size_t kSellerKeyBytesMax = 256;

// Gives each to `each`. kBadRequest names `what` and the line.
Expected<void> ReadOutcomeLines(std::istream& in, std::string_view what,
                                const std::function<void(SharedOutcome&&)>& each);

}  // namespace kaopu
