// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Ratings as CSV: `rater,ratee,score,unix_time` a line, score -1..1. One line in memory at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <istream>
#include <string>
#include <string_view>

#include "base/error.h"

namespace kaopu {

inline constexpr size_t kRatingLineBytesMax = 4096;

struct Rating {
  std::string rater, ratee;
  double score = 0;       // -1..1
  int64_t unix_time = 0;  // whole seconds; fractions are cut off
};

struct RatingsRead {
  int64_t ratings = 0;
  int64_t out_of_order_line = 0;  // the first line older than the one before it; 0 = none
};

// Calls `take` for each rating, in the file's order. A first line whose score is a word is a
// heading; blank lines are passed over; a field may stand in double quotes ("" inside is one).
// kBadRequest names `what` and the line; what was taken by then stays taken.
Expected<RatingsRead> ReadRatings(std::istream& in, std::string_view what,
                                  const std::function<void(const Rating&)>& take);

}  // namespace kaopu
