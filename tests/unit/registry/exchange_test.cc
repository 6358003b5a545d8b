// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Reports as a data set, out of one registry and into another.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "registry/exchange/report_lines.h"
#include "running_registry.h"

namespace kaopu {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using Result = RunningRegistry::Result;

const std::string kHeading = "order,seller,week,outcome,known_days,days_late\n";

std::string Line(const std::string& order) {
  return R"({"known_days":5,"order":")" + order +
         R"(","outcome":"on_time","seller":"taobao:1","week":"2026-W33"})" + "\n";
}

TEST(Exchange, ReadsTablesAndLinesAlike) {
  const auto table = ParseExchange(
      "\xef\xbb\xbf"
      "order_id,seller,placed,outcome,known_days,days_late,class,enrolled\r\n"
      "\"2,7\",taobao:1,2026-08-14,late,9,4,,false\r\n\r\n"
      "28,web:shop.example,2026-08-15,never_shipped,40,,newcomer,\r\n",
      std::nullopt);
  ASSERT_TRUE(table) << table.error().message;
  ASSERT_EQ(table->reports.size(), 2u);
  EXPECT_EQ(table->reports[0].order_id, "2,7");
  EXPECT_EQ(table->reports[0].report.week.ToText(), "2026-W33");
  EXPECT_EQ(table->reports[0].report.days_late, 4);
  EXPECT_EQ(table->reports[0].weight_class, std::nullopt);
  EXPECT_EQ(table->reports[1].weight_class, report::WeightClass::kNewcomer);
  const auto lines = ParseExchange(
      R"({"days_late":4,"known_days":9,"order_id":"2,7","outcome":"late","placed":"2026-08-14","seller":"taobao:1"})"
      "\n",
      std::nullopt);
  ASSERT_TRUE(lines) << lines.error().message;
  EXPECT_EQ(lines->reports[0].report, table->reports[0].report);
}

TEST(Exchange, WhatIsWrittenIsReadAgain) {
  const auto read = ParseExchange(Line("a") + Line(R"(b, \"c\")"), std::nullopt);
  ASSERT_TRUE(read) << read.error().message;
  std::string lines = HeaderLine({.source = "here", .reports = 2}) + "\n";
  std::ostringstream table;
  WriteCsvHeading(table);
  for (ExchangedReport one : read->reports) {
    one.weight_class = report::WeightClass::kTrusted;
    one.weight = 700'000;
    lines += ReportLine(one) + "\n";
    WriteCsvReport(table, one);
  }
  for (const std::string& text : {lines, table.str()}) {
    const auto again = ParseExchange(text, std::nullopt);
    ASSERT_TRUE(again) << again.error().message << "\n" << text;
    ASSERT_EQ(again->reports.size(), 2u);
    EXPECT_EQ(again->reports[1].order, "b, \"c\"");
    EXPECT_EQ(again->reports[1].report, read->reports[1].report);
    EXPECT_EQ(again->reports[1].weight, 700'000);
  }
}

TEST(Exchange, SaysWhichLineIsWrongAndWhy) {
  const std::string row = "1,taobao:1,2026-W33,on_time,5,\n";
  const std::pair<std::string, std::string> cases[] = {
      {kHeading + row + row, "line 3: the order stands in the file twice"},
      {kHeading + "1,taobao:1,2026-W33,on_time,five,\n", "line 2: known_days: a whole number"},
      {kHeading + "1,taobao:1,2026-W33,on_time,5\n", "line 2: 5 fields, not the 6 of the heading"},
      {kHeading + "1,taobao:1,2026-W33,good,5,\n", "line 2: report: outcome"},
      {kHeading + "1,taobao:1,2026-W60,on_time,5,\n", "line 2: report: week"},
      {kHeading + "\"1,taobao:1\n", "line 2: a quoted field is not closed"},
      {"order,seller,name\n", "line 1: the heading's \"name\" is no field of a report"},
      {"order,order\n", "line 1: the heading's \"order\" is no field of a report, or stands there"},
      {Line("a") + "{}\n", "line 2: order, order_id: one of them names the order"},
      {Line("a") + "[]\n", "line 2: no JSON object"},
      {Line("a") + R"({"order":"b","address":"x"})" + "\n", "line 2: \"address\" is no field"},
      {Line("a") + std::string(5000, ' '), "line 2: longer than 4096 bytes"},
      {HeaderLine({.source = "x", .reports = 2}) + "\n" + Line("a"),
       "the file is not whole: 1 reports of 2"},
      {R"({"kaopu_reports":2,"source":"x"})"
       "\n",
       "line 1: kaopu_reports: version 2"},
  };
  for (const auto& [text, message] : cases) {
    const auto read = ParseExchange(text, std::nullopt);
    ASSERT_FALSE(read) << text;
    EXPECT_THAT(read.error().message, StartsWith(message)) << text;
  }
}

TEST(Exchange, ASignatureIsOfTheWholeFile) {
  const auto key = tlog::SignerKey::Generate("here/operator", tlog::KeyKind::kEd25519);
  const auto other = tlog::SignerKey::Generate("here/operator", tlog::KeyKind::kEd25519);
  const ExchangeHeader header{.source = "here", .reports = 2};
  const std::string body = HeaderLine(header) + "\n" + Line("a") + Line("b");
  const std::string text = body + NoteLine(header, tlog::Sha256({body}), *key) + "\n";
  const auto read = ParseExchange(text, key->verifier());
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_TRUE(read->is_signed);
  EXPECT_TRUE(ParseExchange(text, std::nullopt));
  EXPECT_FALSE(ParseExchange(text, std::nullopt)->is_signed);

  const auto code = [&](const std::string& changed, const tlog::SignerKey& signer) {
    const auto result = ParseExchange(changed, signer.verifier());
    return result ? std::string("read") : std::string(ErrorCodeName(result.error().code));
  };
  EXPECT_EQ(code(text, *other), "forbidden");
  EXPECT_EQ(code(body, *key), "forbidden");
  EXPECT_EQ(code(body.substr(0, body.size() - 4), *key), "bad_request");
  std::string changed = text;
  changed.replace(changed.find("taobao:1"), 8, "taobao:2");
  EXPECT_EQ(code(changed, *key), "damaged");
  EXPECT_EQ(code(text + Line("c"), *key), "bad_request");
  EXPECT_EQ(code(kHeading, *key), "forbidden");
}

std::string OperatorKey(const RunningRegistry& registry) {
  return ParseJson(registry.Bytes("registry.json"), "registry.json")->value("operator_key", "");
}

class Exchanging : public ::testing::Test {
 protected:
  std::string File(const std::string& name) const { return (scratch_.path() / name).string(); }
  std::string Put(const std::string& name, const std::string& text) const {
    EXPECT_TRUE(WriteFileAtomic(File(name), text));
    return File(name);
  }
  static Result Import(const RunningRegistry& to, std::vector<std::string> words) {
    words.insert(words.begin(), {"import", "--data", to.data(), "--json"});
    return to.Run(words);
  }
  static Json Counts(const Result& result) {
    EXPECT_EQ(result.code, 0) << result.err;
    return ParseJson(result.out, "import").value_or(Json::object());
  }

  ScratchFolder scratch_;
};

TEST_F(Exchanging, ARegistrysReportsAreTakenInByAnother) {
  RunningRegistry from;
  from.Tell("taobao:1", OutcomeKind::kOnTime, 6);
  from.Tell("taobao:2", OutcomeKind::kNeverShipped, 5);
  ASSERT_EQ(from.Publish().code, 0);
  const Result exported = from.Run({"export", "--data", from.data(), "--out", File("all.jsonl")});
  ASSERT_EQ(exported.code, 0) << exported.err;
  EXPECT_THAT(exported.err, HasSubstr("11 reports of registry.example/log, publish 1"));

  RunningRegistry to("registry.elsewhere/log");
  const std::vector<std::string> words = {File("all.jsonl"), "--signer", OperatorKey(from),
                                          "--class", "source"};
  Json counts = Counts(Import(to, words));
  EXPECT_EQ(counts["added"], 11);
  EXPECT_EQ(counts["signed"], true);
  EXPECT_EQ(Counts(Import(to, words))["same"], 11);  // again: nothing new
  ASSERT_EQ(to.Publish().code, 0);
  const Result audit = to.Audit();
  EXPECT_EQ(audit.code, 0) << audit.err;
  EXPECT_THAT(audit.out, HasSubstr("11 released contents are what it commits to and are signed"));
  // Gone there, gone here.
  ASSERT_EQ(from.Run({"remove", "--data", from.data(), "--entry", "1", "--reason", "asked"}).code,
            0);
  ASSERT_EQ(from.Publish().code, 0);
  ASSERT_EQ(from.Run({"export", "--data", from.data(), "--out", File("all.jsonl")}).code, 0);
  std::vector<std::string> whole = words;
  whole.push_back("--whole");
  counts = Counts(Import(to, whole));
  EXPECT_EQ(counts["same"], 10);
  EXPECT_EQ(counts["removed"], 1);
  ASSERT_EQ(to.Publish().code, 0);
  EXPECT_EQ(to.Audit().code, 0);
  // Its own data set into itself is a mistake.
  EXPECT_EQ(Import(from, {File("all.jsonl")}).code, 3);
}

TEST_F(Exchanging, AnOrderCountsOnceWhoeverTellsOfIt) {
  RunningRegistry registry;
  registry.Tell("taobao:1", OutcomeKind::kOnTime, 1);  // order-1
  const std::string heading = "order_id,seller,placed,outcome,known_days,days_late\n";
  const std::string cases = Put("cases.csv", heading +
                                                 "order-1,taobao:1,2026-08-14,late,9,4\n"
                                                 "order-2,taobao:1,2026-08-14,late,9,4\n"
                                                 "77,taobao:1,2026-08-14,never_shipped,18,\n");
  const std::vector<std::string> words = {cases, "--source", "consumers.example", "--class",
                                          "trusted"};
  std::vector<std::string> dry = words;
  dry.push_back("--dry-run");
  const std::string before = registry.Bytes("checkpoint");
  EXPECT_EQ(Counts(Import(registry, dry))["added"], 2);
  EXPECT_EQ(registry.Bytes("checkpoint"), before);

  Json counts = Counts(Import(registry, words));
  EXPECT_EQ(counts["added"], 2);
  EXPECT_EQ(counts["told_by_others"], 1);
  registry.Tell("taobao:1", OutcomeKind::kOnTime, 1);  // order-2, now somebody else's too
  // The number is nowhere on the disk.
  EXPECT_THAT(*ReadFile(registry.data() + "/registry.db", 1 << 24), Not(HasSubstr("order-2")));

  Put("cases.csv", heading +
                       "order-2,taobao:1,2026-08-14,late,9,4\n"
                       "77,taobao:1,2026-08-14,late,19,12\n");
  counts = Counts(Import(registry, words));
  EXPECT_EQ(counts["same"], 1);
  EXPECT_EQ(counts["revised"], 1);
  registry.clock.Advance(std::chrono::days(15));
  ASSERT_EQ(registry.Publish().code, 0);
  const Result audit = registry.Run({"audit", "--from", registry.root().string(), "--json"});
  ASSERT_EQ(audit.code, 0) << audit.err;
  EXPECT_EQ(ParseJson(audit.out, "audit")->value("removed", 0), 1);  // the duplicate
  const Result table = registry.Run({"export", "--from", registry.root().string(), "--csv"});
  ASSERT_EQ(table.code, 0) << table.err;
  EXPECT_EQ(std::ranges::count(table.out, '\n'), 4);  // heading, order-1, order-2, 77
  EXPECT_THAT(table.out,
              HasSubstr("taobao:1,2026-W33,late,false,,,19,12,unknown,1,trusted,1000000"));
}

TEST_F(Exchanging, WhatCannotBeIsRefusedBeforeAnythingIsWritten) {
  RunningRegistry registry;
  const std::string before = registry.Bytes("checkpoint");
  const std::pair<std::string, std::string> cases[] = {
      {kHeading + "1,taobao:1,2026-W33,on_time,5,\n2,taobao:1,2027-W33,on_time,5,\n",
       "order 2: week: 2027-W33 has not begun"},
      {kHeading + "1,taobao:1,2020-W33,on_time,5,\n", "order 1: week: 2020-W33 is more than"},
      {"order,seller,week,outcome,enrolled\n1,taobao:1,2026-W33,open,true\n",
       "order 1: enrolled: that an order was told of while it was open"},
      {"order,seller\n1,nonsense\n", "line 2:"},
  };
  for (const auto& [text, message] : cases) {
    const Result result = Import(registry, {Put("x.csv", text), "--source", "consumers.example"});
    EXPECT_EQ(result.code, 3) << text;
    EXPECT_THAT(result.err, HasSubstr(message));
  }
  const std::string good = Put("x.csv", kHeading + "1,taobao:1,2026-W33,on_time,5,\n");
  EXPECT_THAT(Import(registry, {good}).err, HasSubstr("does not say whose words these are"));
  EXPECT_THAT(Import(registry, {good, "--source", "x", "--class", "source"}).err,
              HasSubstr("whose signature was checked"));
  EXPECT_EQ(Import(registry, {good, "--source", "x", "--signer", OperatorKey(registry)}).code,
            ExitCodeFor(ErrorCode::kForbidden));
  EXPECT_EQ(Import(registry, {File("none.csv"), "--source", "x"}).code, 4);
  EXPECT_EQ(registry.Bytes("checkpoint"), before);
  EXPECT_EQ(registry.Run({"export", "--data", registry.data()}).code, 4);  // nothing published yet
  EXPECT_EQ(registry.Run({"export"}).code, 3);
}

}  // namespace
}  // namespace kaopu
