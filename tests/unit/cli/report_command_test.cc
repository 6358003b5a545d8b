// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// `kaopu report` and `kaopu outbox`: from arguments to what is kept and said. No network.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <sstream>

#include "base/str_cat.h"
#include "cli/commands/report_text.h"
#include "report/report.h"
#include "support/child.h"
#include "support/known_registry.h"
#include "unit/cli/run_kaopu.h"

namespace kaopu {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kFirst[] = "0123456789abcdef", kSecond[] = "fedcba9876543210";

class ReportCommandTest : public ::testing::Test {
 protected:
  ReportCommandTest() {
    setenv("KAOPU_HOME", (folder_.path() / "home").c_str(), 1);
    setenv("KAOPU_DATA", KAOPU_SOURCE_DIR "/host/data", 1);
    AddRegistry(kFirst, "Shoppers of the North");
  }

  void AddRegistry(const std::string& id, const std::string& name) {
    testing::PutRegistry(folder_.path() / "home", id,
                         testing::MadeRegistryInfo("registry.example/" + id, name));
  }

  struct Output {
    int code;
    std::string out, err;
    Json json() const { return Json::parse(out, nullptr, false); }
  };
  // `typed`: what the person at the terminal answers; absent: nobody is there.
  Output Run(const std::vector<std::string>& arguments, std::optional<std::string> typed = {},
             const std::string& lang = "en") {
    std::istringstream in(typed.value_or(""));
    std::ostringstream out, err;
    CommandContext context(in, out, err, clock_);
    context.is_terminal = typed.has_value();
    context.lang = lang;
    const int code = RunKaopu(arguments, context);
    return {code, out.str(), err.str()};
  }
  Json Outbox() { return Run({"outbox", "--json"}).json()["reports"]; }

  const std::vector<std::string> late_ = {
      "report",     "new",        "--seller",   "jd:1000",   "--outcome",  "late",    "--placed",
      "2026-10-01", "--promised", "2026-10-03", "--shipped", "2026-10-09", "--price", "149.00 CNY"};
  std::vector<std::string> With(std::vector<std::string> more) const {
    std::vector<std::string> all = late_;
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }

  testing::TempFolder folder_;
  FakeClock clock_{ParseTime("2026-11-23T12:00:00Z").value()};
};

constexpr char kLateText[] =
    "\"outcome\":\"late\",\"promised_days\":2,\"revision\":0,\"seller\":\"jd:1000\"";

TEST_F(ReportCommandTest, ShowsWhatIsToldAsksAndQueues) {
  const Output no = Run(late_, "n\n");
  EXPECT_EQ(no.code, 0) << no.err;
  EXPECT_THAT(no.out, HasSubstr("The seller may recognise your order"));
  EXPECT_THAT(no.out, HasSubstr(kLateText));
  EXPECT_THAT(no.out, HasSubstr("Send it to: Shoppers of the North (registry.example/"));
  EXPECT_THAT(no.out, HasSubstr("Not shared."));
  EXPECT_THAT(no.out, Not(HasSubstr("149")));
  EXPECT_THAT(no.err, HasSubstr("Share it? [y/N]"));
  EXPECT_TRUE(Outbox().empty());

  const Output ended = Run(late_, "");  // end of input is no yes
  EXPECT_TRUE(Outbox().empty()) << ended.out;

  const Output yes = Run(late_, "y\n");
  EXPECT_EQ(yes.code, 0) << yes.err;
  EXPECT_THAT(yes.out, HasSubstr("it is sent with the next sync"));
  const Json waiting = Outbox();
  ASSERT_EQ(waiting.size(), 1U);
  EXPECT_EQ(waiting[0]["state"], "waiting");
  EXPECT_THAT(yes.out, HasSubstr(waiting[0]["text"].get<std::string>()));
  EXPECT_TRUE(waiting[0]["order_id"].get<std::string>().starts_with("own-"));
}

TEST_F(ReportCommandTest, WhereNobodyCanBeAskedTheWordMustBeGiven) {
  const Output silent = Run(late_);
  EXPECT_EQ(silent.code, 3);
  EXPECT_THAT(silent.err, HasSubstr("add --yes"));
  EXPECT_TRUE(Outbox().empty());
  EXPECT_EQ(Run(With({"--yes"})).code, 0);
  EXPECT_EQ(Outbox().size(), 1U);
}

TEST_F(ReportCommandTest, JsonHasTheBytesAndWhatTheyReveal) {
  const Output output = Run(With({"--order", "900", "--json"}));
  ASSERT_EQ(output.code, 0) << output.err;
  const Json reply = output.json();
  EXPECT_EQ(reply["reports"][0]["text"], reply["text"]);
  EXPECT_EQ(reply["reports"][0]["order_id"], "900");
  EXPECT_EQ(reply["reveals"][0], "report_reveals_seller");
  EXPECT_THAT(reply["text"].get<std::string>(), Not(HasSubstr("900")));
}

TEST_F(ReportCommandTest, PreviewKeepsNothing) {
  std::vector<std::string> preview = late_;
  preview[1] = "preview";
  const Output output = Run(preview);
  EXPECT_EQ(output.code, 0) << output.err;
  EXPECT_THAT(output.out, HasSubstr(kLateText));
  EXPECT_TRUE(Outbox().empty());
  EXPECT_THAT(Run({"report", "list"}).out, HasSubstr("You shared nothing yet."));
}

TEST_F(ReportCommandTest, OfSeveralRegistriesOneIsNamed) {
  AddRegistry(kSecond, "Shoppers of the South");
  const Output which = Run(With({"--yes"}));
  EXPECT_EQ(which.code, 3);
  EXPECT_THAT(which.err, HasSubstr("which registry?"));
  EXPECT_THAT(which.err, HasSubstr("Shoppers of the South"));
  EXPECT_EQ(Run(With({"--yes", "--registry", "Nobody"})).code, 4);
  EXPECT_TRUE(Outbox().empty());
  EXPECT_EQ(Run(With({"--order", "900", "--yes", "--registry", "Shoppers of the South",
                      "--registry", kFirst}))
                .code,
            0);
  EXPECT_EQ(Outbox().size(), 2U);
}

TEST_F(ReportCommandTest, WithoutARegistryItSaysHowToGetOne) {
  std::filesystem::remove_all(folder_.path() / "home" / "pool");
  for (const char* how : {"--yes", "--json"}) {
    const Output output = Run(With({how}));
    EXPECT_EQ(output.code, 3);
    EXPECT_THAT(output.err, HasSubstr("kaopu registry add"));
  }
}

TEST_F(ReportCommandTest, AnEnrolledOrderIsReportedThenRevisedThenTakenBack) {
  ASSERT_EQ(
      Run({"order", "add", "900", "jd:1000", "--placed", "2026-11-01", "--promised", "2026-11-03"})
          .code,
      0);
  EXPECT_EQ(Run({"report", "new", "--order", "900", "--yes"}).code, 3);  // open
  const Output enrolled = Run({"report", "enrol", "--order", "900", "--yes"});
  ASSERT_EQ(enrolled.code, 0) << enrolled.err;
  EXPECT_THAT(enrolled.out, HasSubstr("\"enrolled\":true"));
  EXPECT_THAT(enrolled.out, HasSubstr("\"outcome\":\"open\""));
  ASSERT_EQ(Outbox().size(), 1U);
  ASSERT_EQ(
      Run({"outcome", "add", "jd:1000", "on_time", "--order", "900", "--shipped", "2026-11-02"})
          .code,
      0);
  const Output ended = Run({"report", "new", "--order", "900"}, "yes\n");
  ASSERT_EQ(ended.code, 0) << ended.err;
  EXPECT_THAT(ended.out, HasSubstr("It takes the place of report 1"));
  const Output revised = Run({"report", "revise", "1", "--outcome", "late", "--placed",
                              "2026-11-01", "--days-late", "4", "--json"});
  ASSERT_EQ(revised.code, 0) << revised.err;
  const Json report = revised.json()["report"];
  const auto text = report::Report::Parse(report["text"].get<std::string>());
  ASSERT_TRUE(text);
  EXPECT_EQ(text->outcome, OutcomeKind::kLate);
  EXPECT_TRUE(text->enrolled);
  EXPECT_EQ(text->days_late, 4);

  const Output list = Run({"report", "list"});
  EXPECT_THAT(list.out, HasSubstr("Shoppers of the North"));
  const Output back = Run({"report", "withdraw", report["report_id"].dump()});
  EXPECT_EQ(back.code, 0) << back.err;
  EXPECT_TRUE(Outbox().empty());
  EXPECT_THAT(Run({"report", "list"}).out, HasSubstr("withdrawn"));
  EXPECT_EQ(Run({"report", "withdraw", "77"}).code, 4);
}

TEST_F(ReportCommandTest, WhatWaitsIsSaidInPlainWords) {
  EXPECT_THAT(Run({"outbox"}).out, HasSubstr("Nothing waits"));
  ASSERT_EQ(Run(With({"--yes"})).code, 0);
  EXPECT_THAT(Run({"outbox"}).out, HasSubstr("Next try: with the next sync"));
  const Json reports =
      Json::array({{{"report_id", 7},
                    {"seller_key", "jd:1000"},
                    {"registry", {{"id", kFirst}, {"name", "North"}}},
                    {"text", report::Report{.seller = "jd:1000",
                                            .week = {2026, 40},
                                            .outcome = OutcomeKind::kNeverShipped,
                                            .known_days = 9}
                                 .ToText()},
                    {"state", "waiting"},
                    {"replaced_by", nullptr},
                    {"tries", 3},
                    {"next_try_at_ms", clock_.Now().time_since_epoch().count() + 720'000},
                    {"last_error", "no report 3"}}});
  const Words words = Words::Load(KAOPU_SOURCE_DIR "/extension/_locales", "en").value();
  const std::string text = OutboxText(reports, clock_.Now(), words);
  EXPECT_THAT(text, HasSubstr("Tried 3 times without success. Next try: in 12 min"));
  EXPECT_THAT(text, HasSubstr("Last time: no report 3"));
  EXPECT_THAT(OutboxText(reports, clock_.Now() - std::chrono::hours(5), words),
              HasSubstr("in 5 hours"));
  Json once = reports;
  once[0]["tries"] = 1;
  EXPECT_THAT(OutboxText(once, clock_.Now(), words),
              HasSubstr("Tried once without success. Next try: in 12 min"));
}

TEST_F(ReportCommandTest, InChinese) {
  const Output output = Run(late_, "是\n", "zh_CN");
  EXPECT_EQ(output.code, 0) << output.err;
  EXPECT_THAT(output.err, HasSubstr("要共享吗？"));
  EXPECT_EQ(Outbox().size(), 1U);
  EXPECT_THAT(Run({"outbox"}, {}, "zh_CN").out, HasSubstr("下次尝试：下次同步时"));
}

}  // namespace
}  // namespace kaopu
