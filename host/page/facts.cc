// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "page/facts.h"

#include <array>
#include <cmath>

namespace kaopu {
namespace {

// WIRE: in the order of the enum.
constexpr std::array<std::string_view, 9> kPageKinds = {
    "product", "shop", "cart", "checkout", "order_list", "order", "search", "challenge", "other"};
constexpr std::array<std::string_view, 4> kPromiseKinds = {"none", "ship", "deliver", "presale"};

template <typename T>
Json OrNull(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}
Json OrNull(const std::optional<Date>& value) { return value ? Json(FormatDate(*value)) : Json(); }
Json OrNull(const std::optional<Price>& value) { return value ? ToJson(*value) : Json(); }
Json OrNull(const std::optional<Seller>& value) { return value ? ToJson(*value) : Json(); }

// Whole numbers without a fraction part: `48`, not `48.0`.
Json Number(const std::optional<double>& value) {
  if (!value || !std::isfinite(*value)) return nullptr;
  if (std::abs(*value) < 1e15 && std::trunc(*value) == *value) return static_cast<int64_t>(*value);
  return *value;
}

template <typename T, typename Make>
Json ListOf(const std::vector<T>& items, const Make& make) {
  Json list = Json::array();
  for (const T& item : items) list.push_back(make(item));
  return list;
}

Json ToJson(const Signal& signal) {
  return {{"name", signal.name},
          {"value", Number(signal.value)},
          {"scale_max", Number(signal.scale_max)},
          {"text", signal.text},
          {"relative", OrNull(signal.relative)}};
}

Json ToJson(const Order& order) {
  return {{"order_id", OrNull(order.order_id)},   {"seller", OrNull(order.seller)},
          {"placed_at", OrNull(order.placed_at)}, {"status", order.status},
          {"total", OrNull(order.total)},         {"title", OrNull(order.title)}};
}

}  // namespace

std::string_view PageKindName(PageKind kind) { return kPageKinds[static_cast<size_t>(kind)]; }
std::string_view PromiseKindName(PromiseKind kind) {
  return kPromiseKinds[static_cast<size_t>(kind)];
}

Json ToJson(const Price& price) {
  return {{"amount_minor", price.amount_minor}, {"currency", price.currency}, {"text", price.text}};
}

Json ToJson(const Seller& seller) {
  return {{"key", OrNull(seller.key)}, {"name", OrNull(seller.name)},
          {"id", OrNull(seller.id)},   {"shop_id", OrNull(seller.shop_id)},
          {"url", OrNull(seller.url)}, {"self_operated", seller.self_operated},
          {"aliases", seller.aliases}};
}

Json ToJson(const Promise& promise) {
  return {{"text", promise.text},
          {"kind", PromiseKindName(promise.kind)},
          {"min_hours", Number(promise.min_hours)},
          {"max_hours", Number(promise.max_hours)},
          {"business_days", promise.business_days},
          {"earliest", OrNull(promise.earliest)},
          {"latest", OrNull(promise.latest)},
          {"compensation", OrNull(promise.compensation)}};
}

Json ToJson(const Facts& facts) {
  Json item = nullptr;
  if (facts.item) {
    item = {{"id", OrNull(facts.item->id)},
            {"title", OrNull(facts.item->title)},
            {"price", OrNull(facts.item->price)}};
  }
  return {{"page_kind", PageKindName(facts.page_kind)},
          {"platform", facts.platform},
          {"seller", OrNull(facts.seller)},
          {"item", std::move(item)},
          {"promises", ListOf(facts.promises, [](const Promise& p) { return ToJson(p); })},
          {"signals", ListOf(facts.signals, [](const Signal& s) { return ToJson(s); })},
          {"payment",
           {{"escrow", OrNull(facts.payment.escrow)},
            {"methods", facts.payment.methods},
            {"off_platform", facts.payment.off_platform}}},
          {"terms", ListOf(facts.terms,
                           [](const Term& t) {
                             return Json{{"kind", t.kind}, {"text", t.text}};
                           })},
          {"sellers", ListOf(facts.sellers, [](const Seller& s) { return ToJson(s); })},
          {"orders", ListOf(facts.orders, [](const Order& o) { return ToJson(o); })},
          {"where", facts.where},
          {"notes", facts.notes}};
}

}  // namespace kaopu
