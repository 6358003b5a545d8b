// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "base/clock.h"

#include <gtest/gtest.h>

namespace kaopu {
namespace {

TEST(ParseDate, reads_what_format_date_writes) {
  for (const char* text : {"0001-01-01", "1970-01-01", "2024-02-29", "2026-11-23", "9999-12-31"}) {
    const auto date = ParseDate(text);
    ASSERT_TRUE(date) << text;
    EXPECT_EQ(FormatDate(*date), text);
  }
}

TEST(ParseDate, refuses_what_is_no_day) {
  for (const char* text :
       {"", "2026", "2026-11", "2026-13-01", "2026-02-29", "2026-00-10", "0000-01-01",
        "2026-11-23 ", "2026/11/23", "26-11-23", "2026-1-3", "２０２６-11-23"}) {
    EXPECT_FALSE(ParseDate(text)) << text;
  }
}

TEST(ParseTime, reads_rfc_3339_with_fraction_and_offset) {
  const auto base = ParseTime("2026-11-23T22:00:00Z");
  ASSERT_TRUE(base);
  EXPECT_EQ(FormatTime(*base), "2026-11-23T22:00:00Z");
  EXPECT_EQ(ParseTime("2026-11-24T06:00:00+08:00"), base);
  EXPECT_EQ(ParseTime("2026-11-23 14:30:00-0730"), base);
  EXPECT_EQ(ParseTime("2026-11-23T22:00Z"), base);
  EXPECT_EQ(ParseTime("2026-11-23T22:00:00.250Z"), *base + std::chrono::milliseconds(250));
  EXPECT_EQ(ParseTime("2026-11-23T22:00:00.123456789Z"), *base + std::chrono::milliseconds(123));
  EXPECT_EQ(FormatTime(*ParseTime("2026-11-23")), "2026-11-23T00:00:00Z");
}

TEST(ParseTime, refuses_nonsense) {
  for (const char* text : {"", "22:00:00Z", "2026-11-23T", "2026-11-23T24:00:00Z",
                           "2026-11-23T22:60:00Z", "2026-11-23T22:00:00", "2026-11-23T22:00:00.Z",
                           "2026-11-23T22:00:00Zx", "2026-11-23T22:00:00+25:00"}) {
    EXPECT_FALSE(ParseTime(text)) << text;
  }
}

TEST(FormatTime, before_the_epoch) {
  EXPECT_EQ(FormatTime(TimeMs{std::chrono::milliseconds(-1)}), "1969-12-31T23:59:59Z");
}

}  // namespace
}  // namespace kaopu
