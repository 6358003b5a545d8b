// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "page/chars.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "page/text.h"

namespace kaopu {
namespace {

// U+00C0 to U+017F without accents, in lower case.
constexpr std::string_view kLatin[] = {
    "a", "a", "a",  "a",  "a", "a", "ae", "c",  "e",  "e", "e", "e", "i",  "i",  "i", "i", "d", "n",
    "o", "o", "o",  "o",  "o", "x", "o",  "u",  "u",  "u", "u", "y", "th", "ss", "a", "a", "a", "a",
    "a", "a", "ae", "c",  "e", "e", "e",  "e",  "i",  "i", "i", "i", "d",  "n",  "o", "o", "o", "o",
    "o", "/", "o",  "u",  "u", "u", "u",  "y",  "th", "y", "a", "a", "a",  "a",  "a", "a", "c", "c",
    "c", "c", "c",  "c",  "c", "c", "d",  "d",  "d",  "d", "e", "e", "e",  "e",  "e", "e", "e", "e",
    "e", "e", "g",  "g",  "g", "g", "g",  "g",  "g",  "g", "h", "h", "h",  "h",  "i", "i", "i", "i",
    "i", "i", "i",  "i",  "i", "i", "ij", "ij", "j",  "j", "k", "k", "k",  "l",  "l", "l", "l", "l",
    "l", "?", "?",  "l",  "l", "n", "n",  "n",  "n",  "n", "n", "n", "n",  "n",  "o", "o", "o", "o",
    "o", "o", "oe", "oe", "r", "r", "r",  "r",  "r",  "r", "s", "s", "s",  "s",  "s", "s", "s", "s",
    "t", "t", "t",  "t",  "t", "t", "u",  "u",  "u",  "u", "u", "u", "u",  "u",  "u", "u", "u", "u",
    "w", "w", "y",  "y",  "y", "z", "z",  "z",  "z",  "z", "z", "s",
};

struct Pair {
  uint16_t from;
  uint16_t to;
};

// Traditional Chinese characters that shipping promises and unfair terms are made of, by code
// point.
constexpr Pair kSimplified[] = {
    {0x4E1F, 0x4E22}, {0x4E26, 0x5E76}, {0x4F75, 0x5E76}, {0x4FC2, 0x7CFB}, {0x4FEC, 0x79C1},
    {0x500B, 0x4E2A}, {0x5011, 0x4EEC}, {0x5099, 0x5907}, {0x50A2, 0x5BB6}, {0x50AD, 0x4F63},
    {0x50C5, 0x4EC5}, {0x50F9, 0x4EF7}, {0x5104, 0x4EBF}, {0x511F, 0x507F}, {0x512A, 0x4F18},
    {0x5132, 0x50A8}, {0x5167, 0x5185}, {0x5169, 0x4E24}, {0x5225, 0x522B}, {0x5247, 0x5219},
    {0x5283, 0x5212}, {0x52D5, 0x52A8}, {0x52D9, 0x52A1}, {0x532F, 0x6C47}, {0x5354, 0x534F},
    {0x537D, 0x5373}, {0x53CE, 0x6536}, {0x54E1, 0x5458}, {0x5504, 0x5457}, {0x554F, 0x95EE},
    {0x55AE, 0x5355}, {0x5641, 0x6076}, {0x5679, 0x5F53}, {0x56B4, 0x4E25}, {0x570B, 0x56FD},
    {0x5716, 0x56FE}, {0x5831, 0x62A5}, {0x5834, 0x573A}, {0x58D3, 0x538B}, {0x58DE, 0x574F},
    {0x5BF6, 0x5B9D}, {0x5C07, 0x5C06}, {0x5C08, 0x4E13}, {0x5C0D, 0x5BF9}, {0x5C6C, 0x5C5E},
    {0x5E33, 0x5E10}, {0x5EAB, 0x5E93}, {0x5F14, 0x540A}, {0x5F35, 0x5F20}, {0x5F46, 0x522B},
    {0x5F59, 0x6C47}, {0x5F8C, 0x540E}, {0x5F9E, 0x4ECE}, {0x60E1, 0x6076}, {0x6182, 0x5FE7},
    {0x6191, 0x51ED}, {0x61C9, 0x5E94}, {0x6236, 0x6237}, {0x6383, 0x626B}, {0x63DB, 0x6362},
    {0x640D, 0x635F}, {0x647A, 0x6298}, {0x64C1, 0x62E5}, {0x64D4, 0x62C5}, {0x64DA, 0x636E},
    {0x64EC, 0x62DF}, {0x652C, 0x63FD}, {0x65BC, 0x4E8E}, {0x6642, 0x65F6}, {0x6703, 0x4F1A},
    {0x6771, 0x4E1C}, {0x67FB, 0x67E5}, {0x689D, 0x6761}, {0x68C4, 0x5F03}, {0x696D, 0x4E1A},
    {0x6AA2, 0x68C0}, {0x6AAF, 0x53F0}, {0x6AC3, 0x67DC}, {0x6B0A, 0x6743}, {0x6B61, 0x6B22},
    {0x6B72, 0x5C81}, {0x6B78, 0x5F52}, {0x6BC0, 0x6BC1}, {0x6C7A, 0x51B3}, {0x6C92, 0x6CA1},
    {0x6CC1, 0x51B5}, {0x6E1B, 0x51CF}, {0x6E96, 0x51C6}, {0x6ED9, 0x6C47}, {0x6EFF, 0x6EE1},
    {0x70BA, 0x4E3A}, {0x7121, 0x65E0}, {0x71DF, 0x8425}, {0x71EC, 0x6BC1}, {0x7232, 0x4E3A},
    {0x72C0, 0x72B6}, {0x73FE, 0x73B0}, {0x7522, 0x4EA7}, {0x7523, 0x4EA7}, {0x7570, 0x5F02},
    {0x7576, 0x5F53}, {0x767C, 0x53D1}, {0x76DC, 0x76D7}, {0x773E, 0x4F17}, {0x78BA, 0x786E},
    {0x78BC, 0x7801}, {0x79AE, 0x793C}, {0x7A31, 0x79F0}, {0x7A4D, 0x79EF}, {0x7B87, 0x4E2A},
    {0x7BC0, 0x8282}, {0x7C3D, 0x7B7E}, {0x7C64, 0x7B7E}, {0x7D05, 0x7EA2}, {0x7D42, 0x7EC8},
    {0x7D50, 0x7ED3}, {0x7D55, 0x7EDD}, {0x7D66, 0x7ED9}, {0x7D76, 0x7EDD}, {0x7D93, 0x7ECF},
    {0x7DAB, 0x7EBF}, {0x7DAD, 0x7EF4}, {0x7DB2, 0x7F51}, {0x7DDA, 0x7EBF}, {0x7E5E, 0x7ED5},
    {0x7E6B, 0x7CFB}, {0x7E8C, 0x7EED}, {0x806F, 0x8054}, {0x8072, 0x58F0}, {0x8129, 0x4FEE},
    {0x81FA, 0x53F0}, {0x8207, 0x4E0E}, {0x8209, 0x4E3E}, {0x842C, 0x4E07}, {0x8655, 0x5904},
    {0x865B, 0x865A}, {0x865F, 0x53F7}, {0x8846, 0x4F17}, {0x8855, 0x540C}, {0x88CF, 0x91CC},
    {0x88DC, 0x8865}, {0x88E1, 0x91CC}, {0x88FD, 0x5236}, {0x8932, 0x88E4}, {0x898F, 0x89C4},
    {0x8996, 0x89C6}, {0x89C0, 0x89C2}, {0x8A02, 0x8BA2}, {0x8A08, 0x8BA1}, {0x8A2D, 0x8BBE},
    {0x8A3B, 0x6CE8}, {0x8A3C, 0x8BC1}, {0x8A50, 0x8BC8}, {0x8A55, 0x8BC4}, {0x8A62, 0x8BE2},
    {0x8A66, 0x8BD5}, {0x8A72, 0x8BE5}, {0x8A8D, 0x8BA4}, {0x8AA4, 0x8BEF}, {0x8AAA, 0x8BF4},
    {0x8AAC, 0x8BF4}, {0x8AC7, 0x8C08}, {0x8ACB, 0x8BF7}, {0x8AD6, 0x8BBA}, {0x8AFE, 0x8BFA},
    {0x8B1D, 0x8C22}, {0x8B39, 0x8C28}, {0x8B49, 0x8BC1}, {0x8B6D, 0x6BC1}, {0x8B70, 0x8BAE},
    {0x8B8A, 0x53D8}, {0x8B93, 0x8BA9}, {0x8C9D, 0x8D1D}, {0x8CA0, 0x8D1F}, {0x8CA8, 0x8D27},
    {0x8CAC, 0x8D23}, {0x8CB4, 0x8D35}, {0x8CB7, 0x4E70}, {0x8CBB, 0x8D39}, {0x8CBC, 0x8D34},
    {0x8CE0, 0x8D54}, {0x8CE3, 0x5356}, {0x8CEA, 0x8D28}, {0x8CEC, 0x8D26}, {0x8CFC, 0x8D2D},
    {0x8D08, 0x8D60}, {0x8E30, 0x903E}, {0x8F38, 0x8F93}, {0x8F49, 0x8F6C}, {0x8FA6, 0x529E},
    {0x8FF4, 0x56DE}, {0x9019, 0x8FD9}, {0x9031, 0x5468}, {0x9032, 0x8FDB}, {0x904B, 0x8FD0},
    {0x904E, 0x8FC7}, {0x9054, 0x8FBE}, {0x9055, 0x8FDD}, {0x905E, 0x9012}, {0x9072, 0x8FDF},
    {0x9084, 0x8FD8}, {0x90F5, 0x90AE}, {0x91CB, 0x91CA}, {0x91E6, 0x6263}, {0x9280, 0x94F6},
    {0x92EA, 0x94FA}, {0x9322, 0x94B1}, {0x9336, 0x8868}, {0x93C8, 0x94FE}, {0x9418, 0x949F},
    {0x9577, 0x957F}, {0x9589, 0x95ED}, {0x958B, 0x5F00}, {0x9591, 0x95F2}, {0x9592, 0x95F2},
    {0x9593, 0x95F4}, {0x95A4, 0x5408}, {0x95C6, 0x677F}, {0x95DC, 0x5173}, {0x96A8, 0x968F},
    {0x96AA, 0x9669}, {0x96B1, 0x9690}, {0x96BB, 0x53EA}, {0x96E2, 0x79BB}, {0x96FB, 0x7535},
    {0x97FF, 0x54CD}, {0x9805, 0x9879}, {0x9808, 0x987B}, {0x9810, 0x9884}, {0x984C, 0x9898},
    {0x984D, 0x989D}, {0x9867, 0x987E}, {0x98A8, 0x98CE}, {0x98B1, 0x53F0}, {0x9918, 0x4F59},
    {0x9928, 0x9986}, {0x994B, 0x9988}, {0x99AC, 0x9A6C}, {0x9A19, 0x9A97}, {0x9A57, 0x9A8C},
    {0x9AEE, 0x53D1}, {0x9B1A, 0x987B}, {0x9B5A, 0x9C7C}, {0x9BAE, 0x9C9C}, {0x9EAA, 0x9762},
    {0x9EAB, 0x9762}, {0x9EB5, 0x9762}, {0x9EBC, 0x4E48}, {0x9EBD, 0x4E48}, {0x9EC3, 0x9EC4},
    {0x9EDE, 0x70B9}, {0x9F63, 0x51FA},
};

bool IsDash(uint32_t cp) {
  return (cp >= 0x2010 && cp <= 0x2015) || cp == 0x2212 || cp == 0xFE63 || cp == 0xFE58 ||
         cp == 0x2500 || cp == 0x05BE || cp == 0x2796;
}

bool IsWave(uint32_t cp) {
  return cp == 0x301C || cp == 0xFF5E || cp == 0x223C || cp == 0x02DC || cp == 0x223D ||
         cp == 0x3030;
}

bool IsCombining(uint32_t cp) {
  return (cp >= 0x0300 && cp <= 0x036F) || (cp >= 0x05B0 && cp <= 0x05BD);
}

// Which code points kSimplified holds, a bit each: few, so that the search is rare.
constexpr std::array<uint64_t, 1024> kHasSimplified = [] {
  std::array<uint64_t, 1024> bits{};
  for (const Pair& pair : kSimplified) bits[pair.from >> 6] |= uint64_t{1} << (pair.from & 63);
  return bits;
}();

uint32_t Simplified(uint32_t cp) {
  if (cp >= 0x10000 || !(kHasSimplified[cp >> 6] >> (cp & 63) & 1)) return cp;
  return std::lower_bound(std::begin(kSimplified), std::end(kSimplified), cp,
                          [](const Pair& pair, uint32_t value) { return pair.from < value; })
      ->to;
}

bool IsAsciiDigit(char c) { return c >= '0' && c <= '9'; }

// What one character becomes.
void AppendFolded(std::string& out, uint32_t cp) {
  if (cp >= 0xFF01 && cp <= 0xFF5D) cp -= 0xFEE0;  // full-width ASCII
  if (cp < 0x80) {
    out += static_cast<char>(cp >= 'A' && cp <= 'Z' ? cp + 32 : cp);
  } else if (const int digit = DigitValue(cp); digit >= 0) {
    out += static_cast<char>('0' + digit);
  } else if (cp >= 0xC0 && cp < 0x180) {
    out += kLatin[cp - 0xC0];
  } else if (IsDash(cp)) {
    out += '-';
  } else if (IsWave(cp)) {
    out += '~';
  } else if (cp == 0x2018 || cp == 0x2019 || cp == 0x02BC || cp == 0xB4 || cp == 0x05F3) {
    out += '\'';
  } else if (cp == 0x05F4 || cp == 0x201C || cp == 0x201D) {
    out += '"';
  } else if (cp >= 0x0410 && cp <= 0x042F) {
    AppendUtf8(out, cp + 32);
  } else {
    AppendUtf8(out, Simplified(cp));
  }
}

// An ASCII byte folded; what separates words is a space.
constexpr std::array<char, 128> kAsciiFolded = [] {
  std::array<char, 128> table{};
  for (int c = 0; c < 128; ++c) {
    const bool upper = c >= 'A' && c <= 'Z';
    table[static_cast<size_t>(c)] = static_cast<char>(c < 0x20 || c == 0x7F ? ' '
                                                      : upper               ? c + 32
                                                                            : c);
  }
  return table;
}();

// Han characters and Hangul syllables whose three bytes stand at `at`: most of what is not ASCII on
// a page, and nothing in FoldForWords but Simplified concerns them. 0 for any other.
uint32_t PlainCjkAt(std::string_view text, size_t at) {
  if (at + 3 > text.size()) return 0;
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[at + i]); };
  if (byte(0) < 0xE4 || byte(0) > 0xEC) return 0;
  if ((byte(1) & 0xC0) != 0x80 || (byte(2) & 0xC0) != 0x80) return 0;
  const uint32_t cp = ((byte(0) & 0x0Fu) << 12) | ((byte(1) & 0x3Fu) << 6) | (byte(2) & 0x3Fu);
  return cp > 0x4E00 && (cp < 0xA000 || cp >= 0xAC00) ? cp : 0;
}

}  // namespace

uint32_t CharAt(std::string_view text, size_t at, size_t* length) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[at + i]); };
  const auto follows = [&](size_t i) { return at + i < text.size() && (byte(i) & 0xC0) == 0x80; };
  *length = 1;
  const uint32_t lead = byte(0);
  if (lead < 0x80) return lead;
  if (lead >= 0xC2 && lead < 0xE0 && follows(1)) {
    *length = 2;
    return ((lead & 0x1F) << 6) | (byte(1) & 0x3Fu);
  }
  if (lead >= 0xE0 && lead < 0xF0 && follows(1) && follows(2)) {
    const uint32_t cp = ((lead & 0x0F) << 12) | ((byte(1) & 0x3Fu) << 6) | (byte(2) & 0x3Fu);
    if (cp < 0x800 || (cp >= 0xD800 && cp < 0xE000)) return 0xFFFD;
    *length = 3;
    return cp;
  }
  if (lead >= 0xF0 && lead < 0xF5 && follows(1) && follows(2) && follows(3)) {
    const uint32_t cp = ((lead & 0x07) << 18) | ((byte(1) & 0x3Fu) << 12) |
                        ((byte(2) & 0x3Fu) << 6) | (byte(3) & 0x3Fu);
    if (cp < 0x10000 || cp > 0x10FFFF) return 0xFFFD;
    *length = 4;
    return cp;
  }
  return 0xFFFD;
}

int DigitValue(uint32_t cp) {
  if (cp < 0x80) return cp >= '0' && cp <= '9' ? static_cast<int>(cp - '0') : -1;
  static constexpr uint32_t kZeros[] = {0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6,
                                        0x0B66, 0x0BE6, 0x0C66, 0x0CE6, 0x0D66, 0x0E50, 0x0ED0,
                                        0x0F20, 0x1040, 0x17E0, 0x1810, 0xFF10};
  for (uint32_t zero : kZeros) {
    if (cp >= zero && cp < zero + 10) return static_cast<int>(cp - zero);
  }
  return -1;
}

bool IsSpaceChar(uint32_t cp) {
  return cp == ' ' || (cp >= 0x09 && cp <= 0x0D) || (cp >= 0x1C && cp <= 0x1F) || cp == 0x85 ||
         cp == 0xA0 || cp == 0x1680 || (cp >= 0x2000 && cp <= 0x200A) || cp == 0x2028 ||
         cp == 0x2029 || cp == 0x202F || cp == 0x205F || cp == 0x3000;
}

bool IsInvisibleChar(uint32_t cp) {
  return cp == 0xAD || (cp >= 0x200B && cp <= 0x200F) || (cp >= 0x202A && cp <= 0x202E) ||
         (cp >= 0x2060 && cp <= 0x206F) || cp == 0xFEFF || cp == 0x061C ||
         (cp >= 0xFE00 && cp <= 0xFE0F);
}

namespace {

// Folds into `out`; tells `note(at)` after each character where the bytes that out now ends with
// came from.
template <typename Note>
void Fold(std::string_view text, std::string& out, const Note& note) {
  out.clear();
  out.reserve(text.size());
  for (size_t at = 0, length = 1; at < text.size(); at += length) {
    const auto lead = static_cast<unsigned char>(text[at]);
    if (lead < 0x80) {
      length = 1;
      const char folded = kAsciiFolded[lead];
      if (folded == ' ' && !out.empty() && out.back() == ' ') continue;
      out += folded;
      note(at);
      continue;
    }
    if (const uint32_t plain = PlainCjkAt(text, at); plain != 0) {
      length = 3;
      const uint32_t simple = Simplified(plain);
      simple == plain ? static_cast<void>(out.append(text, at, 3)) : AppendUtf8(out, simple);
      note(at);
      continue;
    }
    uint32_t cp = CharAt(text, at, &length);
    if (cp == 0xFFFD) cp = ' ';
    if (IsInvisibleChar(cp) || IsCombining(cp)) continue;
    const bool after_digit = !out.empty() && IsAsciiDigit(out.back());
    if (IsSpaceChar(cp)) {
      if (!out.empty() && out.back() == ' ') continue;
      out += ' ';
    } else if (after_digit && (cp == 0x30FC || cp == 0x4E00)) {
      size_t next_length = 1;  // "3ー5", "3一5": a dash, but only between digits
      const bool between =
          at + length < text.size() && DigitValue(CharAt(text, at + length, &next_length)) >= 0;
      AppendFolded(out, between ? '-' : cp);
    } else {
      AppendFolded(out, cp);
    }
    note(at);
  }
}

}  // namespace

std::string SimplifyHan(std::string_view text) {
  std::string simple(text);
  for (size_t at = 0; at < simple.size();) {
    const uint32_t cp = PlainCjkAt(simple, at);
    if (cp == 0) {
      ++at;
      continue;
    }
    const uint32_t plain = Simplified(cp);
    if (plain != cp) {
      simple[at] = static_cast<char>(0xE0 | plain >> 12);
      simple[at + 1] = static_cast<char>(0x80 | (plain >> 6 & 0x3F));
      simple[at + 2] = static_cast<char>(0x80 | (plain & 0x3F));
    }
    at += 3;
  }
  return simple;
}

void FoldForWords(std::string_view text, std::string& out) {
  Fold(text, out, [](size_t) {});
}

FoldedText FoldForWords(std::string_view text) {
  FoldedText folded;
  folded.origin.reserve(text.size() + 1);
  Fold(text, folded.text,
       [&](size_t at) { folded.origin.resize(folded.text.size(), static_cast<uint32_t>(at)); });
  folded.origin.push_back(static_cast<uint32_t>(text.size()));
  return folded;
}

}  // namespace kaopu
