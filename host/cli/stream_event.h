// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// One line of a stream of orders and outcomes (CONTRACT.md, "Backtest events"), read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "reputation/learner.h"

namespace kaopu {

struct StreamEvent {
  enum class Type { kOther, kOrder, kOutcome, kLateShip } type = Type::kOther;
  // Of all but kOther:
  Minute at = 0;
  std::string id, seller;
  OrderContext context;  // kOrder
  bool probe = false;    // kOrder
  bool bad = false;      // kOutcome
  std::optional<int64_t> ship_minutes, promise_minutes;
};

// Unknown types are kOther, unknown fields are passed over. kBadRequest says what is wrong.
Expected<StreamEvent> ReadStreamEvent(std::string_view line);

}  // namespace kaopu
