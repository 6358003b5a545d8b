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
