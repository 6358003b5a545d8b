// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Finds and names what many reporters do together: bursts (suddenly far more reports of one kind
// about one target than ever) and rings (the same reporters saying the same of the same targets in
// the same days, again and again). What is found is for people to look at; at intake it takes
// weight from unproven words alone (report_judge.h): sales days and news make bursts too. O(1) a
// report but for the pairs of a ring's members.
#pragma once

#include <array>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "registry/trust/reporter_trust.h"

namespace kaopu {

inline constexpr int64_t kBurstDaysMax = 8;

// What is named to the operator; what takes weight at intake is stricter, and data (trust.json).
// Reasoned, not fitted: a handful of people may meet by chance, not thrice and nowhere else.
struct CollusionRules {
  int64_t window_days = 3;        // of a burst; at most kBurstDaysMax
  int32_t burst_reports_min = 8;  // within the window ...
  int32_t burst_times_usual = 6;  // ... and so many times what is usual in one
  int64_t usual_half_life_days = 120;
  int64_t together_days = 7;            // the same word this near to each other is said together
  int32_t together_targets_min = 3;     // on so many targets ...
  int32_t together_share_percent = 50;  // ... and so much of what each of both ever reported on
  int32_t ring_members_min = 3;
};

struct Burst {
  PersonIndex target = 0;
  bool bad = false;
  int64_t from_day = 0, to_day = 0;  // since 1970; windows that touch are one burst
  int32_t reports = 0;               // the most within one window
  Micro usual = 0;                   // reports a window, before it
};

struct Ring {
  std::vector<PersonIndex> reporters;  // rising
  std::vector<PersonIndex> targets;    // on which at least two of them spoke together; rising
};

class CollusionFinder {
 public:
  explicit CollusionFinder(const CollusionRules& rules = {}) : rules_(rules) {}

  // What is known of a word when it comes: it is one of a burst (which it may have begun), or said
  // together with others of a ring, who are here again: `ring_members_min` of them with this one.
  struct Found {
    bool burst = false, ring = false;
  };

  // In order of time. A second word by the same reporter about the same target is not counted.
  Found Add(PersonIndex reporter, PersonIndex target, bool bad, int64_t at_s);

  // In order of their first day, then by target.
  std::vector<Burst> Bursts() const;
  // Largest first.
  std::vector<Ring> Rings() const;

 private:
  static constexpr size_t kRecent = 32;  // so many are remembered as speaking together
  static constexpr size_t kDays = kBurstDaysMax + 1;
  struct Recent {
    PersonIndex reporter;
    int64_t at_s;
  };
  struct Side {                  // of a target: its bad or its good reports
    std::vector<Recent> recent;  // a ring once it is full
    uint64_t seen = 0;
    std::array<int32_t, kDays> by_day{};  // a ring by SlotOf; the newest is of `day`
    int64_t day = 0;
    Micro rate = 0;  // decayed count of reports older than the window; see UsualOf
    std::vector<Burst> bursts;
  };
  struct Pair {
    int32_t targets = 0;
    std::array<PersonIndex, 8> shared{};  // the first of them
  };

  static size_t SlotOf(int64_t day) {
    constexpr auto kSlots = static_cast<int64_t>(kDays);
    return static_cast<size_t>((day % kSlots + kSlots) % kSlots);
  }
  void MoveTo(Side& side, int64_t day) const;
  Micro UsualOf(const Side& side) const;
  // These two say the same together too often to be chance.
  bool Linked(const Pair& pair, PersonIndex a, PersonIndex b) const;

  CollusionRules rules_;
  std::unordered_map<uint64_t, Side> sides_;           // target << 1 | bad
  std::unordered_map<uint64_t, Pair> pairs_;           // smaller reporter << 32 | larger
  std::unordered_map<PersonIndex, int32_t> reported_;  // targets of each reporter
  std::unordered_map<uint64_t, bool> said_;  // reporter << 32 | target -> together with a ring
};

}  // namespace kaopu
