// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Which number of a text is the price, and what its separators mean, follows the published
// behaviour of price-parser (the reference of `kaopu price`): the first number that is no
// percentage; its last separator is the decimal mark unless three digits follow it.
#include "page/price.h"

#include <algorithm>

#include "page/chars.h"
#include "page/price_currencies.h"
#include "page/text.h"

namespace kaopu {
namespace {

constexpr size_t kTextBytesMax = 2000;  // longer texts are read up to there
constexpr std::string_view kEuro = "€";

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Digits and separators of any script as ASCII, white space as single spaces, apostrophes within
// numbers gone.
std::string FoldNumbers(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t at = 0, length = 1; at < text.size(); at += length) {
    const uint32_t cp = CharAt(text, at, &length);
    if (const int digit = DigitValue(cp); digit >= 0) {
      out += static_cast<char>('0' + digit);
    } else if (IsSpaceChar(cp)) {
      if (out.empty() || out.back() != ' ') out += ' ';
    } else if (cp == 0xFF0C || cp == 0x066C) {
      out += ',';
    } else if (cp == 0xFF0E || cp == 0x066B) {
      out += '.';
    } else if ((cp == '\'' || cp == 0x2019) && !out.empty() && IsDigit(out.back()) &&
               at + length < text.size() && IsDigit(text[at + length])) {
      continue;  // 1'049.95
    } else if (!IsInvisibleChar(cp)) {
      out.append(text.substr(at, length));
    }
  }
  return out;
}

bool IsNumberPart(char c) { return IsDigit(c) || c == ' ' || c == '.' || c == ','; }

std::string WithoutSpaces(std::string_view text) {
  std::string out(text);
  std::erase(out, ' ');
  return out;
}

// "35€ 99": the one euro sign of a text as its decimal mark. Empty when it is not.
std::string EuroDecimal(std::string_view text) {
  const size_t euro = text.find(kEuro);
  if (euro == std::string_view::npos || text.find(kEuro, euro + 1) != std::string_view::npos)
    return {};
  size_t begin = euro;
  while (begin > 0 && IsNumberPart(text[begin - 1])) --begin;
  std::string whole = WithoutSpaces(text.substr(begin, euro - begin));
  if (whole.empty() || !IsDigit(whole.back())) return {};
  size_t at = euro + kEuro.size();
  const bool apart = at < text.size() && text[at] == ' ';
  if (apart) ++at;
  size_t digits = 0;
  while (at + digits < text.size() && IsDigit(text[at + digits])) ++digits;
  if (digits == 0 || digits > 2 || (apart && digits != 2)) return {};
  return whole + std::string(kEuro) + std::string(text.substr(at, digits));
}

// The first number that is no percentage, separators and all; `end` is where it ends in `text`.
std::string_view NumberText(std::string_view text, size_t* end) {
  for (size_t at = 0; at < text.size(); ++at) {
    if (!IsDigit(text[at])) continue;
    const size_t begin = at > 0 && text[at - 1] == '.' ? at - 1 : at;
    size_t stop = at;
    while (stop < text.size() && IsNumberPart(text[stop])) ++stop;
    size_t cut = stop;
    if (stop < text.size() && text[stop] == '%') {
      while (cut > at && text[cut - 1] == ' ') --cut;
      while (cut > at && IsDigit(text[cut - 1])) --cut;  // "5 40 %" is 5
    }
    if (cut > at) {
      std::string_view number = text.substr(begin, cut - begin);
      while (!IsDigit(number.back())) number.remove_suffix(1);
      if (number.front() == '.' && std::count(number.begin(), number.end(), '.') > 1)
        number.remove_prefix(1);
      *end = static_cast<size_t>(number.data() - text.data()) + number.size();
      return number;
    }
    at = stop;
  }
  return {};
}

// Where the decimal mark of `number` (no spaces) is, npos when it has none: the last separator,
// unless exactly three digits follow, which are thousands.
size_t DecimalMarkOf(std::string_view number, std::string_view currency) {
  const size_t mark = number.find_last_of(".,");
  if (mark == std::string_view::npos) return mark;
  const size_t decimals = number.size() - mark - 1;
  if (decimals == 0) return std::string_view::npos;
  if (decimals != 3) return mark;
  // Dinars have thousandths: "423.923 KD". A comma there is still a thousands mark.
  const bool thousandths = MinorDigitsOf(currency) == 3 && number[mark] == '.' &&
                           std::count(number.begin(), number.end(), '.') == 1;
  return thousandths ? mark : std::string_view::npos;
}

// "1.234,50" -> "1234.50"; nullopt when it is no number after all ("15.08.2017").
std::optional<std::string> Canonical(std::string number, std::string_view currency,
                                     char decimal_mark) {
  std::erase(number, ' ');
  size_t mark = std::string::npos;
  if (const size_t euro = number.find(kEuro); euro != std::string::npos) {
    number.replace(euro, kEuro.size(), ".");
    mark = euro;
  } else if (decimal_mark == '.' || decimal_mark == ',') {
    mark = number.rfind(decimal_mark);
    if (number.find(decimal_mark) != mark) return std::nullopt;
  } else {
    mark = DecimalMarkOf(number, currency);
    if (mark != std::string::npos && number.find(number[mark]) != mark) return std::nullopt;
  }
  std::string whole;
  std::string decimals;
  for (size_t i = 0; i < number.size(); ++i) {
    if (IsDigit(number[i])) (mark != std::string::npos && i > mark ? decimals : whole) += number[i];
  }
  const size_t significant = whole.find_first_not_of('0');
  whole.erase(
      0, significant == std::string::npos ? (whole.empty() ? 0 : whole.size() - 1) : significant);
  if (whole.empty()) whole = "0";
  return decimals.empty() ? whole : whole + "." + decimals;
}

// Chinese, Japanese and Korean count in ten thousands: "3.5万" -> 35000.
std::string InTenThousands(const std::string& amount) {
  const size_t mark = amount.find('.');
  std::string digits = amount.substr(0, mark);
  std::string decimals = mark == std::string::npos ? "" : amount.substr(mark + 1);
  decimals.resize(std::max<size_t>(decimals.size(), 4), '0');
  digits += decimals.substr(0, 4);
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size() - 1));
  return decimals.size() > 4 ? digits + "." + decimals.substr(4) : digits;
}

bool StartsWithTenThousand(std::string_view text) {
  return text.starts_with("万") || text.starts_with("萬") || text.starts_with("만");
}

struct Marked {
  std::string symbol;
  const CurrencyMark* mark = nullptr;
};

// Sure marks before likely ones, the text before the hint; a dollar's code before all.
std::optional<Marked> FindMark(std::string_view text, std::string_view hint) {
  for (std::string_view source : {text, hint}) {
    if (auto code = FindDollarCode(source)) return Marked{std::string(*code), nullptr};
  }
  for (MarkTrust trust : {MarkTrust::kSure, MarkTrust::kLikely}) {
    for (std::string_view source : {text, hint}) {
      if (auto found = FindCurrencyMark(source, trust)) {
        return Marked{std::string(source.substr(found->begin, found->end - found->begin)),
                      found->mark};
      }
    }
  }
  return std::nullopt;
}

bool Among(std::string_view codes, std::string_view code) {
  return code.size() == 3 && codes.find(code) != std::string_view::npos;
}

std::string CurrencyOf(const Marked& found, std::string_view text, std::string_view hint,
                       std::string_view lang, std::string_view default_currency) {
  if (found.mark == nullptr)
    return found.symbol == "NTD" ? "TWD" : found.symbol == "ZWD" ? "" : found.symbol;
  const std::string_view codes = found.mark->codes;
  if (codes.size() == 3) return std::string(codes);
  if (Among(codes, default_currency)) return std::string(default_currency);
  for (std::string_view source : {text, hint}) {
    if (auto code = FindCodeOf(source, codes)) return std::string(*code);
  }
  if (!found.mark->settled) {  // a hint such as "R$" or "US$" tells which dollar is meant
    if (auto other = FindCurrencyMark(hint, MarkTrust::kSure);
        other && other->mark->codes.size() == 3 && Among(codes, other->mark->codes)) {
      return std::string(other->mark->codes);
    }
  }
  const std::string_view of_language = CurrencyOfLanguage(lang);
  if (Among(codes, of_language)) return std::string(of_language);
  return found.mark->settled ? std::string(codes.substr(0, 3)) : std::string();
}

}  // namespace

PriceText ReadPriceText(std::string_view text, std::string_view currency_hint,
                        std::string_view lang, std::string_view default_currency,
                        char decimal_mark) {
  text = CutUtf8(text, kTextBytesMax);
  currency_hint = CutUtf8(currency_hint, kTextBytesMax);
  PriceText price;
  const auto found = FindMark(text, currency_hint);
  if (found) {
    const std::string currency = CurrencyOf(*found, text, currency_hint, lang, default_currency);
    price.symbol = found->symbol;
    if (!currency.empty()) price.currency = currency;
  } else if (MinorDigitsOf(default_currency)) {
    price.currency = std::string(default_currency);
  }

  const std::string folded = FoldNumbers(text);
  std::string number = EuroDecimal(folded);
  size_t end = std::string::npos;
  if (number.empty()) number = NumberText(folded, &end);
  if (!number.empty()) {
    price.amount = Canonical(number, price.currency.value_or(""), decimal_mark);
    if (price.amount && end < folded.size() &&
        StartsWithTenThousand(std::string_view(folded).substr(end))) {
      price.amount = InTenThousands(*price.amount);
    }
  } else if (ContainsIgnoringCase(folded, "free")) {
    price.amount = "0";
  }
  return price;
}

std::optional<Price> ReadPrice(std::string_view text, std::string_view currency_hint,
                               std::string_view lang, std::string_view default_currency) {
  const PriceText read = ReadPriceText(text, currency_hint, lang, default_currency);
  if (!read.amount || !read.currency) return std::nullopt;
  const auto minor_digits = MinorDigits(*read.currency);
  if (!minor_digits) return std::nullopt;
  const size_t mark = read.amount->find('.');
  std::string digits = read.amount->substr(0, mark);
  std::string decimals = mark == std::string::npos ? "" : read.amount->substr(mark + 1);
  const auto wanted = static_cast<size_t>(*minor_digits);
  while (decimals.size() > wanted && decimals.back() == '0') decimals.pop_back();
  if (decimals.size() > wanted) return std::nullopt;
  decimals.resize(wanted, '0');
  digits += decimals;
  if (digits.size() > 18) return std::nullopt;  // 18 digits always fit
  int64_t amount_minor = 0;
  for (char digit : digits) amount_minor = amount_minor * 10 + (digit - '0');
  return Price{amount_minor, *read.currency, FoldSpace(CutUtf8(text, 200))};
}

std::optional<int> MinorDigits(std::string_view currency) { return MinorDigitsOf(currency); }

}  // namespace kaopu
