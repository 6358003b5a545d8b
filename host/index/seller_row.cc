// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "index/seller_row.h"

#include <algorithm>

#include "base/str_cat.h"
#include "index/payload_fields.h"

namespace kaopu::index {
namespace {

constexpr int kShares = 7;

// The nearest seventh of `whole`; never falls where part and whole grow by the same.
uint8_t ShareOf(Fix part, Fix whole) {
  if (whole <= 0) return 0;
  return static_cast<uint8_t>(
      std::clamp<Fix>((2 * kShares * part + whole) / (2 * whole), 0, kShares));
}

}  // namespace

Payload PackRow(const SellerRow& row) {
  return JoinFields(Kind::kSellers, {row.day, row.good, row.late, row.never, row.good_season,
                                     row.good_month, row.bad_season, row.bad_month});
}

SellerRow UnpackRow(const Payload& payload) {
  const uint64_t bits = payload[0];
  const auto field = [bits](unsigned at, unsigned width) {
    return static_cast<uint16_t>(bits >> at & ((1u << width) - 1));
  };
  const auto byte = [&](unsigned at, unsigned width) {
    return static_cast<uint8_t>(field(at, width));
  };
  return {.day = field(0, 12),
          .good = byte(12, 8),
          .late = byte(20, 8),
          .never = byte(28, 8),
          .good_season = byte(36, 3),
          .good_month = byte(39, 3),
          .bad_season = byte(42, 3),
          .bad_month = byte(45, 3)};
}

uint8_t CodeOf(const WeightTable& weights, Fix weight) {
  constexpr int kShift = kFixBits - kWeightBits;
  const auto above = std::ranges::lower_bound(
      weights, weight, {}, [](uint32_t w) { return static_cast<Fix>(w) << kShift; });
  if (above == weights.begin()) return 0;
  if (above == weights.end()) return static_cast<uint8_t>(weights.size() - 1);
  const Fix middle = (static_cast<Fix>(*above) + *(above - 1)) << (kShift - 1);
  return static_cast<uint8_t>((weight >= middle ? above : above - 1) - weights.begin());
}

Fix WeightOfCode(const WeightTable& weights, uint8_t code) {
  return static_cast<Fix>(weights[code]) << (kFixBits - kWeightBits);
}

Fix FadedOver(const Header& header, Fix weight, uint32_t days, size_t half_life) {
  // Weights stay below 2^18 orders: 42 bits; the power has 30, so its lowest 10 are left out.
  return weight * (HalvedOver(Minute{days} * kMinutesADay, header.half_life[half_life]) >> 10) >>
         20;
}

Expected<std::optional<SellerRow>> RowOf(const Header& header, const SellerEvidence& evidence) {
  const auto base = Minute{header.base_day} * kMinutesADay;
  const Minute at = std::max(evidence.newest(), base);
  const Minute day = at / kMinutesADay - header.base_day;
  if (day > kDayMax) {
    return Fail(ErrorCode::kLimit, StrCat("a report ", day, " days after the base day, at most ",
                                          kDayMax, ": a new base is due"));
  }
  const std::array<Counts, kHalfLives> counts = evidence.At(at);
  const Fix never = std::min(evidence.NeverAt(at), counts[kLong].bad);
  SellerRow row;
  row.day = static_cast<uint16_t>(day);
  row.good = CodeOf(header.weights, counts[kLong].good);
  row.late = CodeOf(header.weights, counts[kLong].bad - never);
  row.never = CodeOf(header.weights, never);
  if (row.good == 0 && row.late == 0 && row.never == 0) return std::nullopt;
  if (row.good != 0) {
    row.good_season = ShareOf(counts[kSeason].good, counts[kLong].good);
    row.good_month = ShareOf(counts[kMonth].good, counts[kSeason].good);
  }
  if (row.late != 0 || row.never != 0) {
    row.bad_season = ShareOf(counts[kSeason].bad, counts[kLong].bad);
    row.bad_month = ShareOf(counts[kMonth].bad, counts[kSeason].bad);
  }
  return row;
}

PooledEvidence EvidenceAt(const Header& header, const SellerRow& row, Minute now) {
  const Minute day = Minute{header.base_day} + row.day;
  const auto days = static_cast<uint32_t>(
      std::clamp<Minute>(now / kMinutesADay - day, 0, kMinuteMax / kMinutesADay));
  PooledEvidence pooled;
  pooled.last_on = Date{std::chrono::days{day}};
  const Fix never = WeightOfCode(header.weights, row.never);
  const Counts known{.bad = WeightOfCode(header.weights, row.late) + never,
                     .good = WeightOfCode(header.weights, row.good)};
  const auto part = [](Fix whole, uint8_t share) { return whole * share / kShares; };
  std::array<Counts, kHalfLives> then;
  then[kLong] = known;
  then[kSeason] = {part(known.bad, row.bad_season), part(known.good, row.good_season)};
  then[kMonth] = {part(then[kSeason].bad, row.bad_month), part(then[kSeason].good, row.good_month)};
  for (size_t h = 0; h < kHalfLives; ++h) {
    pooled.counts[h] = {FadedOver(header, then[h].bad, days, h),
                        FadedOver(header, then[h].good, days, h)};
  }
  pooled.never = FadedOver(header, never, days, kLong);
  return pooled;
}

}  // namespace kaopu::index
