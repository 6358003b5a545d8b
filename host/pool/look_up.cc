// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "pool/look_up.h"

#include <sys/stat.h>

#include <algorithm>
#include <set>
#include <system_error>

#include "base/str_cat.h"
#include "pool/pool_folder.h"

namespace kaopu::pool {

namespace fs = std::filesystem;

LookUp::Stamp LookUp::StampOf(const fs::path& path) {
  struct stat info;
  if (stat(path.c_str(), &info) != 0) return {};
#if defined(__APPLE__)
  const timespec& changed = info.st_mtimespec;
#else
  const timespec& changed = info.st_mtim;
#endif
  return {.there = true,
          .device = static_cast<uint64_t>(info.st_dev),
          .inode = static_cast<uint64_t>(info.st_ino),
          .bytes = info.st_size,
          .changed_ns = int64_t{changed.tv_sec} * 1'000'000'000 + changed.tv_nsec};
}

void LookUp::Open(const std::string& id, Opened& registry) const {
  registry.index = std::optional<index::SellerIndex>();
  const Expected<Registry> known = ReadRegistry(home_, id);
  if (!known) {
    registry.index = std::unexpected(known.error());
    return;
  }
  registry.source.name = known->info.name;
  registry.source.origin = known->info.origin;
  registry.source.trust = known->settings.trust;
  if (known->settings.trust == 0) return;
  const fs::path folder = PoolFolder(home_) / id;
  if (!registry.sellers.there) return;  // nothing synced yet
  const fs::path sellers = folder / "sellers.kpi", details = folder / "details.kpi";
  auto index = index::SellerIndex::Open(
      sellers, registry.details.there ? std::optional(details) : std::nullopt);
  // Counts are a help, weights are the evidence. Between the two swaps of a sync they are of
  // different publishes.
  if (!index && registry.details.there) index = index::SellerIndex::Open(sellers, std::nullopt);
  if (!index) {
    registry.index = std::unexpected(index.error());
    return;
  }
  const index::Header& header = index->header();
  if (header.origin != registry.source.origin) {
    registry.index =
        Fail(ErrorCode::kConflict, StrCat("index ", sellers.string(), ": it is of \"",
                                          header.origin, "\", not of ", registry.source.origin));
    return;
  }
  registry.source.as_of = header.AsOf();
  registry.source.sellers = header.count;
  registry.index = std::optional(std::move(*index));
}

LookUp::Opened& LookUp::Refreshed(const std::string& id) {
  const fs::path folder = PoolFolder(home_) / id;
  const Stamp about = StampOf(folder / "registry.json"), chosen = StampOf(folder / "settings.json"),
              sellers = StampOf(folder / "sellers.kpi"), details = StampOf(folder / "details.kpi");
  const auto [at, made] = registries_.try_emplace(id);
  Opened& registry = at->second;
  if (!made && registry.about == about && registry.chosen == chosen &&
      registry.sellers == sellers && registry.details == details) {
    return registry;
  }
  registry.about = about;
  registry.chosen = chosen;
  registry.sellers = sellers;
  registry.details = details;
  registry.source = {.id = id, .name = id, .origin = {}};
  if (about.there) {
    Open(id, registry);
  } else {
    registry.index = std::optional<index::SellerIndex>();
  }
  return registry;
}

Answers LookUp::Find(std::span<const std::string> keys, TimeMs now) {
  Answers answers;
  if (home_.empty()) return answers;
  std::set<std::string> ids;
  std::error_code error;
  for (fs::directory_iterator at(PoolFolder(home_), error), end; !error && at != end;
       at.increment(error)) {
    const std::string name = at->path().filename().string();
    if (IsRegistryId(name)) ids.insert(name);
  }
  std::erase_if(registries_, [&](const auto& one) { return !ids.contains(one.first); });
  const Minute minute = std::clamp<Minute>(
      std::chrono::floor<std::chrono::minutes>(now).time_since_epoch().count(), 0, kMinuteMax);
  for (const std::string& id : ids) {
    if (answers.registries.size() + answers.left_out.size() >= kRegistriesMax) break;
    const Opened& registry = Refreshed(id);
    const auto leave_out = [&](const Error& why) {
      answers.left_out.push_back({id, registry.source.name, why});
    };
    if (!registry.index) {
      leave_out(registry.index.error());
      continue;
    }
    if (!*registry.index) continue;
    Answer answer{registry.source, {}};
    std::optional<Error> damage;
    for (const std::string& key : keys) {
      auto said = (*registry.index)->Find(key, minute);
      if (!said) {
        damage = said.error();
        break;
      }
      if (*said) answer.said.push_back(std::move(**said));
    }
    std::ranges::stable_sort(answer.said, std::greater{}, [](const index::SellerAnswer& said) {
      return said.evidence.counts[kLong].Total();
    });
    if (damage) {
      leave_out(*damage);
    } else {
      answers.registries.push_back(std::move(answer));
    }
  }
  return answers;
}

PooledReports ReportsOf(const Source& source, const index::SellerAnswer& answer) {
  PooledReports reports{.registry = source.name,
                        .as_of = source.as_of,
                        .last_on = answer.evidence.last_on,
                        .counts = answer.evidence.counts,
                        .never = answer.evidence.never,
                        .counted = std::nullopt};
  for (Counts& counts : reports.counts) {
    counts.bad = counts.bad * source.trust / 100;
    counts.good = counts.good * source.trust / 100;
  }
  reports.never = reports.never * source.trust / 100;
  if (!answer.detail) return reports;
  PooledReports::Counted& counted = reports.counted.emplace(PooledReports::Counted{});
  for (size_t w = 0; w < counted.windows.size(); ++w) {
    const index::SellerDetail::Window& window = answer.detail->windows[w];
    counted.windows[w] = {index::kWindowDays[w], static_cast<int>(window.all),
                          static_cast<int>(window.bad)};
  }
  counted.never = static_cast<int>(answer.detail->never);
  return reports;
}

std::vector<PooledReports> Answers::Reports() const {
  std::vector<PooledReports> reports;
  for (const Answer& answer : registries) {
    for (const index::SellerAnswer& said : answer.said)
      reports.push_back(ReportsOf(answer.source, said));
  }
  return reports;
}

}  // namespace kaopu::pool
