// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "registry/publish/seller_weights.h"

#include <algorithm>
#include <array>
#include <tuple>

namespace kaopu {
namespace {

using report::WeightClass;

int64_t DayNumber(Date day) { return day.time_since_epoch().count(); }

// What was granted so far to the newer ones of a kind.
struct Granted {
  Micro newcomers = 0, pool = 0;

  Micro Take(const ReleasedReport& report, const PoolCaps::Cap& cap) {
    if (report.weight_class == WeightClass::kTrusted) return report.weight;
    const bool newcomer = report.weight_class == WeightClass::kNewcomer;
    Micro& sum = newcomer ? newcomers : pool;
    const Micro grant =
        std::clamp<Micro>((newcomer ? cap.newcomers : cap.pool) - sum, 0, report.weight);
    sum += grant;
    return grant;
  }
};

Fix Share(Fix part, Fix whole) { return whole == 0 ? 0 : FixDiv(part, whole); }

}  // namespace

WeighedSeller WeighSeller(std::span<const ReleasedReport* const> reports, const PoolRules& rules,
                          bool proof_kinds, std::optional<Fix> bias) {
  WeighedSeller seller;
  for (const ReleasedReport* report : reports) {
    if (!IsCensored(report->outcome.kind)) {
      seller.reports.push_back({report});
    } else if (report->enrolled && report->outcome.kind == OutcomeKind::kOpen) {
      seller.orders.enrolled_open += FixDiv(report->weight, kOne);
    }
  }
  auto& decided = seller.reports;
  std::ranges::sort(decided, {}, [](const WeighedReport& one) {
    return std::tuple(one.report->outcome.known_on, one.report->entry);
  });

  // Caps as of each report's day, by what was known at its end.
  std::vector<PoolCaps> caps(decided.size());
  SellerPool pool;
  for (size_t i = 0; i < decided.size();) {
    const Date day = decided[i].report->outcome.known_on;
    size_t end = i;
    for (; end < decided.size() && decided[end].report->outcome.known_on == day; ++end) {
      const ReleasedReport& one = *decided[end].report;
      pool.Add(rules, DayNumber(day), IsBad(one.outcome.kind),
               {.weight_class = one.weight_class, .weight = one.weight, .aged = one.aged});
    }
    const PoolCaps of_day = pool.CapsAt(rules, DayNumber(day), proof_kinds);
    for (; i < end; ++i) caps[i] = of_day;
  }

  enum { kGood, kBad, kNever, kKinds };
  std::array<std::array<Granted, kKinds>, 2> granted;  // by stratum
  for (size_t i = decided.size(); i-- > 0;) {
    WeighedReport& one = decided[i];
    auto& of_stratum = granted[one.report->enrolled];
    const bool bad = IsBad(one.report->outcome.kind);
    const PoolCaps::Cap& cap = bad ? caps[i].bad : caps[i].good;
    one.weight = FixDiv(of_stratum[bad ? kBad : kGood].Take(*one.report, cap), kOne);
    if (IsNever(one.report->outcome.kind)) {
      one.never_weight = FixDiv(of_stratum[kNever].Take(*one.report, cap), kOne);
    }
    Stratum& stratum = one.report->enrolled ? seller.orders.enrolled : seller.orders.afterwards;
    (bad ? stratum.bad : stratum.good) += one.weight;
  }

  const JoinedReports joined = JoinReports(seller.orders, bias);
  const Stratum& afterwards = seller.orders.afterwards;
  const Fix bad = Share(joined.evidence.bad - seller.orders.enrolled.bad, afterwards.bad),
            good = Share(joined.evidence.good - seller.orders.enrolled.good, afterwards.good);
  for (WeighedReport& one : decided) {
    if (one.report->enrolled) continue;
    one.weight = FixMul(one.weight, IsBad(one.report->outcome.kind) ? bad : good);
    one.never_weight = FixMul(one.never_weight, bad);
  }
  return seller;
}

}  // namespace kaopu
