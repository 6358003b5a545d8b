// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors

// Outcomes for `kaopu-registry index build`: any bytes give outcomes within their limits or an
// error.
#include <cstdint>
#include <cstdlib>
#include <sstream>
#include <string>

#include "registry/publish/outcome_lines.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::istringstream in(std::string(reinterpret_cast<const char*>(data), size));
  (void)kaopu::ReadOutcomeLines(in, "input", [](kaopu::SharedOutcome&& one) {
    if (one.weight < 0 || one.weight > kaopu::kFixOne) std::abort();
    if (one.outcome.days_late < 0 || one.outcome.ship_days.value_or(0) < 0) std::abort();
    if (one.seller.size() > kaopu::kSellerKeyBytesMax || one.seller.find(':') - 1 >= one.seller.size()) std::abort();
    if (one.outcome.known_on < kaopu::Date{}) std::abort();
  });
  return 0;
}
