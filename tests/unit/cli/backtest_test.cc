// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "cli/backtest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <sstream>

#include "base/str_cat.h"

namespace kaopu {
namespace {

using testing::HasSubstr;

// A stream of every kind of line; `probes`: with lines that only ask.
std::string SomeStream(bool probes) {
  std::mt19937 random(1);
  std::string text;
  int64_t t = 1'500'000'000;
  for (int i = 0; i < 3000; ++i) {
    t += random() % 40'000;
    const unsigned seller = random() % 60;
    const std::string head =
        StrCat("{\"t\":", t, ",\"id\":\"", i, "\",\"seller\":\"s", seller, "\"");
    const std::string rest =
        StrCat(",\"category\":\"c", random() % 5, "\",\"price\":", random() % 900,
               ".5,\"promise_h\":", 24 * (1 + random() % 5));
    const bool bad = random() % 60 < seller;
    const bool ships_late = random() % 2 == 0;
    const unsigned hours = random() % 100;
    if (probes && i % 7 == 0) {
      text += StrCat("{\"t\":", t, ",\"type\":\"order\",\"id\":\"p", i, "\",\"seller\":\"q", i,
                     "\"", rest, ",\"probe\":1}\n");
    }
    text += StrCat(head, ",\"type\":\"order\"", rest, "}\n");
    if (i % 11 == 0) continue;
    text += StrCat(head, ",\"type\":\"outcome\",\"bad\":", bad ? 1 : 0,
                   ",\"promise_h\":48,\"handle_h\":", bad ? "null" : StrCat(hours % 48), "}\n");
    if (bad && ships_late)
      text += StrCat(head, ",\"type\":\"late_ship\",\"handle_h\":", hours, "}\n");
    text += StrCat(head, ",\"type\":\"review\",\"stars\":1}\n");
  }
  return text;
}

struct Replayed {
  Expected<void> done;
  std::string out, err;
};
Replayed RunOn(const std::string& text) {
  std::istringstream in(text);
  std::ostringstream out, err;
  auto done = Backtest(in, out, err, nullptr);
  return {done, out.str(), err.str()};
}

TEST(Backtest, ProbesLeaveTheOtherPredictionsTheSameBytes) {
  const Replayed with = RunOn(SomeStream(true)), without = RunOn(SomeStream(false));
  ASSERT_TRUE(with.done && without.done);
  std::istringstream lines(with.out);
  std::string kept, line;
  int probes = 0;
  while (std::getline(lines, line)) {
    if (line.starts_with('p')) {
      ++probes;
    } else {
      kept += line + '\n';
    }
  }
  EXPECT_EQ(probes, 429);
  EXPECT_EQ(kept, without.out);
}

TEST(Backtest, APredictionDependsOnEarlierLinesAlone) {
  const std::string text = SomeStream(false);
  const std::string whole = RunOn(text).out;
  const size_t cut = text.find('\n', text.size() / 2) + 1;
  const std::string half = RunOn(text.substr(0, cut)).out;
  EXPECT_EQ(whole.substr(0, half.size()), half);
  // Whatever comes later.
  const std::string other = RunOn(text.substr(0, cut) + SomeStream(true)).out;
  EXPECT_EQ(other.substr(0, half.size()), half);
}

TEST(Backtest, FindsTheSellersThatAreBad) {
  const Replayed run = RunOn(SomeStream(false));
  EXPECT_THAT(run.err, HasSubstr("orders with an outcome"));
  const size_t at = run.err.find("AUC ");
  ASSERT_NE(at, std::string::npos);
  EXPECT_GT(std::stod(run.err.substr(at + 4)), 0.65);
}

TEST(Backtest, ABadLineIsNamed) {
  const std::string good = R"({"t":1,"type":"order","id":"a","seller":"s"})"
                           "\n";
  for (const auto& [line, says] : std::vector<std::pair<std::string, std::string>>{
           {"{", "JSON"},
           {"[]", "must be a JSON object"},
           {"{}", "\"type\" is missing"},
           {R"({"type":"order","id":"a","seller":"s"})", "\"t\" is missing"},
           {R"({"t":"1","type":"order","id":"a","seller":"s"})", "\"t\" must be a number"},
           {R"({"t":-5,"type":"order","id":"a","seller":"s"})", "\"t\" must be within"},
           {R"({"t":1e300,"type":"order","id":"a","seller":"s"})", "\"t\" must be within"},
           {R"({"t":1,"type":"order","id":"a"})", "\"seller\" is missing"},
           {R"({"t":1,"type":"outcome","id":"a","seller":"s"})", "\"bad\" is missing"},
           {R"({"t":1,"type":"outcome","id":"a","seller":"s","bad":2})", "\"bad\" must be 0 or 1"},
           {R"({"t":1,"type":"order","id":"a","seller":"s","promise_h":"x"})", "promise_h"},
           {std::string(100'000, ' '), "longer than"}}) {
    const Replayed run = RunOn(good + line + "\n" + good);
    ASSERT_FALSE(run.done) << line;
    EXPECT_EQ(run.done.error().code, ErrorCode::kBadRequest);
    EXPECT_THAT(run.done.error().message, HasSubstr("line 2: ")) << line;
    EXPECT_THAT(run.done.error().message, HasSubstr(says)) << line;
    EXPECT_THAT(run.out, HasSubstr("a,0.09"));
  }
}

TEST(Backtest, UnknownThingsAndOddOrdersAreNoError) {
  const Replayed run = RunOn(
      R"({"t":5,"type":"moon","phase":3}
{"t":5,"type":"outcome","id":"z","seller":"s","bad":1,"handle_h":-3,"promise_h":-1,"more":[]}

{"t":9,"type":"late_ship","id":"nobody","seller":"s"}
{"t":9,"type":"outcome","id":"z","seller":"s","bad":true}
{"t":3,"type":"order","id":"a,\"b","seller":"s","price":0,"promise_h":0}
)");
  ASSERT_TRUE(run.done) << run.done.error().message;
  EXPECT_THAT(run.out, HasSubstr("\"a,\"\"b\",0."));
}

TEST(Metrics, AgreeWithHandCountedOnes) {
  const Metrics m = MetricsOf({{.9, true}, {.8, false}, {.7, true}, {.7, false}, {.1, false}});
  EXPECT_NEAR(m.auc, (3 + 1.5) / 6, 1e-12);
  EXPECT_NEAR(m.average_precision, (1.0 + 2.0 / 4) / 2, 1e-12);
  EXPECT_NEAR(m.brier, (.01 + .64 + .09 + .49 + .01) / 5, 1e-12);
  EXPECT_EQ(MetricsOf({}).orders, 0U);
}

}  // namespace
}  // namespace kaopu
