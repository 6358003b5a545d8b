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
  if (const auto json = kaopu::ParseJson(text, "fuzz input")) {
    if (!kaopu::ParseJson(kaopu::DumpJson(*json), "own output")) std::abort();
  }
  return 0;
}
