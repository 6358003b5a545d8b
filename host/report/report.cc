// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "report/report.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "base/json.h"
#include "base/str_cat.h"

namespace kaopu::report {
namespace {

using std::chrono::days;

constexpr size_t kSellerBytesMax = 200;

constexpr std::array<std::string_view, 6> kBandNames = {"unknown", "tiny",  "small",
                                                        "medium",  "large", "very_large"};

// Minor units that are worth about ten US dollars. Orders of magnitude, not rates.
struct TenDollars {
  std::string_view currency;
  int64_t minor;
};
constexpr TenDollars kTenDollars[] = {
    {"AUD", 1500},  {"BRL", 5500},  {"CAD", 1400},  {"CHF", 900},    {"CNY", 7000},  {"CZK", 23000},
    {"DKK", 7000},  {"EUR", 900},   {"GBP", 800},   {"HKD", 8000},   {"ILS", 3600},  {"INR", 85000},
    {"JPY", 1500},  {"KRW", 13500}, {"MXN", 18000}, {"MYR", 4400},   {"NOK", 10500}, {"NZD", 1700},
    {"PHP", 57000}, {"PLN", 4000},  {"RUB", 90000}, {"SEK", 10500},  {"SGD", 1300},  {"THB", 34000},
    {"TRY", 35000}, {"TWD", 32000}, {"USD", 1000},  {"VND", 250000}, {"ZAR", 18000},
};

Date FirstMonday(int year) {
  // The week with 4 January in it is the first.
  const Date fourth = std::chrono::sys_days{std::chrono::year{year} / 1 / 4};
  return fourth - days{(std::chrono::weekday{fourth}.iso_encoding() - 1)};
}

std::unexpected<Error> Wrong(std::string_view what) {
  return Fail(ErrorCode::kBadRequest, StrCat("report: ", what));
}

Expected<std::optional<int>> DaysField(const Json& object, std::string_view field) {
  const Expected<std::optional<int64_t>> value = GetInt(object, field);
  if (!value) return std::unexpected(value.error());
  if (!*value) return std::nullopt;
  if (**value < 0 || **value > kDaysMax) {
    return Wrong(StrCat(field, ": ", **value, "; 0 to ", kDaysMax, " days"));
  }
  return static_cast<int>(**value);
}

}  // namespace

IsoWeek IsoWeek::Of(Date date) {
  const Date thursday = date - days{std::chrono::weekday{date}.iso_encoding() - 1} + days{3};
  const int year = static_cast<int>(std::chrono::year_month_day{thursday}.year());
  return {year, static_cast<int>((thursday - FirstMonday(year)).count() / 7) + 1};
}

std::optional<IsoWeek> IsoWeek::Parse(std::string_view text) {
  if (text.size() != 8 || text.substr(4, 2) != "-W") return std::nullopt;
  IsoWeek out;
  const auto number = [](std::string_view digits, int& value) {
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return error == std::errc{} && end == digits.data() + digits.size() && digits.front() != '-';
  };
  if (!number(text.substr(0, 4), out.year) || !number(text.substr(6), out.week)) return {};
  if (out.year < 2000 || out.week < 1 || Of(out.Thursday()) != out) return std::nullopt;
  return out;
}

std::string IsoWeek::ToText() const {
  return StrCat(ZeroPadded(year, 4), "-W", ZeroPadded(week, 2));
}

Date IsoWeek::Thursday() const { return FirstMonday(year) + days{7 * (week - 1) + 3}; }

std::string_view ValueBandName(ValueBand band) { return kBandNames[static_cast<size_t>(band)]; }

std::optional<ValueBand> ParseValueBand(std::string_view name) {
  const auto found = std::ranges::find(kBandNames, name);
  if (found == kBandNames.end()) return std::nullopt;
  return static_cast<ValueBand>(found - kBandNames.begin());
}

ValueBand ValueBandOf(const std::optional<Money>& value) {
  if (!value || value->amount_minor < 0) return ValueBand::kUnknown;
  const auto rate = std::ranges::find(kTenDollars, value->currency, &TenDollars::currency);
  if (rate == std::end(kTenDollars)) return ValueBand::kUnknown;
  const int64_t tens = value->amount_minor / rate->minor;
  if (tens < 1) return ValueBand::kTiny;
  if (tens < 5) return ValueBand::kSmall;
  if (tens < 20) return ValueBand::kMedium;
  return tens < 100 ? ValueBand::kLarge : ValueBand::kVeryLarge;
}

std::string Report::ToText() const {
  Json object = {{"v", kReportVersion},          {"seller", seller},
                 {"week", week.ToText()},        {"outcome", OutcomeKindName(outcome)},
                 {"enrolled", enrolled},         {"revision", revision},
                 {"value", ValueBandName(value)}};
  const auto put = [&](const char* field, const std::optional<int>& number) {
    if (number) object[field] = *number;
  };
  put("promised_days", promised_days);
  put("shipped_days", shipped_days);
  put("known_days", known_days);
  put("days_late", days_late);
  return DumpJson(object);
}

Expected<Report> Report::Parse(std::string_view text) {
  if (text.size() > kReportBytesMax) {
    return Fail(ErrorCode::kTooLarge,
                StrCat("report: ", text.size(), " bytes; at most ", kReportBytesMax));
  }
  const Expected<Json> object = ParseJson(text, "report", 4);
  if (!object) return std::unexpected(object.error());
  if (!object->is_object()) return Wrong("no JSON object");
  const Expected<std::optional<int64_t>> version = GetInt(*object, "v");
  if (!version) return std::unexpected(version.error());
  if (*version != kReportVersion) {
    return Fail(
        *version && **version > kReportVersion ? ErrorCode::kUnsupported : ErrorCode::kBadRequest,
        StrCat("report: version ", version->value_or(0), "; this side reads version ",
               kReportVersion));
  }
  Report out;
  const Expected<std::string> seller = RequireString(*object, "seller"),
                              week = RequireString(*object, "week"),
                              outcome = RequireString(*object, "outcome"),
                              value = RequireString(*object, "value");
  for (const Expected<std::string>* field : {&seller, &week, &outcome, &value}) {
    if (!*field) return std::unexpected(field->error());
  }
  out.seller = *seller;
  const auto parsed_week = IsoWeek::Parse(*week);
  if (!parsed_week) return Wrong("week: no ISO week such as 2026-W45");
  out.week = *parsed_week;
  const auto kind = ParseOutcomeKind(*outcome);
  if (!kind) return Wrong("outcome: not one of those that can be told");
  out.outcome = *kind;
  const auto band = ParseValueBand(*value);
  if (!band) return Wrong("value: not one of the bands");
  out.value = *band;
  const Expected<std::optional<bool>> enrolled = GetBool(*object, "enrolled");
  if (!enrolled) return std::unexpected(enrolled.error());
  out.enrolled = enrolled->value_or(false);
  const Expected<std::optional<int64_t>> revision = GetInt(*object, "revision");
  if (!revision) return std::unexpected(revision.error());
  if (revision->value_or(0) < 0 || revision->value_or(0) > 1000) {
    return Wrong("revision: 0 to 1000");
  }
  out.revision = static_cast<uint32_t>(revision->value_or(0));
  for (const auto& [name, field] :
       {std::pair{"promised_days", &out.promised_days},
        std::pair{"shipped_days", &out.shipped_days}, std::pair{"known_days", &out.known_days},
        std::pair{"days_late", &out.days_late}}) {
    const Expected<std::optional<int>> number = DaysField(*object, name);
    if (!number) return std::unexpected(number.error());
    *field = *number;
  }
  if (const Expected<void> right = CheckReport(out); !right) return std::unexpected(right.error());
  // One report, one text: unknown fields, spaces and other orders of the keys are not ours.
  if (out.ToText() != text) return Wrong("not in its one form (keys sorted, no spaces)");
  return out;
}

Expected<void> CheckReport(const Report& report) {
  if (report.seller.size() < 3 || report.seller.size() > kSellerBytesMax ||
      report.seller.find(':') == std::string::npos ||
      std::ranges::any_of(report.seller, [](char c) {
        return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f || c == '/' || c == '"' ||
               c == '\\';
      })) {
    return Wrong("seller: no seller key (platform:id)");
  }
  if (report.outcome == OutcomeKind::kCancelledInTime) {
    return Wrong("outcome: cancelled_in_time is worked out, never told");
  }
  for (const auto& number :
       {report.promised_days, report.shipped_days, report.known_days, report.days_late}) {
    if (number && (*number < 0 || *number > kDaysMax)) {
      return Wrong(StrCat("days: ", *number, "; 0 to ", kDaysMax));
    }
  }
  if (report.outcome == OutcomeKind::kOpen) {
    if (!report.enrolled) return Wrong("enrolled: an open order is always enrolled");
    if (report.known_days) return Wrong("known_days: nothing is known of an open order yet");
  } else if (!report.known_days) {
    return Wrong("known_days: missing");
  }
  if (report.days_late && (report.outcome != OutcomeKind::kLate || *report.days_late < 1)) {
    return Wrong("days_late: 1 or more, and of a late order alone");
  }
  return {};
}

Outcome OutcomeOf(const Report& report) {
  return {.kind = report.outcome,
          .days_late = report.days_late.value_or(0),
          .known_on = report.week.Thursday() + days{report.known_days.value_or(0)},
          .ship_days = report.shipped_days};
}

}  // namespace kaopu::report
