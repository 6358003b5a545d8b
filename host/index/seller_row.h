// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// What the shared database says of one seller, in 6 bytes: decayed weights as of the seller's last
// report and that day. What time has done since and what is expected of anybody come from the
// header when looked up, so a seller nobody reported on keeps the same bits from publish to
// publish.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "index/format.h"
#include "reputation/evidence.h"

namespace kaopu::index {

inline constexpr uint32_t kDayMax = 4095;  // after the base day: eleven years

struct SellerRow {
  uint16_t day = 0;                         // of the last report, since the base day; 12 bits
  uint8_t good = 0, late = 0, never = 0;    // codes of Header::weights; half-life kLong
  uint8_t good_season = 0, good_month = 0;  // sevenths: of good at kSeason; of those at kMonth
  uint8_t bad_season = 0, bad_month = 0;    // the same of late and never together
  friend bool operator==(const SellerRow&, const SellerRow&) = default;
};

Payload PackRow(const SellerRow& row);
SellerRow UnpackRow(const Payload& payload);

// kLimit where the last report is beyond the base day's reach: time for a new base. nullopt where
// all weights together are too light to be said. Weights are rounded to the nearest code (by at
// most 3 %), shares to the nearest seventh. Adding an outcome of the same time never lowers the
// code of its kind and leaves the codes of the others.
Expected<std::optional<SellerRow>> RowOf(const Header& header, const SellerEvidence& evidence);

// Nearest code; half-way goes up.
uint8_t CodeOf(const WeightTable& weights, Fix weight);
Fix WeightOfCode(const WeightTable& weights, uint8_t code);

struct PooledEvidence {
  Date last_on{};                           // day of the last report
  std::array<Counts, kHalfLives> counts{};  // as of the asked time
  Fix never = 0;                            // half-life kLong
};
// As of `now`; before the last report it counts as that. Any row gives a value; integers only.
PooledEvidence EvidenceAt(const Header& header, const SellerRow& row, Minute now);

// Codes and shares as they would be so many days later: what a delta expects of an unreported
// seller.
Fix FadedOver(const Header& header, Fix weight, uint32_t days, size_t half_life);

}  // namespace kaopu::index
