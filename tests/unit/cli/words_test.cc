// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "cli/words.h"

#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include "base/files.h"
#include "support/child.h"

namespace kaopu {
namespace {

class WordsTest : public ::testing::Test {
 protected:
  void Put(const std::string& language, const std::string& text) {
    std::filesystem::create_directories(folder_.path() / language);
    std::ofstream(folder_.path() / language / "messages.json") << text;
  }
  Words Load(std::string_view language) {
    auto words = Words::Load(folder_.path(), language);
    EXPECT_TRUE(words) << words.error().message;
    return words ? *words : Words();
  }
  const std::filesystem::path& folder() const { return folder_.path(); }

 private:
  testing::TempFolder folder_;
};

TEST_F(WordsTest, ArgumentsAreNamedNotNumbered) {
  Put("en", R"({"late":{"message":"$BAD$ of $TOTAL$ late, $$5 each","placeholders":
              {"bad":{"content":"$1"},"total":{"content":"$2"}}}})");
  const Words words = Load("en");
  EXPECT_EQ(words.Say("late", {{"total", 7}, {"bad", 3}}), "3 of 7 late, $5 each");
  EXPECT_EQ(words.Say("late", {{"total", 7}}), " of 7 late, $5 each");
  EXPECT_EQ(words.Say("late", {{"bad", 0.25}, {"total", 12.0}}), "0.25 of 12 late, $5 each");
  EXPECT_EQ(words.Say("late", "no object"), " of  late, $5 each");
  EXPECT_EQ(words.Say("no_such_key"), "no_such_key");
}

TEST_F(WordsTest, WhatAnArgumentHoldsIsNotReadAgain) {
  Put("en", R"({"name":{"message":"<$NAME$>"},"odd":{"message":"$ $NAME 5$ $"}})");
  EXPECT_EQ(Load("en").Say("name", {{"name", "$NAME$"}}), "<$NAME$>");
  EXPECT_EQ(Load("en").Say("odd", {{"name", "x"}}), "$ $NAME 5$ $");
}

TEST_F(WordsTest, ArgumentsCannotDriveTheTerminal) {
  Put("en", R"({"name":{"message":"<$NAME$>"}})");
  EXPECT_EQ(Load("en").Say("name", {{"name", "a\x1b[31mb\nc\u202ed\u2066e\u009bf"}}),
            "<a [31mb c d e f>");
  EXPECT_EQ(TerminalSafe("店铺 \xe2\x80"),
            "店铺 \xe2\x80");  // cut short: nothing is read past the end
}

TEST_F(WordsTest, TranslationFallsBackToEnglish) {
  Put("en", R"({"a":{"message":"A"},"b":{"message":"B"}})");
  Put("zh_CN", R"({"a":{"message":"甲"}})");
  const Words words = Load("zh-Hans");
  EXPECT_EQ(words.language(), "zh_CN");
  EXPECT_EQ(words.Say("a"), "甲");
  EXPECT_EQ(words.Say("b"), "B");
  EXPECT_EQ(Load("fr_FR.UTF-8").Say("a"), "A");
}

TEST_F(WordsTest, DamagedFileIsAnError) {
  EXPECT_EQ(Words::Load(folder(), "en").error().code, ErrorCode::kNotFound);
  Put("en", "[]");
  EXPECT_EQ(Words::Load(folder(), "en").error().code, ErrorCode::kDamaged);
  Put("en", R"({"a":{"text":"A"}})");
  EXPECT_EQ(Words::Load(folder(), "en").error().code, ErrorCode::kDamaged);
}

TEST(LanguageOfTest, LocaleNames) {
  for (const char* name : {"zh_CN.UTF-8", "zh-TW", "zh", "ZH_cn"})
    EXPECT_EQ(LanguageOf(name), "zh_CN");
  for (const char* name : {"en", "en_GB.UTF-8", "C", "C.UTF-8", "POSIX"})
    EXPECT_EQ(LanguageOf(name), "en");
  for (const char* name : {"", "de_DE", "zhuang", "english"}) EXPECT_EQ(LanguageOf(name), "");
}

TEST(LanguageOfTest, EnvironmentTakesTheFirstThatIsSet) {
  for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"}) unsetenv(name);
  EXPECT_EQ(EnvironmentLanguage(), "en");
  setenv("LANG", "zh_CN.UTF-8", 1);
  EXPECT_EQ(EnvironmentLanguage(), "zh_CN");
  setenv("LC_MESSAGES", "de_DE.UTF-8", 1);
  EXPECT_EQ(EnvironmentLanguage(), "en");
  setenv("LC_ALL", "zh_CN", 1);
  EXPECT_EQ(EnvironmentLanguage(), "zh_CN");
  setenv("LC_ALL", "", 1);
  EXPECT_EQ(EnvironmentLanguage(), "en");
}

// Every key that the command line says, in both languages, with the same arguments in both.
TEST(RealWords, EveryKeyOfTheCommandLineIsThere) {
  const auto locales = LocalesFolder();
  ASSERT_TRUE(locales);
  const auto en = Words::Load(*locales, "en");
  const auto zh = Words::Load(*locales, "zh_CN");
  ASSERT_TRUE(en) << en.error().message;
  ASSERT_TRUE(zh) << zh.error().message;
  const auto source = std::filesystem::path(KAOPU_SOURCE_DIR) / "host" / "cli";
  std::set<std::string> keys = {"doctor_step_would_written", "doctor_step_would_replaced",
                                "doctor_step_would_removed", "doctor_snap_firefox",
                                "doctor_snap_other",         "doctor_flatpak_firefox",
                                "doctor_flatpak_other"};
  for (const char* action : {"written", "replaced", "unchanged", "removed", "failed"}) {
    keys.insert(std::string("doctor_step_") + action);
  }
  for (const char* state : {"missing", "unreadable", "invalid", "host_missing",
                            "host_not_executable", "wrong_extension", "other_host", "good"}) {
    keys.insert(std::string("doctor_manifest_") + state);
  }
  for (const char* verdict : {"dependable", "watch_out", "danger", "unknown"}) {
    keys.insert(std::string("verdict_") + verdict);
  }
  for (const auto& entry : std::filesystem::recursive_directory_iterator(source)) {
    if (entry.path().extension() != ".cc") continue;
    const auto text = ReadFile(entry.path(), 1 << 20);
    ASSERT_TRUE(text);
    for (const std::string prefix : {"\"cli_", "\"doctor_"}) {
      for (size_t at = 0; (at = text->find(prefix, at)) != std::string::npos; ++at) {
        const std::string key = text->substr(at + 1, text->find('"', at + 1) - at - 1);
        if (!key.ends_with("_")) keys.insert(key);
      }
    }
  }
  for (const std::string& key : keys) {
    EXPECT_TRUE(en->Has(key)) << key;
    if (en->Has(key)) {
      EXPECT_NE(zh->Say(key), en->Say(key)) << key << " is not translated";
    }
  }
}

}  // namespace
}  // namespace kaopu
