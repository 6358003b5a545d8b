// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "page/promise_date.h"

#include <algorithm>
#include <chrono>

#include "page/promise_tokens.h"

namespace kaopu {
namespace {

class DateReader : private TokenReader {
 public:
  DateReader(const std::vector<PromiseToken>& tokens, DateOrder order)
      : TokenReader(tokens), order_(order) {}

  // "Nov 28 - Dec 3", "Aug 3 - 10", "3-10 août", 8月15日-20日, a date alone, a weekday alone, a
  // month alone.
  size_t Dates(size_t i, DateSpan& span) const {
    CalendarDay from;
    CalendarDay to;
    if (int first = 0;
        DayNumber(i, &first) || (WeekdayOf(i) != 0 && DayNumber(SkipInDate(i + 1), &first))) {
      const size_t number = WeekdayOf(i) != 0 ? SkipInDate(i + 1) : i;
      size_t at = Is(number + 1, Kind::kDot) ? number + 2 : number + 1;
      const size_t second = SkipFiller(Connector(at, true));
      if (second > at) {
        const size_t end = OneDate(second, to);
        if (end > second && !Is(second, Kind::kDate) && MonthOf(second) == 0) {
          from = to;
          from.day = first;
          from.weekday = 0;
          return Set(span, from, to, end);
        }
      }
    }
    if (PartOf(i) != 0) {  // "early to mid March"
      const size_t second = Connector(i + 1, false);
      const size_t end = second > i + 1 && PartOf(second) != 0 ? PlainDate(second, to) : second;
      if (end > second) {
        from = to;
        from.part = PartOf(i);
        return Set(span, from, to, end);
      }
    }
    size_t end = OneDate(i, from);
    if (end == i) return WeekdayOrMonth(i, span);
    to = from;
    const size_t second = SkipFiller(Connector(end, true));
    if (second > end) {
      if (from.part != 0 && PartOf(second) != 0 && PlainDate(second, to) == second) {
        to = from;  // 12月中旬~下旬
        to.part = PartOf(second);
        return Set(span, from, to, second + 1);
      }
      CalendarDay other;
      if (const size_t other_end = OneDate(second, other); other_end > second)
        return Set(span, from, other, other_end);
      if (int day = 0; DayNumber(second, &day) && day >= from.day &&
                       MonthOf(SkipInDate(second + 1)) == 0 && !IsHour(second + 1)) {
        to.day = day;
        to.weekday = 0;
        size_t behind = second + 1;
        if (IsUnit(behind) && tokens_[behind].word->unit == TimeUnit::kDay) ++behind;  // 15日-20日
        if (Is(behind, Kind::kComma) && WeekdayOf(behind + 1) != 0)
          behind += 2;  // 28日(土)
        else if (WeekdayOf(behind) != 0)
          ++behind;
        behind = Year(behind, to);
        from.year = to.year;
        return Set(span, from, to, behind);
      }
    }
    return Set(span, from, to, end);
  }

 private:
  size_t Year(size_t i, CalendarDay& day) const {
    size_t at = i;
    while (Is(at, Kind::kComma) || Is(at, Kind::kDot) || (Is(at, WordRole::kFiller) && at < i + 2))
      ++at;
    if (Is(at, Kind::kNumber) && tokens_[at].year_like) {
      day.year = WesternYear(static_cast<int>(tokens_[at].number));
      return at + 1;
    }
    return i;
  }

  bool DayNumber(size_t i, int* day) const {
    if (!Is(i, Kind::kNumber) || tokens_[i].number < 1 || tokens_[i].number > 31) return false;
    *day = static_cast<int>(tokens_[i].number);
    return *day == tokens_[i].number;
  }

  int MonthOf(size_t i) const {
    return In(i) && tokens_[i].word != nullptr ? tokens_[i].word->month : 0;
  }
  int WeekdayOf(size_t i) const {
    return In(i) && tokens_[i].word != nullptr ? tokens_[i].word->weekday : 0;
  }

  size_t SkipInDate(size_t i) const {                             // "3. de", "Friday, the"
    if (Is(i, Kind::kDash) && MonthOf(i + 1) != 0) return i + 1;  // 5/dez, 28-Nov
    while (Is(i, Kind::kDot) || Is(i, Kind::kComma) ||
           (Is(i, WordRole::kFiller) && MonthOf(i) == 0 && WeekdayOf(i) == 0))
      ++i;
    return i;
  }

  int PartOf(size_t i) const {
    if (Is(i, WordRole::kEarly)) return 1;
    if (Is(i, WordRole::kMid)) return 2;
    return Is(i, WordRole::kLate) ? 3 : 0;
  }

  CalendarDay::Relative RelativeOf(size_t i) const {
    using Relative = CalendarDay::Relative;
    if (Is(i, WordRole::kThisMonth)) return Relative::kThisMonth;
    if (Is(i, WordRole::kNextMonth)) return Relative::kNextMonth;
    if (Is(i, WordRole::kThisWeek)) return Relative::kThisWeek;
    return Is(i, WordRole::kNextWeek) ? Relative::kNextWeek : Relative::kNone;
  }

  // The one character right behind "week" in 下周五, 下周日; 0 when it is none.
  int HanWeekday(size_t i) const {
    if (!In(i) || i == 0 || tokens_[i].begin != tokens_[i - 1].end ||
        tokens_[i].end - tokens_[i].begin != 3)
      return 0;
    if (int number = 0; DayNumber(i, &number) && number < 7 && !IsUnit(i + 1)) return number;
    return IsUnit(i) && tokens_[i].word->unit == TimeUnit::kDay ? 7 : 0;
  }

  // "early March", "mi-janvier", 月底, 下个月, 下周五.
  size_t PartOrRelative(size_t i, CalendarDay& day) const {
    const int part = PartOf(i);
    size_t at = i;
    if (part != 0 && RelativeOf(i) == CalendarDay::Relative::kNone) {
      do ++at;
      while (Is(at, Kind::kDash) || (Is(at, WordRole::kFiller) && MonthOf(at) == 0));
    }
    CalendarDay found;
    found.part = part;
    if (found.relative = RelativeOf(at); found.relative != CalendarDay::Relative::kNone) {
      if (found.part == 0) found.part = PartOf(at);
      ++at;
      if (found.IsMonth()) {
        if (DayNumber(at, &found.day) && IsUnit(at + 1)) {  // 本月28日
          at += 2;
        } else {
          found.day = 0;
        }
      } else if (WeekdayOf(at) != 0) {
        found.weekday = WeekdayOf(at++);
      } else if (const int weekday = HanWeekday(at); weekday != 0) {
        found.weekday = weekday;
        ++at;
      }
    } else if (part == 0) {
      return i;
    } else if (MonthOf(at) != 0) {
      found.month = MonthOf(at);
      at = Year(at + 1, found);
    } else if (Is(at, Kind::kDate) && tokens_[at].day == 0) {
      found.month = tokens_[at].month;
      found.year = tokens_[at++].year;
    } else {
      return i;
    }
    day = found;
    return at;
  }

  // One date at `i`, without its weekday.
  size_t PlainDate(size_t i, CalendarDay& day) const {
    if (Is(i, Kind::kDate)) {
      const PromiseToken& token = tokens_[i];
      day = {.year = token.year, .month = token.month, .day = token.day, .part = token.part};
      if (token.ambiguous && order_ == DateOrder::kDayFirst) std::swap(day.month, day.day);
      return i + 1;
    }
    if (const size_t end = PartOrRelative(i, day); end > i) return end;
    if (const int month = MonthOf(i); month != 0) {
      if (DayNumber(SkipInDate(i + 1), &day.day) && !IsUnit(SkipInDate(i + 1) + 1)) {
        day.month = month;
        return Year(SkipInDate(i + 1) + 1, day);
      }
      return i;
    }
    if (int number = 0; DayNumber(i, &number)) {
      const size_t at = SkipInDate(i + 1);
      if (const int month = MonthOf(at); month != 0) {
        day.day = number;
        day.month = month;
        return Year(at + 1, day);
      }
    }
    return i;
  }

  // 11/30(一): the day of the week in brackets, as one character; behind it.
  size_t BracketedWeekday(size_t i) const {
    const bool bracketed = Is(i, Kind::kComma) && In(i + 1) && Is(i + 2, Kind::kComma) &&
                           tokens_[i + 1].end - tokens_[i + 1].begin == 3;
    const bool weekday = bracketed && (Is(i + 1, Kind::kNumber) || Is(i + 1, Kind::kOther) ||
                                       Is(i + 1, Kind::kWord));
    return weekday && !IsUnit(i + 1) ? i + 3 : i;
  }

  size_t OneDate(size_t i, CalendarDay& day) const {
    int weekday = WeekdayOf(i);
    size_t at = weekday != 0 ? SkipInDate(i + 1) : i;
    if (int number = 0;
        weekday != 0 && MonthOf(i) != 0 && !(DayNumber(at, &number) && MonthOf(at + 1) != 0)) {
      weekday = 0;  // "Mar. 12" is in March, "mar. 12 mai" a mardi
      at = i;
    }
    size_t end = PlainDate(at, day);
    if (end == at) return i;
    if (size_t behind = SkipInDate(end);
        weekday == 0 && behind <= end + 1 && WeekdayOf(behind) != 0) {  // 8月16日(周日)
      weekday = WeekdayOf(behind);
      end = Is(behind + 1, Kind::kComma) ? behind + 2 : behind + 1;
    }
    if (weekday != 0) day.weekday = weekday;
    return weekday == 0 ? BracketedWeekday(end) : end;
  }

  static size_t Set(DateSpan& span, const CalendarDay& from, const CalendarDay& to, size_t end) {
    span = {from, to};
    if (from.year == 0 && to.year != 0) span.from.year = to.year - (from.month > to.month ? 1 : 0);
    return end;
  }

  bool IsHour(size_t i) const {  // "3 déc. entre 8h et 12h"
    return Is(i, WordRole::kClock) || (IsUnit(i) && tokens_[i].word->unit == TimeUnit::kHour);
  }

  // Whether a month's name at `i` is one: "in December", "expected March"; not "may" the verb, nor
  // "sept" and "dez" before what they count.
  bool IsMonthAlone(size_t i) const {
    if (i == 0 || IsUnit(i + 1) || Is(i + 1, WordRole::kBusiness)) return false;
    const PromiseToken& before = tokens_[i - 1];
    if (tokens_[i].end - tokens_[i].begin <= 3) {
      return (before.Is(WordRole::kWithin) || before.Is(WordRole::kBy)) &&
             (!In(i + 1) || Is(i + 1, Kind::kEnd) || Is(i + 1, Kind::kComma));
    }
    constexpr WordRole kLeads[] = {WordRole::kFiller, WordRole::kAtLeast,  WordRole::kAfter,
                                   WordRole::kShip,   WordRole::kEstimate, WordRole::kPresale,
                                   WordRole::kWithin, WordRole::kBy,       WordRole::kDeliver};
    return std::any_of(std::begin(kLeads), std::end(kLeads),
                       [&](WordRole role) { return before.Is(role); });
  }

  // "every Monday", "every Monday and Thursday": the second as well.
  bool Returns(size_t i) const {
    while (i > 0 && (WeekdayOf(i - 1) != 0 || Is(i - 1, Kind::kComma) || Is(i - 1, WordRole::kAnd)))
      --i;
    return i > 0 && (Is(i - 1, WordRole::kEvery) ||
                     (i > 1 && Is(i - 1, WordRole::kFiller) && Is(i - 2, WordRole::kEvery)));
  }

  // "Mon-Sat", "Sunday to Thursday": the days on which somebody works.
  bool IsWorkingWeek(size_t i) const {
    const int first = WeekdayOf(i);
    const size_t second = Connector(i + 1, false);
    if ((first != 1 && first != 7) || second == i + 1 || WeekdayOf(second) == 0) return false;
    return (WeekdayOf(second) - first + 7) % 7 >= 4;
  }
  bool EndsWorkingWeek(size_t i) const {
    for (size_t first = i; first > 0 && first + 3 > i;) {
      if (WeekdayOf(--first) != 0) return IsWorkingWeek(first) && Connector(first + 1, false) == i;
    }
    return false;
  }

  size_t WeekdayOrMonth(size_t i, DateSpan& span) const {
    CalendarDay day;
    CalendarDay last;
    if (const int weekday = WeekdayOf(i); weekday != 0 && MonthOf(i) == 0) {
      if (Returns(i) || IsWorkingWeek(i) || EndsWorkingWeek(i)) return i;
      day.weekday = weekday;
      last = day;
      const size_t second = Connector(i + 1, false);
      if (second > i + 1 && WeekdayOf(second) != 0) {
        last.weekday = WeekdayOf(second);
        return Set(span, day, last, second + 1);
      }
      // "mar", "sun" may be anything: a day of the week only where a phrase ends.
      const bool short_form = tokens_[i].end - tokens_[i].begin <= 3;
      if (short_form && In(i + 1) && !Is(i + 1, Kind::kEnd) && !Is(i + 1, Kind::kComma) &&
          !Is(i + 1, Kind::kDash))
        return i;
      return Set(span, day, last, i + 1);
    }
    day.month = MonthOf(i);
    if (day.month == 0) return i;
    size_t end = Year(i + 1, day);  // "January 2027"
    last = day;
    const size_t second = SkipFiller(Connector(end, true));
    if (int number = 0; second > end && MonthOf(second) != 0 && !DayNumber(second + 1, &number)) {
      last = {.month = MonthOf(second)};  // "January or February 2027"
      end = Year(second + 1, last);
    }
    if (last.year == 0 && !IsMonthAlone(i)) return i;
    return Set(span, day, last, end);
  }

  DateOrder order_;
};

std::optional<Date> DayOf(int year, int month, int day) {
  const std::chrono::year_month_day ymd{std::chrono::year{year},
                                        std::chrono::month{static_cast<unsigned>(month)},
                                        std::chrono::day{static_cast<unsigned>(day)}};
  if (!ymd.ok()) return std::nullopt;
  return Date{ymd};
}

}  // namespace

size_t ReadDates(const std::vector<PromiseToken>& tokens, DateOrder order, size_t i,
                 DateSpan* span) {
  return DateReader(tokens, order).Dates(i, *span);
}

std::optional<Date> ResolveDay(const CalendarDay& day, std::optional<TimeMs> now, bool last) {
  using std::chrono::days;
  using Relative = CalendarDay::Relative;
  if (day.relative != Relative::kNone) {
    if (!now) return std::nullopt;
    const Date today = std::chrono::floor<days>(*now);
    if (!day.IsMonth()) {
      const auto weekday = static_cast<int>(std::chrono::weekday{today}.iso_encoding());
      const int weekday_wanted = day.weekday != 0 ? day.weekday : last ? 7 : 1;
      return today + days(weekday_wanted - weekday + (day.relative == Relative::kNextWeek ? 7 : 0));
    }
    const std::chrono::year_month_day ymd{today};
    const auto month = ymd.year() / ymd.month() +
                       std::chrono::months(day.relative == Relative::kNextMonth ? 1 : 0);
    CalendarDay named = day;
    named.relative = Relative::kNone;
    named.year = static_cast<int>(month.year());
    named.month = static_cast<int>(static_cast<unsigned>(month.month()));
    return ResolveDay(named, now, last);
  }
  if (day.month == 0) {  // a weekday alone: the next one, today included
    if (!now || day.weekday == 0) return std::nullopt;
    const Date today = std::chrono::floor<days>(*now);
    const int ahead =
        (day.weekday - static_cast<int>(std::chrono::weekday{today}.iso_encoding()) + 7) % 7;
    return today + days(ahead);
  }
  int day_of_month = day.day;
  if (day_of_month == 0) {
    constexpr int kFirst[] = {1, 1, 11, 21};
    constexpr int kLast[] = {0, 10, 20, 0};
    day_of_month = last ? kLast[day.part] : kFirst[day.part];
  }
  const auto in_year = [&](int year) -> std::optional<Date> {
    if (day_of_month != 0) return DayOf(year, day.month, day_of_month);
    return Date{std::chrono::year{year} / std::chrono::month{static_cast<unsigned>(day.month)} /
                std::chrono::last};
  };
  if (day.year != 0) return in_year(day.year);
  if (!now) return std::nullopt;
  const Date today = std::chrono::floor<days>(*now);
  const int year = static_cast<int>(std::chrono::year_month_day{today}.year());
  std::optional<Date> best;
  long best_cost = 0;
  for (int candidate = year - 1; candidate <= year + 1; ++candidate) {
    const auto date = in_year(candidate);
    if (!date) continue;
    long cost = (*date - today).count();
    if (cost < 0) cost = -3 * cost;  // pages are old by days, promises reach ahead by months
    if (day.weekday != 0 &&
        static_cast<int>(std::chrono::weekday{*date}.iso_encoding()) != day.weekday)
      cost += 200;
    if (!best || cost < best_cost) {
      best = date;
      best_cost = cost;
    }
  }
  return best;
}

}  // namespace kaopu
