// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors

// Ratings for `kaopu-registry trust`: any bytes give ratings within their limits or an error.
#include "registry/trust/ratings_csv.h"

#include <cstdint>
#include <cstdlib>
#include <sstream>
#include <string>

#include "base/csv.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::istringstream in(std::string(reinterpret_cast<const char*>(data), size));
  int64_t taken = 0;
  const auto read = kaopu::ReadRatings(in, "input", [&](const kaopu::Rating& rating) {
    ++taken;
    if (rating.rater.empty() || rating.ratee.empty()) std::abort();
    if (!(rating.score >= -1 && rating.score <= 1)) std::abort();
    std::ostringstream out;
    kaopu::WriteCsvField(out, rating.rater);
  });
  if (read && read->ratings != taken) std::abort();
  return 0;
}
