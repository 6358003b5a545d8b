// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "reputation/pooled.h"

#include <algorithm>

namespace kaopu {

PooledWeights Join(std::span<const PooledReports> pooled) {
  PooledWeights joined;
  Fix late = 0;
  for (const PooledReports& one : pooled) {
    joined.known = true;
    for (size_t h = 0; h < kHalfLives; ++h) {
      joined.counts[h].good = std::max(joined.counts[h].good, one.counts[h].good);
      joined.counts[h].bad = std::max(joined.counts[h].bad, one.counts[h].bad);
    }
    late = std::max(late, one.Late());
    joined.never = std::max(joined.never, one.Never());
    joined.bad_of_one = std::max(joined.bad_of_one, one.counts[kLong].bad);
  }
  joined.counts[kLong].bad = late + joined.never;
  return joined;
}

}  // namespace kaopu
