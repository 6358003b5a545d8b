// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The product a page is about, as schema.org data tells it, and its offers.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "page/page_context.h"
#include "page/structured_data.h"

namespace kaopu {

struct SchemaProduct {
  const TypedTree* typed = nullptr;
  ValueId id = kNoValue;
  const char* source = "jsonld";  // or "microdata"

  std::optional<std::string> Text(std::string_view path) const;
  // Every scalar the path leads to, in order.
  std::vector<std::string> Texts(std::string_view path) const;
};

// nullopt when the page names no product, or several without one being the page's own (a list of
// products).
std::optional<SchemaProduct> FindProduct(PageContext& page);

// One way to buy it. `amount` is as written; list and reference prices are left out.
struct SchemaOffer {
  std::string amount;
  std::string currency;
  std::string seller;
  std::string url;
  bool is_range_low = false;  // AggregateOffer.lowPrice
};

// The offers themselves, those inside an AggregateOffer and those of variants included; at most
// 200.
std::vector<ValueId> OfferIdsOf(const SchemaProduct& product);
std::vector<SchemaOffer> OffersOf(const SchemaProduct& product);

}  // namespace kaopu
