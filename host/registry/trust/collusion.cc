// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "registry/trust/collusion.h"

#include <algorithm>
#include <numeric>
#include <tuple>

#include "registry/trust/decay.h"

namespace kaopu {
namespace {

__extension__ using Wide = __int128;

uint64_t Joined(PersonIndex high, PersonIndex low) { return uint64_t{high} << 32 | low; }

class Groups {  // union-find
 public:
  explicit Groups(size_t size) : parent_(size) { std::iota(parent_.begin(), parent_.end(), 0); }
  size_t Find(size_t i) {
    while (parent_[i] != i) i = parent_[i] = parent_[parent_[i]];
    return i;
  }
  void Join(size_t a, size_t b) { parent_[Find(a)] = Find(b); }

 private:
  std::vector<size_t> parent_;
};

}  // namespace

void CollusionFinder::MoveTo(Side& side, int64_t day) const {
  if (side.seen == 0) side.day = day;
  if (day - side.day > 2 * static_cast<int64_t>(kDays)) {  // nothing is left in any window
    Micro sum = 0;
    for (int32_t& reports : side.by_day) {
      sum += reports * kOne;
      reports = 0;
    }
    const Micro kept = DecayWeight(day - side.day, rules_.usual_half_life_days);
    side.rate = Times(side.rate + sum, kept);
    side.day = day;
  }
  while (side.day < day) {
    ++side.day;
    const Micro kept = DecayWeight(1, rules_.usual_half_life_days);
    // The day that leaves the window enters what is usual.
    const int64_t leaving = side.day - rules_.window_days;
    side.rate = Times(side.rate, kept) + side.by_day[SlotOf(leaving)] * kOne;
    side.by_day[SlotOf(leaving)] = 0;
    side.by_day[SlotOf(side.day)] = 0;
  }
}

// A decayed count C of events at rate r a day tends to r H / ln 2.
Micro CollusionFinder::UsualOf(const Side& side) const {
  constexpr Micro kLn2 = 693'147;
  return static_cast<Micro>(Wide{side.rate} * rules_.window_days * kLn2 /
                            rules_.usual_half_life_days / kOne);
}

bool CollusionFinder::Linked(const Pair& pair, PersonIndex a, PersonIndex b) const {
  if (pair.targets < rules_.together_targets_min) return false;
  const int64_t most = std::max(reported_.at(a), reported_.at(b));
  return int64_t{pair.targets} * 100 >= most * rules_.together_share_percent;
}

CollusionFinder::Found CollusionFinder::Add(PersonIndex reporter, PersonIndex target, bool bad,
                                            int64_t at_s) {
  if (reporter == target) return {};
  const auto [said, is_first] = said_.try_emplace(Joined(reporter, target), false);
  Side& side = sides_[uint64_t{target} << 1 | bad];
  const int64_t day = std::max(DayOf(at_s), side.seen == 0 ? DayOf(at_s) : side.day);
  MoveTo(side, day);
  if (is_first) {
    ++reported_[reporter];
    ++side.by_day[SlotOf(day)];
  }

  Found found;
  int32_t in_window = 0;
  for (int64_t back = 0; back < rules_.window_days; ++back)
    in_window += side.by_day[SlotOf(day - back)];
  const Micro usual = UsualOf(side);
  if (in_window >= rules_.burst_reports_min &&
      in_window * kOne >= rules_.burst_times_usual * usual) {
    found.burst = true;
    if (!side.bursts.empty() && side.bursts.back().to_day >= day - rules_.window_days) {
      side.bursts.back().to_day = day;
      side.bursts.back().reports = std::max(side.bursts.back().reports, in_window);
    } else {
      side.bursts.push_back({.target = target,
                             .bad = bad,
                             .from_day = day - rules_.window_days + 1,
                             .to_day = day,
                             .reports = in_window,
                             .usual = usual});
    }
  }

  if (!is_first) return {.burst = found.burst, .ring = said->second};

  int32_t together = 1;
  for (const Recent& other : side.recent) {
    if (at_s - other.at_s > rules_.together_days * kDaySeconds) continue;
    Pair& pair =
        pairs_[Joined(std::min(reporter, other.reporter), std::max(reporter, other.reporter))];
    if (static_cast<size_t>(pair.targets) < pair.shared.size())
      pair.shared[static_cast<size_t>(pair.targets)] = target;
    ++pair.targets;
    together += Linked(pair, reporter, other.reporter);
  }
  found.ring = said->second = together >= rules_.ring_members_min;
  if (side.recent.size() < kRecent) {
    side.recent.push_back({reporter, at_s});
  } else {
    side.recent[side.seen % kRecent] = {reporter, at_s};
  }
  ++side.seen;
  return found;
}

std::vector<Burst> CollusionFinder::Bursts() const {
  std::vector<Burst> all;
  for (const auto& [key, side] : sides_)
    all.insert(all.end(), side.bursts.begin(), side.bursts.end());
  std::ranges::sort(all, [](const Burst& a, const Burst& b) {
    return std::tie(a.from_day, a.target, a.bad) < std::tie(b.from_day, b.target, b.bad);
  });
  return all;
}

std::vector<Ring> CollusionFinder::Rings() const {
  struct Link {
    PersonIndex a, b;
    const Pair* pair;
  };
  std::vector<Link> links;
  std::vector<PersonIndex> members;
  for (const auto& [key, pair] : pairs_) {
    const auto a = static_cast<PersonIndex>(key >> 32), b = static_cast<PersonIndex>(key);
    if (!Linked(pair, a, b)) continue;
    links.push_back({a, b, &pair});
    members.push_back(a);
    members.push_back(b);
  }
  std::ranges::sort(members);
  members.erase(std::unique(members.begin(), members.end()), members.end());
  const auto number = [&](PersonIndex person) {
    return static_cast<size_t>(std::ranges::lower_bound(members, person) - members.begin());
  };
  Groups groups(members.size());
  for (const Link& link : links) groups.Join(number(link.a), number(link.b));
  std::unordered_map<size_t, Ring> by_root;
  for (size_t i = 0; i < members.size(); ++i)
    by_root[groups.Find(i)].reporters.push_back(members[i]);
  for (const Link& link : links) {
    const size_t kept =
        std::min<size_t>(link.pair->shared.size(), static_cast<size_t>(link.pair->targets));
    std::vector<PersonIndex>& targets = by_root[groups.Find(number(link.a))].targets;
    targets.insert(targets.end(), link.pair->shared.begin(), link.pair->shared.begin() + kept);
  }
  std::vector<Ring> rings;
  for (auto& [root, ring] : by_root) {
    if (static_cast<int32_t>(ring.reporters.size()) < rules_.ring_members_min) continue;
    std::ranges::sort(ring.targets);
    ring.targets.erase(std::unique(ring.targets.begin(), ring.targets.end()), ring.targets.end());
    rings.push_back(std::move(ring));
  }
  std::ranges::sort(rings, [](const Ring& a, const Ring& b) {
    return a.reporters.size() != b.reporters.size() ? a.reporters.size() > b.reporters.size()
                                                    : a.reporters < b.reporters;
  });
  return rings;
}

}  // namespace kaopu
