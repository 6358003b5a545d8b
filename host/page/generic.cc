// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "page/generic.h"

#include <algorithm>

#include "base/str_cat.h"
#include "page/extract.h"
#include "page/generic_price.h"
#include "page/generic_title.h"
#include "page/schema_product.h"
#include "page/schema_shipping.h"
#include "page/text.h"
#include "page/url.h"

namespace kaopu {
namespace {

class StructuredFiller {
 public:
  StructuredFiller(const PromiseReader& promises, PageContext& page, const MayFill& may,
                   Facts& facts)
      : promises_(promises), page_(page), may_(may), facts_(facts), product_(FindProduct(page)) {}

  void Run() {
    if (!facts_.item) facts_.item.emplace();
    FillId();
    FillTitle();
    if (!facts_.item->price && may_("item.price")) {
      if (auto found = ReadGenericPrice(page_, product_)) {
        facts_.item->price = std::move(found->price);
        Where("item.price", std::move(found->where));
      }
    }
    if (!facts_.item->id && !facts_.item->title && !facts_.item->price) facts_.item.reset();
    if (may_("signals")) FillRating();
    if (may_("promises")) {
      FillShippingDetails();
      FillProse();
      FillPresale();
    }
    if (may_("terms")) FillReturnTerm();
    if (may_("payment.methods")) FillMethods();
  }

 private:
  void Where(std::string_view field, std::string rule) {
    if (page_.explain != nullptr) {
      page_.explain->push_back({std::string(field), rule, "", true, "structured data"});
    }
    facts_.where.emplace(field, std::move(rule));
  }

  std::optional<std::string> Product(std::string_view path) const {
    return product_ ? product_->Text(path) : std::nullopt;
  }

  void FillId() {
    if (facts_.item->id || !may_("item.id")) return;
    for (const std::string_view path :
         {"sku", "productID", "offers.sku", "mpn", "gtin13", "gtin"}) {
      if (auto id = Product(path); id && id->size() <= 100) {
        facts_.item->id = std::move(id);
        Where("item.id", StrCat(product_->source, ":Product.", path));
        return;
      }
    }
  }

  void FillTitle() {
    if (facts_.item->title || !may_("item.title")) return;
    auto found = ReadItemTitle(page_, product_, facts_.seller ? facts_.seller->name : std::nullopt);
    if (!found) return;
    facts_.item->title = std::move(found->text);
    Where("item.title", std::move(found->where));
  }

  void FillRating() {
    if (!product_) return;
    const auto add = [&](std::string_view name, std::string_view path, bool whole) {
      const bool known =
          std::ranges::any_of(facts_.signals, [&](const Signal& s) { return s.name == name; });
      const auto text = Product(path);
      if (known || !text) return false;
      const auto value = FirstNumber(*text, whole);
      if (!value || *value < 0) return false;
      Signal signal{.name = std::string(name), .value = value, .text = *text};
      if (!whole) {
        signal.scale_max = FirstNumber(Product("aggregateRating.bestRating").value_or("5"));
        if (!signal.scale_max || *value > *signal.scale_max) return false;
      }
      facts_.signals.push_back(std::move(signal));
      Where(StrCat("signals.", name), StrCat(product_->source, ":Product.", path));
      return true;
    };
    add("rating", "aggregateRating.ratingValue", false);
    if (!add("rating_count", "aggregateRating.ratingCount", true)) {
      add("rating_count", "aggregateRating.reviewCount", true);
    }
  }

  void AddSchemaPromise(Promise promise, std::string_view path) {
    Where(StrCat("promises.", facts_.promises.size()),
          StrCat(product_ ? product_->source : "meta", ":", path));
    facts_.promises.push_back(std::move(promise));
  }

  void FillShippingDetails() {
    if (!product_) return;
    for (Promise& promise : SchemaPromises(*product_, page_)) {
      AddSchemaPromise(std::move(promise), "Product.offers.shippingDetails");
    }
  }

  void FillPresale() {
    const bool told = std::ranges::any_of(
        facts_.promises, [](const Promise& p) { return p.kind == PromiseKind::kPresale; });
    if (told) return;
    if (auto promise = SchemaPresale(product_, page_)) {
      AddSchemaPromise(std::move(*promise), "Product.offers.availability");
    }
  }

  void FillReturnTerm() {
    if (!product_) return;
    if (auto term = SchemaReturnTerm(*product_)) {
      Where("terms.0", StrCat(product_->source, ":Product.offers.hasMerchantReturnPolicy"));
      facts_.terms.push_back(std::move(*term));
    }
  }

  void FillProse() {
    if (!facts_.promises.empty()) return;
    promises_.ForEachCandidate(page_.document.ProseText(), [&](const std::string& phrase) {
      if (AddPromise(promises_, phrase, std::nullopt, page_, facts_)) {
        Where(StrCat("promises.", facts_.promises.size() - 1), "text");
      }
      return facts_.promises.size() < 5;
    });
  }

  void FillMethods() {
    static constexpr std::pair<std::string_view, std::string_view> kMethods[] = {
        {"paypal", "paypal"},         {"apple-pay", "apple_pay"},
        {"apple_pay", "apple_pay"},   {"google-pay", "google_pay"},
        {"google_pay", "google_pay"}, {"shop-pay", "shop_pay"},
        {"shop_pay", "shop_pay"},     {"klarna", "klarna"},
        {"afterpay", "afterpay"},     {"visa", "card"},
        {"mastercard", "card"},       {"alipay", "alipay"},
        {"wechat", "wechat_pay"}};
    std::vector<std::string> found;
    for (const TokenIndex::Entry& entry : page_.document.classes().entries()) {
      if (entry.token.size() > 60) continue;
      for (const auto& [part, method] : kMethods) {
        if (ContainsIgnoringCase(entry.token, part) &&
            std::ranges::find(found, method) == found.end()) {
          found.emplace_back(method);
        }
      }
    }
    if (found.empty() || !facts_.payment.methods.empty()) return;
    facts_.payment.methods = std::move(found);
    Where("payment.methods", "css:class names");
  }

  const PromiseReader& promises_;
  PageContext& page_;
  const MayFill& may_;
  Facts& facts_;
  const std::optional<SchemaProduct> product_;
};

// What one shop registers of a host. Under a shop host that is its own name there, as the public
// suffix list has it of those it knows; the host's own pages are no shop's.
std::string StoreDomain(const Adapter& generic, std::string_view host) {
  std::string domain = RegistrableDomain(host).value_or("");
  if (!generic.shop_hosts.contains(domain)) return domain;
  const size_t left = host.size() - domain.size();
  if (left < 2 || host.substr(0, left) == "www.") return {};
  const size_t dot = host.substr(0, left - 1).rfind('.');
  return std::string(host.substr(dot == std::string_view::npos ? 0 : dot + 1));
}

}  // namespace

void FillFromStructuredData(const PromiseReader& promises, PageContext& page, const MayFill& may,
                            Facts& facts) {
  StructuredFiller(promises, page, may, facts).Run();
}

void FillStoreSeller(const Adapter& generic, PageContext& page, Facts& facts) {
  const std::string domain = page.url ? StoreDomain(generic, page.url->host) : "";
  const bool marketplace = generic.marketplaces.contains(domain);
  std::string offer_seller;
  if (const auto product = FindProduct(page)) {
    const auto offers = OffersOf(*product);
    if (!offers.empty()) offer_seller = offers[0].seller;
  }
  Seller seller;
  if (auto name = ReadStoreName(page, domain)) {
    seller.name = std::move(name->text);
    facts.where.emplace("seller.name", std::move(name->where));
  }
  const bool others_goods =
      marketplace && (offer_seller.empty() || !NameIsDomain(offer_seller, domain));
  if (marketplace) {
    seller.name = offer_seller.empty() ? std::nullopt : std::optional(offer_seller);
    facts.where.erase("seller.name");
    if (seller.name) facts.where.emplace("seller.name", "jsonld:Product.offers.seller.name");
    seller.self_operated = !others_goods;
  } else if (!seller.name && !offer_seller.empty()) {
    seller.name = offer_seller;
    facts.where.emplace("seller.name", "jsonld:Product.offers.seller.name");
  }
  if (!domain.empty() && !others_goods) {
    seller.key = "web:" + domain;
    seller.id = domain;
    seller.url = StrCat(page.url->scheme, "://", page.url->host, "/");
    facts.where.emplace("seller.key", "url");
  }
  if (seller.key || seller.name) facts.seller = std::move(seller);
}

}  // namespace kaopu
