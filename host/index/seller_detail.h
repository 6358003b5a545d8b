// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// What reasons and plots need of a seller with five reports or more: 25 bytes, as of the day of the
// last report. Plain counts of reports, not weighed.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "index/format.h"
#include "reputation/outcome.h"

namespace kaopu::index {

inline constexpr int kDetailReportsMin = 5;
inline constexpr std::array<int, 3> kWindowDays = {30, 90, 365};  // DISK
inline constexpr std::array<int, 4> kLateFrom = {1, 3, 8, 15};  // DISK: days late, where bins begin
inline constexpr size_t kDetailMonths = 12;

struct SellerDetail {
  uint32_t check = 0;  // of the seller's hash: who it is, beyond the key
  uint16_t day = 0;    // of the last report, since the base day
  struct Window {
    uint32_t all = 0, bad = 0;  // exact below 32, then rounded down by at most a seventeenth
    friend bool operator==(const Window&, const Window&) = default;
  };
  std::array<Window, 3> windows{};  // the last 30, 90, 365 days
  uint32_t never = 0;               // of the bad ones of 365 days
  // Fifteenths of the decided orders of 365 days that were late by 1-2, 3-7, 8-14, 15 days and
  // more; never 0 where there was one. Late by nobody knows how much is 3-7.
  std::array<uint8_t, 4> late{};
  // From order to first scan, in the last 365 days: the first hours value that is not below it;
  // 0 = not known.
  uint32_t ship_hours_median = 0, ship_hours_p90 = 0;
  // Calendar months, that of `day` last. Volume in sevenths of the fullest, bad as sevenths of the
  // month's; neither is 0 where there was one.
  struct Month {
    uint8_t volume = 0, bad = 0;
    friend bool operator==(const Month&, const Month&) = default;
  };
  std::array<Month, kDetailMonths> months{};
  friend bool operator==(const SellerDetail&, const SellerDetail&) = default;
};

Payload PackDetail(const SellerDetail& detail);
SellerDetail UnpackDetail(const Payload& payload);

// nullopt below kDetailReportsMin decided outcomes. Censored ones are passed over; those known
// before the base day count as of that day. kLimit as RowOf.
Expected<std::optional<SellerDetail>> DetailOf(const Header& header, uint32_t check,
                                               std::span<const Outcome> outcomes);

}  // namespace kaopu::index
