// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Items that a page marks in its own elements: HTML microdata (html.spec.whatwg.org, "Microdata")
// and RDFa Lite 1.1, which says the same with other attributes. One pass over the page, however
// items nest or refer to each other.
#pragma once

#include <optional>

#include "page/document.h"
#include "page/structured_data.h"
#include "page/url.h"

namespace kaopu {

enum class ItemSyntax {
  kMicrodata,  // itemscope itemtype itemprop itemid itemref
  kRdfa,       // typeof property resource, rel around or on an item; names lose their prefix (`schema:price` -> `price`)
};

// Adds the page's items to `out`, each an object: `@type` a list, `@id` where it names itself,
// `@value` its text where it has no property, and its properties in document order, one member a
// value. An item that others refer to by itemref stands in each of them; one that would hold itself
// is left out there. Links are absolute where `base` is known. A value's text has a line end
// between blocks, none around it.
//
// Limits: kItemDepthMax items in each other, kItemPropertiesMax properties and items of a page in
// all (what would come after is left out; false is returned), kItemValueBytesMax of a value.
inline constexpr int kItemDepthMax = 64;
inline constexpr size_t kItemPropertiesMax = 20'000;
inline constexpr size_t kItemValueBytesMax = 16 * 1024;
bool ReadItems(const Document& document, const std::optional<Url>& base, ItemSyntax syntax,
               TypedTree& out);

// Both syntaxes in one tree. A price that stands in a meta element outside the product's own markup
// goes to the page's one Product, when the metas of the page agree on it.
TypedTree ReadMicrodata(const Document& document, const std::optional<Url>& base = std::nullopt);

}  // namespace kaopu
