// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The calendar's part of a promise: "28 Oct", "Nov 28 - Dec 3", 8月上旬, "next Friday".
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

struct DateSpan {
  CalendarDay from;
  CalendarDay to;  // equal to `from` for one date
};

// Reads the date or range of dates that begins at token `i`: the index behind it, or `i` when there
// is none. `order`: which of 3/4 is the day.
size_t ReadDates(const std::vector<PromiseToken>& tokens, DateOrder order, size_t i,
                 DateSpan* span);

// The calendar date of a day read at `now`: the year not said is the one that puts it nearest to
// now, rather ahead; a weekday that is said decides. `last`: of a whole month its last day, else
// its first. nullopt without a year and `now`.
std::optional<Date> ResolveDay(const CalendarDay& day, std::optional<TimeMs> now, bool last);

}  // namespace kaopu
