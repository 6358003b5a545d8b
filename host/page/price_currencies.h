// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// ISO 4217 codes with their minor digits, and the marks (symbols, abbreviations, words) that
// displayed prices carry. A compiled table, because it changes with treaties, not with shops.
#pragma once

#include <optional>
#include <string_view>

namespace kaopu {

// How far a mark is to be trusted where it is found.
enum class MarkTrust {
  kSure,    // currency wherever it stands: "€", "R$", "руб."
  kLikely,  // a code or abbreviation: looked for when no sure mark is in the text or the hint
  kRisky,   // also an ordinary word ("ALL", "TRY"): only beside a number, or as the whole text
};

struct CurrencyMark {
  std::string_view text;
  // ISO codes it may mean, the first alone when `settled`; space separated ("USD CAD AUD"); empty =
  // no ISO currency.
  std::string_view codes;
  bool settled = true;  // false: only the surroundings can tell which code
  MarkTrust trust = MarkTrust::kSure;
};

// The mark found in a text: where, and what it is.
struct FoundMark {
  size_t begin = 0;
  size_t end = 0;
  const CurrencyMark* mark = nullptr;  // never null in a result
};

// Leftmost mark of `trust` (kLikely finds kRisky ones too), the longest at its place. Letters of a
// mark must not be part of a longer word.
std::optional<FoundMark> FindCurrencyMark(std::string_view text, MarkTrust trust);

// Leftmost "SGD" or "NZD" in a text that also holds "$": the code says which dollar. Positions only
// of the code.
std::optional<std::string_view> FindDollarCode(std::string_view text);

// Leftmost ISO code of the space-separated list `codes` standing as a word in `text`.
std::optional<std::string_view> FindCodeOf(std::string_view text, std::string_view codes);

// Currency of a language tag's region or, where one country stands for the language, of the
// language: "en-GB" -> GBP, "ja" -> JPY, "en" -> "".
std::string_view CurrencyOfLanguage(std::string_view lang);

// Minor digits of a code, as kaopu::MinorDigits.
std::optional<int> MinorDigitsOf(std::string_view code);

}  // namespace kaopu
