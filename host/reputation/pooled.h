// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// What other shoppers told of a seller, as the shared database's index says on the day of looking
// (index/seller_index.h), in the reputation room's own terms. How it is joined with the shopper's
// own orders, and why so: host/docs/estimate.md, "Shared reports".
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>

#include "base/clock.h"
#include "reputation/evidence.h"

namespace kaopu {

// One registry's word on one seller.
struct PooledReports {
  std::string registry;                     // its name, as the shopper is told it
  Date as_of{};                             // of what the registry published
  Date last_on{};                           // day of the last report
  std::array<Counts, kHalfLives> counts{};  // as of the day of looking, late and never are bad
  Fix never = 0;                            // of the bad ones at kLong

  // Plain counts up to `last_on`, from five reports on.
  struct Window {
    int days = 0;
    int all = 0, bad = 0;
  };
  struct Counted {
    std::array<Window, 3> windows{};  // 30, 90, 365 days
    int never = 0;                    // of the bad ones of the last window
  };
  std::optional<Counted> counted;

  Fix Never() const { return never < counts[kLong].bad ? never : counts[kLong].bad; }
  Fix Late() const { return counts[kLong].bad - Never(); }
};

// All registries together: of each kind (in time, late, never) what the registry says that knows
// most of it. The same order may be told to several registries and nobody can see that it was, so
// they are not added; and no registry can dilute what another one knows.
struct PooledWeights {
  std::array<Counts, kHalfLives> counts{};
  Fix never = 0;
  Fix bad_of_one = 0;  // the most that one registry alone says of late and never together
  bool known = false;  // some registry says something

  Fix Late() const { return counts[kLong].bad - never; }
};
PooledWeights Join(std::span<const PooledReports> pooled);

}  // namespace kaopu
