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
  registry.set.reset();
  registry.waits = false;
  registry.ranges_open.clear();
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
  if (known->settings.ranges != RangeUse::kOff && registry.ranges.there) {
    auto set = ReadRangeSet(folder);
    if (!set) {
      registry.index = std::unexpected(set.error());
      return;
    }
    // Until the first of them have come, a whole index that is still here is better than none.
    if (set->folder != 0) {
      registry.source.as_of = set->as_of;
      registry.source.sellers = known->state.sellers;
      registry.set = std::move(*set);
      return;
    }
  }
  if (!registry.sellers.there) {  // nothing synced yet
    registry.waits = known->settings.ranges != RangeUse::kOff;
    return;
  }
  auto index = OpenFiles(folder / "sellers.kpi", folder / "details.kpi", registry.source.origin);
  if (!index) {
    registry.index = std::unexpected(index.error());
    return;
  }
  registry.source.as_of = index->header().AsOf();
  registry.source.sellers = index->header().count;
  registry.index = std::optional(std::move(*index));
}

Expected<index::SellerIndex> LookUp::OpenFiles(const fs::path& sellers, const fs::path& details,
                                               const std::string& origin) const {
  std::error_code error;
  const bool both = fs::exists(details, error);
  auto index = index::SellerIndex::Open(sellers, both ? std::optional(details) : std::nullopt);
  // Counts are a help, weights are the evidence. Between the two swaps of a sync they are of
  // different publishes.
  if (!index && both) index = index::SellerIndex::Open(sellers, std::nullopt);
  if (index && index->header().origin != origin) {
    return Fail(ErrorCode::kConflict, StrCat("index ", sellers.string(), ": it is of \"",
                                             index->header().origin, "\", not of ", origin));
  }
  return index;
}

LookUp::Said LookUp::Ask(const std::string& id, Opened& registry, const std::string& key,
                         Minute now, std::optional<std::string>& not_here) const {
  if (!registry.set) return (*registry.index)->Find(key, now);
  const RangeSet& set = *registry.set;
  if (!set.IsHere(key)) {
    if (!not_here) not_here = key;
    return std::nullopt;
  }
  const uint16_t range = set.RangeOf(key);
  auto at = registry.ranges_open.find(range);
  if (at == registry.ranges_open.end()) {
    const fs::path folder = PoolFolder(home_) / id;
    auto opened = OpenFiles(RangePath(folder, set, range, "sellers.kpi"),
                            RangePath(folder, set, range, "details.kpi"), registry.source.origin);
    if (!opened) return std::unexpected(opened.error());
    at = registry.ranges_open.emplace(range, std::move(*opened)).first;
  }
  return at->second.Find(key, now);
}

LookUp::Opened& LookUp::Refreshed(const std::string& id) {
  const fs::path folder = PoolFolder(home_) / id;
  const Stamp about = StampOf(folder / "registry.json"), chosen = StampOf(folder / "settings.json"),
              sellers = StampOf(folder / "sellers.kpi"), details = StampOf(folder / "details.kpi"),
              ranges = StampOf(RangeSetPath(folder));
  const auto [at, made] = registries_.try_emplace(id);
  Opened& registry = at->second;
  if (!made && registry.about == about && registry.chosen == chosen &&
      registry.sellers == sellers && registry.details == details && registry.ranges == ranges) {
    return registry;
  }
  registry.about = about;
  registry.chosen = chosen;
  registry.sellers = sellers;
  registry.details = details;
  registry.ranges = ranges;
  registry.source = {.id = id, .name = id, .origin = {}};
  if (about.there) {
    Open(id, registry);
  } else {
    registry.index = std::optional<index::SellerIndex>();
    registry.set.reset();
    registry.waits = false;
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
    Opened& registry = Refreshed(id);
    const auto leave_out = [&](const Error& why) {
      answers.left_out.push_back({id, registry.source.name, why});
    };
    if (!registry.index) {
      leave_out(registry.index.error());
      continue;
    }
    Answer answer{.source = registry.source, .not_here = {}, .said = {}};
    if (!*registry.index && !registry.set) {
      if (!registry.waits || keys.empty()) continue;
      answer.not_here = keys.front();
      answers.registries.push_back(std::move(answer));
      continue;
    }
    std::optional<Error> damage;
    for (const std::string& key : keys) {
      auto said = Ask(id, registry, key, minute, answer.not_here);
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
