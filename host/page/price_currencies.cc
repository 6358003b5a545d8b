// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "page/price_currencies.h"

#include <algorithm>
#include <array>
#include <vector>

#include "page/currency_table.h"

namespace kaopu {
namespace {

bool Lists(std::string_view codes, std::string_view code) {
  if (code.size() != 3) return false;
  for (size_t i = 0; i + 3 <= codes.size(); i += 4) {
    if (codes.substr(i, 3) == code) return true;
  }
  return false;
}

// All marks, those of the codes themselves included, grouped by first byte, longest first.
struct MarkIndex {
  std::vector<CurrencyMark> marks;
  std::array<std::pair<uint16_t, uint16_t>, 256> by_byte{};

  MarkIndex() : marks(CurrencyMarks().begin(), CurrencyMarks().end()) {
    for (std::string_view list : {kCodes0, kCodes2, kCodes3, kCodes4, kFormerCodes}) {
      const bool former = list.data() == kFormerCodes.data();
      for (size_t i = 0; i + 3 <= list.size(); i += 4) {
        const std::string_view code = list.substr(i, 3);
        if (code == "EUR" || code == "CHF" || code == "DKK" || code == "RSD") continue;
        marks.push_back({code, former ? std::string_view{} : code, true,
                         Lists(kWordCodes, code) ? MarkTrust::kRisky : MarkTrust::kLikely});
      }
    }
    std::stable_sort(marks.begin(), marks.end(), [](const CurrencyMark& a, const CurrencyMark& b) {
      const auto first_a = static_cast<unsigned char>(a.text[0]);
      const auto first_b = static_cast<unsigned char>(b.text[0]);
      return first_a != first_b ? first_a < first_b : a.text.size() > b.text.size();
    });
    for (size_t i = 0; i < marks.size(); ++i) {
      auto& [begin, end] = by_byte[static_cast<unsigned char>(marks[i].text[0])];
      if (end == 0) begin = static_cast<uint16_t>(i);
      end = static_cast<uint16_t>(i + 1);
    }
  }
};

const MarkIndex& Marks() {
  static const MarkIndex index;
  return index;
}

bool IsAsciiLetter(unsigned char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; }

// Whether the character that ends before / starts at a place is a letter of an alphabet whose words
// are divided by spaces (Latin, Greek, Cyrillic, Armenian, Hebrew, Arabic: lead bytes C3 to DB, but
// for the signs of C2).
bool LetterBefore(std::string_view text, size_t at) {
  if (at == 0) return false;
  size_t i = at - 1;
  while (i > 0 && (static_cast<unsigned char>(text[i]) & 0xC0) == 0x80) --i;
  const auto lead = static_cast<unsigned char>(text[i]);
  return IsAsciiLetter(lead) || (lead >= 0xC3 && lead <= 0xDB && i + 1 < at);
}

bool LetterAt(std::string_view text, size_t at) {
  if (at >= text.size()) return false;
  const auto lead = static_cast<unsigned char>(text[at]);
  return IsAsciiLetter(lead) || (lead >= 0xC3 && lead <= 0xDB);
}

bool DigitAt(std::string_view text, size_t at) {
  return at < text.size() && text[at] >= '0' && text[at] <= '9';
}

// Nothing but spaces, dots and colons between the mark and a number, or nothing else in the text at
// all.
bool StandsBesideNumber(std::string_view text, size_t begin, size_t end) {
  constexpr std::string_view kBetween = " .:,*-\xC2\xA0";
  size_t before = begin;
  while (before > 0 && kBetween.find(text[before - 1]) != std::string_view::npos) --before;
  size_t after = end;
  while (after < text.size() && kBetween.find(text[after]) != std::string_view::npos) ++after;
  if (before > 0 && DigitAt(text, before - 1)) return true;
  return DigitAt(text, after) || (before == 0 && after == text.size());
}

// "рублей", "euros", "гривень": stems and words that take an ending.
bool TakesEnding(std::string_view mark) {
  return mark == "руб" || mark == "грн" || mark == "динар" || mark == "euro" || mark == "Euro" ||
         mark == "EURO";
}

bool FitsAt(std::string_view text, size_t at, const CurrencyMark& mark) {
  if (text.compare(at, mark.text.size(), mark.text) != 0) return false;
  const size_t end = at + mark.text.size();
  if (LetterAt(mark.text, 0) && LetterBefore(text, at)) return false;
  if (LetterBefore(mark.text, mark.text.size()) && LetterAt(text, end) && !TakesEnding(mark.text)) {
    return false;
  }
  return mark.trust != MarkTrust::kRisky || StandsBesideNumber(text, at, end);
}

}  // namespace

std::optional<FoundMark> FindCurrencyMark(std::string_view text, MarkTrust trust) {
  const MarkIndex& index = Marks();
  for (size_t at = 0; at < text.size(); ++at) {
    const auto [begin, end] = index.by_byte[static_cast<unsigned char>(text[at])];
    for (size_t i = begin; i < end; ++i) {
      const CurrencyMark& mark = index.marks[i];
      if ((mark.trust == MarkTrust::kSure) != (trust == MarkTrust::kSure)) continue;
      if (FitsAt(text, at, mark)) return FoundMark{at, at + mark.text.size(), &mark};
    }
  }
  return std::nullopt;
}

std::optional<std::string_view> FindDollarCode(std::string_view text) {
  if (text.find('$') == std::string_view::npos) return std::nullopt;
  for (size_t at = 0; at + 3 <= text.size(); ++at) {
    if (text[at + 2] != 'D' || LetterBefore(text, at) || DigitAt(text, at - (at > 0 ? 1 : 0)))
      continue;
    const std::string_view code = text.substr(at, 3);
    if (code != "NTD" && code != "ZWD" && !MinorDigitsOf(code)) continue;
    const size_t next = at + 3 < text.size() && text[at + 3] == '$' ? at + 4 : at + 3;
    if (!LetterAt(text, at + 3) && !LetterAt(text, next)) return code;
  }
  return std::nullopt;
}

std::optional<std::string_view> FindCodeOf(std::string_view text, std::string_view codes) {
  for (size_t at = 0; at + 3 <= text.size(); ++at) {
    const std::string_view code = text.substr(at, 3);
    if (text[at] < 'A' || text[at] > 'Z' || !Lists(codes, code)) continue;
    if (!LetterBefore(text, at) && !LetterAt(text, at + 3)) return code;
  }
  return std::nullopt;
}

std::string_view CurrencyOfLanguage(std::string_view lang) {
  struct Row {
    std::string_view tag;
    std::string_view code;
  };
  static constexpr Row kRegions[] = {
      {"US", "USD"}, {"CA", "CAD"}, {"AU", "AUD"}, {"NZ", "NZD"}, {"GB", "GBP"}, {"UK", "GBP"},
      {"HK", "HKD"}, {"SG", "SGD"}, {"TW", "TWD"}, {"CN", "CNY"}, {"MO", "MOP"}, {"JP", "JPY"},
      {"KR", "KRW"}, {"MX", "MXN"}, {"AR", "ARS"}, {"CL", "CLP"}, {"CO", "COP"}, {"UY", "UYU"},
      {"PE", "PEN"}, {"DO", "DOP"}, {"BR", "BRL"}, {"IN", "INR"}, {"PK", "PKR"}, {"LK", "LKR"},
      {"NP", "NPR"}, {"SE", "SEK"}, {"NO", "NOK"}, {"DK", "DKK"}, {"IS", "ISK"}, {"CH", "CHF"},
      {"PH", "PHP"}, {"EG", "EGP"}, {"AE", "AED"}, {"SA", "SAR"}, {"MA", "MAD"}, {"BY", "BYN"},
      {"MD", "MDL"}, {"BO", "BOB"}, {"VE", "VES"}, {"TR", "TRY"}, {"IR", "IRR"}, {"KW", "KWD"},
      {"BH", "BHD"}, {"JO", "JOD"}, {"IQ", "IQD"}, {"TN", "TND"}, {"DZ", "DZD"}, {"ET", "ETB"},
      {"IL", "ILS"}, {"TH", "THB"}, {"FJ", "FJD"}, {"JM", "JMD"}, {"TT", "TTD"}, {"BB", "BBD"},
  };
  static constexpr Row kLanguages[] = {
      {"ja", "JPY"}, {"sv", "SEK"}, {"nb", "NOK"}, {"nn", "NOK"}, {"no", "NOK"},
      {"da", "DKK"}, {"is", "ISK"}, {"ro", "RON"}, {"be", "BYN"}, {"fa", "IRR"},
      {"am", "ETB"}, {"ko", "KRW"}, {"zh", "CNY"},
  };
  const size_t dash = lang.find_first_of("-_");
  const std::string_view language = lang.substr(0, dash);
  for (size_t at = dash; at != std::string_view::npos;) {
    const size_t next = lang.find_first_of("-_", at + 1);
    std::string_view part =
        lang.substr(at + 1, next == std::string_view::npos ? next : next - at - 1);
    for (const Row& row : kRegions) {
      if (part.size() == 2 && (part[0] & ~0x20) == row.tag[0] && (part[1] & ~0x20) == row.tag[1]) {
        return row.code;
      }
    }
    if (part == "Hant") return "";
    at = next;
  }
  for (const Row& row : kLanguages) {
    if (language == row.tag) return row.code;
  }
  return "";
}

std::optional<int> MinorDigitsOf(std::string_view code) {
  if (Lists(kCodes2, code)) return 2;
  if (Lists(kCodes0, code)) return 0;
  if (Lists(kCodes3, code)) return 3;
  if (Lists(kCodes4, code)) return 4;
  return std::nullopt;
}

}  // namespace kaopu
