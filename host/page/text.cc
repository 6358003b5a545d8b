// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "page/text.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace kaopu {
namespace {

bool IsAsciiSpace(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

enum class Blank { kNo, kSpace, kDrop };

// What a multi-byte character at the front of `text` is, when it is one that FoldSpace treats; all
// of those have 2 or 3 bytes.
Blank BlankAt(std::string_view text, size_t* length) {
  const auto byte = [&](size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u;
  };
  if (byte(0) == 0xC2) {
    *length = 2;
    if (byte(1) == 0xA0 || byte(1) == 0x85) return Blank::kSpace;
    return byte(1) == 0xAD ? Blank::kDrop : Blank::kNo;  // U+00AD soft hyphen
  }
  *length = 3;
  const unsigned cp = ((byte(0) & 0x0F) << 12) | ((byte(1) & 0x3F) << 6) | (byte(2) & 0x3F);
  if (byte(0) == 0xE2) {
    if ((cp >= 0x2000 && cp <= 0x200A) || cp == 0x2028 || cp == 0x2029 || cp == 0x202F ||
        cp == 0x205F) {
      return Blank::kSpace;
    }
    if (cp == 0x200B || cp == 0x200E || cp == 0x200F || (cp >= 0x202A && cp <= 0x202E) ||
        (cp >= 0x2060 && cp <= 0x2069)) {
      return Blank::kDrop;
    }
  }
  if (byte(0) == 0xE3 && cp == 0x3000) return Blank::kSpace;
  if (byte(0) == 0xEF && cp == 0xFEFF) return Blank::kDrop;
  return Blank::kNo;
}

struct NamedReference {
  std::string_view name;
  uint32_t code_point;
};

constexpr std::array kReferences = {
    NamedReference{"amp", '&'},      NamedReference{"lt", '<'},
    NamedReference{"gt", '>'},       NamedReference{"quot", '"'},
    NamedReference{"apos", '\''},    NamedReference{"nbsp", 0xA0},
    NamedReference{"copy", 0xA9},    NamedReference{"reg", 0xAE},
    NamedReference{"trade", 0x2122}, NamedReference{"hellip", 0x2026},
    NamedReference{"mdash", 0x2014}, NamedReference{"ndash", 0x2013},
    NamedReference{"lsquo", 0x2018}, NamedReference{"rsquo", 0x2019},
    NamedReference{"ldquo", 0x201C}, NamedReference{"rdquo", 0x201D},
    NamedReference{"laquo", 0xAB},   NamedReference{"raquo", 0xBB},
    NamedReference{"bull", 0x2022},  NamedReference{"middot", 0xB7},
    NamedReference{"euro", 0x20AC},  NamedReference{"pound", 0xA3},
    NamedReference{"yen", 0xA5},     NamedReference{"cent", 0xA2},
    NamedReference{"deg", 0xB0},     NamedReference{"times", 0xD7},
    NamedReference{"frac12", 0xBD},  NamedReference{"frac14", 0xBC},
    NamedReference{"frac34", 0xBE},  NamedReference{"plusmn", 0xB1},
    NamedReference{"sup2", 0xB2},    NamedReference{"sup3", 0xB3},
    NamedReference{"micro", 0xB5},   NamedReference{"szlig", 0xDF},
    NamedReference{"agrave", 0xE0},  NamedReference{"aacute", 0xE1},
    NamedReference{"acirc", 0xE2},   NamedReference{"atilde", 0xE3},
    NamedReference{"auml", 0xE4},    NamedReference{"aring", 0xE5},
    NamedReference{"aelig", 0xE6},   NamedReference{"ccedil", 0xE7},
    NamedReference{"egrave", 0xE8},  NamedReference{"eacute", 0xE9},
    NamedReference{"ecirc", 0xEA},   NamedReference{"euml", 0xEB},
    NamedReference{"igrave", 0xEC},  NamedReference{"iacute", 0xED},
    NamedReference{"icirc", 0xEE},   NamedReference{"iuml", 0xEF},
    NamedReference{"ntilde", 0xF1},  NamedReference{"ograve", 0xF2},
    NamedReference{"oacute", 0xF3},  NamedReference{"ocirc", 0xF4},
    NamedReference{"otilde", 0xF5},  NamedReference{"ouml", 0xF6},
    NamedReference{"oslash", 0xF8},  NamedReference{"ugrave", 0xF9},
    NamedReference{"uacute", 0xFA},  NamedReference{"ucirc", 0xFB},
    NamedReference{"uuml", 0xFC},    NamedReference{"Agrave", 0xC0},
    NamedReference{"Aacute", 0xC1},  NamedReference{"Auml", 0xC4},
    NamedReference{"Aring", 0xC5},   NamedReference{"Ccedil", 0xC7},
    NamedReference{"Eacute", 0xC9},  NamedReference{"Ntilde", 0xD1},
    NamedReference{"Ouml", 0xD6},    NamedReference{"Oslash", 0xD8},
    NamedReference{"Uuml", 0xDC},    NamedReference{"iexcl", 0xA1},
    NamedReference{"iquest", 0xBF},  NamedReference{"ordm", 0xBA},
    NamedReference{"ordf", 0xAA},    NamedReference{"prime", 0x2032},
    NamedReference{"Prime", 0x2033}, NamedReference{"ensp", 0x2002},
    NamedReference{"emsp", 0x2003},  NamedReference{"thinsp", 0x2009},
    NamedReference{"zwnj", 0x200C},  NamedReference{"zwj", 0x200D},
    NamedReference{"lrm", 0x200E},   NamedReference{"rlm", 0x200F},
    NamedReference{"shy", 0xAD},     NamedReference{"lpar", '('},
    NamedReference{"rpar", ')'},
};

// The character of the reference whose body (between & and ;) is `body`; 0 for one that is not
// known.
uint32_t ReferenceCodePoint(std::string_view body) {
  if (body.starts_with('#')) {
    body.remove_prefix(1);
    const bool hex = body.starts_with('x') || body.starts_with('X');
    if (hex) body.remove_prefix(1);
    if (body.empty() || body.size() > 7) return 0;
    char* end = nullptr;
    const std::string digits(body);
    const unsigned long value = std::strtoul(digits.c_str(), &end, hex ? 16 : 10);
    return *end == '\0' && value <= 0x10FFFF ? static_cast<uint32_t>(value) : 0;
  }
  for (const NamedReference& reference : kReferences) {
    if (reference.name == body) return reference.code_point;
  }
  return 0;
}

}  // namespace

std::string_view TrimAscii(std::string_view text) {
  while (!text.empty() && IsAsciiSpace(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsAsciiSpace(text.back())) text.remove_suffix(1);
  return text;
}

std::string ToLowerAscii(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), Lower);
  return out;
}

bool ContainsIgnoringCase(std::string_view text, std::string_view lower_part) {
  return !std::ranges::search(text, lower_part, [](char a, char b) {
            return Lower(a) == b;
          }).empty();
}

std::string FoldSpace(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  bool space = false;
  for (size_t i = 0; i < text.size();) {
    const auto c = static_cast<unsigned char>(text[i]);
    size_t length = 1;
    Blank blank = IsAsciiSpace(text[i]) ? Blank::kSpace : Blank::kNo;
    if (c == 0xC2 || c == 0xE2 || c == 0xE3 || c == 0xEF) {
      blank = BlankAt(text.substr(i), &length);
      if (blank == Blank::kNo) length = 1;
    }
    if (blank == Blank::kSpace) {
      space = true;
    } else if (blank == Blank::kNo) {
      if (space && !out.empty()) out += ' ';
      space = false;
      out += text[i];
    }
    i += length;
  }
  return out;
}

std::string DecodeEntities(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size();) {
    if (text[i] == '&') {
      const size_t end = text.substr(i, 12).find(';');
      const uint32_t cp =
          end == std::string_view::npos ? 0 : ReferenceCodePoint(text.substr(i + 1, end - 1));
      if (cp != 0) {
        AppendUtf8(out, cp);
        i += end + 1;
        continue;
      }
    }
    out += text[i++];
  }
  return out;
}

std::string CleanText(std::string_view text) {
  if (text.find('&') == std::string_view::npos) return FoldSpace(text);
  std::string once = DecodeEntities(text);
  if (once.find('&') != std::string::npos) once = DecodeEntities(once);
  return FoldSpace(once);
}

void AppendUtf8(std::string& out, uint32_t cp) {
  if (cp == 0 || cp > 0x10FFFF || (cp >= 0xD800 && cp <= 0xDFFF)) cp = 0xFFFD;
  if (cp < 0x80) {
    out += static_cast<char>(cp);
  } else if (cp < 0x800) {
    out += static_cast<char>(0xC0 | (cp >> 6));
    out += static_cast<char>(0x80 | (cp & 0x3F));
  } else if (cp < 0x10000) {
    out += static_cast<char>(0xE0 | (cp >> 12));
    out += static_cast<char>(0x80 | ((cp >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (cp & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | (cp >> 18));
    out += static_cast<char>(0x80 | ((cp >> 12) & 0x3F));
    out += static_cast<char>(0x80 | ((cp >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (cp & 0x3F));
  }
}

std::string_view CutUtf8(std::string_view text, size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  size_t end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end);
}

std::optional<double> FirstNumber(std::string_view text, bool whole) {
  const auto first = std::ranges::find_if(text, IsDigit);
  if (first == text.end()) return std::nullopt;
  const size_t begin = static_cast<size_t>(first - text.begin());
  size_t end = begin;
  while (end < text.size() &&
         (IsDigit(text[end]) || ((text[end] == '.' || text[end] == ',') && end + 1 < text.size() &&
                                 IsDigit(text[end + 1])))) {
    ++end;
  }
  std::string_view token = text.substr(begin, std::min<size_t>(end - begin, 40));
  // The last mark is the decimal one, unless it groups thousands or occurs more than once.
  const size_t last = token.find_last_of(".,");
  std::string digits;
  for (size_t i = 0; i < token.size(); ++i) {
    if (IsDigit(token[i])) {
      digits += token[i];
    } else if (i == last) {
      const bool repeated = std::ranges::count(token, token[i]) > 1;
      const bool grouped = token.size() - i - 1 == 3 && (token[i] == ',' || whole);
      const bool mixed = token.find(token[i] == '.' ? ',' : '.') != std::string_view::npos;
      if (mixed ? !repeated : !(repeated || grouped)) digits += '.';
    }
  }
  const double value = std::strtod(digits.c_str(), nullptr);
  const bool negative =
      begin > 0 && text[begin - 1] == '-' && (begin == 1 || text[begin - 2] == ' ');
  return negative ? -value : value;
}

}  // namespace kaopu
