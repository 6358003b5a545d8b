// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// An amount of money: integer minor units of an ISO 4217 currency ("CNY" 14900 = 149.00). Never
// compared across currencies.
#pragma once

#include <cstdint>
#include <string>

namespace kaopu {

struct Money {
  int64_t amount_minor = 0;
  std::string currency;

  bool operator==(const Money&) const = default;
};

}  // namespace kaopu
