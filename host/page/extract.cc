// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "page/extract.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "base/str_cat.h"
#include "page/price.h"
#include "page/text.h"
#include "page/url.h"

namespace kaopu {
namespace {

constexpr size_t kPromisesMax = 20;
constexpr size_t kSignalsMax = 40;
constexpr size_t kBlocksMax = 200;
constexpr size_t kKeyBytesMax = 128;
constexpr size_t kNameBytesMax = 300;

constexpr KindSet Kinds(std::initializer_list<PageKind> kinds) {
  KindSet set = 0;
  for (const PageKind kind : kinds) set |= KindSet{1} << static_cast<int>(kind);
  return set;
}

// Where a field is read when its rule does not say: on pages of other kinds the same markup means
// other things.
KindSet DefaultKinds(std::string_view field) {
  if (field.starts_with("item.")) return Kinds({PageKind::kProduct});
  if (field.starts_with("seller.")) {
    return Kinds({PageKind::kProduct, PageKind::kShop, PageKind::kOrder});
  }
  if (field.starts_with("signals")) return Kinds({PageKind::kProduct, PageKind::kShop});
  if (field.starts_with("promises") || field.starts_with("payment.")) {
    return Kinds({PageKind::kProduct, PageKind::kShop, PageKind::kCart, PageKind::kCheckout,
                  PageKind::kOrder});
  }
  return kAnyKind;
}

struct Hit {
  std::string value;
  const Rule* rule = nullptr;
};

bool IsTrue(std::string_view value) {
  const std::string lower = ToLowerAscii(value);
  return lower == "true" || lower == "1" || lower == "yes";
}

bool SameMeaning(const Promise& a, const Promise& b) {
  return a.kind == b.kind && a.min_hours == b.min_hours && a.max_hours == b.max_hours &&
         a.business_days == b.business_days && a.earliest == b.earliest && a.latest == b.latest;
}

class Extractor {
 public:
  Extractor(const Adapter& adapter, const PromiseReader& promises, PageContext& page, Facts& facts)
      : adapter_(adapter), promises_(promises), page_(page), facts_(facts) {}

  void Run() {
    ReadTime();
    ReadSeller();
    ReadItem();
    ReadPromises();
    ReadSignals();
    ReadPayment();
    ReadSellers();
    ReadOrders();
  }

 private:
  const std::vector<Rule>* RulesFor(const FieldRules& fields, std::string_view field) const {
    const auto it = fields.find(field);
    return it == fields.end() ? nullptr : &it->second;
  }

  void Explain(std::string_view field, const Rule& rule, std::string_view value, bool taken,
               std::string_view note) {
    if (page_.explain == nullptr) return;
    page_.explain->push_back(
        {std::string(field), rule.Label(), std::string(value), taken, std::string(note)});
  }

  // Calls `take` with each value of the field's rules, in order, until it says that it took one.
  using Take = std::function<bool(const Hit& hit)>;
  bool Try(const std::vector<Rule>* rules, std::string_view field, const Block& block,
           KindSet default_kinds, const Take& take) {
    if (rules == nullptr) return false;
    for (const Rule& rule : *rules) {
      const KindSet kinds = rule.kinds == kAnyKind ? default_kinds : rule.kinds;
      if ((kinds & KindBit(page_.kind)) == 0) {
        Explain(field, rule, "", false, "not for this kind of page");
        continue;
      }
      bool taken = false;
      bool any = false;
      rule.ForEach(page_, block, [&](std::string value) {
        any = true;
        taken = take({value, &rule});
        Explain(field, rule, value, taken, taken ? "" : "not usable for this field");
        return !taken;
      });
      if (taken) return true;
      if (!any) Explain(field, rule, "", false, "nothing found");
    }
    return false;
  }

  void Where(std::string_view field, const Rule& rule) {
    facts_.where.emplace(field, rule.Label());
  }

  // The field's first value; remembered in `where` unless `where_field` is empty.
  std::optional<std::string> First(const FieldRules& fields, std::string_view field,
                                   std::string_view where_field, const Block& block = {}) {
    std::optional<std::string> found;
    const KindSet kinds = where_field.empty() ? kAnyKind : DefaultKinds(field);
    Try(RulesFor(fields, field), field, block, kinds, [&](const Hit& hit) {
      found = std::string(CutUtf8(hit.value, kNameBytesMax * 4));
      if (!where_field.empty()) Where(where_field, *hit.rule);
      return true;
    });
    return found;
  }

  std::optional<std::string> Absolute(std::optional<std::string> link) const {
    if (!link || !page_.url) return std::nullopt;
    return ResolveUrl(*page_.url, *link);
  }

  void ReadTime() {
    Try(RulesFor(adapter_.fields, "page.time"), "page.time", {}, kAnyKind, [&](const Hit& hit) {
      std::optional<TimeMs> time = ParseTime(hit.value);
      if (!time && hit.value.size() <= 13 && hit.value.size() >= 10 &&
          std::ranges::all_of(hit.value, [](char c) { return c >= '0' && c <= '9'; })) {
        int64_t ms = std::strtoll(hit.value.c_str(), nullptr, 10);
        if (hit.value.size() == 10) ms *= 1000;
        time = TimeMs{std::chrono::milliseconds(ms)};
      }
      if (!time) return false;
      page_.now = *time;
      Where("page.time", *hit.rule);
      return true;
    });
  }

  std::optional<Seller> SellerFrom(const FieldRules& fields, std::string_view prefix,
                                   std::string_view where_prefix, const Block& block) {
    const auto first = [&](std::string_view name) {
      const std::string where = where_prefix.empty() ? "" : StrCat(where_prefix, name);
      return First(fields, StrCat(prefix, name), where, block);
    };
    Seller seller;
    seller.id = first("id");
    seller.shop_id = first("shop_id");
    seller.name = first("name");
    seller.url = Absolute(first("url"));
    seller.self_operated = IsTrue(first("self_operated").value_or(""));
    if (!seller.id && !seller.shop_id && !seller.name && !seller.self_operated) return std::nullopt;
    CompleteSeller(seller);
    return seller;
  }

  void CompleteSeller(Seller& seller) const {
    if (!adapter_.seller_key) return;
    const SellerKeyRule& rule = *adapter_.seller_key;
    seller.key = MakeSellerKey(rule, seller);
    for (const auto& [field, before] : rule.aliases) {
      const std::optional<std::string>& part = field == "id"        ? seller.id
                                               : field == "shop_id" ? seller.shop_id
                                                                    : seller.name;
      if (part && !part->empty() && part->size() <= kKeyBytesMax) {
        seller.aliases.push_back(before + *part);
      }
    }
  }

  void ReadSeller() {
    auto seller = SellerFrom(adapter_.fields, "seller.", "seller.", {});
    if (!seller) return;
    if (seller->key) {
      const auto from =
          facts_.where.find(adapter_.seller_key->from_shop_id ? "seller.shop_id" : "seller.id");
      const auto self = facts_.where.find("seller.self_operated");
      if (seller->self_operated && self != facts_.where.end()) {
        facts_.where["seller.key"] = self->second;
      } else if (from != facts_.where.end()) {
        facts_.where["seller.key"] = from->second;
      }
    }
    facts_.seller = std::move(*seller);
  }

  std::optional<Price> PriceFrom(const Hit& hit, const Block& block) {
    std::string hint = hit.rule->currency;
    if (hit.rule->currency_rule) {
      hit.rule->currency_rule->ForEach(page_, block, [&](std::string value) {
        hint = std::move(value);
        return false;
      });
    }
    return ReadPrice(hit.value, hint, page_.lang, page_.currency);
  }

  void ReadItem() {
    Item item = facts_.item.value_or(Item{});
    item.id = First(adapter_.fields, "item.id", "item.id");
    item.title = First(adapter_.fields, "item.title", "item.title");
    Try(RulesFor(adapter_.fields, "item.price"), "item.price", {}, DefaultKinds("item.price"),
        [&](const Hit& hit) {
          item.price = PriceFrom(hit, {});
          if (item.price) Where("item.price", *hit.rule);
          return item.price.has_value();
        });
    if (item.id || item.title || item.price) facts_.item = std::move(item);
  }

  void ReadPromises() {
    int index = 0;
    Try(RulesFor(adapter_.fields, "promises"), "promises", {}, DefaultKinds("promises"),
        [&](const Hit& hit) {
          const size_t before = facts_.promises.size();
          if (hit.rule->prose) {
            for (const std::string& phrase : promises_.FindCandidates(hit.value, page_.lang)) {
              AddPromise(promises_, phrase, hit.rule->as, page_, facts_);
            }
          } else {
            AddPromise(promises_, hit.value, hit.rule->as, page_, facts_);
          }
          if (facts_.promises.size() > before) Where(StrCat("promises.", index++), *hit.rule);
          return false;  // every rule adds what it finds
        });
    if (facts_.promises.empty()) return;
    const auto compensation =
        First(adapter_.fields, "promises.compensation", "promises.compensation");
    if (!compensation) return;
    for (Promise& promise : facts_.promises) {
      if (promise.kind == PromiseKind::kShip) promise.compensation = compensation;
    }
  }

  // Every block on the page, in order.
  void ForEachBlock(const BlockSource& source, const std::function<bool(const Block&)>& visit) {
    size_t left = kBlocksMax;
    if (source.css) {
      source.css->ForEach(page_.document, {},
                          [&](pugi::xml_node node) { return visit({.node = node}) && --left > 0; });
    } else if (source.xpath) {
      if (!page_.document.work().Spend(page_.document.element_count())) return;
      try {
        for (const pugi::xpath_node& found :
             source.xpath->xpath.evaluate_node_set(page_.document.page().parent())) {
          if (!found.node()) continue;
          if (!visit({.node = found.node()}) || --left == 0) return;
        }
      } catch (const std::exception& e) {
        page_.Note(StrCat("block ", source.label, " failed: ", e.what()));
      }
    } else {
      const StateBlobs::Blob& blob = page_.state.Get(source.state_root);
      bool more = true;
      for (const ValueId root : blob.roots) {
        page_.document.work().Spend(source.state_path.ForEach(blob.tree, root, [&](ValueId id) {
          return more = visit({.tree = &blob.tree, .value = id}) && --left > 0;
        }));
        if (!more) return;
      }
    }
  }

  void ReadSignals() {
    for (const SignalRules& rules : adapter_.signals) {
      const KindSet kinds = rules.kinds == kAnyKind ? DefaultKinds("signals") : rules.kinds;
      if ((kinds & KindBit(page_.kind)) == 0) continue;
      if (!rules.block) {
        ReadSignal(rules, {}, "");
      } else {
        ForEachBlock(*rules.block, [&](const Block& block) {
          ReadSignal(rules, block, rules.block->label);
          return facts_.signals.size() < kSignalsMax;
        });
      }
    }
  }

  void ReadSignal(const SignalRules& rules, const Block& block, std::string_view label) {
    Signal signal;
    signal.name = rules.fixed_name;
    signal.scale_max = rules.scale_max;
    std::string from(label);
    const auto first = [&](const std::vector<Rule>& list, std::string_view field) {
      std::optional<std::string> found;
      Try(&list, field, block, kAnyKind, [&](const Hit& hit) {
        found = hit.value;
        if (from.empty()) from = hit.rule->Label();
        return true;
      });
      return found;
    };
    if (signal.name.empty()) signal.name = first(rules.name, "signals.name").value_or("");
    if (signal.name.empty()) return;
    const bool known =
        std::ranges::any_of(facts_.signals, [&](const Signal& s) { return s.name == signal.name; });
    if (known && signal.name != "badge") return;
    auto text = first(rules.text, "signals.text");
    const auto value = first(rules.value, "signals.value");
    if (!text) text = value;
    if (!text) return;
    signal.text = CutUtf8(*text, kNameBytesMax);
    const bool whole = signal.name == "rating_count";
    if (signal.name != "badge") {
      signal.value = FirstNumber(value.value_or(*text), whole);
      const bool ratio = signal.name.ends_with("_ratio");
      if (!signal.value || *signal.value < 0 || (ratio && *signal.value > 1) ||
          (signal.scale_max && *signal.value > *signal.scale_max)) {
        return;
      }
    }
    signal.relative = first(rules.relative, "signals.relative");
    facts_.where.emplace(StrCat("signals.", signal.name), from);
    facts_.signals.push_back(std::move(signal));
  }

  void ReadPayment() {
    const auto escrow = First(adapter_.fields, "payment.escrow", "payment.escrow");
    if (escrow) facts_.payment.escrow = IsTrue(*escrow);
    Try(RulesFor(adapter_.fields, "payment.methods"), "payment.methods", {},
        DefaultKinds("payment.methods"), [&](const Hit& hit) {
          auto& methods = facts_.payment.methods;
          if (std::ranges::find(methods, hit.value) == methods.end() && methods.size() < 20) {
            methods.push_back(hit.value);
            Where("payment.methods", *hit.rule);
          }
          return false;
        });
  }

  // The blocks of the first entry that fits this kind of page and is found on it.
  void ForEachRepeated(const std::vector<RepeatedFields>& entries, KindSet default_kinds,
                       const std::function<void(const RepeatedFields&, const Block&)>& visit) {
    for (const RepeatedFields& entry : entries) {
      const KindSet kinds = entry.kinds == kAnyKind ? default_kinds : entry.kinds;
      if ((kinds & KindBit(page_.kind)) == 0) continue;
      bool any = false;
      ForEachBlock(entry.block, [&](const Block& block) {
        any = true;
        visit(entry, block);
        return true;
      });
      if (any) return;
    }
  }

  void ReadSellers() {
    ForEachRepeated(adapter_.sellers, Kinds({PageKind::kCart, PageKind::kCheckout}),
                    [&](const RepeatedFields& entry, const Block& block) {
                      auto seller = SellerFrom(entry.fields, "", "", block);
                      if (!seller) return;
                      const bool known =
                          std::ranges::any_of(facts_.sellers, [&](const Seller& other) {
                            return seller->key ? other.key == seller->key
                                               : !other.key && other.name == seller->name;
                          });
                      if (known) return;
                      facts_.where.emplace("sellers", entry.block.label);
                      facts_.sellers.push_back(std::move(*seller));
                    });
  }

  void ReadOrders() {
    ForEachRepeated(adapter_.orders, Kinds({PageKind::kOrderList, PageKind::kOrder}),
                    [&](const RepeatedFields& entry, const Block& block) {
                      const auto first = [&](std::string_view field) {
                        return First(entry.fields, field, "", block);
                      };
                      Order order;
                      order.order_id = first("order_id");
                      order.title = first("title");
                      order.seller = SellerFrom(entry.fields, "", "", block);
                      order.status = first("status").value_or("unknown");
                      if (const auto placed = first("placed_at")) {
                        if (const auto date = ParseDate(placed->substr(0, 10)))
                          order.placed_at = *date;
                        else
                          order.placed_at = promises_.Read(*placed, page_.lang, page_.now).earliest;
                      }
                      Try(RulesFor(entry.fields, "total"), "total", block, kAnyKind,
                          [&](const Hit& hit) {
                            order.total = PriceFrom(hit, block);
                            return order.total.has_value();
                          });
                      if (!order.order_id && !order.title && !order.total) return;
                      facts_.where.emplace("orders", entry.block.label);
                      facts_.orders.push_back(std::move(order));
                    });
  }

  const Adapter& adapter_;
  const PromiseReader& promises_;
  PageContext& page_;
  Facts& facts_;
};

}  // namespace

void ExtractFacts(const Adapter& adapter, const PromiseReader& promises, PageContext& page,
                  Facts& facts) {
  Extractor(adapter, promises, page, facts).Run();
}

std::optional<std::string> MakeSellerKey(const SellerKeyRule& rule, const Seller& seller) {
  if (seller.self_operated && !rule.self.empty()) return StrCat(rule.prefix, ":", rule.self);
  const std::optional<std::string>& part = rule.from_shop_id ? seller.shop_id : seller.id;
  if (!part || part->empty() || part->size() > kKeyBytesMax) return std::nullopt;
  const std::string id = rule.lower ? ToLowerAscii(*part) : *part;
  // Nobody may pass for the platform itself, and keys hold no spaces.
  if (id == rule.self || id.find(' ') != std::string::npos) return std::nullopt;
  if (rule.pattern && !RE2::FullMatch(id, *rule.pattern)) return std::nullopt;
  return StrCat(rule.prefix, ":", id);
}

bool AddPromise(const PromiseReader& reader, std::string_view phrase, std::optional<PromiseKind> as,
                const PageContext& page, Facts& facts) {
  if (facts.promises.size() >= kPromisesMax || phrase.empty()) return false;
  Promise promise = reader.Read(phrase, page.lang, page.now, as);
  if (promise.kind == PromiseKind::kNone) return false;
  promise.text = CutUtf8(phrase, kNameBytesMax);
  // A wider block tells what a part of it told already.
  const bool known = std::ranges::any_of(facts.promises, [&](const Promise& other) {
    return other.text == promise.text ||
           (SameMeaning(other, promise) && (promise.text.find(other.text) != std::string::npos ||
                                            other.text.find(promise.text) != std::string::npos));
  });
  if (known) return false;
  facts.promises.push_back(std::move(promise));
  return true;
}

bool HasFact(const Facts& facts, std::string_view path) {
  const auto& seller = facts.seller;
  const auto& item = facts.item;
  if (path == "seller.key") return seller && seller->key;
  if (path == "seller.id") return seller && seller->id;
  if (path == "seller.shop_id") return seller && seller->shop_id;
  if (path == "seller.name") return seller && seller->name;
  if (path == "seller.url") return seller && seller->url;
  if (path == "item.id") return item && item->id;
  if (path == "item.title") return item && item->title;
  if (path == "item.price") return item && item->price;
  if (path == "promises") return !facts.promises.empty();
  if (path == "signals") return !facts.signals.empty();
  if (path == "sellers") return !facts.sellers.empty();
  if (path == "orders") return !facts.orders.empty();
  if (path == "payment.escrow") return facts.payment.escrow.has_value();
  if (path == "payment.methods") return !facts.payment.methods.empty();
  return false;
}

}  // namespace kaopu
