// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// From what the shopper knows of an order to the report that may leave, and what that report tells
// others. No network, no keys: the host composes, `kaopu sync` seals and sends.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/money.h"
#include "report/report.h"
#include "reputation/outcome.h"

namespace kaopu::pool {

struct ReportSource {
  std::string seller_key;
  OutcomeKind kind = OutcomeKind::kOpen;
  bool enrolled = false;  // an earlier word on this order was sent while it was open, or this is it
  std::optional<Date> placed_at, promised_by, shipped_at, delivered_at;
  std::optional<int> days_late;
  // When the outcome was known; absent: what the dates say, at the latest `today`.
  std::optional<Date> known_on;
  std::optional<Money> value;
  uint32_t revision = 0;
  Date today{};
};

// Day differences in place of days, a band in place of a price. kBadRequest in words a shopper can
// act on: the day of the order is missing, an open order must be enrolled, an order too old, a
// seller who cancelled while the promise still held (which is no breach).
Expected<report::Report> Compose(const ReportSource& source);

// What the report tells whom: message keys (`report_reveals_...`), the most telling first.
std::vector<std::string> Reveals(const report::Report& report);

// The platform of a seller key: what stands before the colon.
std::string_view PlatformOf(std::string_view seller_key);

// An order number for an order that has none: random, never sent anywhere as it is.
std::string OwnOrderId();

}  // namespace kaopu::pool
