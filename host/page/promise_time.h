// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The times that a promise is made of: "2-3 business days", "tomorrow", "by 28 October", "Nov 28 -
// Dec 3".
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "page/promise_date.h"
#include "page/promise_lexer.h"

namespace kaopu {

struct TimeSpan {
  size_t first = 0;  // tokens [first, last)
  size_t last = 0;
  std::optional<double> min_hours;
  std::optional<double> max_hours;
  bool business = false;
  bool today = false;        // the word "today", which may be the buyer's own
  bool adjusted = false;     // "within", "up to" stand before it
  bool relative = false;     // "today", "tomorrow" and their like
  bool same_day = false;     // "same day", which is never the buyer's own
  bool not_later = false;    // "by", 前: the date is a last one
  bool not_earlier = false;  // "from", 起: the date is a first one
  std::optional<CalendarDay> from;
  std::optional<CalendarDay> to;  // equal to `from` for one date

  bool HasHours() const { return min_hours || max_hours; }
  bool HasDate() const { return from.has_value(); }
  bool OneDate() const { return from && *from == *to; }
};

// Every time in the tokens, in order, none overlapping. Times of day are no times here: they are
// cut-offs.
std::vector<TimeSpan> FindTimes(const std::vector<PromiseToken>& tokens, DateOrder order);

}  // namespace kaopu
