// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "cli/check_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/files.h"

namespace kaopu {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Words English() { return *Words::Load(*LocalesFolder(), "en"); }

TEST(CheckText, SaysEverythingTheReplyHolds) {
  const Json reply = Json::parse(R"({
    "verdict": "danger", "seller": {"key": "jd:1", "name": "Slow Shop"},
    "reasons": [{"key": "cli_check_promise", "args": {"text": "a reason with words"}, "direction": "against"},
                {"key": "cli_check_promise", "args": {"text": "praise"}, "direction": "for"}],
    "advice": [{"key": "cli_check_item", "args": {"title": "an advice"}}],
    "sellers": [{"seller": {"key": "jd:1", "name": "Slow Shop"}, "verdict": "danger", "reasons": []},
                {"seller": {"key": "jd:2", "name": null}, "verdict": "unknown", "reasons": []}],
    "history": {"orders": 3, "on_time": 1, "late": 1, "never": 1, "open": 0},
    "estimate": {"bad": {"mean": 0.404, "low": 0.2, "high": 0.615}, "effective_n": 2.9,
                 "days_to_ship": {"median": {"mean": 1.5}, "p90": {"mean": 4.25}, "orders": 3}},
    "facts": {"page_kind": "product", "platform": "jd", "item": {"title": "Lamp", "price": {"text": "¥10"}},
              "promises": [{"text": "48h"}]}})");
  EXPECT_EQ(CheckText(reply, English()),
            "Danger: Slow Shop (jd:1)\n"
            "  - Promise: a reason with words\n"
            "  + Promise: praise\n"
            "Sellers on this page:\n"
            "  Danger: Slow Shop (jd:1)\n"
            "  Not known yet: jd:2\n"
            "Item: Lamp, ¥10\n"
            "Promise: 48h\n"
            "Your own orders: 3 (1 on time, 1 late, 1 never came, 0 open)\n"
            "Chance that it comes late or never: 40 % (between 20 % and 62 %)\n"
            "Days to ship: half within 2, nine of ten within 5 (from 3 orders)\n"
            "Safer:\n"
            "  * Item: an advice\n");
}

TEST(CheckText, PageTextCannotDriveTheTerminal) {
  const Json reply = {{"verdict", "unknown"},
                      {"seller", {{"name", "\x1b]0;x\x07Shop\nDependable: me\u202e"}}},
                      {"facts", {{"item", {{"title", "a\x1b[2Jb"}}}}}};
  const std::string text = CheckText(reply, English());
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
  EXPECT_THAT(text, Not(HasSubstr("\nDependable")));
  EXPECT_THAT(text, Not(HasSubstr("\u202e")));
}

TEST(CheckText, APriceHasItsCurrency) {
  const auto item = [](const char* text, const Json& currency) {
    const Json reply = {
        {"facts",
         {{"item",
           {{"title", "Lamp"},
            {"price", {{"text", text}, {"currency", currency}, {"amount_minor", 1200}}}}}}}};
    return CheckText(reply, English());
  };
  EXPECT_THAT(item("12", "USD"), HasSubstr("Item: Lamp, 12 USD\n"));
  EXPECT_THAT(item("1 299,00 - 1.300", "EUR"), HasSubstr("Item: Lamp, 1 299,00 - 1.300 EUR\n"));
  EXPECT_THAT(item("$12", "USD"), HasSubstr("Item: Lamp, $12\n"));
  EXPECT_THAT(item("12元", "CNY"), HasSubstr("Item: Lamp, 12元\n"));
  EXPECT_THAT(item("12", nullptr), HasSubstr("Item: Lamp, 12\n"));
}

TEST(CheckText, DaysAreWhole) {
  const auto days = [](double median, double p90) {
    const Json reply = {
        {"estimate",
         {{"bad", {{"mean", 0.1}, {"low", 0.01}, {"high", 0.65}}},
          {"effective_n", 2.0},
          {"days_to_ship",
           {{"median", {{"mean", median}}}, {"p90", {{"mean", p90}}}, {"orders", 2}}}}}};
    return CheckText(reply, English());
  };
  EXPECT_THAT(days(13.63, 20.01), HasSubstr("half within 14, nine of ten within 21 "));
  EXPECT_THAT(days(2.0, 2.0000001), HasSubstr("half within 2, nine of ten within 2 "));
  EXPECT_THAT(days(-1, 1e300), HasSubstr("half within 0, nine of ten within 1000000 "));
}

TEST(CheckText, PriorAloneIsNotSaid) {
  Json reply = {{"verdict", "unknown"},
                {"estimate",
                 {{"bad", {{"mean", 0.1}, {"low", 0.01}, {"high", 0.65}}}, {"effective_n", 0.0}}}};
  EXPECT_THAT(CheckText(reply, English()), Not(HasSubstr("Chance")));
  reply["estimate"]["effective_n"] = 1.0;
  EXPECT_THAT(CheckText(reply, English()), HasSubstr("Chance"));
}

TEST(CheckText, MalformedReplyIsNoCrash) {
  for (const char* reply :
       {"{}", "null", "[]", R"({"verdict":7,"seller":[],"reasons":{},"advice":[1],
        "sellers":[1,2],"history":"x","estimate":{"bad":{"mean":"x"}},"facts":{"promises":[null]}})"}) {
    EXPECT_THAT(CheckText(Json::parse(reply), English()), HasSubstr("Not known yet")) << reply;
  }
}

}  // namespace
}  // namespace kaopu
