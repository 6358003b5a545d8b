// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The price of a product page without an adapter: what its structured data, metadata and visible
// text agree on.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "page/facts.h"
#include "page/page_context.h"
#include "page/schema_product.h"

namespace kaopu {

struct FoundPrice {
  Price price;
  std::string where;
};

// What is paid now for one, or nothing: list prices, instalments, converted currencies and prices
// of other goods do not count; sources that contradict each other without the page's text deciding
// give nothing. What machines are told gives way to what the page shows, with a note.
std::optional<FoundPrice> ReadGenericPrice(PageContext& page,
                                           const std::optional<SchemaProduct>& product);

// An amount as machines write it ("149.00", "1299"), in minor units; nullopt when it is not plain
// digits with '.' or does not fit.
std::optional<int64_t> MachineAmount(std::string_view text, int minor_digits);

}  // namespace kaopu
