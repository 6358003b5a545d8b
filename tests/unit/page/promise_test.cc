// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "page/promise.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "page/promise_lexer.h"
#include "page/promise_words.h"

namespace kaopu {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kData[] = KAOPU_SOURCE_DIR "/host/data/promises";

const PromiseReader& Reader() {
  static const auto reader = PromiseReader::Load(kData);
  EXPECT_TRUE(reader.has_value());
  return *reader;
}

std::string Dates(const Promise& promise) {
  return (promise.earliest ? FormatDate(*promise.earliest) : "-") + ".." +
         (promise.latest ? FormatDate(*promise.latest) : "-");
}

TEST(PromiseReader, CheckPromiseData_shippedData_passesItsOwnCases) {
  for (const CheckFailure& failure : CheckPromiseData(kData))
    ADD_FAILURE() << failure.file << ": " << failure.message;
}

TEST(PromiseReader, CheckPromiseData_wrongCase_isNamed) {
  const auto dir = std::filesystem::path(testing::TempDir()) / "promise_check";
  std::filesystem::remove_all(dir);
  std::filesystem::copy(kData, dir, std::filesystem::copy_options::recursive);
  std::ofstream(dir / "cases/zz.json")
      << R"([{"text":"48小时内发货","kind":"ship","max_hours":24}])";
  const auto failures = CheckPromiseData(dir);
  ASSERT_EQ(failures.size(), 1u);
  EXPECT_EQ(failures[0].file, "promises/cases/zz.json");
  EXPECT_THAT(failures[0].message, HasSubstr("max_hours must be 24, is 48"));
}

TEST(PromiseReader, Prepare_damagedFile_namesItAndReadsNothing) {
  const auto dir = std::filesystem::path(testing::TempDir()) / "promise_damaged";
  std::filesystem::remove_all(dir);
  std::filesystem::create_directories(dir);
  std::ofstream(dir / "xx.json")
      << R"({"lang":"xx","source":"s","date_order":"day_first","bare":"ship","words":{"shipp":["ships"]}})";
  const auto reader = PromiseReader::Load(dir);
  ASSERT_TRUE(reader.has_value());
  const auto ready = reader->Prepare();
  ASSERT_FALSE(ready.has_value());
  EXPECT_EQ(ready.error().code, ErrorCode::kDamaged);
  EXPECT_THAT(ready.error().message, HasSubstr("xx.json: words/shipp: no role"));
  EXPECT_EQ(reader->Read("ships in 2 days").kind, PromiseKind::kNone);
}

TEST(PromiseReader, Read_dateWithoutYear_takesTheYearNearestAhead) {
  const auto now = ParseTime("2026-12-28T10:00:00Z");
  EXPECT_EQ(Dates(Reader().Read("Arrives Jan 5", "en", now)), "2027-01-05..2027-01-05");
  EXPECT_EQ(Dates(Reader().Read("Arrives Dec 27", "en", now)), "2026-12-27..2026-12-27");
  EXPECT_EQ(Dates(Reader().Read("Arrives Jan 5", "en")), "-..-");
  EXPECT_EQ(Dates(Reader().Read("预计2027年1月5日送达", "zh")), "2027-01-05..2027-01-05");
}

TEST(PromiseReader, Read_numericDate_followsTheLanguage) {
  const auto now = ParseTime("2026-06-01T00:00:00Z");
  EXPECT_EQ(Dates(Reader().Read("Arrives 08/12", "en-US", now)), "2026-08-12..2026-08-12");
  EXPECT_EQ(Dates(Reader().Read("Arrives 08/12", "en-GB", now)), "2026-12-08..2026-12-08");
  EXPECT_EQ(Dates(Reader().Read("Livraison le 08/12", "fr", now)), "2026-12-08..2026-12-08");
}

TEST(PromiseReader, Read_compensation_keepsTheTextsOwnSpelling) {
  EXPECT_EQ(Reader().Read("承諾48小時內發貨，遲發必賠").compensation, "遲發必賠");
  EXPECT_EQ(Reader().Read("48小时内发货").compensation, std::nullopt);
}

TEST(PromiseReader, Read_marksAndForms_areFolded) {
  EXPECT_EQ(Reader().Read("４８Ｈ発送").max_hours, 48);
  EXPECT_EQ(Reader().Read("\u202e\u200f48小时\u200b内发货").max_hours, 48);

  EXPECT_EQ(Reader().Read("Entrega en 3 di\u0301as").max_hours, 72);
}

TEST(PromiseReader, FindCandidates_prose_givesTheSentencesThatPromise) {
  EXPECT_THAT(Reader().FindCandidates(
                  "Welcome to our shop! All orders ship within 2 business days. We love cats. "
                  "Contact us any time.\n退货请联系客服。48小时内发货。"),
              ElementsAre("All orders ship within 2 business days.", "48小时内发货。"));
}

TEST(PromiseReader, Read_hostileText_isSafe) {
  std::mt19937 random(7);
  const std::string_view pieces[] = {
      "48",       "小时",   "发货", " ",        "-",
      "days",     "ships",  "\xff", "\xe5\x8f", std::string_view("\0", 1),
      "2026-11-", "/",      "日",   "二三十",   "Nov",
      "99%",      "\u202e", "至",   "within",   "4294967296"};
  for (int i = 0; i < 3000; ++i) {
    std::string text;
    for (int k = 0; k < 30; ++k) text += pieces[random() % std::size(pieces)];
    const Promise promise = Reader().Read(text, "en", ParseTime("2026-11-23T00:00:00Z"));
    if (promise.max_hours) {
      EXPECT_LE(*promise.max_hours, 24 * 366 * 2);
    }
  }
  EXPECT_EQ(Reader().Read(std::string(1'000'000, '9')).kind, PromiseKind::kNone);
}

TEST(PromiseWords, Longest_wordsEndsAndPatterns) {
  PromiseWords words;
  const auto file = ParseJson(
      R"({"lang":"xx","source":"s","date_order":"day_first","bare":"ship",
          "words":{"ship":["ship{,s}","*versand*","发货"],"deny":["发货率"]}})",
      "xx");
  ASSERT_TRUE(words.Add(*file, "xx.json").has_value());
  size_t end = 0;
  EXPECT_NE(words.Longest("ships now", 0, &end), nullptr);
  EXPECT_EQ(end, 5u);
  EXPECT_EQ(words.Longest("shipment", 0, &end), nullptr);
  EXPECT_EQ(words.Longest("warship", 3, &end), nullptr);
  EXPECT_NE(words.Longest("eilversandart", 3, &end), nullptr);
  EXPECT_EQ(end, 13u);
  const WordMeaning* rate = words.Longest("发货率", 0, &end);
  ASSERT_NE(rate, nullptr);
  EXPECT_TRUE(rate->Is(WordRole::kDeny));
}

}  // namespace
}  // namespace kaopu
