// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "page/generic_price.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/str_cat.h"
#include "page/price.h"
#include "page/shown_price.h"
#include "page/text.h"

namespace kaopu {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

constexpr int64_t kTimesMax = 4;  // a price and the sale of it are not further apart

struct Candidate {
  Price price;
  std::string where;
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

// What machines are told must be what the page shows: a price that stands nowhere on it, or only
// struck out, gives way to the one that does, or to none where it is not clear which one that is.
std::optional<Candidate> AsShown(Candidate told, PageContext& page, const VisibleAmounts& visible) {
  if (page.shop_words == nullptr) return told;
  const int64_t value = Thousandths(told.price);
  const auto seen = visible.Look(value);
  if (seen.as_price > 0 && seen.as_price > StruckAmounts(page).Count(value)) {
    const std::string mark = visible.CurrencyBeside(value);
    if (mark.empty() || mark == told.price.currency) return told;
    page.Note(StrCat("differs: item.price: ", told.where, " says ", told.price.currency,
                     ", the page shows ", mark));
    if (mark != page.currency || MinorDigits(mark) != MinorDigits(told.price.currency)) {
      return std::nullopt;
    }
    told.price.currency = mark;
    return Candidate{std::move(told.price), StrCat(told.where, ", text:mark")};
  }
  auto shown = ReadShownPrice(page);
  if (!shown || shown->price.amount_minor == told.price.amount_minor) return told;
  const bool same_currency = shown->price.currency == told.price.currency;
  // An amount so far off is of something else, gift wrap or a part.
  if (same_currency && (shown->price.amount_minor > kTimesMax * told.price.amount_minor ||
                        told.price.amount_minor > kTimesMax * shown->price.amount_minor)) {
    return told;
  }
  page.Note(StrCat("differs: item.price: ", told.where, " says ", told.price.text,
                   ", the page shows ", shown->price.text));
  if (shown->clear && (same_currency || ReadPrice(shown->price.text, "", "", ""))) {
    return Candidate{std::move(shown->price), std::move(shown->where)};
  }
  return std::nullopt;
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

std::optional<FoundPrice> ReadGenericPrice(PageContext& page,
                                           const std::optional<SchemaProduct>& product) {
  std::vector<Candidate> candidates;
  std::vector<Price> different;  // of offers of which the page does not say which one is meant
  const VisibleAmounts visible(page.document.VisibleText(), page.shop_words);
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
    if (chosen) chosen = AsShown(std::move(*chosen), page, visible);
  } else if (page.shop_words != nullptr) {
    auto shown = different.empty() ? ReadShownPrice(page) : ReadNamedPrice(page);
    if (shown) chosen = Candidate{std::move(shown->price), std::move(shown->where)};
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
