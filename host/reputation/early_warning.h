// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Notices that a seller who was steady turns bad, sooner than a rate can. Three CUSUM sums (Page,
// "Continuous Inspection Schemes", Biometrika 1954) of the log-likelihood ratio of an order being
// bad at a raised rate (slightly, much, hardly anything ships) against the usual one; any of them
// past its threshold is the warning. Thresholds are calibrated together by simulation to one false
// warning in 1,000 years of a steady seller (tests/bench/early_warning --calibrate prints
// early_warning_table.inc); measured delays: host/docs/trust.md.
//
// O(1) an outcome, 8 bytes a seller, integers only.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace kaopu {

inline constexpr size_t kShifts = 3;

// What is usual for a seller, in steps: a rate or a volume between two steps counts as the upper
// one, which warns less.
class Usual {
 public:
  // `bad_millionths`: the usual share of bad orders; above 20 % there is nothing to warn of (the
  // rate itself says it) and Watched() is false. Below 20 orders a year counts as 20.
  Usual(int64_t bad_millionths, int64_t orders_a_year);

  bool Watched() const { return row_ >= 0; }

 private:
  friend class EarlyWarning;
  int row_ = -1;
  std::array<int16_t, kShifts> thresholds_{};
};

class EarlyWarning {
 public:
  // The seller's outcomes in order of time; true when this one raises the warning. Nothing happens
  // where the seller is not watched.
  bool Add(const Usual& usual, bool bad);

  // Since the warning was raised, the seller has not been back to the usual for long enough that
  // all sums were nought.
  bool Raised() const { return raised_; }

  friend bool operator==(const EarlyWarning&, const EarlyWarning&) = default;

 private:
  std::array<int16_t, kShifts> sums_{};  // 1/256 nat, 0 .. threshold
  bool raised_ = false;
};

}  // namespace kaopu
