// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "cli/policy_subjects.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "base/files.h"
#include "messaging/policy_file.h"

namespace kaopu {
namespace {

using testing::HasSubstr;

TEST(PolicySubjects, TheShippedPolicySaysOfItsCasesWhatTheySayOfIt) {
  const auto policy = LoadPolicy(KAOPU_SOURCE_DIR "/host/data");
  ASSERT_TRUE(policy) << policy.error().message;
  const auto cases = ReadPolicyCases(KAOPU_SOURCE_DIR "/host/data");
  ASSERT_TRUE(cases) << cases.error().message;
  EXPECT_GE(cases->size(), 20u);
  for (const PolicySubject& one : *cases)
    EXPECT_EQ(VerdictName(one.JudgeBy(*policy).verdict), VerdictName(*one.expected)) << one.name;
}

TEST(PolicySubjects, ACaseThatSaysNothingSoundIsNamed) {
  const auto wrong = [](std::string_view text) {
    const auto read = ParsePolicyCases(text, "cases.json");
    return read ? std::string("no error") : read.error().message;
  };
  EXPECT_THAT(wrong(R"([{"name":"a"}])"), HasSubstr("\"a\": \"verdict\""));
  EXPECT_THAT(wrong(R"([{"verdict":"danger"}])"), HasSubstr("no name"));
  EXPECT_THAT(wrong(R"([{"name":"a","verdict":"danger","own":[{"outcome":"lost"}]}])"),
              HasSubstr("no outcome"));
  EXPECT_THAT(
      wrong(R"([{"name":"a","verdict":"danger","own":[{"outcome":"late","times":1000000}]}])"),
      HasSubstr("times"));
  EXPECT_THAT(wrong(R"([{"name":"a","verdict":"danger","page":{"colour":"red"}}])"),
              HasSubstr("\"page\""));
  EXPECT_THAT(wrong(R"([{"name":"a","verdict":"danger","caution":"none"}])"), HasSubstr("caution"));
  EXPECT_THAT(wrong("{}"), HasSubstr("must be a list"));
}

TEST(PolicySubjects, AStreamsSellersAsOfItsLastDay) {
  std::istringstream in(
      R"({"t":86400000,"type":"outcome","id":"1","seller":"b","bad":0,"handle_h":30,"promise_h":48})"
      "\n"
      R"({"t":86400000,"type":"outcome","id":"2","seller":"a","bad":1,"promise_h":48})"
      "\n"
      R"({"t":86400000,"type":"outcome","id":"3","seller":"a","bad":1,"promise_h":48})"
      "\n"
      R"({"t":86500000,"type":"late_ship","id":"3","seller":"a","handle_h":75,"promise_h":48})"
      "\n"
      R"({"t":89600000,"type":"outcome","id":"4","seller":"c","bad":1})"
      "\n");
  const auto subjects = StreamSubjects(in, Caution::kHigh);
  ASSERT_TRUE(subjects) << subjects.error().message;
  ASSERT_EQ(subjects->size(), 3u);
  const PolicySubject& a = (*subjects)[0];
  EXPECT_EQ(a.name, "a");
  EXPECT_EQ(a.caution, Caution::kHigh);
  EXPECT_EQ(a.own[0].kind, OutcomeKind::kNeverShipped);
  EXPECT_EQ(a.own[0].known_on, Date{std::chrono::days{1000}} + kNeverAfter);
  EXPECT_EQ(a.own[1].kind, OutcomeKind::kLate);
  EXPECT_EQ(a.own[1].days_late, 2);
  EXPECT_EQ(a.own[1].ship_days, 3);
  EXPECT_EQ((*subjects)[1].own[0].kind, OutcomeKind::kOnTime);
  EXPECT_EQ((*subjects)[2].own[0].days_late, 0);  // no promise: nobody knows how late
  std::istringstream damaged("{\"type\":\"outcome\"}\n");
  EXPECT_THAT(StreamSubjects(damaged, Caution::kNormal).error().message, HasSubstr("line 1"));
}

}  // namespace
}  // namespace kaopu
