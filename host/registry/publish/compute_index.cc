// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "registry/publish/compute_index.h"

#include <algorithm>
#include <functional>
#include <string_view>
#include <tuple>
#include <unordered_set>

namespace kaopu {
namespace {

std::string_view PlatformOf(std::string_view seller) { return seller.substr(0, seller.find(':')); }

// Reports of each seller together, sellers in order of their keys.
void ForEachSeller(const std::vector<ReleasedReport>& reports,
                   const std::function<void(std::span<const ReleasedReport* const>)>& each) {
  std::vector<const ReleasedReport*> sorted;
  sorted.reserve(reports.size());
  for (const ReleasedReport& report : reports) sorted.push_back(&report);
  std::ranges::sort(sorted, {}, [](const ReleasedReport* one) {
    return std::tuple(std::string_view(one->seller), one->entry);
  });
  for (size_t i = 0; i < sorted.size();) {
    size_t end = i;
    while (end < sorted.size() && sorted[end]->seller == sorted[i]->seller) ++end;
    each(std::span(sorted).subspan(i, end - i));
    i = end;
  }
}

}  // namespace

void KeepWeighed(std::vector<ReleasedReport>& reports, const EpochEntry& epoch) {
  std::erase_if(reports, [&](const ReleasedReport& one) { return one.entry >= epoch.entries; });
  std::unordered_set<uint64_t> replaced;
  for (const ReleasedReport& one : reports) {
    if (one.replaces) replaced.insert(*one.replaces);
  }
  std::erase_if(reports, [&](const ReleasedReport& one) {
    return replaced.contains(one.entry) || one.outcome.known_on > epoch.as_of;
  });
}

std::map<std::string, Micro> BiasOf(const std::vector<ReleasedReport>& reports,
                                    const TrustPolicy& policy,
                                    const std::map<std::string, Micro>& before) {
  std::map<std::string, ReportedOrders, std::less<>> platforms;
  ForEachSeller(reports, [&](std::span<const ReleasedReport* const> seller) {
    const std::string_view platform = PlatformOf(seller.front()->seller);
    const WeighedSeller weighed =
        WeighSeller(seller, policy.pool, policy.HasProofKind(platform), std::nullopt);
    auto found = platforms.find(platform);
    if (found == platforms.end()) found = platforms.try_emplace(std::string(platform)).first;
    ReportedOrders& sum = found->second;
    sum.enrolled.bad += weighed.orders.enrolled.bad;
    sum.enrolled.good += weighed.orders.enrolled.good;
    sum.afterwards.bad += weighed.orders.afterwards.bad;
    sum.afterwards.good += weighed.orders.afterwards.good;
  });
  std::map<std::string, Micro> biases;
  for (const auto& [platform, orders] : platforms) {
    const auto measured = ReportingBiasOf(orders.enrolled, orders.afterwards);
    if (!measured) continue;
    const auto now =
        static_cast<Micro>((__extension__ static_cast<__int128>(*measured)) * kOne >> kFixBits);
    const auto stated = before.find(platform);
    const bool holds =
        stated != before.end() && stated->second * 7 <= now * 8 && now * 7 <= stated->second * 8;
    biases[platform] = holds ? stated->second : now;
  }
  return biases;
}

Expected<BuiltIndex> ComputeIndex(const std::vector<ReleasedReport>& reports,
                                  const EpochEntry& epoch, const TrustPolicy& policy,
                                  const std::string& origin,
                                  const std::filesystem::path& sellers_path,
                                  const std::filesystem::path& details_path) {
  index::Header frame;
  frame.base_day = epoch.base_day;
  frame.publish = epoch.publish;
  frame.salt = epoch.salt;
  frame.origin = origin;
  for (size_t h = 0; h < kHalfLives; ++h) frame.half_life[h] = static_cast<uint32_t>(kHalfLife[h]);
  frame.weights = index::StandardWeights();
  frame.epoch.at = epoch.as_of.time_since_epoch().count() * kMinutesADay;

  std::vector<SharedOutcome> outcomes;
  outcomes.reserve(reports.size());
  ForEachSeller(reports, [&](std::span<const ReleasedReport* const> seller) {
    const std::string_view platform = PlatformOf(seller.front()->seller);
    const bool proof_kinds = policy.HasProofKind(platform);
    std::optional<Fix> bias;
    if (const auto stated = epoch.bias.find(std::string(platform)); stated != epoch.bias.end()) {
      bias = FixDiv(stated->second, kOne);
    }
    for (const WeighedReport& one : WeighSeller(seller, policy.pool, proof_kinds, bias).reports) {
      // Where an order can be proven, unproven words are in no count: a flood of them would be
      // shown as what shoppers say.
      outcomes.push_back(
          {.seller = one.report->seller,
           .outcome = one.report->outcome,
           .weight = one.weight,
           .never_weight = one.never_weight,
           .counted = !proof_kinds || one.report->weight_class != report::WeightClass::kPool});
    }
  });
  return BuildIndex(std::move(outcomes), std::move(frame), sellers_path, details_path);
}

}  // namespace kaopu
