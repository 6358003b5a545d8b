// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// What reading one page may cost, counted, not timed: the same page gives the same facts on a slow
// machine. Rules are linear in the page each, but a rule in a block, a selector of siblings or a
// text of nested elements can multiply; whoever walks over the page counts its steps here and stops
// when they are spent.
#pragma once

#include <cstddef>
#include <cstdint>

namespace kaopu {

class WorkBudget {
 public:
  // A step is a node or value looked at, or kBytesPerStep bytes matched against a pattern. The most
  // that a real page of 512 KiB was seen to take is a fifteenth
  // (tests/unit/page/work_budget_test.cc).
  static constexpr uint64_t kStepsMax = 1'000'000;
  static constexpr size_t kBytesPerStep = 16;

  // False when the page has no more steps; it stays so.
  bool Spend(size_t steps) { return (steps_ += steps) <= kStepsMax; }
  bool SpendBytes(size_t bytes) { return Spend(1 + bytes / kBytesPerStep); }
  bool spent() const { return steps_ > kStepsMax; }
  uint64_t steps() const { return steps_; }

 private:
  uint64_t steps_ = 0;
};

}  // namespace kaopu
