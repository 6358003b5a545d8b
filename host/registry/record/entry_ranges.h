// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Numbers of log entries as a short text: `12-15,17`. Rising, no two ranges touch: one text for a
// set.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace kaopu {

struct EntryRange {
  uint64_t first = 0, last = 0;
  friend bool operator==(const EntryRange&, const EntryRange&) = default;
};

// Entries must rise.
std::vector<EntryRange> RangesOf(std::span<const uint64_t> entries);
std::string RangesText(std::span<const EntryRange> ranges);
// kBadRequest; nothing at or beyond `limit` is taken.
Expected<std::vector<EntryRange>> ParseRanges(std::string_view text, uint64_t limit);

}  // namespace kaopu
