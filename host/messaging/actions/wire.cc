// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "messaging/actions/wire.h"

#include "messaging/actions/history.h"

namespace kaopu {
namespace {

Json ToJson(const Interval& interval) {
  return {{"mean", AsDouble(interval.mean)},
          {"low", AsDouble(interval.low)},
          {"high", AsDouble(interval.high)}};
}

Json PriceOrNull(const std::optional<Money>& price) {
  return price ? kaopu::ToJson(*price) : Json(nullptr);
}

int64_t Ms(TimeMs time) { return time.time_since_epoch().count(); }

}  // namespace

double AsDouble(Micro micro) { return static_cast<double>(micro) / kOne; }

Json DayOrNull(const std::optional<Date>& day) {
  return day ? Json(FormatDate(*day)) : Json(nullptr);
}

Json ToJson(const Money& money) {
  return {{"amount_minor", money.amount_minor}, {"currency", money.currency}};
}

Json ToJson(const OutcomeRecord& outcome) {
  return {{"outcome_id", outcome.outcome_id},
          {"seller_key", outcome.seller_key},
          {"outcome", OutcomeKindName(outcome.outcome)},
          {"days_late", OrNull(outcome.days_late)},
          {"order_id", OrNull(outcome.order_id)},
          {"placed_at", DayOrNull(outcome.placed_at)},
          {"promised_by", DayOrNull(outcome.promised_by)},
          {"shipped_at", DayOrNull(outcome.shipped_at)},
          {"delivered_at", DayOrNull(outcome.delivered_at)},
          {"item_title", OrNull(outcome.item_title)},
          {"item_price", PriceOrNull(outcome.item_price)},
          {"note", OrNull(outcome.note)},
          {"recorded_at_ms", Ms(outcome.recorded_at)},
          {"changed_at_ms", Ms(outcome.changed_at)}};
}

Json ToJson(const OrderRecord& order, Date today, bool decided) {
  const int overdue = decided ? 0 : DaysOverdue(order, today);
  return {{"order_id", order.order_id},
          {"seller_key", order.seller_key},
          {"status", OrderStatusName(order.status)},
          {"placed_at", DayOrNull(order.placed_at)},
          {"promised_by", DayOrNull(order.promised_by)},
          {"overdue_days", overdue > 0 ? Json(overdue) : Json(nullptr)},
          {"item_title", OrNull(order.item_title)},
          {"item_price", PriceOrNull(order.item_price)},
          {"recorded_at_ms", Ms(order.recorded_at)},
          {"changed_at_ms", Ms(order.changed_at)}};
}

Json ToJson(const Settings& settings) {
  return {{"caution", CautionName(settings.caution)},
          {"ask_above", PriceOrNull(settings.ask_above)},
          {"language", settings.language}};
}

Json ToJson(const Assessment& assessment) {
  Json days = nullptr;
  if (assessment.ship_orders > 0) {
    days = {{"median", ToJson(assessment.ship_median)},
            {"p90", ToJson(assessment.ship_p90)},
            {"orders", assessment.ship_orders}};
  }
  Json sources = Json::array();
  const auto source = [&](std::string_view name, Micro weight) {
    if (weight > 0) sources.push_back({{"source", name}, {"weight", AsDouble(weight)}});
  };
  source("own_orders", assessment.Weight());
  source("pooled", assessment.PooledWeight());
  source("page", assessment.page_weight);
  source("prior", assessment.prior_strength);
  return {{"bad", ToJson(assessment.bad)},
          {"late", ToJson(assessment.late)},
          {"never", ToJson(assessment.never)},
          {"effective_n", AsDouble(assessment.Weight() + assessment.PooledWeight())},
          {"days_to_ship", std::move(days)},
          {"known", KnownName(assessment.known)},
          {"trend", TrendName(assessment.trend)},
          {"loss", AsDouble(assessment.loss)},
          {"sources", std::move(sources)}};
}

Json ToJson(std::span<const Reason> reasons) {
  Json list = Json::array();
  for (const Reason& reason : reasons) {
    Json args = Json::object();
    for (const auto& [name, value] : reason.args) {
      std::visit([&](const auto& held) { args[name] = held; }, value);
    }
    list.push_back({{"key", reason.key}, {"args", std::move(args)}});
    if (reason.key.starts_with("reason_")) {  // advice points nowhere
      list.back()["direction"] = DirectionName(reason.direction);
      list.back()["moved"] = AsDouble(reason.moved);
    }
  }
  return list;
}

}  // namespace kaopu
