// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "messaging/actions/pooled.h"

#include <algorithm>

#include "messaging/actions/wire.h"

namespace kaopu {
namespace {

constexpr double kHoursADay = 24;

double Number(Fix value) { return static_cast<double>(value) / static_cast<double>(kFixOne); }

Json WindowsJson(const index::SellerDetail& detail) {
  Json windows = Json::array();
  for (size_t w = 0; w < detail.windows.size(); ++w) {
    windows.push_back({{"days", index::kWindowDays[w]},
                       {"all", detail.windows[w].all},
                       {"bad", detail.windows[w].bad}});
  }
  return windows;
}

// The month of the last report is the last one.
Json MonthsJson(const index::SellerDetail& detail, Date last_on) {
  const std::chrono::year_month_day day(last_on);
  Json months = Json::array();
  for (size_t i = 0; i < detail.months.size(); ++i) {
    const auto month = day.year() / day.month() -
                       std::chrono::months(static_cast<int>(detail.months.size() - 1 - i));
    months.push_back({{"month", FormatDate(Date(month / 1)).substr(0, 7)},
                      {"volume", detail.months[i].volume},
                      {"bad", detail.months[i].bad}});
  }
  return months;
}

Json ReportsJson(const index::SellerAnswer& said) {
  const Counts& counts = said.evidence.counts[kLong];
  const Fix never = std::min(said.evidence.never, counts.bad);
  const Span share =
      WilsonSpan(counts.Total() > 0 ? FixDiv(counts.bad, counts.Total()) : 0, counts.Total());
  Json json = {
      {"last_on", FormatDate(said.evidence.last_on)},
      {"weights",
       {{"on_time", Number(counts.good)},
        {"late", Number(counts.bad - never)},
        {"never", Number(never)}}},
      {"bad",
       {{"mean", Number(share.mean)}, {"low", Number(share.low)}, {"high", Number(share.high)}}},
      {"counted", nullptr}};
  if (!said.detail) return json;
  const index::SellerDetail& detail = *said.detail;
  Json days = nullptr;
  if (detail.ship_hours_median > 0) {
    days = {{"median", detail.ship_hours_median / kHoursADay},
            {"p90", detail.ship_hours_p90 / kHoursADay}};
  }
  json["counted"] = {{"windows", WindowsJson(detail)},
                     {"never", detail.never},
                     {"late_shares", detail.late},
                     {"days_to_ship", std::move(days)},
                     {"months", MonthsJson(detail, said.evidence.last_on)}};
  return json;
}

}  // namespace

std::optional<Reason> ReasonNotHere(const pool::Answers& answers) {
  std::optional<Reason> reason;
  for (const pool::Answer& answer : answers.registries) {
    if (!answer.said.empty()) return std::nullopt;
    if (answer.not_here && !reason) {
      reason = Reason{.key = "reason_not_here", .args = {{"registry", answer.source.name}}};
    }
  }
  return reason;
}

Json PooledJson(const Policy& policy, const pool::Answers& answers, Date today) {
  Json registries = Json::array();
  for (const pool::Answer& answer : answers.registries) {
    const bool came = answer.source.as_of != Date{};
    const int64_t age =
        came ? std::max<int64_t>((today - answer.source.as_of).count(), 0) : int64_t{0};
    Json reports = Json::array();
    for (const index::SellerAnswer& said : answer.said) reports.push_back(ReportsJson(said));
    registries.push_back({{"id", answer.source.id},
                          {"name", answer.source.name},
                          {"origin", answer.source.origin},
                          {"as_of", came ? Json(FormatDate(answer.source.as_of)) : Json(nullptr)},
                          {"age_days", age},
                          {"old", age > policy.pooled.old_days},
                          {"sellers", answer.source.sellers},
                          {"on_this_disk", !answer.not_here},
                          {"ask_for", answer.not_here ? Json(*answer.not_here) : Json(nullptr)},
                          {"reports", std::move(reports)}});
  }
  Json left_out = Json::array();
  for (const pool::LeftOut& one : answers.left_out) {
    left_out.push_back({{"id", one.id}, {"name", one.name}, {"message", one.error.message}});
  }
  return {{"registries", std::move(registries)}, {"left_out", std::move(left_out)}};
}

}  // namespace kaopu
