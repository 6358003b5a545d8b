// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "page/cold/html_snapshot.h"

#include <gtest/gtest.h>

#include <pugixml.hpp>
#include <string>
#include <vector>

#include "base/files.h"
#include "base/limits.h"

namespace kaopu {
namespace {

// A string, or a list of strings and {"repeat": text, "times": n} with {i} for 0..n-1.
std::string Expand(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_array()) {
    std::string all;
    for (const Json& part : value) all += Expand(part);
    return all;
  }
  const std::string piece = value.at("repeat").get<std::string>();
  std::string all;
  for (int i = 0; i < value.at("times").get<int>(); ++i) {
    std::string one = piece;
    for (size_t at = one.find("{i}"); at != std::string::npos; at = one.find("{i}", at))
      one.replace(at, 3, std::to_string(i));
    all += one;
  }
  return all;
}

std::vector<Json> Vectors() {
  const auto text =
      ReadFile(std::string(KAOPU_SOURCE_DIR) + "/tests/vectors/snapshot.json", 4 << 20);
  if (!text) return {};
  const auto json = ParseJson(*text, "snapshot.json");
  return json ? json->get<std::vector<Json>>() : std::vector<Json>{};
}

class SnapshotVector : public testing::TestWithParam<Json> {};

// Where long texts first differ, with a little of both.
std::string Difference(const std::string& got, const std::string& want) {
  size_t at = 0;
  while (at < got.size() && at < want.size() && got[at] == want[at]) ++at;
  const size_t from = at < 60 ? 0 : at - 60;
  return "at byte " + std::to_string(at) + " of " + std::to_string(got.size()) + "/" +
         std::to_string(want.size()) + "\n got: " + got.substr(from, 160) +
         "\nwant: " + want.substr(from, 160);
}

TEST_P(SnapshotVector, Holds) {
  const Json& vector = GetParam();
  const std::string want = Expand(vector.at("xml"));
  const auto page =
      HtmlToPageInput(Expand(vector.at("html")), "https://shop.test/", vector.at("plan"));
  ASSERT_TRUE(page) << page.error().message;
  EXPECT_TRUE(page->snapshot == want) << Difference(page->snapshot, want);
  EXPECT_LE(page->snapshot.size(), kSnapshotBytesMax);
  pugi::xml_document document;
  EXPECT_TRUE(document.load_string(page->snapshot.c_str()));
}

std::string Name(const testing::TestParamInfo<Json>& info) {
  std::string name = std::to_string(info.index) + "_";
  for (char c : info.param.at("name").get<std::string>())
    name += std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
  return name;
}

INSTANTIATE_TEST_SUITE_P(Vectors, SnapshotVector, testing::ValuesIn(Vectors()), Name);

TEST(HtmlToPageInput, FillsTitleLanguageAndUrl) {
  const auto page = HtmlToPageInput("<html lang=de><title> A \n &amp; B </title>x",
                                    "https://a.test/p", Json::object());
  ASSERT_TRUE(page);
  EXPECT_EQ(page->title, "A & B");
  EXPECT_EQ(page->lang, "de");
  EXPECT_EQ(page->url, "https://a.test/p");
}

TEST(HtmlToPageInput, RefusesWhatIsTooLarge) {
  const auto page = HtmlToPageInput(std::string(kHtmlBytesMax + 1, 'x'), "", Json::object());
  ASSERT_FALSE(page);
  EXPECT_EQ(page.error().code, ErrorCode::kTooLarge);
}

TEST(HtmlToPageInput, PlanOfTheWrongShapeIsNoPlan) {
  for (const char* plan :
       {"null", "[]", "{\"state\": 5, \"keep\": [1, {}], \"main\": [{\"tag\": 7}]}"}) {
    const auto page = HtmlToPageInput("<main>m</main>r", "", *ParseJson(plan, "plan"));
    ASSERT_TRUE(page);
    EXPECT_EQ(page->snapshot,
              "<page v=\"1\"><head/><data/><body><main>m</main></body><body>r</body></page>")
        << plan;
  }
}

}  // namespace
}  // namespace kaopu
