// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The times that a promise is made of: "2-3 business days", "tomorrow", "by 28 October", "Nov 28 -
// Dec 3".
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "page/promise_lexer.h"

namespace kaopu {

struct CalendarDay {
  // 下周, "next month": counted from now; a week has no month, a month no year.
  enum class Relative : uint8_t { kNone, kThisWeek, kNextWeek, kThisMonth, kNextMonth };
  int year = 0;     // 0 = not said
  int month = 0;    // 0 with a weekday alone and with `relative`
  int day = 0;      // 0 = the whole month
  int part = 0;     // of a whole month: 1 first, 2 middle, 3 last ten days
  int weekday = 0;  // 1 = Monday; 0 = not said
  Relative relative = Relative::kNone;

  bool operator==(const CalendarDay&) const = default;
  bool IsMonth() const {
    return month != 0 || relative == Relative::kThisMonth || relative == Relative::kNextMonth;
  }
};

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

// The calendar date of a day read at `now`: the year not said is the one that puts it nearest to
// now, rather ahead; a weekday that is said decides. `last`: of a whole month its last day, else
// its first. nullopt without a year and `now`.
std::optional<Date> ResolveDay(const CalendarDay& day, std::optional<TimeMs> now, bool last);

}  // namespace kaopu
