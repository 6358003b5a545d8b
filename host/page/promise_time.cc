// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "page/promise_time.h"

#include <algorithm>

#include "page/promise_tokens.h"

namespace kaopu {
namespace {

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

class Finder : private TokenReader {
 public:
  Finder(const std::vector<PromiseToken>& tokens, DateOrder order)
      : TokenReader(tokens), order_(order) {}

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
      const bool too_long =
          span.max_hours.value_or(0) > kHoursMax || span.min_hours.value_or(0) > kHoursMax;
      if (span.HasDate() ||
          (!too_long && !IsHoursOfTheDay(span, spans) && (span.relative || !Recurs(span)))) {
        spans.push_back(span);
      }
      i = next;
    }
    return spans;
  }

 private:
  // "le 3 déc. entre 8h et 12h": two times of day right behind their date.
  bool IsHoursOfTheDay(const TimeSpan& span, const std::vector<TimeSpan>& before) const {
    if (!span.min_hours || span.max_hours.value_or(24) >= 24 || before.empty() ||
        !before.back().HasDate())
      return false;
    for (size_t i = before.back().last; i < span.first; ++i) {
      if (!Is(i, WordRole::kFiller) && !Is(i, WordRole::kClockBefore) && !Is(i, Kind::kComma) &&
          !Is(i, Kind::kDot))
        return false;
    }
    return tokens_[span.last - 1].end - tokens_[span.last - 1].begin == 1;  // "h", no "hours"
  }

  // "every 4 weeks", 4週間ごとに: how often, not when.
  bool Recurs(const TimeSpan& span) const {
    return (span.first > 0 && Is(span.first - 1, WordRole::kRecurs)) ||
           Is(span.last, WordRole::kRecurs);
  }

  size_t Dates(size_t i, TimeSpan& span) const {
    DateSpan dates;
    const size_t end = ReadDates(tokens_, order_, i, &dates);
    if (end > i) {
      span.from = dates.from;
      span.to = dates.to;
    }
    return end;
  }

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

  // "48 h desde el pago": what begins there is the clock, and the time no lower bound.
  bool StartsClock(size_t from) const {
    return Is(from, WordRole::kAfter) && Is(SkipFiller(from + 1), WordRole::kOrder);
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
        !Is(span.last, WordRole::kFiller) && !Is(span.last, WordRole::kTo) &&
        !StartsClock(span.last)) {
      std::swap(span.min_hours, span.max_hours);  // 3天以上
    }
  }

  DateOrder order_;
};

}  // namespace

std::vector<TimeSpan> FindTimes(const std::vector<PromiseToken>& tokens, DateOrder order) {
  return Finder(tokens, order).Run();
}

}  // namespace kaopu
