// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Facts from what pages say in common forms (schema.org, OpenGraph, headings): stores without an
// adapter, and gaps of adapters.
#pragma once

#include <functional>
#include <string_view>

#include "page/adapter.h"
#include "page/facts.h"
#include "page/page_context.h"
#include "page/promise.h"

namespace kaopu {

// Whether structured data may fill a field ("item.price"): everything for a store without an
// adapter.
using MayFill = std::function<bool(std::string_view field)>;

// Fills what is still empty in `facts` on a product page.
void FillFromStructuredData(const PromiseReader& promises, PageContext& page, const MayFill& may,
                            Facts& facts);

// Seller of a store without an adapter: `web:<registrable domain>`, on a marketplace only when the
// page says that the marketplace itself sells.
void FillStoreSeller(const Adapter& generic, PageContext& page, Facts& facts);

}  // namespace kaopu
