// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "registry/publish/outcome_lines.h"

#include <string>

#include "base/json.h"
#include "base/str_cat.h"

namespace kaopu {
namespace {

constexpr int64_t kDaysMax = 3650;

Expected<SharedOutcome> ReadLine(std::string_view line) {
  const auto json = ParseJson(line, "the line", 4);
  if (!json) return std::unexpected(json.error());
  SharedOutcome one;
  auto seller = RequireString(*json, "seller");
  if (!seller) return std::unexpected(seller.error());
  const size_t colon = seller->find(':');
  if (colon == 0 || colon == std::string::npos || colon + 1 == seller->size() ||
      seller->size() > kSellerKeyBytesMax) {
    return Fail(ErrorCode::kBadRequest,
                StrCat("seller \"", seller->substr(0, 80),
                       "\" is no seller key: platform:id, at most ", kSellerKeyBytesMax, " bytes"));
  }
  one.seller = std::move(*seller);
  const auto on = RequireString(*json, "on");
  if (!on) return std::unexpected(on.error());
  const auto day = ParseDate(*on);
  if (!day || *day < Date{} || *day > Date{std::chrono::days{kMinuteMax / kMinutesADay}}) {
    return Fail(ErrorCode::kBadRequest,
                StrCat("on \"", on->substr(0, 40), "\" is no date: YYYY-MM-DD"));
  }
  one.outcome.known_on = *day;
  const auto kind_name = RequireString(*json, "outcome");
  if (!kind_name) return std::unexpected(kind_name.error());
  const auto kind = ParseOutcomeKind(*kind_name);
  if (!kind) {
    return Fail(ErrorCode::kBadRequest,
                StrCat("outcome \"", kind_name->substr(0, 40), "\" is not known"));
  }
  one.outcome.kind = *kind;
  const auto days = [&](std::string_view field) -> Expected<std::optional<int>> {
    const auto value = GetInt(*json, field);
    if (!value) return std::unexpected(value.error());
    if (!*value) return std::nullopt;
    if (**value < 0 || **value > kDaysMax) {
      return Fail(ErrorCode::kBadRequest, StrCat(field, " ", **value, " is not in 0..", kDaysMax));
    }
    return static_cast<int>(**value);
  };
  const auto late = days("days_late");
  if (!late) return std::unexpected(late.error());
  one.outcome.days_late = late->value_or(0);
  const auto ship = days("ship_days");
  if (!ship) return std::unexpected(ship.error());
  one.outcome.ship_days = *ship;
  if (const auto weight = json->find("weight"); weight != json->end() && !weight->is_null()) {
    const double value = weight->is_number() ? weight->get<double>() : -1;
    if (!(value >= 0 && value <= 1)) {
      return Fail(ErrorCode::kBadRequest, "weight is not in 0..1");
    }
    // To a thousandth, which is what evidence keeps: the same everywhere.
    one.weight = FixDiv(static_cast<Fix>(value * 1000 + 0.5), 1000);
  }
  return one;
}

}  // namespace

Expected<void> ReadOutcomeLines(std::istream& in, std::string_view what,
                                const std::function<void(SharedOutcome&&)>& each) {
  std::string line;
  for (int64_t number = 1;; ++number) {
    line.clear();
    int c;
    while ((c = in.get()) != std::istream::traits_type::eof() && c != '\n') {
      if (line.size() == kOutcomeLineBytesMax) {
        return Fail(ErrorCode::kTooLarge, StrCat(what, ", line ", number, ": more than ",
                                                 kOutcomeLineBytesMax, " bytes"));
      }
      line += static_cast<char>(c);
    }
    if (!line.empty() && line != "\r") {
      auto one = ReadLine(line);
      if (!one) {
        return Fail(one.error().code, StrCat(what, ", line ", number, ": ", one.error().message));
      }
      each(std::move(*one));
    }
    if (c == std::istream::traits_type::eof()) break;
  }
  if (in.bad()) return Fail(ErrorCode::kUnavailable, StrCat("cannot read ", what));
  return {};
}

}  // namespace kaopu
