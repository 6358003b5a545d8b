// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "registry/publish/index_builder.h"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>

#include "base/str_cat.h"
#include "index/index_writer.h"
#include "index/key_hash.h"
#include "index/seller_detail.h"
#include "index/seller_row.h"
#include "reputation/learner.h"

namespace kaopu {
namespace {

Minute MinuteOf(Date day) {
  return std::clamp<Minute>(day.time_since_epoch().count() * kMinutesADay, 0, kMinuteMax);
}

struct Seller {
  index::SellerHash hash;
  SellerEvidence evidence;
  std::vector<Outcome> outcomes;
};

Expected<index::IndexWriter> Written(const std::filesystem::path& path, index::Header header,
                                     const std::vector<index::Entry>& entries) {
  header.count = entries.size();
  auto writer = index::IndexWriter::Create(path, std::move(header));
  if (!writer) return writer;
  for (const index::Entry& entry : entries) {
    if (auto added = writer->Add(entry); !added) return std::unexpected(added.error());
  }
  if (auto finished = writer->Finish(); !finished) return std::unexpected(finished.error());
  return writer;
}

}  // namespace

Expected<BuiltIndex> BuildIndex(std::vector<SharedOutcome> outcomes, index::Header frame,
                                const std::filesystem::path& sellers_path,
                                const std::filesystem::path& details_path) {
  BuiltIndex built;
  std::ranges::sort(outcomes, {}, [](const SharedOutcome& one) {
    return std::tuple(one.outcome.known_on, std::string_view(one.seller), one.outcome.kind,
                      one.outcome.days_late, one.outcome.ship_days.value_or(-1), one.weight,
                      one.never_weight.value_or(one.weight), one.counted);
  });
  std::unordered_map<std::string_view, Seller> sellers;
  Learner learner;
  for (const SharedOutcome& one : outcomes) {
    const std::string_view platform = std::string_view(one.seller).substr(0, one.seller.find(':'));
    if (!frame.shard.empty() && platform != frame.shard) {
      return Fail(ErrorCode::kBadRequest,
                  StrCat("seller \"", one.seller, "\" is not of platform ", frame.shard));
    }
    if (one.outcome.known_on > frame.AsOf()) {
      ++built.later;
      continue;
    }
    if (IsCensored(one.outcome.kind)) {
      ++built.censored;
      continue;
    }
    ++built.outcomes;
    const auto [found, is_new] = sellers.try_emplace(one.seller);
    Seller& seller = found->second;
    if (is_new) seller.hash = index::HashSeller(frame.salt, one.seller);
    if (one.counted && !details_path.empty()) seller.outcomes.push_back(one.outcome);
    if (one.weight == 0) continue;
    const Minute at = MinuteOf(one.outcome.known_on);
    Asked asked;
    learner.Ask(seller.evidence, Activity(), {}, at, asked);
    std::optional<int64_t> ship_minutes;
    if (one.outcome.ship_days) ship_minutes = int64_t{*one.outcome.ship_days} * kMinutesADay;
    learner.Learn(asked, at, IsBad(one.outcome.kind), ship_minutes, std::nullopt, seller.evidence,
                  one.weight);
    if (IsNever(one.outcome.kind)) {
      learner.LearnNever(asked, at, seller.evidence, one.never_weight.value_or(one.weight));
    }
  }
  const Minute as_of = frame.epoch.at;
  frame.epoch = learner.EpochAt(as_of);
  frame.epoch.at = as_of;

  std::vector<std::pair<index::SellerHash, const Seller*>> sorted;
  for (const auto& [key, seller] : sellers) sorted.push_back({seller.hash, &seller});
  std::ranges::sort(sorted, {}, [](const auto& one) { return one.first.key; });
  std::vector<index::Entry> rows, details;
  for (size_t i = 0; i < sorted.size(); ++i) {
    const auto& [hash, seller] = sorted[i];
    if (i > 0 && hash.key == sorted[i - 1].first.key) {
      return Fail(ErrorCode::kConflict, "two sellers have the same key: draw a new salt");
    }
    auto row = index::RowOf(frame, seller->evidence);
    if (!row) return std::unexpected(row.error());
    const auto detail = index::DetailOf(frame, hash.check, seller->outcomes);
    if (!detail) return std::unexpected(detail.error());
    if (!*row && !*detail) {
      ++built.too_light;
      continue;
    }
    rows.push_back(
        {hash.key, index::PackRow(row->value_or(index::SellerRow{.day = (*detail)->day}))});
    if (*detail) details.push_back({hash.key, index::PackDetail(**detail)});
  }
  built.sellers = rows.size();
  built.details = details.size();

  frame.kind = index::Kind::kSellers;
  auto sellers_file = Written(sellers_path, frame, rows);
  if (!sellers_file) return std::unexpected(sellers_file.error());
  if (!details_path.empty()) {
    frame.kind = index::Kind::kDetails;
    auto details_file = Written(details_path, frame, details);
    if (!details_file) return std::unexpected(details_file.error());
    if (auto put = details_file->Publish(); !put) return std::unexpected(put.error());
  }
  if (auto put = sellers_file->Publish(); !put) return std::unexpected(put.error());
  return built;
}

}  // namespace kaopu
