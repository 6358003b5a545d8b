// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// What the programs say in English (errors, --help), in another language: a file of English
// sentences with their translation, host/words/LANGUAGE.json. Errors stay English on the wire and
// in logs; only what a person reads in a terminal passes here.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace kaopu {

class Phrases {
 public:
  // `{"cannot open $1: $2": "无法打开 $1：$2", ...}`: $1 to $9 stand for what varies; the
  // translation names each once, in any order. kNotFound, kDamaged.
  static Expected<Phrases> Load(const std::filesystem::path& file);
  // Knows none.
  Phrases() = default;

  // The translation of one line of English; the line itself where there is none. What varies, and
  // what follows a "name: ", is translated in its turn where it is known: causes are messages too.
  std::string Of(std::string_view english) const;
  // Line by line, each with its indentation.
  std::string OfLines(std::string_view english) const;

  // Whether the line as a whole is known.
  bool Has(std::string_view english) const;

 private:
  struct Pattern {
    std::vector<std::string> literals;  // around the parts that vary: one more than there are parts
    std::vector<int> parts;             // the digit of each
    std::string translation;
    size_t fixed_bytes = 0;
  };

  bool Match(const Pattern& pattern, std::string_view english,
             std::vector<std::string_view>& parts) const;
  bool Find(std::string_view english, int depth, std::string& out) const;

  std::map<std::string, std::string, std::less<>> whole_;
  std::vector<Pattern> patterns_;  // the most specific first
};

}  // namespace kaopu
