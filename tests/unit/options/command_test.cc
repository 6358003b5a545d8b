// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "options/command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kaopu {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

// `shop --lang X [buy ITEM... [--count N] [--price P] [--gift|--note TEXT] [--size s|m] | look]`
class CommandTest : public ::testing::Test {
 protected:
  CommandTest() {
    program_.AddVersion([] { return "shop 1"; }, "Print the version");
    Command root = program_.root();
    root.AddOption("--lang", lang_, "Language").Check([](const std::string& value) {
      return value == "en" ? "" : "no such language: " + value;
    });
    root.Footer("Of the program");
    buy_.emplace(root.AddCommand("buy", "Buy things"));
    buy_->AddOption("ITEM", items_, "What").Required();
    count_.emplace(buy_->AddOption("--count", how_many_, "How many").InRange(1, 9).ShowDefault());
    buy_->AddOption("--price", price_, "At most").TypeName("EUR");
    Option note = buy_->AddOption("--note", note_, "A word");
    buy_->AddFlag("--gift", gift_, "Wrapped").Excludes(note);
    buy_->AddFlag("--twice", twice_, "Say it again").Needs(note);
    buy_->AddOption("--size", size_, "Size").OneOf({"s", "m"});
    buy_->Footer("Of buy");
    buy_->Callback([this] { ran_ += "buy"; },
                   [this] { return items_[0] == "moon" ? "ITEM: not for sale" : ""; });
    root.AddCommand("look", "Look around").Callback([this] { ran_ += "look"; });
  }

  Parsed Parse(std::vector<const char*> argv, const Translation& translation = {}) {
    argv.insert(argv.begin(), "/usr/bin/other-name");
    return program_.Parse(static_cast<int>(argv.size()), argv.data(), translation);
  }
  std::string Wrong(std::vector<const char*> argv) {
    const Parsed parsed = Parse(std::move(argv));
    EXPECT_EQ(parsed.kind, Parsed::Kind::kWrong);
    EXPECT_EQ(ran_, "");
    return parsed.text;
  }

  std::string lang_, ran_, size_;
  std::vector<std::string> items_;
  int how_many_ = 3;
  double price_ = 0;
  std::optional<std::string> note_;
  bool gift_ = false, twice_ = false;
  Program program_{"shop", "A shop"};
  std::optional<Command> buy_;
  std::optional<Option> count_;
};

TEST_F(CommandTest, FillsVariablesAndCallsTheCommandThatWasNamed) {
  const Parsed parsed =
      Parse({"buy", "tea", "milk", "--price", "1.5", "--note", "n", "--lang", "en"});
  EXPECT_EQ(parsed.kind, Parsed::Kind::kRan) << parsed.text;
  EXPECT_EQ(ran_, "buy");
  EXPECT_THAT(items_, ElementsAre("tea", "milk"));
  EXPECT_EQ(how_many_, 3);
  EXPECT_FALSE(count_->IsGiven());
  EXPECT_EQ(price_, 1.5);
  EXPECT_EQ(note_, "n");
  EXPECT_EQ(lang_, "en");
}

TEST_F(CommandTest, SaysWhatIsWrongAndRunsNothing) {
  EXPECT_THAT(Wrong({"buy"}), HasSubstr("ITEM is required"));
  EXPECT_THAT(Wrong({"buy", "tea", "--count", "10"}), HasSubstr("10 not in range 1 to 9"));
  EXPECT_THAT(Wrong({"buy", "tea", "--size", "xl"}), HasSubstr("xl not in {s,m}"));
  EXPECT_THAT(Wrong({"buy", "tea", "--gift", "--note", "n"}), HasSubstr("excludes"));
  EXPECT_THAT(Wrong({"buy", "tea", "--twice"}), HasSubstr("requires --note"));
  EXPECT_THAT(Wrong({"look", "--lang", "xx"}), HasSubstr("no such language: xx"));
  EXPECT_EQ(Wrong({"buy", "moon"}), "ITEM: not for sale");
}

TEST_F(CommandTest, NamesTheWordThatIsNoCommand) {
  EXPECT_EQ(Parse({"sell", "tea"}).unknown, "sell");
  EXPECT_EQ(Parse({"--loud"}).unknown, "--loud");
  EXPECT_EQ(Parse({""}).unknown, "");
  EXPECT_EQ(Parse({}).unknown, std::nullopt);
}

TEST_F(CommandTest, HelpIsOfTheCommandThatIsAskedAbout) {
  const Parsed help = Parse({"buy", "--help"});
  EXPECT_EQ(help.kind, Parsed::Kind::kAsked);
  EXPECT_THAT(help.text, HasSubstr("Usage: shop buy [OPTIONS] ITEM..."));
  EXPECT_THAT(help.text, HasSubstr("--price EUR"));
  EXPECT_THAT(help.text, HasSubstr("[1 - 9]=3"));
  EXPECT_THAT(help.text, HasSubstr("Of buy"));
  EXPECT_THAT(help.text, Not(HasSubstr("Of the program")));
  EXPECT_THAT(Parse({"look", "--help"}).text, HasSubstr("Of the program"));
  EXPECT_EQ(Parse({"--version"}).text, "shop 1\n");
  EXPECT_EQ(ran_, "");
}

TEST_F(CommandTest, HelpIsTranslatedAndAligned) {
  const Parsed help = Parse({"-h"}, [](const std::string& english) {
    return english == "TEXT" ? "文字" : "<" + english + ">";
  });
  EXPECT_THAT(help.text, HasSubstr("<A shop>\n<Usage>: shop [<OPTIONS>] <SUBCOMMAND>\n"));
  EXPECT_THAT(help.text, HasSubstr("\n  --lang 文字" + std::string(17, ' ') + "<Language>\n"));
  EXPECT_THAT(help.text, HasSubstr("<Buy things>"));
  EXPECT_THAT(help.text, HasSubstr("<Of the program>"));
}

TEST_F(CommandTest, AnOptionIsFoundAndGivenLater) {
  Parse({"buy", "tea"});
  EXPECT_FALSE(buy_->Find("--nothing"));
  std::optional<Option> count = buy_->Find("--count");
  ASSERT_TRUE(count);
  EXPECT_TRUE(count->Give({"5"}));
  EXPECT_EQ(how_many_, 5);
  EXPECT_TRUE(count->IsGiven());
  const auto wrong = buy_->Find("--price")->Give({"cheap"});
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, ErrorCode::kBadRequest);
  EXPECT_THAT(wrong.error().message, HasSubstr("cheap"));
}

}  // namespace
}  // namespace kaopu
