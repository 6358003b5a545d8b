// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "base/json.h"

#include <gtest/gtest.h>

#include <limits>

namespace kaopu {
namespace {

TEST(ParseJson, malformed_text_is_bad_request_and_names_the_input_not_its_content) {
  for (const char* text : {"", "{", "[1,]", "{\"secret\":}", "nul", "\"\xff\"", "1 2"}) {
    const auto json = ParseJson(text, "settings");
    ASSERT_FALSE(json) << text;
    EXPECT_EQ(json.error().code, ErrorCode::kBadRequest);
    EXPECT_TRUE(json.error().message.starts_with("settings: ")) << json.error().message;
    EXPECT_EQ(json.error().message.find("secret"), std::string::npos);
  }
}

TEST(ParseJson, depth_is_bounded_before_the_parser_sees_it) {
  const auto nested = [](size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_TRUE(ParseJson(nested(64), "x"));
  EXPECT_FALSE(ParseJson(nested(65), "x"));
  EXPECT_FALSE(ParseJson(nested(1'000'000), "x"));
  EXPECT_TRUE(ParseJson("\"[[[[[[[[[[\\\"[[[[\"", "x", 1)) << "brackets in strings do not nest";
}

TEST(ParseJson, reads_what_nlohmann_reads) {
  for (
      const std::string text :
      {R"({"a":[1,-2,0,-0,1.5,1e3,-1E-2,true,false,null,"x"],"b":{}})",
       R"([0.1,5e-324,1.7976931348623157e308])",
       R"([18446744073709551615,18446744073709551616,-9223372036854775808,-9223372036854775809,4294967296])",
       R"({"a":1,"a":2})",
       "\xEF\xBB\xBF{\"bom\":1}",
       R"(["\u00e9\ud83d\ude00\n\/\"\\\u0000"])",
       " [ ] ",
       R"(["\udc00"])",
       R"(["\ud83d"])",
       R"(["\ud83dx"])",
       R"(["\x"])",
       "[\"a\tb\"]",
       "[01]",
       "[1.]",
       "[.5]",
       "[+1]",
       "[1e]",
       "[1e400]",
       "[0e53]",
       "[1e-400]",
       "[-0.0]",
       "[0.1e-400,1E+2]",
       "[NaN]",
       "{\"a\" 1}",
       "{a:1}",
       "[1}",
       "[1] 2",
       "\xC2\xA0[]",
       "[\"\xED\xA0\x80\"]",
       "[\"\xC0\x80\"]"}) {
    const auto ours = ParseJson(text, "x");
    const Json theirs = Json::parse(text, nullptr, /*allow_exceptions=*/false);
    ASSERT_EQ(ours.has_value(), !theirs.is_discarded()) << text;
    if (!ours) continue;
    EXPECT_EQ(*ours, theirs) << text;
    EXPECT_EQ(ours->dump(), theirs.dump()) << text;
  }
}

TEST(ParseJson, control_characters_are_refused_wherever_they_stand) {
  for (char c = 0; c < 0x20; ++c) {
    for (size_t before : {size_t{0}, size_t{15}, size_t{16}, size_t{70}}) {
      const std::string text = "[\"" + std::string(before, 'a') + c + std::string(40, 'b') + "\"]";
      EXPECT_FALSE(ParseJson(text, "x")) << int{c} << " after " << before;
    }
  }
  EXPECT_FALSE(ParseJson(std::string("[]\0x", 4), "x"));
}

TEST(ParseJson, long_strings_with_escapes_anywhere_come_through_whole) {
  std::string value;
  for (int i = 0; i < 3000; ++i)
    value += std::string(static_cast<size_t>(i % 37), 'x') + (i % 2 == 0 ? "\"" : "发\n");
  EXPECT_EQ(ParseJson(Json{{"snapshot", value}}.dump(), "x")->at("snapshot"), value);
}

TEST(DumpJson, always_gives_utf8) {
  EXPECT_EQ(DumpJson(Json("a\xff"
                          "b")),
            "\"a\xEF\xBF\xBD"
            "b\"");
}

TEST(Fields, absent_and_null_are_nothing_and_a_wrong_type_is_an_error) {
  const Json object = {
      {"text", "x"}, {"number", 7}, {"flag", true}, {"nothing", nullptr}, {"ratio", 0.5}};
  EXPECT_EQ(GetString(object, "text")->value(), "x");
  EXPECT_EQ(GetInt(object, "number")->value(), 7);
  EXPECT_EQ(GetBool(object, "flag")->value(), true);
  EXPECT_FALSE(GetString(object, "nothing")->has_value());
  EXPECT_FALSE(GetInt(object, "absent")->has_value());
  EXPECT_FALSE(GetString(Json::array(), "text")->has_value());
  for (const auto& error :
       {GetString(object, "number").error(), RequireString(object, "absent").error()}) {
    EXPECT_EQ(error.code, ErrorCode::kBadRequest);
  }
  EXPECT_FALSE(GetInt(object, "ratio"));
  EXPECT_FALSE(GetBool(object, "number"));
  EXPECT_FALSE(RequireString(object, "nothing"));
}

TEST(GetInt, refuses_what_does_not_fit) {
  const Json object = {{"big", std::numeric_limits<uint64_t>::max()}};
  ASSERT_FALSE(GetInt(object, "big"));
}

}  // namespace
}  // namespace kaopu
