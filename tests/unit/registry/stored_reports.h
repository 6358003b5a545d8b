// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Reports for tests of stores.
#pragma once

#include <string>
#include <utility>

#include "registry/store/registry_store.h"

namespace kaopu {

inline TimeMs AtMinute(int64_t minutes) { return TimeMs(std::chrono::minutes(minutes)); }

// A report that came `minutes` after the beginning of time.
inline StoredReport ReportAt(uint64_t entry, int64_t minutes, std::string seller, uint8_t order,
                             uint8_t reporter = 1) {
  StoredReport report;
  report.entry = entry;
  report.received_at = TimeMs(std::chrono::minutes(minutes));
  report.seller = std::move(seller);
  report.content = "{\"content\":" + std::to_string(entry) + "}";
  report.salt.fill(static_cast<uint8_t>(entry + 1));
  report.key.fill(static_cast<uint8_t>(100 + reporter));
  report.reporter.fill(reporter);
  report.nullifier.fill(order);
  report.identity.fill(static_cast<uint8_t>(entry + 7));
  return report;
}

}  // namespace kaopu
