// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors

// Displayed prices: any bytes, any hint. What comes out must be digits with at most one mark.
#include "page/price.h"

#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view all(reinterpret_cast<const char*>(data), size);
  const size_t split = all.find('\n');
  const std::string_view text = all.substr(0, split);
  const std::string_view hint = split == all.npos ? std::string_view() : all.substr(split + 1);
  const kaopu::PriceText price = kaopu::ReadPriceText(text, hint);
  if (price.amount) {
    for (const char c : *price.amount) {
      if ((c < '0' || c > '9') && c != '.' && c != '-') std::abort();
    }
  }
  if (price.currency && price.currency->size() != 3) std::abort();
  (void)kaopu::ReadPrice(text, hint, "zh", "CNY");
  return 0;
}
