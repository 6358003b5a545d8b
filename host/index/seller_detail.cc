// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "index/seller_detail.h"

#include <algorithm>
#include <bit>
#include <vector>

#include "base/str_cat.h"
#include "index/payload_fields.h"
#include "index/seller_row.h"

namespace kaopu::index {
namespace {

// Counts: exact below 32, then 16 steps an octave, rounded down.
uint16_t CountCode(uint32_t count, unsigned bits) {
  uint32_t code = count;
  if (count >= 32) {
    const auto shift = static_cast<uint32_t>(std::bit_width(count)) - 5;
    code = 32 + (shift - 1) * 16 + ((count >> shift) - 16);
  }
  return static_cast<uint16_t>(std::min(code, (1u << bits) - 1));
}
uint32_t CountOf(uint16_t code) {
  if (code < 32) return code;
  return (16u + (code - 32u) % 16) << ((code - 32u) / 16 + 1);
}

// Code 1 is half a day, four steps an octave.
uint32_t HoursOf(uint16_t code) {
  if (code == 0) return 0;
  return static_cast<uint32_t>(
      (12 * FixExp2((static_cast<Fix>(code) - 1) * kFixOne / 4) + kFixOne / 2) >> kFixBits);
}
uint16_t HoursCode(uint32_t hours) {
  uint16_t code = 1;
  while (code < 31 && HoursOf(code) < hours) ++code;
  return code;
}

// To the nearest, but never to nothing.
uint8_t ShareOf(int part, int whole, int steps) {
  if (part == 0) return 0;
  return static_cast<uint8_t>(std::clamp((2 * steps * part + whole) / (2 * whole), 1, steps));
}

int MonthOf(Date day) {
  const std::chrono::year_month_day date(day);
  return static_cast<int>(date.year()) * 12 + static_cast<int>(static_cast<unsigned>(date.month()));
}

}  // namespace

Payload PackDetail(const SellerDetail& d) {
  Fields fields{};
  size_t at = 0;
  const auto put = [&](uint32_t value) { fields[at++] = static_cast<uint16_t>(value); };
  for (int shift = 0; shift < 32; shift += 8) put(d.check >> shift & 0xff);
  put(d.day);
  for (size_t i = 0; i < d.windows.size(); ++i) {
    put(CountCode(d.windows[i].all, i == 2 ? 8 : 7));
    put(CountCode(d.windows[i].bad, i == 2 ? 8 : 7));
  }
  put(CountCode(d.never, 8));
  for (const uint8_t late : d.late) put(late);
  put(d.ship_hours_median == 0 ? 0 : HoursCode(d.ship_hours_median));
  put(d.ship_hours_p90 == 0 ? 0 : HoursCode(d.ship_hours_p90));
  put(0);
  for (const auto& month : d.months) {
    put(month.volume);
    put(month.bad);
  }
  return JoinFields(Kind::kDetails, fields);
}

SellerDetail UnpackDetail(const Payload& payload) {
  const Fields fields = SplitFields(Kind::kDetails, payload);
  size_t at = 0;
  const auto take = [&] { return fields[at++]; };
  const auto small = [&] { return static_cast<uint8_t>(take()); };
  SellerDetail d;
  for (int shift = 0; shift < 32; shift += 8) d.check |= uint32_t{take()} << shift;
  d.day = take();
  for (auto& window : d.windows) {
    window.all = CountOf(take());
    window.bad = CountOf(take());
  }
  d.never = CountOf(take());
  for (uint8_t& late : d.late) late = small();
  d.ship_hours_median = HoursOf(take());
  d.ship_hours_p90 = HoursOf(take());
  take();
  for (auto& month : d.months) {
    month.volume = small();
    month.bad = small();
  }
  return d;
}

Expected<std::optional<SellerDetail>> DetailOf(const Header& header, uint32_t check,
                                               std::span<const Outcome> outcomes) {
  const Date base{std::chrono::days{header.base_day}};
  std::vector<Outcome> decided;
  Date last = base;
  for (const Outcome& outcome : outcomes) {
    if (IsCensored(outcome.kind)) continue;
    decided.push_back(outcome);
    decided.back().known_on = std::max(outcome.known_on, base);
    last = std::max(last, decided.back().known_on);
  }
  if (decided.size() < size_t{kDetailReportsMin}) return std::nullopt;
  if ((last - base).count() > int{kDayMax}) {
    return Fail(ErrorCode::kLimit, StrCat("a report ", (last - base).count(),
                                          " days after the base day: a new base is due"));
  }
  SellerDetail d{.check = check, .day = static_cast<uint16_t>((last - base).count())};
  int year = 0;
  std::array<int, kLateFrom.size()> late{};
  std::array<int, kDetailMonths> all{}, bad{};
  std::vector<uint32_t> hours;
  for (const Outcome& outcome : decided) {
    const int age = static_cast<int>((last - outcome.known_on).count());
    for (size_t i = 0; i < kWindowDays.size(); ++i) {
      if (age >= kWindowDays[i]) continue;
      ++d.windows[i].all;
      d.windows[i].bad += IsBad(outcome.kind);
    }
    const int months = MonthOf(last) - MonthOf(outcome.known_on);
    if (months < static_cast<int>(kDetailMonths)) {
      const size_t month = kDetailMonths - 1 - static_cast<size_t>(months);
      ++all[month];
      bad[month] += IsBad(outcome.kind);
    }
    if (age >= kWindowDays.back()) continue;
    ++year;
    d.never += IsNever(outcome.kind);
    if (outcome.kind == OutcomeKind::kLate) {
      size_t bin = outcome.days_late > 0 ? 0 : 1;
      while (bin + 1 < late.size() && outcome.days_late >= kLateFrom[bin + 1]) ++bin;
      ++late[bin];
    }
    if (outcome.ship_days) hours.push_back(static_cast<uint32_t>(*outcome.ship_days) * 24);
  }
  for (size_t bin = 0; bin < late.size(); ++bin) d.late[bin] = ShareOf(late[bin], year, 15);
  if (!hours.empty()) {
    std::ranges::sort(hours);
    const auto at = [&](size_t tenths) {  // the smallest with so many tenths at or below it
      return HoursOf(HoursCode(hours[(hours.size() * tenths + 9) / 10 - 1]));
    };
    d.ship_hours_median = at(5);
    d.ship_hours_p90 = at(9);
  }
  const int fullest = *std::ranges::max_element(all);
  for (size_t month = 0; month < kDetailMonths; ++month) {
    d.months[month] = {ShareOf(all[month], fullest, 7), ShareOf(bad[month], all[month], 7)};
  }
  return UnpackDetail(PackDetail(d));  // as anybody will read it
}

}  // namespace kaopu::index
