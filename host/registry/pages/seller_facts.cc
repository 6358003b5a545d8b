// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "registry/pages/seller_facts.h"

#include <algorithm>
#include <array>

#include "base/hex.h"
#include "index/seller_detail.h"

namespace kaopu {
namespace {

int MonthOf(Date day) {
  const std::chrono::year_month_day date(day);
  return static_cast<int>(date.year()) * 12 + static_cast<int>(static_cast<unsigned>(date.month()));
}

}  // namespace

Json SellerFacts(std::span<const ReleasedReport* const> reports, bool proof_kinds,
                 const std::optional<Span>& bad, std::span<const Reply* const> replies) {
  std::vector<const ReleasedReport*> counted;
  Date last{};
  int unproven = 0, open = 0;
  for (const ReleasedReport* one : reports) {
    if (IsCensored(one->outcome.kind)) {
      open += one->outcome.kind == OutcomeKind::kOpen;
      continue;
    }
    unproven += one->weight_class == report::WeightClass::kPool;
    last = std::max(last, one->outcome.known_on);
    if (proof_kinds && one->weight_class == report::WeightClass::kPool) continue;
    counted.push_back(one);
  }
  std::array<std::array<int, 2>, index::kWindowDays.size()> windows{};
  std::array<int, index::kLateFrom.size()> late{};
  std::array<std::array<int, 2>, index::kDetailMonths> months{};
  std::array<int, 2> afterwards{};
  int never = 0, enrolled = 0;
  std::vector<int> ship;
  for (const ReleasedReport* one : counted) {
    const auto age = (last - one->outcome.known_on).count();
    const bool is_bad = IsBad(one->outcome.kind);
    for (size_t i = 0; i < windows.size(); ++i) {
      if (age >= index::kWindowDays[i]) continue;
      ++windows[i][0];
      windows[i][1] += is_bad;
    }
    const int back = MonthOf(last) - MonthOf(one->outcome.known_on);
    if (back < static_cast<int>(months.size())) {
      auto& month = months[months.size() - 1 - static_cast<size_t>(back)];
      ++month[0];
      month[1] += is_bad;
    }
    if (age >= index::kWindowDays.back()) continue;
    never += IsNever(one->outcome.kind);
    one->enrolled ? ++enrolled : ++afterwards[is_bad];
    if (one->outcome.kind == OutcomeKind::kLate) {
      size_t bin = one->outcome.days_late > 0 ? 0 : 1;
      while (bin + 1 < late.size() && one->outcome.days_late >= index::kLateFrom[bin + 1]) ++bin;
      ++late[bin];
    }
    if (one->outcome.ship_days) ship.push_back(*one->outcome.ship_days);
  }
  std::ranges::sort(ship);
  const auto at = [&](size_t tenths) { return ship[(ship.size() * tenths + 9) / 10 - 1]; };
  const auto thousandths = [](Fix share) { return (share * 1000 + kFixOne / 2) >> kFixBits; };
  Json answers = Json::array();
  for (const Reply* reply : replies) {
    answers.push_back({{"on", reply->on}, {"text", reply->text}, {"shown_by", reply->shown_by}});
  }
  return {{"last", counted.empty() && unproven == 0 ? Json(nullptr) : Json(FormatDate(last))},
          {"windows", windows},
          {"never", never},
          {"late", late},
          {"months", months},
          {"ship", ship.empty() ? Json(nullptr) : Json{at(5), at(9)}},
          {"enrolled", enrolled},
          {"afterwards", afterwards},
          {"unproven", unproven},
          {"open", open},
          {"bad", bad ? Json{thousandths(bad->mean), thousandths(bad->low), thousandths(bad->high)}
                      : Json(nullptr)},
          {"replies", answers}};
}

std::string SellerBucket(std::string_view seller, int digits) {
  if (digits == 0) return "all";
  uint32_t hash = 0x811c9dc5;
  for (const char c : seller) hash = (hash ^ static_cast<unsigned char>(c)) * 0x01000193;
  return HexDigits(hash >> (32 - 4 * digits), static_cast<unsigned>(digits));
}

int BucketDigits(uint64_t sellers) {
  int digits = 0;
  for (uint64_t groups = 1; sellers > groups * 256 && digits < 6; groups *= 16) ++digits;
  return digits;
}

}  // namespace kaopu
