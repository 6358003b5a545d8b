// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Small text functions of the page room. All work on UTF-8 bytes and never fail; invalid bytes pass
// through untouched.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kaopu {

// ASCII whitespace as HTML has it (WHATWG Infra): space, tab, line feed, carriage return, form
// feed.
constexpr bool IsHtmlSpace(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}
std::string_view TrimAscii(std::string_view text);
std::string ToLowerAscii(std::string_view text);
bool ContainsIgnoringCase(std::string_view text, std::string_view lower_part);

// Runs of white space (ASCII, no-break, ideographic and other Unicode spaces) become one space,
// none at the ends; zero-width spaces and bidirectional controls are dropped.
std::string FoldSpace(std::string_view text);

// HTML character references, numeric and the common named ones, decoded once.
std::string DecodeEntities(std::string_view text);
// The same until nothing changes, twice at most: shops escape what is escaped already. Folds white
// space as well.
std::string CleanText(std::string_view text);

void AppendUtf8(std::string& out, uint32_t code_point);

// At most `bytes_max` bytes of `text`, cut at a character.
std::string_view CutUtf8(std::string_view text, size_t bytes_max);

// The first decimal number of `text`: "4.9", "1,234" (thousands), "4,1" (decimal comma), "98.8%".
// nullopt when there is none. `whole`: a count is meant, so that "5.182" is five thousand, not
// five.
std::optional<double> FirstNumber(std::string_view text, bool whole = false);

}  // namespace kaopu
