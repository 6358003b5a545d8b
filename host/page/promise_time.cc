// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "page/promise_time.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>

namespace kaopu {
namespace {

using Kind = PromiseToken::Kind;
constexpr double kHoursMax = 24 * 366 * 2;  // what is longer is no shipping promise

double HoursOf(TimeUnit unit) {
  switch (unit) {
    case TimeUnit::kMinute:
      return 1.0 / 60;
    case TimeUnit::kHour:
      return 1;
    case TimeUnit::kDay:
    case TimeUnit::kBusinessDay:
      return 24;
    case TimeUnit::kWeek:
    case TimeUnit::kBusinessWeek:
      return 24 * 7;
    case TimeUnit::kMonth:
      return 24 * 30;
    case TimeUnit::kNone:
      break;
  }
  return 0;
}

bool IsBusinessUnit(TimeUnit unit) {
  return unit == TimeUnit::kBusinessDay || unit == TimeUnit::kBusinessWeek;
}

class Finder {
 public:
  Finder(const std::vector<PromiseToken>& tokens, DateOrder order)
      : tokens_(tokens), order_(order) {}

  std::vector<TimeSpan> Run() {
    std::vector<TimeSpan> spans;
    for (size_t i = 0; i < tokens_.size();) {
      TimeSpan span;
      size_t next = Dates(i, span);
      if (next == i) next = Duration(i, span);
      if (next == i) next = Relative(i, span);
      if (next == i) {
        ++i;
        continue;
      }
      span.first = i;
      span.last = next;
      LookAround(span);
      if (span.HasDate() ||
          (span.max_hours.value_or(0) <= kHoursMax && span.min_hours.value_or(0) <= kHoursMax)) {
        spans.push_back(span);
      }
      i = next;
    }
    return spans;
  }

 private:
  bool In(size_t i) const { return i < tokens_.size(); }
  bool Is(size_t i, Kind kind) const { return In(i) && tokens_[i].Is(kind); }
  bool Is(size_t i, WordRole role) const { return In(i) && tokens_[i].Is(role); }
  bool IsUnit(size_t i) const { return In(i) && tokens_[i].IsUnit(); }

  // A number, or a number word directly before what it counts.
  bool Number(size_t i, double* value) const {
    if (Is(i, Kind::kNumber)) {
      *value = tokens_[i].number;
      return true;
    }
    if (In(i) && tokens_[i].word != nullptr && tokens_[i].word->number >= 0) {
      *value = tokens_[i].word->number;
      return true;
    }
    return false;
  }

  size_t SkipFiller(size_t i) const {
    while (Is(i, WordRole::kFiller) && !IsUnit(i)) ++i;
    return i;
  }

  // ---- durations

  // Unit at `i` with what makes it one of business days before or behind it: "business days",
  // "jours ouvrés".
  size_t Unit(size_t i, TimeUnit* unit, bool* business) const {
    size_t at = i;
    if (Is(at, Kind::kDash) && !tokens_[at].slash && IsUnit(at + 1)) ++at;  // "2-day"
    bool marked = false;
    if (Is(at, WordRole::kBusiness) && !IsUnit(at)) {
      marked = true;
      ++at;
    }
    if (!IsUnit(at)) return i;
    *unit = tokens_[at].word->unit;
    marked |= Is(at, WordRole::kBusiness);  // "horas hábiles"
    ++at;
    if (Is(at, WordRole::kBusiness) && !IsUnit(at)) {
      marked = true;
      ++at;
    }
    *business |= marked || IsBusinessUnit(*unit);
    return at;
  }

  // Between two numbers of a range; `i` itself when there is none.
  size_t Connector(size_t i, bool between) const {
    if (Is(i, Kind::kDash)) {
      while (Is(i, Kind::kDash)) ++i;
      return i;
    }
    if (Is(i, WordRole::kTo)) {
      const size_t at = SkipFiller(i + 1);
      return Is(at, Kind::kDash) ? at + 1 : at;  // ל-2
    }
    if (Is(i, WordRole::kAnd)) return i + 1;
    if (Is(i, Kind::kComma) && tokens_[i].end - tokens_[i].begin == 3) return i + 1;  // 3、5天
    return between && Is(i, WordRole::kFiller) ? i + 1 : i;
  }

  // A duration in one word ("fortnight", 하루); `i` itself when there is none.
  size_t SpanWord(size_t i, double* hours, bool* business) const {
    if (!In(i) || tokens_[i].word == nullptr || tokens_[i].word->span_hours < 0) return i;
    *hours = tokens_[i].word->span_hours;
    *business |= tokens_[i].word->span_business;
    return i + 1;
  }

  // "14h" behind "à", "as": a time of day that looks like a duration.
  bool IsTimeOfDay(size_t number, size_t end) const {
    return number > 0 && Is(number - 1, WordRole::kClockBefore) && Is(number, Kind::kNumber) &&
           tokens_[number].number < 24 && end == number + 2 &&
           tokens_[number + 1].end - tokens_[number + 1].begin <= 2;
  }

  // What smaller units add: "3 hrs 20 mins", "1 day and 4 hours"; half a unit more: 1ヶ月半.
  size_t Smaller(size_t i, TimeUnit unit, double* hours) const {
    const size_t number = Is(i, WordRole::kAnd) ? i + 1 : i;
    double more = 0;
    if (unit == TimeUnit::kNone || !Number(number, &more)) return i;
    TimeUnit smaller = TimeUnit::kNone;
    bool business = false;
    const size_t end = Unit(number + 1, &smaller, &business);
    if (smaller == TimeUnit::kNone) {
      if (more != 0.5 || number != i) return i;
      *hours += HoursOf(unit) / 2;
      return number + 1;
    }
    if (HoursOf(smaller) >= HoursOf(unit)) return i;
    *hours += more * HoursOf(smaller);
    return end;
  }

  size_t Duration(size_t i, TimeSpan& span) const {
    double low = 0;
    double low_hours = 0;
    TimeUnit low_unit = TimeUnit::kNone;
    bool business = false;
    bool plus = false;
    size_t at = SpanWord(i, &low_hours, &business);
    const bool said = at > i;
    if (!said) {
      if (!Number(i, &low)) return i;
      at = Unit(i + 1, &low_unit, &business);
      plus = low_unit == TimeUnit::kNone && Is(at, Kind::kPlus);
      if (plus) at = Unit(at + 1, &low_unit, &business);
      if (low_unit == TimeUnit::kHour && IsTimeOfDay(i, at)) return i;
      low_hours = low * HoursOf(low_unit);
      at = Smaller(at, low_unit, &low_hours);
    }
    const bool alternative = Is(at, WordRole::kAnd);
    size_t second = SkipFiller(Connector(at, false));
    if (!plus && second > at) {
      double high_hours = 0;
      double high = 0;
      TimeUnit high_unit = TimeUnit::kNone;
      size_t end = SpanWord(second, &high_hours, &business);
      if (end > second) {
        if (said || low_unit != TimeUnit::kNone)
          return Range(span, low_hours, high_hours, business, end);
      } else if (Number(second, &high)) {
        while (Is(second + 1, Kind::kDash) && tokens_[second + 1].slash &&
               Is(second + 2, Kind::kNumber)) {
          second += 2;  // 24/48/72h
          high = tokens_[second].number;
        }
        end = Unit(second + 1, &high_unit, &business);
        if (high_unit == TimeUnit::kNone && alternative && low_unit != TimeUnit::kNone)
          high_unit = low_unit;  // "a day or two"
        if (high_unit != TimeUnit::kNone) {
          if (low_unit == TimeUnit::kNone && !said) low_hours = low * HoursOf(high_unit);
          high_hours = high * HoursOf(high_unit);
          return Range(span, low_hours, high_hours, business, end);
        }
      }
    }
    if (!said && low_unit == TimeUnit::kNone) return i;
    if (Is(i, Kind::kNumber) && tokens_[i].year_like) return i;
    (plus ? span.min_hours : span.max_hours) = low_hours;
    span.business = business;
    return at;
  }

  static size_t Range(TimeSpan& span, double low_hours, double high_hours, bool business,
                      size_t end) {
    if (low_hours <= high_hours) span.min_hours = low_hours;
    span.max_hours = high_hours;
    span.business = business;
    return end;
  }

  size_t Relative(size_t i, TimeSpan& span) const {
    if (!Is(i, Kind::kWord)) return i;
    const PromiseToken& token = tokens_[i];
    if (token.Is(WordRole::kToday) || token.Is(WordRole::kSameDay)) {
      span.min_hours = 0;
      span.max_hours = 24;
      span.today = token.Is(WordRole::kToday);
      span.same_day = !span.today;
    } else if (token.Is(WordRole::kTomorrow)) {
      span.max_hours = 48;
    } else if (token.Is(WordRole::kDayAfter)) {
      span.max_hours = 72;
    } else {
      return i;
    }
    span.relative = true;
    span.business = token.Is(WordRole::kBusiness);
    size_t at = i + 1;
    while (Is(at, Kind::kComma) || Is(at, WordRole::kFiller)) ++at;
    TimeSpan date;  // "tomorrow, Oct. 22", 明天(03月10日); a weekday alone says nothing more
    if (const size_t end = Dates(at, date); end > at) {
      if (date.from->IsMonth()) {
        span.from = date.from;
        span.to = date.to;
      }
      return end;
    }
    // "today or tomorrow", "today - tomorrow"
    const size_t other = Connector(i + 1, false);
    if (other > i + 1 && Is(other, WordRole::kTomorrow)) {
      span.max_hours = 48;
      return other + 1;
    }
    if (other > i + 1 && Is(other, WordRole::kDayAfter)) {
      span.max_hours = 72;
      return other + 1;
    }
    return i + 1;
  }

  // ---- dates

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
    return end;
  }

  // "Nov 28 - Dec 3", "Aug 3 - 10", "3-10 août", 8月15日-20日, a date alone, a weekday alone, a
  // month alone.
  size_t Dates(size_t i, TimeSpan& span) const {
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
      if (int day = 0;
          DayNumber(second, &day) && day >= from.day && MonthOf(SkipInDate(second + 1)) == 0) {
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

  static size_t Set(TimeSpan& span, const CalendarDay& from, const CalendarDay& to, size_t end) {
    span.from = from;
    span.to = to;
    if (from.year == 0 && to.year != 0) span.from->year = to.year - (from.month > to.month ? 1 : 0);
    return end;
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

  size_t WeekdayOrMonth(size_t i, TimeSpan& span) const {
    CalendarDay day;
    CalendarDay last;
    if (const int weekday = WeekdayOf(i); weekday != 0 && MonthOf(i) == 0) {
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

  // What stands right before and behind a time and changes it.
  void LookAround(TimeSpan& span) const {
    size_t before = span.first;
    if (before > 1 && tokens_[before - 1].Is(Kind::kDash) && tokens_[before - 2].Is(Kind::kWord))
      --before;  // מ-15
    for (int steps = 0; before > 0 && steps < 3; ++steps) {
      const PromiseToken& token = tokens_[before - 1];
      if (token.Is(WordRole::kWithin)) span.adjusted = true;
      if (token.Is(WordRole::kBy)) span.not_later = true;
      if (token.Is(WordRole::kAtLeast) || token.Is(WordRole::kAfter)) span.not_earlier = true;
      if (token.Is(WordRole::kAtLeast) && span.max_hours && !span.min_hours && !span.HasDate() &&
          !span.relative) {
        std::swap(span.min_hours, span.max_hours);
      }
      const bool transparent =
          token.Is(WordRole::kFiller) || token.Is(WordRole::kWithin) || token.Is(WordRole::kBy);
      if (!transparent) break;
      --before;
    }
    if (Is(span.first, WordRole::kBy)) span.not_later = true;  // "by the end of"
    size_t behind = span.last;
    if (span.HasDate() && Is(behind, Kind::kTime)) ++behind;  // 11月30日18:00前
    if (span.HasDate() && Is(behind, Kind::kNumber) && Is(behind + 1, WordRole::kClock))
      behind += 2;
    if (Is(behind, WordRole::kAfterSuffix) || Is(behind, WordRole::kAtLeast))
      span.not_earlier = true;
    if (Is(behind, WordRole::kBySuffix) ||
        (Is(behind, WordRole::kFiller) && Is(behind + 1, WordRole::kBySuffix))) {
      span.not_later = true;
    }
    if (Is(span.last, WordRole::kAtLeast) && span.max_hours && !span.min_hours && !span.relative &&
        !Is(span.last, WordRole::kFiller) && !Is(span.last, WordRole::kTo)) {
      std::swap(span.min_hours, span.max_hours);  // 3天以上
    }
  }

  const std::vector<PromiseToken>& tokens_;
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

std::vector<TimeSpan> FindTimes(const std::vector<PromiseToken>& tokens, DateOrder order) {
  return Finder(tokens, order).Run();
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
