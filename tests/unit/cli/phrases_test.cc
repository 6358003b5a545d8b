// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "cli/phrases.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

#include "base/files.h"
#include "options/command.h"
#include "support/child.h"
#include "unit/cli/run_kaopu.h"

namespace kaopu {
namespace {

namespace fs = std::filesystem;

Phrases Read(const std::string& json) {
  const testing::TempFolder folder;
  std::ofstream(folder.path() / "phrases.json") << json;
  auto phrases = Phrases::Load(folder.path() / "phrases.json");
  EXPECT_TRUE(phrases) << phrases.error().message;
  return phrases ? *phrases : Phrases();
}

TEST(PhrasesTest, PartsKeepTheirPlaceByNumber) {
  const Phrases phrases = Read(
      R"({"cannot open $1: $2":"$2 <- $1","No such file":"WEG","$1 is no date":"DATUM $1","all":"ALLES"})");
  EXPECT_EQ(phrases.Of("all"), "ALLES");
  EXPECT_EQ(phrases.Of("all of it"), "all of it");
  EXPECT_EQ(phrases.Of("cannot open /a: b: No such file"), "b：WEG <- /a");
  EXPECT_EQ(phrases.Of("cannot open /a: other"), "other <- /a");
  EXPECT_EQ(phrases.Of("placed_at: \"x\" is no date"), "placed_at：DATUM \"x\"");
  EXPECT_EQ(phrases.Of(" is no date"), " is no date");  // a part is never empty
  EXPECT_EQ(phrases.Of(""), "");
  EXPECT_EQ(phrases.Of("cannot open $2: $1"), "$1 <- $2");  // what a part holds is not read again
  EXPECT_EQ(phrases.OfLines("all\n  all\nx"), "ALLES\n  ALLES\nx");
}

TEST(PhrasesTest, TheMostSpecificWins) {
  const Phrases phrases =
      Read(R"({"$1 is $2":"A","$1 is before placed_at $2":"B","$1 is before $2":"C"})");
  EXPECT_EQ(phrases.Of("x is before placed_at y"), "B");
  EXPECT_EQ(phrases.Of("x is before y"), "C");
  EXPECT_EQ(phrases.Of("x is y"), "A");
}

TEST(PhrasesTest, LongMessagesEndSoon) {
  const Phrases phrases = Read(R"({"$1: $2":"$1: $2","$1 a $2 a $3":"x"})");
  std::string text;
  for (int i = 0; i < 20000; ++i) text += "a: ";
  EXPECT_FALSE(phrases.Of(text).empty());
}

TEST(PhrasesTest, DamagedFileIsAnError) {
  EXPECT_EQ(Phrases::Load("/nowhere/phrases.json").error().code, ErrorCode::kNotFound);
  const testing::TempFolder folder;
  for (const char* text : {"[]", "{\"a\":1}", "{"}) {
    std::ofstream(folder.path() / "p.json") << text;
    EXPECT_EQ(Phrases::Load(folder.path() / "p.json").error().code, ErrorCode::kDamaged) << text;
  }
}

// The shipped translation.
class RealPhrases : public ::testing::Test {
 protected:
  void SetUp() override {
    const fs::path file = *LocalesFolder() / "zh_CN/phrases.json";
    auto phrases = Phrases::Load(file);
    ASSERT_TRUE(phrases) << phrases.error().message;
    phrases_ = std::move(*phrases);
    json_ = Json::parse(*ReadFile(file, 1 << 20));
  }
  // In English. `words`: the command's name.
  std::string HelpOf(std::vector<std::string> words) {
    words.push_back("--help");
    out_.str("");
    context_.lang = "en";
    EXPECT_EQ(RunKaopu(words, context_), 0);
    return out_.str();
  }

  Phrases phrases_;
  Json json_;
  std::istringstream in_;
  std::ostringstream out_;
  const FakeClock clock_{TimeMs{}};
  CommandContext context_{in_, out_, out_, clock_};
};

TEST_F(RealPhrases, BothLanguagesHaveTheSameParts) {
  const auto parts = [](const std::string& text) {
    std::multiset<char> found;
    for (size_t i = 0; i + 1 < text.size(); ++i) {
      if (text[i] == '$' && text[i + 1] >= '1' && text[i + 1] <= '9') found.insert(text[i + 1]);
    }
    return found;
  };
  for (const auto& [english, chinese] : json_.items()) {
    const std::string text = chinese.get<std::string>();
    auto wanted = parts(english);
    // What a message says for grammar alone ("an $1") may go unsaid.
    for (const char part : parts(text)) EXPECT_TRUE(wanted.contains(part)) << english;
    if (english.find(" required ") == std::string::npos &&
        !english.starts_with("no change of an ")) {
      EXPECT_EQ(parts(text), wanted) << english;
    }
    EXPECT_FALSE(text.empty()) << english;
    EXPECT_NE(text, english);
  }
}

bool NeedsNoWords(std::string_view line) {
  return line.empty() || line.starts_with("kaopu ") || line.starts_with("{") ||
         line.starts_with("Out: {\"kind\"") || line.starts_with("echo ") ||
         line.starts_with("sudo kaopu ");
}

TEST_F(RealPhrases, EveryLineOfHelpIsThere) {
  int lines = 0;
  const char* const argv[] = {"kaopu", "--help"};
  MakeProgram(context_).Parse(2, argv, [&](const std::string& text) {  // of every command
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) {
      line.erase(0, std::min(line.find_first_not_of(' '), line.size()));
      ++lines;
      if (!NeedsNoWords(line)) {
        EXPECT_TRUE(phrases_.Has(line)) << line;
      }
    }
    return text;
  });
  EXPECT_GT(lines, 150);
}

// What the help lists below "Subcommands:".
std::vector<std::string> CommandsIn(const std::string& help) {
  constexpr std::string_view kHead = "\nSubcommands:\n";
  std::vector<std::string> names;
  const size_t head = help.find(kHead);
  if (head == std::string::npos) return names;
  std::istringstream lines(help.substr(head + kHead.size()));
  for (std::string line; std::getline(lines, line) && !line.empty();) {
    std::istringstream(line) >> names.emplace_back();
  }
  return names;
}

TEST_F(RealPhrases, NoCommandShowsAnothersExamples) {
  int commands = 0;
  const std::function<void(const std::vector<std::string>&)> look =
      [&](const std::vector<std::string>& words) {
        const std::string help = HelpOf(words);
        std::string name = "kaopu";
        for (const std::string& word : words) name += " " + word;
        const std::string usage = "Usage: " + name;
        const size_t used = help.find(usage);
        ASSERT_NE(used, std::string::npos) << help;
        EXPECT_THAT(help.substr(used + usage.size()), ::testing::HasSubstr(name));
        ++commands;
        for (const std::string& below : CommandsIn(help)) {
          std::vector<std::string> deeper = words;
          deeper.push_back(below);
          look(deeper);
        }
      };
  look({});
  EXPECT_GT(commands, 40);
}

// The English of every message that this piece of source builds: literals as they are, `$` for what
// is between them. Alternatives (`a ? "x" : "y"`)
// and words by key are skipped.
std::vector<std::string> MessagesOf(const std::string& source) {
  std::vector<std::string> messages;
  for (const std::string start : {"Fail(ErrorCode::", "Wrong(", "{ErrorCode::"}) {
    for (size_t at = 0; (at = source.find(start, at)) != std::string::npos;) {
      const bool defined = source.substr(0, at).ends_with("bool ");
      at += start.size();
      if (defined) continue;
      size_t comma = source.find(',', at);
      std::string message;
      bool between = false, choice = false, any = false;
      int depth = 1;
      for (size_t i = comma + 1; i < source.size() && depth > 0; ++i) {
        const char c = source[i];
        if (c == '"' && source.substr(0, i).ends_with("/ ")) {  // a file's name: folder / "name"
          i = source.find('"', i + 1);
          continue;
        }
        if (c == '"') {
          if (between && any && !message.ends_with('$')) message += '$';
          for (++i; source[i] != '"'; ++i) {
            if (source[i] == '\\') ++i;
            message += source[i];
          }
          any = true;
          between = false;
          continue;
        }
        if (c == '?' || source.compare(i, 4, "Say(") == 0) choice = true;
        if (c == '(' || c == '{') {
          ++depth;
          if (source.substr(0, i).ends_with("StrCat")) continue;
        }
        if (c == ')' || c == '}') --depth;
        if (depth == 0) break;
        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) {
          if (source.compare(i, 7, "StrCat(") == 0) {
            i += 5;
            continue;
          }
          if (!any && message.empty()) message = "$", any = true;
          between = true;
        }
      }
      if (between && any && message != "$" && !message.ends_with("$")) message += '$';
      if (any && !choice && message.find_first_not_of("$: ") != std::string::npos)
        messages.push_back(message);
    }
  }
  return messages;
}

TEST_F(RealPhrases, EveryErrorOfTheRecordAndItsCommandsIsThere) {
  std::set<std::string> said;
  const fs::path host = fs::path(KAOPU_SOURCE_DIR) / "host";
  std::vector<fs::path> files = {host / "base/files.cc",       host / "base/json.cc",
                                 host / "messaging/engine.cc", host / "cli/command_line.cc",
                                 host / "cli/page_input.cc",   host / "cli/fetch.cc"};
  for (const char* folder :
       {"messaging/actions", "cli/commands", "store", "pool", "pool/net", "net"}) {
    for (const auto& entry : fs::directory_iterator(host / folder)) {
      if (entry.path().extension() == ".cc") files.push_back(entry.path());
    }
  }
  for (const fs::path& file : files) {
    const auto source = ReadFile(file, 1 << 20);
    ASSERT_TRUE(source) << file;
    for (const std::string& message : MessagesOf(*source)) said.insert(message);
  }
  EXPECT_GT(said.size(), 50u);
  for (const std::string& message : said) {
    std::string example;
    for (const char c : message) example += c == '$' ? std::string("part") : std::string(1, c);
    const bool advised =
        message.ends_with('$') &&  // "...; what to do", a message of its own
        phrases_.Has(example.substr(0, example.size() - std::string("part").size()));
    EXPECT_TRUE(advised || phrases_.Has(example)) << message;
  }
}

}  // namespace
}  // namespace kaopu
