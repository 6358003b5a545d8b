// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "page/shown_price.h"

#include <algorithm>
#include <array>
#include <unordered_set>
#include <utility>

#include "base/str_cat.h"
#include "page/price.h"
#include "page/text.h"

namespace kaopu {
namespace {

constexpr size_t kElementsTried = 4'000;
constexpr size_t kElementsMore = 40;  // looked at once a price is found
constexpr size_t kNearBytes = 28;     // how far behind an amount "per month" may stand
constexpr size_t kRangeBytes = 32;
constexpr size_t kBeforeBytes = 32;  // how far before an amount its name may stand
constexpr size_t kMarkBytes = 6;     // how far from an amount its currency's mark may stand
constexpr int kMarkedPlacesMax = 8;
constexpr int kPlacesMax = 500;  // of one amount
constexpr size_t kStruckMax = 400;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Words behind (or before) an amount that make it a rate, not a price.
constexpr std::array<std::string_view, 22> kRateWords = {
    "/mo",      "per mo", "/month", "monthly",  "a month", "per month", "mtl",  "monat",
    "par mois", "/mois",  "al mes", "/mes",     "al mese", "por m",     "x 12", "x 24",
    "12 x",     "24 x",   "/week",  "per week", "每月",    "分期"};

bool HasRateWord(std::string_view text) {
  const std::string lower = ToLowerAscii(text);
  return std::ranges::any_of(
      kRateWords, [&](std::string_view word) { return lower.find(word) != std::string::npos; });
}

size_t EndOfNumber(std::string_view text, size_t at) {
  while (at < text.size() &&
         (IsDigit(text[at]) || ((text[at] == '.' || text[at] == ',' || text[at] == '\'') &&
                                at + 1 < text.size() && IsDigit(text[at + 1])))) {
    ++at;
  }
  return at;
}

// Calls `visit(thousandths)` for what the number in `token` may mean: marks group thousands or part
// off decimals.
template <typename Visit>
void EachMeaning(std::string_view token, const Visit& visit) {
  int64_t all = 0;
  int digits = 0;
  size_t mark = token.size();
  for (size_t i = 0; i < token.size(); ++i) {
    if (!IsDigit(token[i])) {
      mark = i;
    } else if (++digits > 13) {
      return;
    } else {
      all = all * 10 + (token[i] - '0');
    }
  }
  const size_t behind = mark == token.size() ? 0 : token.size() - mark - 1;
  if (behind == 0 || behind == 3) visit(all * 1000);
  if (behind == 1) visit(all * 100);
  if (behind == 2) visit(all * 10);
  if (behind == 3) visit(all);
}

// Calls `visit(thousandths, from, end)` for each number in the text.
template <typename Visit>
void EachAmount(std::string_view text, const Visit& visit) {
  for (size_t at = 0; at < text.size();) {
    if (!IsDigit(text[at])) {
      ++at;
      continue;
    }
    const size_t end = EndOfNumber(text, at);
    EachMeaning(text.substr(at, end - at), [&](int64_t value) { visit(value, at, end); });
    at = end;
  }
}

constexpr std::array<std::string_view, 9> kSurelyThePrice = {
    "sale", "now", "current", "final", "special", "our", "offer", "actual", "selling"};
// Class names of amounts beside a price that are none of before either.
constexpr std::array<std::string_view, 8> kBesideThePrice = {
    "saving", "save", "ship", "per-unit", "unitprice", "discount-amount", "filter", "range-slider"};

template <size_t N>
bool HasPart(std::string_view lower, const std::array<std::string_view, N>& parts) {
  return std::ranges::any_of(
      parts, [&](std::string_view part) { return lower.find(part) != std::string_view::npos; });
}

// The amount is not what is paid: struck out, of before, beside it, or in a link to other goods.
bool IsNotPaid(pugi::xml_node node, PageContext& page) {
  pugi::xml_node up = node;
  for (int i = 0; i < 4 && up; ++i, up = up.parent()) {
    if (IsStruckOut(up, *page.shop_words)) return true;
    if (i < 2 && HasPart(ToLowerAscii(MarksOf(up)), kBesideThePrice)) return true;
    if (LeadsAway(up, *page.shop_words)) return true;
  }
  return page.Others().Hold(node);
}

}  // namespace

int64_t Thousandths(const Price& price) {
  const int digits = MinorDigits(price.currency).value_or(2);
  int64_t value = price.amount_minor;
  for (int i = digits; i < 3; ++i) value *= 10;
  return value;
}

bool SamePrice(const Price& a, const Price& b) {
  return a.amount_minor == b.amount_minor && a.currency == b.currency;
}

VisibleAmounts::VisibleAmounts(std::string_view text, const BuyBoxRules* words)
    : text_(text), words_(words) {
  EachAmount(text, [&](int64_t value, size_t from, size_t end) {
    places_.push_back({value, from, end});
  });
}

VisibleAmounts::Seen VisibleAmounts::Look(int64_t thousandths) const {
  Seen seen;
  for (const auto& [value, from, end] : places_) {
    if (value != thousandths && !IsSplit(thousandths, value, end)) continue;
    if (seen.as_price + seen.as_rate + seen.as_other >= kPlacesMax) break;
    const std::string_view behind = text_.substr(end, kNearBytes);
    if (HasRateWord(behind.substr(0, behind.find('\n', 1)))) {
      ++seen.as_rate;
    } else if (IsOther(from)) {
      ++seen.as_other;
    } else {
      ++seen.as_price;
    }
  }
  return seen;
}

std::string VisibleAmounts::CurrencyBeside(int64_t thousandths) const {
  std::string found;
  int left = kMarkedPlacesMax;
  for (const auto& [value, from, end] : places_) {
    if (value != thousandths || IsOther(from)) continue;
    if (--left < 0) break;
    const size_t line = text_.rfind('\n', from);
    size_t begin = std::max(from - std::min(from, kMarkBytes), line + 1);
    const auto within_character = [&](size_t i) {
      return i < text_.size() && (static_cast<unsigned char>(text_[i]) & 0xC0) == 0x80;
    };
    while (within_character(begin)) ++begin;
    size_t behind = std::min({text_.size(), end + kMarkBytes, text_.find('\n', end)});
    while (within_character(behind)) --behind;
    const auto price = ReadPrice(text_.substr(begin, behind - begin), "", "", "");
    if (!price || Thousandths(*price) != thousandths) return "";
    if (!found.empty() && price->currency != found) return "";
    found = price->currency;
  }
  return found;
}

bool VisibleAmounts::IsRange(int64_t low, int64_t high) const {
  for (size_t i = 0; i < places_.size(); ++i) {
    if (places_[i].value != low) continue;
    const size_t end = places_[i].end;
    size_t next = i + 1;
    while (next < places_.size() && places_[next].end == end) ++next;
    for (const size_t behind = next < places_.size() ? places_[next].end : 0;
         next < places_.size() && places_[next].end == behind; ++next) {
      if (places_[next].value == high && behind - end < kRangeBytes) return true;
    }
  }
  return false;
}

// "499" with its hundredths in an element of their own, raised or behind a point: "499 .99".
bool VisibleAmounts::IsSplit(int64_t wanted, int64_t value, size_t end) const {
  if (wanted % 1000 == 0 || value != wanted - wanted % 1000 || wanted % 10 != 0) return false;
  size_t at = end;
  while (at < text_.size() && at < end + 3 && !IsDigit(text_[at])) {
    if (text_[at] != ' ' && text_[at] != '\n' && text_[at] != '.' && text_[at] != ',') return false;
    ++at;
  }
  const auto digit = [&](size_t i) { return i < text_.size() && IsDigit(text_[i]); };
  return digit(at) && digit(at + 1) && !digit(at + 2) &&
         ((text_[at] - '0') * 10 + (text_[at + 1] - '0')) * 10 == wanted % 1000;
}

bool VisibleAmounts::IsOther(size_t from) const {
  if (words_ == nullptr) return false;
  std::string_view before = text_.substr(0, from);
  before = before.substr(before.size() - std::min(before.size(), kBeforeBytes));
  if (const size_t line = before.rfind('\n'); line != std::string_view::npos) {
    before.remove_prefix(line + 1);
  }
  return Finds(words_->not_price, before);
}

StruckAmounts::StruckAmounts(PageContext& page) {
  const Document& document = page.document;
  std::vector<ElementId> ids;
  const auto take = [&](ElementId id) {
    ids.push_back(id);
    return ids.size() < kStruckMax;
  };
  for (const std::string_view tag : {"del", "s", "strike"}) {
    if (const auto* entry = document.tags().Find(tag)) document.tags().ForEach(*entry, take);
  }
  if (const auto* entry = document.attributes().Find("style")) {
    document.attributes().ForEach(*entry, [&](ElementId id) {
      return !IsStruckOut(document.Element(id), *page.shop_words) || take(id);
    });
  }
  for (const TokenIndex::Entry& entry : document.classes().entries()) {
    if (entry.token.size() > 80 || !Finds(page.shop_words->old_price, entry.token)) continue;
    document.classes().ForEach(entry, take);
  }
  std::ranges::sort(ids);
  const auto tail = std::ranges::unique(ids);
  ids.erase(tail.begin(), tail.end());
  std::unordered_set<size_t> within;
  for (const ElementId id : ids) {
    pugi::xml_node up = document.Element(id);
    within.insert(up.hash_value());
    bool nested = false;
    for (int i = 0; i < 6 && !nested && (up = up.parent()); ++i) {
      nested = within.contains(up.hash_value());
    }
    if (nested) continue;
    const std::string text = document.Text(document.Element(id), kPriceTextBytesMax * 2);
    EachAmount(text, [&](int64_t value, size_t, size_t) { ++counts_[value]; });
  }
}

int StruckAmounts::Count(int64_t thousandths) const {
  const auto found = counts_.find(thousandths);
  return found == counts_.end() ? 0 : found->second;
}

std::optional<ShownPrice> ReadNamedPrice(PageContext& page) {
  const Document& document = page.document;
  ElementId start = 0;
  if (const auto* h1 = document.tags().Find("h1")) {
    document.tags().ForEach(*h1, [&](ElementId id) {
      start = id;
      return false;
    });
  }
  std::optional<ShownPrice> plain, usual;
  size_t left = kElementsTried;
  for (ElementId id = start; id < document.element_count() && left > 0; ++id) {
    if (!document.work().Spend(1)) break;
    const pugi::xml_node node = document.Element(id);
    const std::string names = ToLowerAscii(MarksOf(node));
    if (names.find("price") == std::string::npos && names.find("amount") == std::string::npos) {
      continue;
    }
    --left;
    const std::string text = document.Text(node, kPriceTextBytesMax * 2);
    if (text.empty() || text.size() > kPriceTextBytesMax || HasRateWord(text) ||
        Finds(page.shop_words->net, text)) {
      continue;
    }
    const auto price =
        ReadPrice(text, page.document.Meta("og:price:currency"), page.lang, page.currency);
    if (!price || price->amount_minor <= 0 || IsNotPaid(node, page)) continue;
    int numbers = 0;
    for (size_t i = 0; i < text.size(); ++i) {
      numbers +=
          IsDigit(text[i]) && (i == 0 || text[i - 1] == ' ' ||
                               !(IsDigit(text[i - 1]) || text[i - 1] == '.' || text[i - 1] == ','));
    }
    if (numbers > 1) continue;
    ShownPrice shown{*price, StrCat("text:", names.substr(0, names.size() - 1)), true};
    const bool is_usual = Finds(page.shop_words->usual_price, names);
    if (!is_usual && HasPart(names, kSurelyThePrice)) return shown;
    std::optional<ShownPrice>& sort = is_usual ? usual : plain;
    if (sort) {
      sort->clear &= SamePrice(sort->price, shown.price);
    } else {
      sort = std::move(shown);
      left = std::min(left, kElementsMore);
    }
  }
  return plain ? plain : usual;
}

std::optional<ShownPrice> ReadShownPrice(PageContext& page) {
  if (Finds(page.shop_words->on_request, page.document.VisibleText())) return std::nullopt;
  std::optional<ShownPrice> named = ReadNamedPrice(page);
  const auto& box = page.FoundBuyBox();
  if (!box || !box->price) return named;
  ShownPrice shown{*box->price, "text:buy box", box->clear};
  if (named) {
    shown.clear = SamePrice(shown.price, named->price) || (box->clear && !named->clear);
  }
  return shown;
}

}  // namespace kaopu
