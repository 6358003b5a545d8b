// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Characters as the text readers (price, promise, terms) see them: one decoder and the few classes
// they share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kaopu {

// The character at byte `at`, its length in `length`. An invalid byte is U+FFFD of length 1: any
// input is walked to its end.
uint32_t CharAt(std::string_view text, size_t at, size_t* length);

// Value of a decimal digit of any script, or -1.
int DigitValue(uint32_t cp);

bool IsSpaceChar(uint32_t cp);
// Zero-width characters and direction marks: no reader may see them.
bool IsInvisibleChar(uint32_t cp);

// The text with traditional characters of shipping promises and unfair terms simplified; each byte
// stays where it was.
std::string SimplifyHan(std::string_view text);

// Text made comparable: lower case, accents folded ("Días" -> "dias", "ß" -> "ss"), full-width
// forms and digits of any script as ASCII, every dash as '-' and wave as '~', curly apostrophes
// straight, traditional characters simplified as SimplifyHan does, white space as one space,
// invisible and invalid characters gone. Never longer than the input. Linear.
struct FoldedText {
  std::string text;
  std::vector<uint32_t>
      origin;  // origin[i] = byte of the input that text[i] came from; one more than text.size()
};
FoldedText FoldForWords(std::string_view text);
// The text alone, into a buffer that is used again.
void FoldForWords(std::string_view text, std::string& out);

}  // namespace kaopu
