// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// How much each report on one seller weighs in the index: integer arithmetic on the reports of that
// seller, the bias of its platform and the trust policy alone. So a seller nobody reported on keeps
// its weights, whatever happens to others.
//
// 1. Two tiers (registry/trust): what is trusted counts as it is. Newcomers' proven words, and
//    unproven words, are granted weight up to the cap of their day (SellerPool::CapsAt of what was
//    known by then), the newest first, for bad and good apart, for enrolled and told-afterwards
//    ones apart. Newest first: one more word moves weight to the newer, never to the older.
// 2. Never shipped: the same with those alone, so that a late one takes nothing from them.
// 3. Enrolled and told afterwards are joined (reputation/reporting_bias.h).
//
// One more bad report, known on the seller's last day or later, never lowers P(bad) (property
// test). host/docs/registry.md explains it to people.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "registry/record/contents.h"
#include "registry/trust/report_pool.h"
#include "reputation/fixed.h"
#include "reputation/reporting_bias.h"

namespace kaopu {

struct WeighedReport {
  const ReleasedReport* report = nullptr;
  Fix weight = 0, never_weight = 0;
};

struct WeighedSeller {
  std::vector<WeighedReport> reports;  // decided ones, by day and entry
  ReportedOrders orders;               // after step 1: what the bias is measured by
};

// Reports of one seller, in any order; those that are replaced or later than the as-of day are left
// out by the caller. `proof_kinds`: whether an order on its platform can be proven.
WeighedSeller WeighSeller(std::span<const ReleasedReport* const> reports, const PoolRules& rules,
                          bool proof_kinds, std::optional<Fix> bias);

}  // namespace kaopu
