// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// What people read, from the extension's own _locales: one wording for browser and terminal.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/json.h"
#include "cli/phrases.h"

namespace kaopu {

class Words {
 public:
  // `language`: "en", "zh_CN", or any locale name ("zh-Hans", "de_DE.UTF-8"): the nearest language
  // there is, else English. Messages that a translation lacks come from English. kNotFound,
  // kDamaged.
  static Expected<Words> Load(const std::filesystem::path& locales, std::string_view language);
  // Knows no message: Say gives keys. For when the folder is missing.
  Words() = default;

  // The message `key` with each $NAME$ replaced by args["name"] (a string or a number) made safe
  // for a terminal: no control or direction characters. An unknown key is said as itself; a missing
  // argument as nothing. The argument `error` is an English message and is said as Of() does.
  std::string Say(std::string_view key, const Json& args = Json::object()) const;
  bool Has(std::string_view key) const;

  // An English message of the programs in this language.
  std::string Of(std::string_view english) const { return phrases_.Of(english); }
  const Phrases& phrases() const { return phrases_; }
  void SetPhrases(Phrases phrases) { phrases_ = std::move(phrases); }

  // The folder's name: "en" or "zh_CN".
  const std::string& language() const { return language_; }

 private:
  std::string language_ = "en";
  std::map<std::string, std::string, std::less<>> messages_;
  Phrases phrases_;
};

// Folder name of the language that a locale name asks for, or "" when we have none. ("zh_TW.UTF-8"
// -> "zh_CN", "C" -> "en")
std::string LanguageOf(std::string_view locale);

// The language of this process's environment: LC_ALL, LC_MESSAGES, LANG in that order; "en" when
// none is set.
std::string EnvironmentLanguage();

// Text from outside (a page, a file) made safe to print: control characters and direction overrides
// become a space.
std::string TerminalSafe(std::string_view text);

}  // namespace kaopu
