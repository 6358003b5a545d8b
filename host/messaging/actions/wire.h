// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Stored and judged things as the protocol shows them (host/docs/protocol.md). WIRE: field names.
#pragma once

#include <span>
#include <vector>

#include "base/json.h"
#include "reputation/verdict.h"
#include "store/records.h"

namespace kaopu {

Json ToJson(const Money& money);
Json ToJson(const OutcomeRecord& outcome);
// `today` decides whether the order is overdue; `decided`: an outcome of this order is recorded.
Json ToJson(const OrderRecord& order, Date today, bool decided);
Json ToJson(const Settings& settings);
// The `estimate` object of a check_page reply.
Json ToJson(const Assessment& assessment);
Json ToJson(std::span<const Reason> reasons);

// Millionths as the number they stand for.
double AsDouble(Micro micro);

// Absent becomes null.
template <typename T>
Json OrNull(const std::optional<T>& maybe) {
  return maybe ? Json(*maybe) : Json(nullptr);
}
Json DayOrNull(const std::optional<Date>& day);

}  // namespace kaopu
