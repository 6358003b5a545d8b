// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// An adapter's rules applied to one page.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "page/adapter.h"
#include "page/facts.h"
#include "page/page_context.h"
#include "page/promise.h"
#include "page/terms.h"

namespace kaopu {

// Fills seller, item, promises, signals, payment, sellers and orders of `facts` from the adapter's
// rules, for the page kind in `page.kind`; what no rule gives stays as it was. `where` says which
// rule gave what.
void ExtractFacts(const Adapter& adapter, const PromiseReader& promises, PageContext& page,
                  Facts& facts);

// Adds what the phrase promises, once; false when it promises nothing.
bool AddPromise(const PromiseReader& reader, std::string_view phrase, std::optional<PromiseKind> as,
                const PageContext& page, Facts& facts);

// `platform:id` for the ids in `seller`, by the adapter's rule; nullopt when they do not make one.
std::optional<std::string> MakeSellerKey(const SellerKeyRule& rule, const Seller& seller);

// Facts of `path` ("seller.key", "item.price") are there: for `expects`.
bool HasFact(const Facts& facts, std::string_view path);

}  // namespace kaopu
