// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// What a page without an adapter calls its shop and the thing it sells: structured data, headings
// and the page's title, told apart from each other.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "page/page_context.h"
#include "page/schema_product.h"

namespace kaopu {

struct FoundText {
  std::string text;
  std::string where;
};

// The shop's name, the surest source first. `domain` is the page's registrable domain.
std::optional<FoundText> ReadStoreName(PageContext& page, std::string_view domain);

// The item's name without the shop's: a heading counts when it is not the shop's name, and before
// others when it stands in the page's title too.
std::optional<FoundText> ReadItemTitle(PageContext& page,
                                       const std::optional<SchemaProduct>& product,
                                       const std::optional<std::string>& store_name);

// Whether a name is what the domain is made of ("Lamps & Co", lampsandco.com is not; "Lamps Co",
// lampsco.com is).
bool NameIsDomain(std::string_view name, std::string_view domain);

}  // namespace kaopu
