// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "reputation/reporting_bias.h"

#include <algorithm>

namespace kaopu {
namespace {

constexpr Fix kOrdersMin = FixOf(10);
constexpr Fix kBiasMin = FixOf(1, 4);
constexpr Fix kBiasMax = FixOf(256);
constexpr Fix kHalf = FixOf(1, 2);

Fix OddsOf(const Stratum& stratum) { return FixDiv(stratum.bad + kHalf, stratum.good + kHalf); }

}  // namespace

std::optional<Fix> ReportingBiasOf(const Stratum& enrolled, const Stratum& afterwards) {
  const Fix fewest = std::min({enrolled.bad, enrolled.good, afterwards.bad, afterwards.good});
  if (fewest < kOrdersMin) return std::nullopt;
  // Odds below 2^-24 are held there; so many orders are not in any group.
  const Fix bias = FixDiv(OddsOf(afterwards), std::max<Fix>(OddsOf(enrolled), 1));
  return std::clamp(bias, kBiasMin, kBiasMax);
}

JoinedReports JoinReports(const ReportedOrders& seller, std::optional<Fix> bias) {
  JoinedReports joined{.evidence = seller.enrolled, .complaints = seller.afterwards.bad};
  const Fix limit = seller.enrolled.Total();
  if (!bias || limit == 0) return joined;
  const Stratum told{FixDiv(seller.afterwards.bad, *bias), seller.afterwards.good};
  const Fix total = told.Total();
  if (total <= limit) {
    joined.evidence.bad += told.bad;
    joined.evidence.good += told.good;
  } else {
    const Fix bad = FixMul(limit, FixDiv(told.bad, total));
    joined.evidence.bad += bad;
    joined.evidence.good += limit - bad;
  }
  return joined;
}

}  // namespace kaopu
