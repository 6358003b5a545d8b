// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// A report: an outcome made fit to share. What stands here is all that the public ever sees of an
// order; there is no field for an order number, a name, an address, a URL or free words. The bytes
// (ToText) are what the shopper is shown, what is signed, and what the log commits to.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "base/money.h"
#include "reputation/outcome.h"

namespace kaopu::report {

inline constexpr int kReportVersion = 1;  // WIRE
inline constexpr size_t kReportBytesMax = 1024;
inline constexpr int kDaysMax = 400;  // of any difference: older orders are not reported

// ISO 8601 week, Monday to Sunday: `2026-W45`.
struct IsoWeek {
  int year = 0, week = 0;

  static IsoWeek Of(Date date);
  static std::optional<IsoWeek> Parse(std::string_view text);  // weeks that exist alone
  std::string ToText() const;
  Date Thursday() const;  // the day that stands for the week
  friend auto operator<=>(const IsoWeek&, const IsoWeek&) = default;
};

// How much money, roughly, whatever the currency: below 10, 50, 200, 1000 US dollars' worth, or
// more. WIRE: unknown tiny small medium large very_large.
enum class ValueBand { kUnknown, kTiny, kSmall, kMedium, kLarge, kVeryLarge };
std::string_view ValueBandName(ValueBand band);
std::optional<ValueBand> ParseValueBand(std::string_view name);
// By fixed rates of exchange, right to a factor of about 1.5: kUnknown for other currencies.
ValueBand ValueBandOf(const std::optional<Money>& value);

struct Report {
  std::string seller;  // key
  IsoWeek week;        // in which the order was placed
  OutcomeKind outcome = OutcomeKind::kOpen;
  // Told of before its outcome was known: then it is told of whatever the outcome, and only then
  // may a rate be taken from it. `open` is always such a one.
  bool enrolled = false;
  // Days from the order to ...
  std::optional<int> promised_days;  // the last day of the promise
  std::optional<int> shipped_days;   // the first scan
  std::optional<int> known_days;     // the day the outcome was known; never absent but for `open`
  std::optional<int> days_late;      // kLate alone
  ValueBand value = ValueBand::kUnknown;
  uint32_t revision = 0;  // 0 = first word on this order; a higher one takes its place

  // One line of JSON, keys sorted, no spaces, absent fields left out.
  std::string ToText() const;
  // Only what ToText writes: kBadRequest names the field; kUnsupported a newer version; kTooLarge.
  static Expected<Report> Parse(std::string_view text);
  friend bool operator==(const Report&, const Report&) = default;
};

// kBadRequest says what cannot be: no seller, a day beyond kDaysMax, `days_late` without lateness.
Expected<void> CheckReport(const Report& report);

// The outcome that the registry weighs: known on the week's Thursday and known_days later.
Outcome OutcomeOf(const Report& report);

}  // namespace kaopu::report
