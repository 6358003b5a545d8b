// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// What a page may cost: real ones a small part of the budget, hostile ones no more than it, and a
// note says so.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "base/files.h"
#include "page/cold/html_snapshot.h"
#include "page/page_reader.h"
#include "page/url.h"
#include "page/work_budget.h"

namespace kaopu {
namespace {

namespace fs = std::filesystem;

const PageReader& Reader() {
  static const auto reader = PageReader::Load(fs::path(KAOPU_SOURCE_DIR) / "host/data");
  return *reader;
}

TEST(WorkBudget, is_spent_once_and_for_all) {
  WorkBudget work;
  EXPECT_TRUE(work.Spend(WorkBudget::kStepsMax));
  EXPECT_FALSE(work.spent());
  EXPECT_FALSE(work.Spend(1));
  EXPECT_FALSE(work.SpendBytes(0));
  EXPECT_TRUE(work.spent());
}

// The costliest of a folder's pages, in steps.
uint64_t MostOf(const fs::path& folder, const std::string& url_of_all) {
  uint64_t most = 0;
  std::error_code ec;
  for (const auto& file : fs::directory_iterator(folder, ec)) {
    const auto bytes = ReadFile(file.path(), 16 << 20);
    if (!bytes) continue;
    const std::string name = file.path().filename().string();
    const std::string host = name.substr(0, name.find('-'));
    const std::string url = url_of_all.empty() ? "https://www." + host + ".com/" : url_of_all;
    const Json plan = Reader().Plan(ParseUrl(url)->host);
    const Json& chosen = plan["plan"].is_object() ? plan["plan"] : plan["generic"];
    const auto page = HtmlToPageInput(DecodeHtml(*bytes), url, chosen["snapshot"]);
    if (!page) continue;
    uint64_t steps = 0;
    EXPECT_TRUE(Reader().Read(*page, *ParseTime("2026-11-23"), nullptr, &steps));
    most = std::max(most, steps);
  }
  return most;
}

TEST(WorkBudget, real_pages_take_a_small_part) {
  const uint64_t own = MostOf(fs::path(KAOPU_SOURCE_DIR) / "host/data/adapters/cases", "");
  EXPECT_LT(own, WorkBudget::kStepsMax / 15);
  const char* told = std::getenv("KAOPU_SHARED_PAGES");
  const fs::path pages =
      told != nullptr ? fs::path(told) : fs::path(KAOPU_SOURCE_DIR) / "../shared/pages";
  if (!fs::exists(pages / "dev")) GTEST_SKIP() << "no saved pages in " << pages;
  const uint64_t shared =
      std::max(MostOf(pages / "dev", ""), MostOf(pages / "dev", "https://shop.example/p/1"));
  std::printf("steps: %llu of own cases, %llu of saved pages, %llu at most\n",
              static_cast<unsigned long long>(own), static_cast<unsigned long long>(shared),
              static_cast<unsigned long long>(WorkBudget::kStepsMax));
  EXPECT_LT(shared, WorkBudget::kStepsMax / 15);
}

// A data folder with one adapter whose rules multiply: blocks, selectors of siblings, nested texts.
class CostlyAdapter : public testing::Test {
 protected:
  CostlyAdapter()
      : folder_(fs::temp_directory_path() / ("kaopu_budget." + std::to_string(getpid()))) {
    const fs::path data = fs::path(KAOPU_SOURCE_DIR) / "host/data";
    fs::create_directories(folder_ / "adapters");
    for (const char* part : {"promises", "terms"})
      fs::create_directory_symlink(data / part, folder_ / part);
    fs::create_symlink(data / "adapters/generic.json", folder_ / "adapters/generic.json");
  }
  ~CostlyAdapter() override {
    std::error_code ec;
    fs::remove_all(folder_, ec);
  }

  Facts Read(const std::string& fields, const std::string& body) {
    std::ofstream(folder_ / "adapters/costly.json")
        << R"({"id":"costly","platform":"costly","family":"costly","version":1,"checked_on":"2026-11-23","source":"s",
      "names":{"en":"c","zh_CN":"c"},"hosts":["costly.test"],"kinds":[{"kind":"order_list","when":{"url":"."}}],)"
        << fields << "}";
    const auto reader = PageReader::Load(folder_);
    EXPECT_TRUE(reader) << reader.error().message;
    const auto facts =
        reader->Read({"https://costly.test/", "", "",
                      "<page v=\"1\"><head/><data/><body>" + body + "</body></page>"},
                     *ParseTime("2026-11-23"));
    EXPECT_TRUE(facts);
    return *facts;
  }
  static bool Marked(const Facts& facts) {
    return std::ranges::any_of(
        facts.notes, [](const std::string& note) { return note.starts_with("limit: work"); });
  }

  fs::path folder_;
};

TEST_F(CostlyAdapter, siblings_of_siblings) {
  std::string wide;
  for (int i = 0; i < 60'000; ++i) wide += "<p/>";
  EXPECT_TRUE(Marked(Read(R"("fields":{"page.time":[{"css":"i ~ p"}]})", wide + "<i/>")));
}

TEST_F(CostlyAdapter, blocks_of_a_long_page) {
  std::string rows;
  for (int i = 0; i < 300; ++i) rows += "<div class=\"row\">";
  for (int i = 0; i < 20'000; ++i) rows += "<i/>";
  for (int i = 0; i < 300; ++i) rows += "</div>";
  EXPECT_TRUE(Marked(
      Read(R"("fields":{},"orders":[{"block":{"css":".row"},"fields":{"order_id":[{"css":"i"}]}}])",
           rows)));
}

TEST_F(CostlyAdapter, an_honest_page_is_not_marked) {
  const Facts facts =
      Read(R"("fields":{},"orders":[{"block":{"css":".row"},"fields":{"order_id":[{"css":"i"}]}}])",
           "<div class=\"row\"><i>17</i></div>");
  ASSERT_EQ(facts.orders.size(), 1u);
  EXPECT_FALSE(Marked(facts));
}

}  // namespace
}  // namespace kaopu
