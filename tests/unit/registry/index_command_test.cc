// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "base/json.h"
#include "base/str_cat.h"
#include "index/index_writer.h"
#include "index/key_hash.h"
#include "index/seller_index.h"
#include "registry/registry_command.h"

namespace kaopu {
namespace {

struct Ran {
  int code;
  std::string out, err;
};

class IndexCommand : public testing::Test {
 protected:
  IndexCommand() {
    std::string pattern = testing::TempDir() + "kaopu-index-XXXXXX";
    folder_ = mkdtemp(pattern.data());
  }
  ~IndexCommand() override {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  std::string PathOf(std::string_view name) const { return (folder_ / name).string(); }
  static std::string BytesOf(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  static Ran RunProgram(const std::vector<std::string>& arguments, const std::string& input = "") {
    std::istringstream in(input);
    std::ostringstream out, err;
    const FakeClock clock(TimeMs{Date{std::chrono::days{20'700}}});  // 2026-09-04
    RegistryContext context{in, out, err, clock};
    std::vector<const char*> argv = {"kaopu-registry", "index"};
    for (const std::string& one : arguments) argv.push_back(one.c_str());
    const int code = RunRegistryCommandLine(static_cast<int>(argv.size()), argv.data(), context);
    return {code, out.str(), err.str()};
  }
  // Seller 1 is bad, the others are fine; seven orders each, then three more weeks of seller 2.
  static std::vector<std::string> Lines(int weeks) {
    std::vector<std::string> lines;
    for (int seller = 1; seller <= 40; ++seller) {
      for (int order = 0; order < 7; ++order) {
        lines.push_back(StrCat(R"({"seller":"taobao:)", seller, R"(","on":"2026-0)", 1 + order,
                               R"(-15","ship_days":2,"outcome":")",
                               seller == 1 ? "never_shipped" : "on_time", "\"}"));
      }
    }
    for (int week = 0; week < weeks; ++week) {
      lines.push_back(StrCat(R"({"seller":"taobao:2","on":"2026-08-)", 10 + week * 7,
                             R"(","outcome":"late","days_late":4,"weight":0.5})"));
    }
    return lines;
  }
  static std::string Joined(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) text += line + "\n";
    return text;
  }

  std::filesystem::path folder_;
};

TEST_F(IndexCommand, BuildShowDiffApplyVerify) {
  const std::string one = PathOf("one"), two = PathOf("two"), three = PathOf("three"),
                    details = PathOf("details");
  Ran ran = RunProgram({"build", "-", "--out", one, "--origin", "registry.example/1", "--platform",
                        "taobao", "--as-of", "2026-08-09", "--base", "2024-01-01", "--salt",
                        "000102030405060708090a0b0c0d0e0f"},
                       Joined(Lines(0)));
  ASSERT_EQ(ran.code, 0) << ran.err;
  EXPECT_NE(ran.out.find(one + ": 40 sellers, 12288 bytes, sha256 "), std::string::npos) << ran.out;
  ran = RunProgram({"build", "-", "--out", two, "--like", one, "--as-of", "2026-08-16"},
                   Joined(Lines(1)));
  ASSERT_EQ(ran.code, 0) << ran.err;
  ran = RunProgram(
      {"build", "-", "--out", three, "--details", details, "--like", two, "--as-of", "2026-08-23"},
      Joined(Lines(2)));
  ASSERT_EQ(ran.code, 0) << ran.err;

  ran = RunProgram({"show", three});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_NE(
      ran.out.find("40 sellers of taobao, from registry.example/1, publish 3, as of 2026-08-23"),
      std::string::npos)
      << ran.out;
  ran = RunProgram({"show", three, "taobao:2", "--details", details, "--json"});
  ASSERT_EQ(ran.code, 0) << ran.err;
  const auto shown = ParseJson(ran.out, "shown");
  ASSERT_TRUE(shown) << ran.out;
  EXPECT_EQ((*shown)["last_report"], "2026-08-17");
  EXPECT_EQ((*shown)["detail"]["windows"][0]["bad"], 2);
  EXPECT_EQ((*shown)["detail"]["windows"][2]["reports"], 9);
  EXPECT_NEAR((*shown)["late_weight"].get<double>(), 0.97, .03);  // two halves, 18 days ago
  EXPECT_EQ((*shown)["never_weight"], 0.0);
  const auto bad_of = [&](const char* seller) {
    const Ran asked = RunProgram({"show", three, seller, "--json"});
    const auto json = ParseJson(asked.out, "shown");
    return json ? (*json)["bad"]["mean"].get<double>() : -1;
  };
  EXPECT_GT(bad_of("taobao:1"), 0.6);
  EXPECT_LT(bad_of("taobao:3"), 0.1);
  EXPECT_EQ(RunProgram({"show", three, "taobao:41"}).code, 4);
  EXPECT_EQ(RunProgram({"show", three, "jd:1"}).code, 4);

  const std::string d12 = PathOf("d12"), d23 = PathOf("d23"), mine = PathOf("mine");
  ASSERT_EQ(RunProgram({"diff", one, two, "--out", d12}).code, 0);
  ran = RunProgram({"diff", two, three, "--out", d23});
  ASSERT_EQ(ran.code, 0) << ran.err;
  // The day alone changed for the others: their rows did not.
  EXPECT_NE(ran.out.find("1 changed, 0 new, 0 gone, 39 as they were"), std::string::npos)
      << ran.out;
  std::filesystem::copy_file(one, mine);
  ran = RunProgram({"apply", mine, d12, d23});
  ASSERT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(BytesOf(mine), BytesOf(three));
  EXPECT_NE(RunProgram({"apply", mine, d12, d23}).out.find("was up to date"), std::string::npos);
  const std::string digest = ran.out.substr(ran.out.rfind(' ') + 1, 44);
  EXPECT_EQ(RunProgram({"verify", mine, "--digest", digest}).code, 0);
  EXPECT_EQ(RunProgram({"verify", one, "--digest", digest}).code, 6);
  EXPECT_EQ(RunProgram({"apply", one, d12, "--expect", digest}).code, 3);
  EXPECT_EQ(RunProgram({"apply", one, d23}).code, 3);

  std::string cut = BytesOf(three).substr(0, 9000);
  std::ofstream(PathOf("cut"), std::ios::binary) << cut;
  ran = RunProgram({"verify", PathOf("cut")});
  EXPECT_EQ(ran.code, 6);
  EXPECT_NE(ran.err.find("it has 9000 bytes, its header says 12288"), std::string::npos) << ran.err;
}

TEST_F(IndexCommand, AnyOrderOfLinesGivesTheSameBytes) {
  std::vector<std::string> lines = Lines(3);
  const std::vector<std::string> frame = {"--as-of", "2026-08-30",
                                          "--base",  "2024-01-01",
                                          "--salt",  "000102030405060708090a0b0c0d0e0f"};
  std::string first_rows, first_details;
  for (int round = 0; round < 3; ++round) {
    std::vector<std::string> arguments = {"build",        "-",         "--out",
                                          PathOf("rows"), "--details", PathOf("details")};
    arguments.insert(arguments.end(), frame.begin(), frame.end());
    const Ran ran = RunProgram(arguments, Joined(lines));
    ASSERT_EQ(ran.code, 0) << ran.err;
    if (round == 0) {
      first_rows = BytesOf(PathOf("rows"));
      first_details = BytesOf(PathOf("details"));
    }
    EXPECT_EQ(BytesOf(PathOf("rows")), first_rows);
    EXPECT_EQ(BytesOf(PathOf("details")), first_details);
    std::ranges::reverse(lines);
    std::ranges::rotate(lines, lines.begin() + 17);
  }
}

TEST_F(IndexCommand, SaysWhichLineIsWrongAndLeavesNothing) {
  const struct {
    const char *line, *said;
    int code;
  } kCases[] = {
      {R"({"seller":"taobao:1","on":"2026-13-01","outcome":"late"})", "line 2: on \"2026-13-01\"",
       3},
      {R"({"seller":"taobao","on":"2026-01-01","outcome":"late"})", "no seller key", 3},
      {R"({"seller":"taobao:1","on":"2026-01-01","outcome":"lost"})", "outcome \"lost\"", 3},
      {R"({"seller":"taobao:1","on":"2026-01-01","outcome":"late","weight":2})", "weight", 3},
      {R"({"seller":"taobao:1","on":"2026-01-01","outcome":"late","days_late":-1})", "days_late -1",
       3},
      {R"({"seller":"jd:1","on":"2026-01-01","outcome":"late"})", "not of platform taobao", 3},
      {"{", "line 2", 3},
  };
  for (const auto& one : kCases) {
    const Ran ran = RunProgram({"build", "-", "--out", PathOf("out"), "--platform", "taobao"},
                               Lines(0).front() + "\n" + one.line + "\n");
    EXPECT_EQ(ran.code, one.code) << one.line;
    EXPECT_NE(ran.err.find(one.said), std::string::npos) << ran.err;
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
  EXPECT_EQ(RunProgram({"build", PathOf("none"), "--out", PathOf("out")}).code, 4);
  EXPECT_EQ(RunProgram({"verify", PathOf("none")}).code, 4);
  EXPECT_EQ(RunProgram({"build", "-"}).code, 2);
}

// A name made to fall on a known seller's key: the details tell the two apart.
TEST_F(IndexCommand, AnotherSellersKeyIsNotThisSellers) {
  ASSERT_EQ(RunProgram({"build", "-", "--out", PathOf("rows"), "--details", PathOf("details")},
                       Joined(Lines(0)))
                .code,
            0);
  const auto rows = index::IndexFile::Open(PathOf("rows"));
  const auto details = index::IndexFile::Open(PathOf("details"));
  ASSERT_TRUE(rows && details);
  ASSERT_TRUE(*index::SellerIndex::Open(PathOf("rows"), PathOf("details"))
                   ->Find("taobao:1", rows->header().epoch.at));
  // The same key with another check, as another name would have it.
  const index::Key key = index::HashSeller(rows->header().salt, "taobao:1").key;
  auto writer = index::IndexWriter::Create(PathOf("other"), details->header());
  ASSERT_TRUE(writer);
  ASSERT_TRUE(details->ForEach([&](index::Entry entry) {
    if (entry.key == key) entry.payload[0] ^= 1;
    return writer->Add(entry).has_value();
  }));
  ASSERT_TRUE(writer->Finish() && writer->Publish());
  const auto both = index::SellerIndex::Open(PathOf("rows"), PathOf("other"));
  ASSERT_TRUE(both) << both.error().message;
  const auto found = both->Find("taobao:1", rows->header().epoch.at);
  ASSERT_TRUE(found);
  EXPECT_FALSE(found->has_value());
  EXPECT_TRUE(*both->Find("taobao:2", rows->header().epoch.at));
  EXPECT_EQ(index::SellerIndex::Open(PathOf("details"), std::nullopt).error().code,
            ErrorCode::kBadRequest);
  EXPECT_EQ(index::SellerIndex::Open(PathOf("rows"), PathOf("rows")).error().code,
            ErrorCode::kConflict);
}

}  // namespace
}  // namespace kaopu
