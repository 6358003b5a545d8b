// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "base/clock.h"

#include <algorithm>

#include "base/str_cat.h"

namespace kaopu {
namespace {

using std::chrono::day;
using std::chrono::month;
using std::chrono::year;
using std::chrono::year_month_day;

// Takes exactly `count` ASCII digits off the front of `text`.
std::optional<int> TakeDigits(std::string_view& text, size_t count) {
  if (text.size() < count) return std::nullopt;
  int value = 0;
  for (size_t i = 0; i < count; ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(count);
  return value;
}

bool TakeChar(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<Date> TakeDate(std::string_view& text) {
  auto y = TakeDigits(text, 4);
  if (!y || *y < 1 || !TakeChar(text, '-')) return std::nullopt;
  auto m = TakeDigits(text, 2);
  if (!m || !TakeChar(text, '-')) return std::nullopt;
  auto d = TakeDigits(text, 2);
  if (!d) return std::nullopt;
  const year_month_day ymd{year{*y}, month{static_cast<unsigned>(*m)},
                           day{static_cast<unsigned>(*d)}};
  if (!ymd.ok()) return std::nullopt;
  return Date{ymd};
}

// `HH:MM:SS`, seconds and a fraction optional. A leap second counts as the second before it.
std::optional<std::chrono::milliseconds> TakeTimeOfDay(std::string_view& text) {
  auto h = TakeDigits(text, 2);
  if (!h || *h > 23 || !TakeChar(text, ':')) return std::nullopt;
  auto m = TakeDigits(text, 2);
  if (!m || *m > 59) return std::nullopt;
  int s = 0;
  int ms = 0;
  if (TakeChar(text, ':')) {
    auto seconds = TakeDigits(text, 2);
    if (!seconds || *seconds > 60) return std::nullopt;
    s = std::min(*seconds, 59);
    if (TakeChar(text, '.')) {
      int scale = 100;
      bool any = false;
      while (auto digit = TakeDigits(text, 1)) {
        ms += *digit * scale;
        scale /= 10;
        any = true;
      }
      if (!any) return std::nullopt;
    }
  }
  return std::chrono::hours(*h) + std::chrono::minutes(*m) + std::chrono::seconds(s) +
         std::chrono::milliseconds(ms);
}

std::optional<std::chrono::minutes> TakeOffset(std::string_view& text) {
  if (TakeChar(text, 'Z') || TakeChar(text, 'z')) return std::chrono::minutes(0);
  const bool minus = !text.empty() && text.front() == '-';
  if (!minus && (text.empty() || text.front() != '+')) return std::nullopt;
  text.remove_prefix(1);
  auto h = TakeDigits(text, 2);
  if (!h || *h > 23) return std::nullopt;
  TakeChar(text, ':');
  auto m = TakeDigits(text, 2);
  if (!m || *m > 59) return std::nullopt;
  const auto offset = std::chrono::hours(*h) + std::chrono::minutes(*m);
  return minus ? -offset : offset;
}

}  // namespace

std::optional<Date> ParseDate(std::string_view text) {
  auto date = TakeDate(text);
  return text.empty() ? date : std::nullopt;
}

std::string FormatDate(Date date) {
  const year_month_day ymd{date};
  return StrCat(ZeroPadded(static_cast<int>(ymd.year()), 4), '-',
                ZeroPadded(static_cast<unsigned>(ymd.month()), 2), '-',
                ZeroPadded(static_cast<unsigned>(ymd.day()), 2));
}

std::optional<TimeMs> ParseTime(std::string_view text) {
  auto date = TakeDate(text);
  if (!date) return std::nullopt;
  if (text.empty()) return TimeMs{*date};
  if (!TakeChar(text, 'T') && !TakeChar(text, 't') && !TakeChar(text, ' ')) return std::nullopt;
  auto time = TakeTimeOfDay(text);
  if (!time) return std::nullopt;
  auto offset = TakeOffset(text);
  if (!offset || !text.empty()) return std::nullopt;
  return TimeMs{*date} + *time - *offset;
}

std::string FormatTime(TimeMs time) {
  const auto date = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::hh_mm_ss clock{std::chrono::floor<std::chrono::seconds>(time - date)};
  return StrCat(FormatDate(date), 'T', ZeroPadded(clock.hours().count(), 2), ':',
                ZeroPadded(clock.minutes().count(), 2), ':', ZeroPadded(clock.seconds().count(), 2),
                'Z');
}

}  // namespace kaopu
