// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// What a product's structured data says about shipping and returns: schema.org OfferShippingDetails
// with ShippingDeliveryTime (handlingTime, transitTime, cutoffTime, businessDays), the same within
// a ShippingService (ServicePeriod), availability, MerchantReturnPolicy.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "page/facts.h"
#include "page/page_context.h"
#include "page/schema_product.h"

namespace kaopu {

// Handling is what the seller promises to ship within; transit, or both together, is the delivery.
// A handling time that differs between offers or ways of shipping promises nothing; delivery times
// that differ stand side by side, unless they are those of different countries of which none is the
// page's.
std::vector<Promise> SchemaPromises(const SchemaProduct& product, const PageContext& page);

// A product that is only announced: every offer is for PreOrder or PreSale, or for BackOrder with a
// day; the Open Graph metas count where no offer says anything. `earliest` is the day it is
// available from, where told.
std::optional<Promise> SchemaPresale(const std::optional<SchemaProduct>& product,
                                     const PageContext& page);

// A return policy that permits no return (`no_refund`).
std::optional<Term> SchemaReturnTerm(const SchemaProduct& product);

}  // namespace kaopu
