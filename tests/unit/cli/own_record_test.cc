// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// outcome, order, settings, why, data: from arguments to output, over a home of the test's own.
#include "cli/commands/own_record.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <sstream>
#include <stdexcept>

#include "cli/table.h"
#include "unit/cli/run_kaopu.h"

namespace kaopu {
namespace {

using testing::HasSubstr;

class OwnRecordTest : public testing::Test {
 protected:
  OwnRecordTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "kaopu-cli-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp");
    home_ = pattern;
    // The shipped rules but for the platforms' adapters: none is needed, and none should decide
    // these tests.
    const std::filesystem::path shipped = KAOPU_SOURCE_DIR "/host/data";
    for (const char* folder : {"promises", "terms", "policy"}) {
      std::filesystem::create_directories(home_ / "data");
      std::filesystem::copy(shipped / folder, home_ / "data" / folder,
                            std::filesystem::copy_options::recursive);
    }
    std::filesystem::create_directory(home_ / "data" / "adapters");
    std::filesystem::copy(shipped / "adapters" / "generic.json", home_ / "data" / "adapters");
    setenv("KAOPU_HOME", (home_ / "home").c_str(), 1);
    setenv("KAOPU_DATA", (home_ / "data").c_str(), 1);
  }
  ~OwnRecordTest() override {
    std::error_code ignored;
    std::filesystem::remove_all(home_, ignored);
  }

  struct Output {
    int code;
    std::string out, err;
  };
  Output Run(const std::vector<std::string>& arguments, const std::string& lang = "en") {
    std::istringstream in;
    std::ostringstream out, err;
    CommandContext context(in, out, err, clock_);
    context.lang = lang;
    const int code = RunKaopu(arguments, context);
    return {code, out.str(), err.str()};
  }

  std::filesystem::path home_;
  FakeClock clock_{ParseTime("2026-11-23T12:00:00Z").value()};
};

TEST_F(OwnRecordTest, AnOutcomeIsAddedListedEditedAndUndone) {
  Output output = Run({"outcome", "add", "jd:1000", "late", "--days-late", "4", "--name", "小店",
                       "--price", "149.00 CNY", "--placed", "2026-11-01"});
  EXPECT_EQ(output.code, 0) << output.err;
  EXPECT_THAT(output.out, HasSubstr("jd:1000"));
  output = Run({"outcome", "list", "--json"});
  const Json list = Json::parse(output.out);
  EXPECT_EQ(list["outcomes"][0]["item_price"]["amount_minor"], 14900);
  EXPECT_EQ(list["outcomes"][0]["days_late"], 4);
  output =
      Run({"outcome", "edit", "1", "--outcome", "never_shipped", "--clear", "placed_at", "--json"});
  EXPECT_EQ(Json::parse(output.out)["outcome"]["placed_at"], nullptr);
  EXPECT_THAT(Run({"outcome", "list"}).out, HasSubstr("never shipped"));
  EXPECT_THAT(Run({"outcome", "list"}, "zh_CN").out, HasSubstr("一直没发货"));
  EXPECT_THAT(Run({"why", "jd:1000"}).out, HasSubstr("Danger"));
  EXPECT_THAT(Run({"outcome", "undo"}).out, HasSubstr("as before"));
  EXPECT_THAT(Run({"outcome", "remove", "1"}).out, HasSubstr("removed"));
  EXPECT_THAT(Run({"outcome", "undo", "1"}).out, HasSubstr("late"));
  EXPECT_EQ(Run({"outcome", "undo"}).code, 0);
  EXPECT_EQ(Run({"outcome", "undo"}).code, 4);
  EXPECT_THAT(Run({"outcome", "list"}).out, HasSubstr("No outcome recorded"));
}

TEST_F(OwnRecordTest, ExitCodesTellWhatWasWrong) {
  EXPECT_EQ(Run({"outcome", "add", "jd:1000"}).code, 2);
  EXPECT_EQ(Run({"outcome"}).code, 2);
  EXPECT_EQ(Run({"outcome", "add", "jd:1000", "tardy"}).code, 3);
  EXPECT_EQ(Run({"outcome", "add", "nonsense", "late"}).code, 3);
  EXPECT_THAT(Run({"outcome", "add", "jd:1000", "late", "--price", "much"}).err,
              HasSubstr("is no price"));
  EXPECT_EQ(Run({"outcome", "edit", "77", "--outcome", "late"}).code, 4);
  EXPECT_EQ(Run({"outcome", "edit", "77", "--clear", "everything"}).code, 3);
  EXPECT_EQ(Run({"order", "show", "nothing"}).code, 4);
}

TEST_F(OwnRecordTest, OrdersShowWhatIsOverdue) {
  EXPECT_EQ(
      Run({"order", "add", "A-1", "jd:1000", "--promised", "2026-11-18", "--status", "paid"}).code,
      0);
  EXPECT_THAT(Run({"order", "list"}).out, HasSubstr("paid, 5 days overdue"));
  EXPECT_THAT(Run({"order", "set", "A-1", "--status", "shipped"}).out,
              testing::Not(HasSubstr("overdue")));
  EXPECT_THAT(Run({"order", "undo"}).out, HasSubstr("5 days overdue"));
  EXPECT_EQ(Json::parse(Run({"order", "show", "A-1", "--json"}).out)["order"]["overdue_days"], 5);
}

TEST_F(OwnRecordTest, SettingsAndData) {
  EXPECT_EQ(Run({"settings", "set", "ask-above", "500 CNY"}).code, 0);
  EXPECT_THAT(Run({"settings", "get"}).out, HasSubstr("500.00 CNY"));
  EXPECT_EQ(Run({"settings", "set", "caution", "extreme"}).code, 3);
  Run({"settings", "set", "ask-above", "none"});
  EXPECT_THAT(Run({"settings", "get"}).out, HasSubstr("never"));
  Run({"outcome", "add", "jd:1000", "on_time"});
  EXPECT_EQ(Json::parse(Run({"data", "export"}).out)["outcomes"].size(), 1u);
  EXPECT_EQ(Run({"data", "export", (home_ / "mine.json").string()}).code, 0);
  EXPECT_TRUE(std::filesystem::exists(home_ / "mine.json"));
  EXPECT_EQ(Run({"data", "delete"}).code, 3);
  EXPECT_THAT(Run({"data", "delete", "--yes"}).out, HasSubstr("1 outcomes"));
  EXPECT_TRUE(Json::parse(Run({"data", "export"}).out)["outcomes"].empty());
}

TEST_F(OwnRecordTest, WhySaysEveryNumberInBothLanguages) {
  Run({"outcome", "add", "jd:1000", "late", "--days-late", "4"});
  for (const char* lang : {"en", "zh_CN"}) {
    const std::string text = Run({"why", "jd:1000"}, lang).out;
    EXPECT_THAT(text, HasSubstr("(1.000 + 2.000 * 0.070) / (1.000 + 2.000)")) << lang;
    EXPECT_THAT(text, testing::Not(HasSubstr("why_"))) << lang;  // every key has words
    EXPECT_THAT(text, testing::Not(HasSubstr("cli_"))) << lang;
    EXPECT_THAT(text, testing::Not(HasSubstr("reason_"))) << lang;
  }
}

TEST(Table, AlignsWideCharactersAndStaysSafe) {
  Table table({"A", "B"});
  table.Add({"小店", "x"});
  table.Add({"abcdef", "y\x1b[31m"});
  const std::string text = table.Print();
  EXPECT_THAT(text, HasSubstr("小店    x\n"));
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  Table long_one({"A"});
  long_one.Add({std::string(100, 'x')});
  EXPECT_THAT(long_one.Print(), HasSubstr(std::string(40, 'x') + "…"));
}

}  // namespace
}  // namespace kaopu
