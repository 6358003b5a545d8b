// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "page/cold/charset_guess.h"

#include <uchardet.h>

#include <algorithm>
#include <array>

#include "page/cold/encoding_labels.h"
#include "page/cold/html_tokenizer.h"
#include "page/text.h"

namespace kaopu {
namespace {

constexpr size_t kDetectBytes = 1024 * 1024;
constexpr size_t kLanguageBytes = 16 * 1024;

// Encodings of one language, the most usual first.
struct LanguageRow {
  std::string_view languages;
  std::array<std::string_view, 2> encodings;
};
constexpr std::array kRows = {
    LanguageRow{"zh-tw zh-hk zh-mo zh-hant", {"big5-hkscs"}}, LanguageRow{"zh cn", {"gb18030"}},
    // Bytes of the second make sense in the first seldom; the other way round often.
    LanguageRow{"ja jp", {"euc-jp-ms", "cp932"}}, LanguageRow{"ko kr", {"cp949"}},
    LanguageRow{"th", {"cp874"}}, LanguageRow{"he iw", {"cp1255", "iso-8859-8"}},
    LanguageRow{"ar fa ur", {"cp1256", "iso-8859-6"}}, LanguageRow{"el", {"cp1253", "iso-8859-7"}},
    LanguageRow{"ru be bg sr mk uk kk ky tg tt", {"cp1251", "koi8-r"}},
    LanguageRow{"cs sk hr bs pl hu sl ro", {"cp1250", "iso-8859-2"}},
    LanguageRow{"tr az ku", {"cp1254"}}, LanguageRow{"et lt lv", {"cp1257", "iso-8859-13"}},
    LanguageRow{"vi", {"cp1258"}},
    LanguageRow{"en de fr es pt it nl da sv no nb nn fi is ca gl eu af sq id ms", {"cp1252"}}};

bool HasWord(std::string_view words, std::string_view word) {
  for (size_t at = words.find(word); at != std::string_view::npos; at = words.find(word, at + 1)) {
    const size_t end = at + word.size();
    if ((at == 0 || words[at - 1] == ' ') && (end == words.size() || words[end] == ' '))
      return true;
  }
  return false;
}

std::vector<std::string> OfLanguage(std::string_view language) {
  const std::string lower = ToLowerAscii(TrimHtmlSpace(language));
  const std::string primary = lower.substr(0, lower.find_first_of("-_"));
  for (const std::string_view name : {std::string_view(lower), std::string_view(primary)}) {
    if (name.empty()) continue;
    for (const LanguageRow& row : kRows) {
      if (!HasWord(row.languages, name)) continue;
      std::vector<std::string> out;
      for (const std::string_view encoding : row.encodings) {
        if (!encoding.empty()) out.emplace_back(encoding);
      }
      return out;
    }
  }
  return {};
}

// The language of the html element.
std::string LanguageOf(std::string_view bytes) {
  HtmlTokenizer tokenizer(bytes.substr(0, kLanguageBytes));
  HtmlToken token;
  while (tokenizer.Next(token)) {
    if (token.kind != HtmlToken::Kind::kStart) continue;
    if (token.name != "html") break;
    const auto* lang = token.Find("lang");
    return lang == nullptr ? std::string() : std::string(*lang);
  }
  return {};
}

std::string ByStatistics(std::string_view bytes) {
  uchardet_t detector = uchardet_new();
  uchardet_handle_data(detector, bytes.data(), std::min(bytes.size(), kDetectBytes));
  uchardet_data_end(detector);
  const std::string label = uchardet_get_charset(detector);
  uchardet_delete(detector);
  return std::string(EncodingOfLabel(label));
}

// Whether statistics tell this encoding from others reliably: those of letters with accents they do
// not.
bool IsLatin(std::string_view encoding) {
  static constexpr std::array<std::string_view, 13> kLatin = {
      "cp1250",      "cp1252",      "cp1254",     "cp1257",      "cp1258",
      "iso-8859-2",  "iso-8859-3",  "iso-8859-4", "iso-8859-10", "iso-8859-13",
      "iso-8859-14", "iso-8859-15", "iso-8859-16"};
  return encoding.empty() || std::ranges::find(kLatin, encoding) != kLatin.end();
}

}  // namespace

std::vector<std::string> GuessEncodings(std::string_view bytes) {
  std::vector<std::string> out;
  const auto add = [&](const std::string& encoding) {
    if (!encoding.empty() && encoding != "utf-8" && std::ranges::find(out, encoding) == out.end())
      out.push_back(encoding);
  };
  const std::string guess = ByStatistics(bytes);
  const std::vector<std::string> usual = OfLanguage(LanguageOf(bytes));
  // A guess that fits the language is the best there is; one of Latin letters gives way to it.
  const bool fits = std::ranges::find(usual, guess) != usual.end();
  if (fits || (usual.empty() && !guess.empty())) add(guess);
  const bool latin_language = !usual.empty() && IsLatin(usual[0]);
  if (!latin_language || IsLatin(guess)) {
    for (const std::string& encoding : usual) add(encoding);
  }
  add(guess);
  add("cp1252");
  return out;
}

}  // namespace kaopu
