// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "report/report.h"

#include <gtest/gtest.h>

#include "base/str_cat.h"

namespace kaopu::report {
namespace {

Date Day(std::string_view text) { return *ParseDate(text); }

Report LateReport() {
  return {.seller = "taobao:134583372",
          .week = IsoWeek::Of(Day("2026-11-04")),
          .outcome = OutcomeKind::kLate,
          .promised_days = 2,
          .shipped_days = 5,
          .known_days = 5,
          .days_late = 3,
          .value = ValueBand::kSmall};
}

TEST(IsoWeekTest, YearsBeginWithTheWeekOfTheFourthOfJanuary) {
  EXPECT_EQ(IsoWeek::Of(Day("2026-01-01")).ToText(), "2026-W01");
  EXPECT_EQ(IsoWeek::Of(Day("2027-01-01")).ToText(), "2026-W53");
  EXPECT_EQ(IsoWeek::Of(Day("2024-12-30")).ToText(), "2025-W01");
  EXPECT_EQ(IsoWeek::Of(Day("2021-01-03")).ToText(), "2020-W53");
  for (Date day = Day("2019-12-20"); day < Day("2031-01-15"); day += std::chrono::days{1}) {
    const IsoWeek week = IsoWeek::Of(day);
    EXPECT_LE(std::chrono::abs(week.Thursday() - day), std::chrono::days{3});
    EXPECT_EQ(IsoWeek::Parse(week.ToText()), week);
  }
}

TEST(IsoWeekTest, WeeksThatDoNotExistAreNone) {
  for (const char* text : {"2025-W53", "2026-W54", "2026-W00", "2026-45", "2026-W4", "1999-W10",
                           "2026-W-1", "", "2026-W455"}) {
    EXPECT_EQ(IsoWeek::Parse(text), std::nullopt) << text;
  }
}

TEST(ReportTest, TheBytesAreOneLineWithSortedKeysAndNothingElse) {
  EXPECT_EQ(LateReport().ToText(),
            R"({"days_late":3,"enrolled":false,"known_days":5,"outcome":"late","promised_days":2,)"
            R"("revision":0,"seller":"taobao:134583372","shipped_days":5,"v":1,"value":"small",)"
            R"("week":"2026-W45"})");
  EXPECT_EQ(Report::Parse(LateReport().ToText()), LateReport());
}

TEST(ReportTest, AnyOtherSpellingOfTheSameIsRefused) {
  const std::string text = LateReport().ToText();
  for (const std::string& other :
       {" " + text, text + "\n", text.substr(0, text.size() - 1) + R"(,"z":1})",
        text.substr(0, text.size() - 1) + R"(,"order_id":"1"})"}) {
    const auto report = Report::Parse(other);
    ASSERT_FALSE(report) << other;
    EXPECT_EQ(report.error().code, ErrorCode::kBadRequest);
  }
}

TEST(ReportTest, WhatCannotBeIsRefusedByName) {
  const auto message = [](auto change) {
    Report report = LateReport();
    change(report);
    const Expected<void> right = CheckReport(report);
    return right ? std::string() : right.error().message;
  };
  EXPECT_EQ(message([](Report&) {}), "");
  EXPECT_NE(message([](Report& r) { r.known_days.reset(); }).find("known_days"), std::string::npos);
  EXPECT_NE(message([](Report& r) { r.days_late = 0; }).find("days_late"), std::string::npos);
  EXPECT_NE(message([](Report& r) { r.shipped_days = 401; }).find("400"), std::string::npos);
  EXPECT_NE(message([](Report& r) { r.seller = "nobody"; }).find("seller"), std::string::npos);
  EXPECT_NE(message([](Report& r) { r.seller = "web:a b"; }).find("seller"), std::string::npos);
  EXPECT_NE(message([](Report& r) { r.outcome = OutcomeKind::kOpen; }), "");
  EXPECT_NE(message([](Report& r) { r.outcome = OutcomeKind::kOnTime; }), "");
}

TEST(ReportTest, ANewerVersionIsUnsupportedAndALongOneTooLarge) {
  std::string text = LateReport().ToText();
  text.replace(text.find(R"("v":1)"), 5, R"("v":2)");
  EXPECT_EQ(Report::Parse(text).error().code, ErrorCode::kUnsupported);
  EXPECT_EQ(Report::Parse(std::string(2000, 'x')).error().code, ErrorCode::kTooLarge);
}

TEST(ReportTest, TheRegistryWeighsTheOutcomeFromTheMiddleOfTheWeek) {
  const Outcome outcome = OutcomeOf(LateReport());
  EXPECT_EQ(outcome.kind, OutcomeKind::kLate);
  EXPECT_EQ(outcome.days_late, 3);
  EXPECT_EQ(FormatDate(outcome.known_on), "2026-11-10");
  EXPECT_EQ(outcome.ship_days, 5);
}

TEST(ValueBandTest, TheSameMoneyIsTheSameBandInAnyCurrency) {
  EXPECT_EQ(ValueBandOf(Money{.amount_minor = 3000, .currency = "USD"}), ValueBand::kSmall);
  EXPECT_EQ(ValueBandOf(Money{.amount_minor = 21000, .currency = "CNY"}), ValueBand::kSmall);
  EXPECT_EQ(ValueBandOf(Money{.amount_minor = 4500, .currency = "JPY"}), ValueBand::kSmall);
  EXPECT_EQ(ValueBandOf(Money{.amount_minor = 999, .currency = "USD"}), ValueBand::kTiny);
  EXPECT_EQ(ValueBandOf(Money{.amount_minor = 250000, .currency = "EUR"}), ValueBand::kVeryLarge);
  EXPECT_EQ(ValueBandOf(Money{.amount_minor = 1, .currency = "XXX"}), ValueBand::kUnknown);
  EXPECT_EQ(ValueBandOf(std::nullopt), ValueBand::kUnknown);
  for (int band = 0; band < 6; ++band) {
    EXPECT_EQ(ParseValueBand(ValueBandName(ValueBand{band})), ValueBand{band});
  }
}

}  // namespace
}  // namespace kaopu::report
