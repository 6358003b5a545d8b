// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "page/generic_price.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/str_cat.h"
#include "page/price.h"
#include "page/text.h"

namespace kaopu {
namespace {

constexpr size_t kPriceTextBytesMax = 60;
constexpr size_t kElementsTried = 4'000;
constexpr size_t kNearBytes = 28;  // how far behind an amount "per month" may stand

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

struct Candidate {
  Price price;
  std::string where;
};

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

int64_t Thousandths(const Price& price) {
  const int digits = MinorDigits(price.currency).value_or(2);
  int64_t value = price.amount_minor;
  for (int i = digits; i < 3; ++i) value *= 10;
  return value;
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

template <typename Visit>
void EachAmount(std::string_view text, const Visit& visit) {
  for (size_t at = 0; at < text.size();) {
    if (!IsDigit(text[at])) {
      ++at;
      continue;
    }
    const size_t end = EndOfNumber(text, at);
    EachMeaning(text.substr(at, end - at), [&](int64_t value) { visit(value, end); });
    at = end;
  }
}

// Where an amount stands in the page's text, as a price or as a rate.
class VisibleAmounts {
 public:
  explicit VisibleAmounts(std::string_view text) : text_(text) {
    EachAmount(text, [&](int64_t value, size_t end) { places_.emplace_back(value, end); });
  }

  struct Seen {
    int as_price = 0;
    int as_rate = 0;
  };
  Seen Look(int64_t thousandths) const {
    Seen seen;
    for (const auto& [value, end] : places_) {
      if (value != thousandths) continue;
      if (seen.as_price + seen.as_rate >= kPlacesMax) break;
      const std::string_view behind = text_.substr(end, kNearBytes);
      HasRateWord(behind.substr(0, behind.find('\n', 1))) ? ++seen.as_rate : ++seen.as_price;
    }
    return seen;
  }

  // Whether one stands right before the other somewhere: "10.00 - 30.00".
  bool IsRange(int64_t low, int64_t high) const {
    for (size_t i = 0; i < places_.size(); ++i) {
      if (places_[i].first != low) continue;
      const size_t end = places_[i].second;
      size_t next = i + 1;
      while (next < places_.size() && places_[next].second == end) ++next;
      for (const size_t behind = next < places_.size() ? places_[next].second : 0;
           next < places_.size() && places_[next].second == behind; ++next) {
        if (places_[next].first == high && behind - end < kRangeBytes) return true;
      }
    }
    return false;
  }

 private:
  static constexpr size_t kRangeBytes = 32;
  static constexpr int kPlacesMax = 500;  // of one amount
  std::string_view text_;
  std::vector<std::pair<int64_t, size_t>> places_;
};

std::optional<Price> PriceOf(std::string_view amount, std::string_view currency,
                             const PageContext& page) {
  if (amount.empty() || amount.size() > kPriceTextBytesMax) return std::nullopt;
  std::optional<Price> price;
  const auto digits = MinorDigits(currency);
  if (digits) {
    if (const auto minor = MachineAmount(amount, *digits)) {
      price = Price{*minor, std::string(currency), std::string(amount)};
    }
  }
  if (!price) price = ReadPrice(amount, currency, page.lang, currency.empty() ? page.currency : "");
  if (price && price->amount_minor <= 0) return std::nullopt;
  return price;
}

bool SamePrice(const Price& a, const Price& b) {
  return a.amount_minor == b.amount_minor && a.currency == b.currency;
}

// What the offers of a product cost.
struct OfferPrices {
  std::optional<Price> one;      // all cost that, or the page says which one is meant
  std::vector<Price> different;  // lowest first; empty when `one` is known
};

// The offer for what the page shows is the one that its address names, else any where all cost the
// same, else the one whose price stands in the page's text most often; where a range does, its
// lower end.
OfferPrices PricesOf(const SchemaProduct& product, PageContext& page,
                     const VisibleAmounts& visible) {
  OfferPrices out;
  bool range = false;
  for (const SchemaOffer& offer : OffersOf(product)) {
    const auto price = PriceOf(offer.amount, offer.currency, page);
    if (!price) continue;
    const bool named = page.url && !page.url->query.empty() &&
                       offer.url.find(page.url->query) != std::string::npos;
    if (named) return {price, {}};
    range |= offer.is_range_low;
    if (std::ranges::none_of(out.different, [&](const Price& p) { return SamePrice(p, *price); }))
      out.different.push_back(*price);
  }
  if (out.different.empty()) return out;
  std::ranges::sort(out.different, {}, &Price::amount_minor);
  const bool one_currency = std::ranges::all_of(
      out.different, [&](const Price& p) { return p.currency == out.different[0].currency; });
  if (!one_currency) return out;
  // The selected one stands in the list of all and by itself.
  const Price* shown = nullptr;
  int most = 0;
  for (const Price& price : out.different) {
    const int times = visible.Look(Thousandths(price)).as_price;
    if (times == most) shown = nullptr;
    if (times <= most) continue;
    most = times;
    shown = &price;
  }
  if (out.different.size() == 1 || range ||
      visible.IsRange(Thousandths(out.different.front()), Thousandths(out.different.back()))) {
    out.one = out.different.front();
  } else if (shown != nullptr) {
    out.one = *shown;
  }
  if (out.one) out.different.clear();
  return out;
}

void AddOffers(const SchemaProduct& product, PageContext& page, const VisibleAmounts& visible,
               std::vector<Candidate>& out, std::vector<Price>& different) {
  OfferPrices prices = PricesOf(product, page, visible);
  if (prices.one) out.push_back({*prices.one, StrCat(product.source, ":Product.offers.price")});
  different.insert(different.end(), prices.different.begin(), prices.different.end());
}

void AddMeta(PageContext& page, std::vector<Candidate>& out) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kMetas = {
      {{"product:sale_price:amount", "product:sale_price:currency"},
       {"product:price:amount", "product:price:currency"},
       {"og:price:amount", "og:price:currency"},
       {"product:price", "product:currency"}}};
  for (const auto& [amount, currency] : kMetas) {
    const std::string_view text = page.document.Meta(amount);
    if (text.empty()) continue;
    const auto price = PriceOf(CleanText(text), CleanText(page.document.Meta(currency)), page);
    if (price) out.push_back({*price, StrCat("meta:", amount)});
  }
}

constexpr std::array<std::string_view, 20> kNotThePrice = {
    "old",    "was",         "list",      "strike", "regular", "compare",
    "msrp",   "rrp",         "original",  "saving", "save",    "ship",
    "before", "per-unit",    "unitprice", "retail", "crossed", "discount-amount",
    "filter", "range-slider"};
constexpr std::array<std::string_view, 9> kSurelyThePrice = {
    "sale", "now", "current", "final", "special", "our", "offer", "actual", "selling"};

template <size_t N>
bool HasPart(std::string_view lower, const std::array<std::string_view, N>& parts) {
  return std::ranges::any_of(
      parts, [&](std::string_view part) { return lower.find(part) != std::string_view::npos; });
}

// Class, id and the like of an element in lower case.
std::string NamesOf(pugi::xml_node node) {
  std::string names;
  for (const char* key : {"class", "id", "itemprop", "data-testid", "data-test", "data-role"}) {
    const std::string_view value = node.attribute(key).value();
    if (!value.empty()) names += ToLowerAscii(value) + ' ';
  }
  return names;
}

bool IsStruckOrOthers(pugi::xml_node node) {
  static constexpr std::array<std::string_view, 12> kAround = {
      "related",    "recommend", "carousel", "similar",  "upsell",    "crosssell",
      "cross-sell", "recent",    "also",     "minicart", "mini-cart", "footer"};
  for (int i = 0; i < 30 && node; ++i, node = node.parent()) {
    const std::string_view tag = node.name();
    if (tag == "del" || tag == "s" || tag == "strike" || tag == "footer") return true;
    const std::string names = NamesOf(node);
    if (HasPart(names, kAround) || (i < 2 && HasPart(names, kNotThePrice))) return true;
  }
  return false;
}

// The first text after the heading that an element named "price" shows, provided it shows just one
// amount.
std::optional<Candidate> VisiblePrice(PageContext& page) {
  const Document& document = page.document;
  ElementId start = 0;
  if (const auto* h1 = document.tags().Find("h1")) {
    document.tags().ForEach(*h1, [&](ElementId id) {
      start = id;
      return false;
    });
  }
  std::optional<Candidate> plain;
  size_t tried = 0;
  for (ElementId id = start; id < document.element_count() && tried < kElementsTried; ++id) {
    if (!document.work().Spend(1)) break;
    const pugi::xml_node node = document.Element(id);
    const std::string names = NamesOf(node);
    if (names.find("price") == std::string::npos && names.find("amount") == std::string::npos) {
      continue;
    }
    ++tried;
    const std::string text = document.Text(node, kPriceTextBytesMax * 2);
    if (text.empty() || text.size() > kPriceTextBytesMax || HasRateWord(text)) continue;
    const auto price =
        ReadPrice(text, page.document.Meta("og:price:currency"), page.lang, page.currency);
    if (!price || price->amount_minor <= 0 || IsStruckOrOthers(node)) continue;
    int numbers = 0;
    for (size_t i = 0; i < text.size(); ++i) {
      numbers +=
          IsDigit(text[i]) && (i == 0 || text[i - 1] == ' ' ||
                               !(IsDigit(text[i - 1]) || text[i - 1] == '.' || text[i - 1] == ','));
    }
    if (numbers > 1) continue;
    Candidate candidate{*price, StrCat("text:", names.substr(0, names.size() - 1))};
    if (HasPart(names, kSurelyThePrice)) return candidate;
    if (!plain) {
      plain = std::move(candidate);
      tried = kElementsTried > 40 ? std::max(tried, kElementsTried - 40) : tried;
    }
  }
  return plain;
}

// Sources that disagree: what the page shows decides; where it shows both, the lower one is what is
// paid.
std::optional<Candidate> Decide(std::vector<Candidate> candidates, const VisibleAmounts& visible) {
  std::erase_if(candidates, [&](const Candidate& c) {
    const auto seen = visible.Look(Thousandths(c.price));
    return seen.as_rate > 0 && seen.as_price <= seen.as_rate;
  });
  if (candidates.empty()) return std::nullopt;
  if (std::ranges::all_of(candidates, [&](const Candidate& c) {
        return SamePrice(c.price, candidates[0].price);
      })) {
    return candidates[0];
  }
  std::vector<Candidate> shown;
  for (const Candidate& c : candidates) {
    if (visible.Look(Thousandths(c.price)).as_price > 0) shown.push_back(c);
  }
  if (!shown.empty()) candidates = std::move(shown);
  if (std::ranges::any_of(candidates, [&](const Candidate& c) {
        return c.price.currency != candidates[0].price.currency;
      })) {
    return std::nullopt;
  }
  return *std::ranges::min_element(candidates, {},
                                   [](const Candidate& c) { return c.price.amount_minor; });
}

}  // namespace

std::optional<int64_t> MachineAmount(std::string_view text, int minor_digits) {
  const size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  std::string_view fraction = point == std::string_view::npos ? "" : text.substr(point + 1);
  while (fraction.ends_with('0')) fraction.remove_suffix(1);
  if (whole.empty() || whole.size() > 12 || !std::ranges::all_of(whole, IsDigit) ||
      !std::ranges::all_of(fraction, IsDigit) ||
      fraction.size() > static_cast<size_t>(minor_digits)) {
    return std::nullopt;
  }
  int64_t minor = 0;
  for (const char c : whole) minor = minor * 10 + (c - '0');
  for (int i = 0; i < minor_digits; ++i) {
    minor = minor * 10 +
            (static_cast<size_t>(i) < fraction.size() ? fraction[static_cast<size_t>(i)] - '0' : 0);
  }
  return minor;
}

std::vector<int64_t> AmountsIn(std::string_view text) {
  std::vector<int64_t> out;
  EachAmount(text, [&](int64_t value, size_t) { out.push_back(value); });
  return out;
}

std::optional<FoundPrice> ReadGenericPrice(PageContext& page,
                                           const std::optional<SchemaProduct>& product) {
  std::vector<Candidate> candidates;
  std::vector<Price> different;  // of offers of which the page does not say which one is meant
  const VisibleAmounts visible(page.document.VisibleText());
  if (product) AddOffers(*product, page, visible, candidates, different);
  AddMeta(page, candidates);
  if (product && std::string_view(product->source) == "jsonld" && candidates.empty() &&
      different.empty()) {
    // JSON-LD without a price: microdata of the same page may have it.
    PageContext& p = page;
    for (const TypedTree::Entity& entity : p.Microdata().entities) {
      if (std::ranges::find(entity.types, "Product") == entity.types.end()) continue;
      AddOffers({&p.Microdata(), entity.id, "microdata"}, page, visible, candidates, different);
      break;
    }
  }
  std::optional<Candidate> chosen;
  if (!candidates.empty()) {
    chosen = Decide(std::move(candidates), visible);
  } else if (const auto& box = page.FoundBuyBox(); box && box->price && different.empty()) {
    chosen = Candidate{*box->price, "text:buy box"};
  } else {
    chosen = VisiblePrice(page);
  }
  if (!chosen) return std::nullopt;
  if (!different.empty() && std::ranges::none_of(different, [&](const Price& price) {
        return SamePrice(price, chosen->price);
      })) {
    return std::nullopt;
  }
  return FoundPrice{std::move(chosen->price), std::move(chosen->where)};
}

}  // namespace kaopu
