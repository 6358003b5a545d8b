// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "page/schema_product.h"

#include <algorithm>
#include <array>

#include "page/text.h"
#include "page/value_path.h"

namespace kaopu {
namespace {

using Kind = ValueTree::Kind;
constexpr size_t kOffersMax = 200;
constexpr std::array<std::string_view, 6> kProductTypes = {
    "Product", "ProductGroup", "IndividualProduct", "ProductModel", "SomeProducts", "Vehicle"};
// A product inside one of these is one of several, or not what the page sells.
constexpr std::array<std::string_view, 9> kListTypes = {
    "ItemList", "ListItem", "OfferCatalog", "CollectionPage", "SearchResultsPage",
    "Review",   "Article",  "BlogPosting",  "BreadcrumbList"};

constexpr std::array<std::string_view, 14> kOfOneThing = {
    "image",  "sku",    "mpn",  "productID", "gtin",     "gtin8", "gtin12",
    "gtin13", "gtin14", "isbn", "model",     "material", "color", "hasVariant"};

template <size_t N>
bool AnyType(const std::vector<std::string>& types, const std::array<std::string_view, N>& wanted) {
  return std::ranges::any_of(types, [&](const std::string& type) {
    return std::ranges::find(wanted, type) != wanted.end();
  });
}

// A category that calls itself a product to have its prices shown by search engines: a range of
// prices alone, and nothing that a thing on sale has.
bool IsRangeOfGoods(const TypedTree& typed, ValueId id) {
  const ValueTree& tree = typed.tree;
  const std::vector<ValueId> offers = typed.Members(id, "offers", 2);
  if (offers.size() != 1 || tree.Member(offers[0], "offers") != kNoValue ||
      tree.Member(offers[0], "price") != kNoValue) {
    return false;
  }
  const auto low = tree.Text(tree.Member(offers[0], "lowPrice"));
  const auto high = tree.Text(tree.Member(offers[0], "highPrice"));
  return low && high && *low != *high &&
         std::ranges::none_of(
             kOfOneThing, [&](std::string_view name) { return tree.Member(id, name) != kNoValue; });
}

bool SellsNoOneThing(PageContext& page) {
  return page.shop_words != nullptr && !page.FoundBuyBox();
}

// Products that stand on their own: not in a list, and not held by another product (variant,
// accessory, related item).
std::vector<ValueId> OwnProducts(const TypedTree& typed, PageContext& page) {
  std::vector<ValueId> own;
  for (const TypedTree::Entity& entity : typed.entities) {
    if (!AnyType(entity.types, kProductTypes)) continue;
    bool inside = false;
    const TypedTree::Entity* up = &entity;
    for (int i = 0; i < 16 && up->parent < typed.entities.size() && !inside; ++i) {
      up = &typed.entities[up->parent];
      inside = AnyType(up->types, kProductTypes) || AnyType(up->types, kListTypes);
    }
    if (!inside && !(IsRangeOfGoods(typed, entity.id) && SellsNoOneThing(page))) {
      own.push_back(entity.id);
    }
    if (own.size() > kOffersMax) break;
  }
  return own;
}

std::string NameOf(const TypedTree& typed, ValueId id) {
  return CleanText(typed.tree.Text(typed.Follow(typed.tree.Member(id, "name"))).value_or(""));
}

std::optional<SchemaProduct> Choose(const TypedTree& typed, const char* source, PageContext& page) {
  const std::vector<ValueId> own = OwnProducts(typed, page);
  if (own.empty()) return std::nullopt;
  const auto product = [&](ValueId id) { return SchemaProduct{&typed, id, source}; };
  if (own.size() == 1) return product(own[0]);
  // One thing told several times (variants, or told again with less): the one that has offers.
  const std::string first_name = NameOf(typed, own[0]);
  const auto with_offers = std::ranges::find_if(
      own, [&](ValueId id) { return typed.tree.Member(id, "offers") != kNoValue; });
  if (!first_name.empty() &&
      std::ranges::all_of(own, [&](ValueId id) { return NameOf(typed, id) == first_name; })) {
    return product(with_offers == own.end() ? own[0] : *with_offers);
  }
  // The page's own among others: its name stands in the page's title.
  const std::string title =
      FoldSpace(page.title + " " + std::string(page.document.Meta("og:title")));
  std::optional<SchemaProduct> found;
  for (const ValueId id : own) {
    const std::string name = NameOf(typed, id);
    if (name.size() < 4 || title.find(name) == std::string::npos) continue;
    if (found && NameOf(typed, found->id) != name) return std::nullopt;
    if (!found) found = product(id);
  }
  return found;
}

void AppendOffer(const SchemaProduct& product, ValueId offer, std::vector<SchemaOffer>& out) {
  const ValueTree& tree = product.typed->tree;
  const auto text = [&](ValueId object, std::string_view key) {
    return CleanText(tree.Text(product.typed->Follow(tree.Member(object, key))).value_or(""));
  };
  SchemaOffer made;
  made.currency = text(offer, "priceCurrency");
  made.url = text(offer, "url");
  for (const char* role : {"seller", "offeredBy"}) {
    const ValueId seller = product.typed->Follow(tree.Member(offer, role));
    if (seller == kNoValue || !made.seller.empty()) continue;
    made.seller = text(seller, "name");
    if (made.seller.empty()) made.seller = text(seller, "@value");
    if (made.seller.empty()) made.seller = text(offer, role);
    if (made.seller.find("://") != std::string::npos) made.seller.clear();  // a name is meant
  }
  made.amount = text(offer, "price");
  const auto add_specification = [&](ValueId specification) {
    const std::string type = text(specification, "priceType");
    if (ContainsIgnoringCase(type, "list") || ContainsIgnoringCase(type, "strikethrough") ||
        ContainsIgnoringCase(type, "srp") || ContainsIgnoringCase(type, "msrp") ||
        tree.Member(specification, "referenceQuantity") != kNoValue) {
      return;
    }
    SchemaOffer one = made;
    one.amount = text(specification, "price");
    if (const std::string own = text(specification, "priceCurrency"); !own.empty()) {
      one.currency = own;
    }
    if (!one.amount.empty()) out.push_back(std::move(one));
  };
  if (!made.amount.empty()) {
    out.push_back(made);
  } else if (const ValueId spec = product.typed->Follow(tree.Member(offer, "priceSpecification"));
             spec != kNoValue) {
    if (tree.At(spec).kind == Kind::kArray) {
      for (ValueId id = tree.At(spec).first_child; id != kNoValue; id = tree.At(id).next) {
        add_specification(product.typed->Follow(id));
      }
    } else {
      add_specification(spec);
    }
  }
  if (made.amount.empty()) {
    made.amount = text(offer, "lowPrice");
    made.is_range_low = true;
    if (!made.amount.empty()) out.push_back(std::move(made));
  }
}

// Offers below `holder`: an AggregateOffer that lists its offers is these; a product without offers
// of its own has those of its variants.
void CollectOffers(const TypedTree& typed, ValueId holder, int levels, std::vector<ValueId>& out) {
  for (const ValueId offer : typed.Members(holder, "offers", kOffersMax)) {
    if (out.size() >= kOffersMax) return;
    const size_t before = out.size();
    if (levels > 0) CollectOffers(typed, offer, levels - 1, out);
    if (out.size() == before) out.push_back(offer);
  }
  if (levels == 0 || !out.empty()) return;
  for (const ValueId variant : typed.Members(holder, "hasVariant", kOffersMax)) {
    CollectOffers(typed, variant, levels - 1, out);
  }
}

}  // namespace

std::optional<std::string> SchemaProduct::Text(std::string_view path) const {
  auto all = Texts(path);
  return all.empty() ? std::nullopt : std::optional(std::move(all[0]));
}

std::vector<std::string> SchemaProduct::Texts(std::string_view path) const {
  std::vector<std::string> out;
  const auto parsed = ValuePath::Parse(path);
  if (!parsed) return out;
  parsed->ForEach(
      typed->tree, id,
      [&](ValueId value) {
        if (auto text = typed->tree.Text(value)) {
          std::string clean = CleanText(*text);
          if (!clean.empty()) out.push_back(std::move(clean));
        }
        return out.size() < kOffersMax;
      },
      [&](ValueId value) { return typed->Follow(value); });
  return out;
}

std::optional<SchemaProduct> FindProduct(PageContext& page) {
  if (auto product = Choose(page.JsonLd(), "jsonld", page)) return product;
  return Choose(page.Microdata(), "microdata", page);
}

std::vector<ValueId> OfferIdsOf(const SchemaProduct& product) {
  std::vector<ValueId> out;
  CollectOffers(*product.typed, product.id, 2, out);
  return out;
}

std::vector<SchemaOffer> OffersOf(const SchemaProduct& product) {
  std::vector<SchemaOffer> out;
  for (const ValueId offer : OfferIdsOf(product)) AppendOffer(product, offer, out);
  // Some pages give the price to the product itself.
  if (out.empty()) AppendOffer(product, product.id, out);
  return out;
}

}  // namespace kaopu
