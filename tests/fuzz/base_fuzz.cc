// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors

// Dates, times and JSON: what the base room reads from outside.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/clock.h"
#include "base/json.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto date = kaopu::ParseDate(text); date && kaopu::FormatDate(*date) != text)
    std::abort();
  (void)kaopu::ParseTime(text);
  // Two parsers, one meaning; ours is stricter about depth and absurd exponents, and a NUL does not
  // end the text.
  const auto json = kaopu::ParseJson(text, "fuzz input");
  const auto other = kaopu::Json::parse(text, nullptr, /*allow_exceptions=*/false);
  const bool same_rules =
      text.size() < 64 && text.find_first_of(std::string_view("\0eE", 3)) == std::string_view::npos;
  if (json ? *json != other : same_rules && !other.is_discarded()) std::abort();
  if (json && !kaopu::ParseJson(kaopu::DumpJson(*json), "own output")) std::abort();
  return 0;
}
