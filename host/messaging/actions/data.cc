// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// data_export, data_delete: all of it, in the shopper's hands.
#include <filesystem>
#include <limits>

#include "base/str_cat.h"
#include "messaging/actions/fields.h"
#include "messaging/actions/handlers.h"
#include "messaging/actions/history.h"
#include "messaging/actions/wire.h"
#include "pool/pool_folder.h"
#include "pool/range_set.h"

namespace kaopu {
namespace {

constexpr std::string_view kConfirm = "delete everything";  // WIRE
constexpr int64_t kAll = std::numeric_limits<int64_t>::max();

Json ChangesJson(const std::vector<ChangeRecord>& changes) {
  Json list = Json::array();
  for (const ChangeRecord& change : changes) {
    Json before = nullptr;
    if (change.before) {
      Expected<Json> parsed = ParseJson(*change.before, "change");
      before = parsed ? std::move(*parsed) : Json(*change.before);
    }
    list.push_back({{"entity", change.entity},
                    {"entity_key", change.entity_key},
                    {"action", change.action},
                    {"before", std::move(before)},
                    {"changed_at_ms", change.changed_at.time_since_epoch().count()}});
  }
  return list;
}

// A report with all that is kept of it, the receipt that proves it too.
Json WholeReportJson(const ReportRecord& report) {
  const auto ms = [](const std::optional<TimeMs>& time) {
    return time ? Json(time->time_since_epoch().count()) : Json(nullptr);
  };
  return {{"report_id", report.report_id},
          {"registry_id", report.registry_id},
          {"seller_key", report.seller_key},
          {"report", report.report},
          {"order_id", report.order_id},
          {"outcome_id", OrNull(report.outcome_id)},
          {"state", ReportStateName(report.state)},
          {"proof", OrNull(report.proof)},
          {"envelope", OrNull(report.envelope)},
          {"tries", report.tries},
          {"last_error", OrNull(report.last_error)},
          {"entry", OrNull(report.entry)},
          {"class", OrNull(report.weight_class)},
          {"content", OrNull(report.content)},
          {"salt", OrNull(report.salt)},
          {"receipt", OrNull(report.receipt)},
          {"removal", OrNull(report.removal)},
          {"reason", OrNull(report.reason)},
          {"replaced_by", OrNull(report.replaced_by)},
          {"agreed_at_ms", ms(report.agreed_at)},
          {"sent_at_ms", ms(report.sent_at)},
          {"released_at_ms", ms(report.released_at)},
          {"withdrawn_at_ms", ms(report.withdrawn_at)},
          {"changed_at_ms", ms(report.changed_at)}};
}

// The secret that reports are signed with (pool/net/reporter_key.h): without it what is at the
// registries can no longer be withdrawn or revised, nor told to be this shopper's.
Expected<bool> RemoveReporterKey(const std::filesystem::path& home) {
  if (home.empty()) return false;
  std::error_code error;
  const bool removed = std::filesystem::remove(home / "reporter.key", error);
  if (!error) return removed;
  return Fail(ErrorCode::kUnavailable,
              StrCat("the record is deleted, but not ", (home / "reporter.key").string(), ": ",
                     error.message()));
}

// Which sellers were asked for by range (pool/range_set.h).
Json RangesJson(const std::filesystem::path& home) {
  Json list = Json::array();
  if (home.empty()) return list;
  for (const std::string& id : pool::RegistryIds(home)) {
    const auto set = pool::ReadRangeSet(pool::PoolFolder(home) / id);
    if (!set) continue;
    Json wanted = Json::array();
    for (const auto& one : set->wanted) {
      wanted.push_back({{"seller_key", one.seller}, {"on", FormatDate(one.on)}});
    }
    list.push_back({{"registry_id", id}, {"wanted", std::move(wanted)}});
  }
  return list;
}

// And what was fetched for them.
Expected<void> RemoveRangeSets(const std::filesystem::path& home) {
  if (home.empty()) return {};
  for (const std::string& id : pool::RegistryIds(home)) {
    if (auto gone = pool::RemoveRanges(pool::PoolFolder(home) / id); !gone) return gone;
  }
  return {};
}

}  // namespace

Expected<Json> RunDataExport(ActionContext& context, Json&) {
  const Expected<std::vector<SellerRecord>> sellers = context.store.Sellers();
  if (!sellers) return std::unexpected(sellers.error());
  const Expected<std::vector<OrderRecord>> orders = context.store.Orders(std::nullopt, kAll);
  if (!orders) return std::unexpected(orders.error());
  const Expected<std::vector<OutcomeRecord>> outcomes = context.store.Outcomes(std::nullopt, kAll);
  if (!outcomes) return std::unexpected(outcomes.error());
  const Expected<std::vector<ChangeRecord>> changes = context.store.Changes();
  if (!changes) return std::unexpected(changes.error());
  const Expected<Settings> settings = context.store.GetSettings();
  if (!settings) return std::unexpected(settings.error());
  const Expected<std::vector<ReportRecord>> reports = context.store.Reports();
  if (!reports) return std::unexpected(reports.error());
  Json data = {{"format", "kaopu-data"},
               {"version", 1},
               {"exported_at_ms", context.clock.Now().time_since_epoch().count()},
               {"sellers", Json::array()},
               {"orders", Json::array()},
               {"outcomes", Json::array()},
               {"changes", ChangesJson(*changes)},
               {"settings", ToJson(*settings)},
               {"reports", Json::array()},
               {"ranges", RangesJson(context.home)}};
  for (const SellerRecord& seller : *sellers) {
    data["sellers"].push_back({{"seller_key", seller.seller_key},
                               {"name", OrNull(seller.name)},
                               {"aliases", seller.aliases}});
  }
  for (const OrderRecord& order : *orders) {
    data["orders"].push_back(ToJson(order, Today(context), IsDecided(order, *outcomes)));
  }
  for (const OutcomeRecord& outcome : *outcomes) data["outcomes"].push_back(ToJson(outcome));
  for (const ReportRecord& report : *reports) data["reports"].push_back(WholeReportJson(report));
  return Json{{"data", std::move(data)}};
}

Expected<Json> RunDataDelete(ActionContext& context, Json& request) {
  const Expected<std::optional<std::string>> confirm = GetString(request, "confirm");
  if (!confirm) return std::unexpected(confirm.error());
  if (*confirm != kConfirm) {
    return Fail(ErrorCode::kBadRequest,
                "confirm: must be \"delete everything\"; nothing was deleted");
  }
  const Expected<DeletedCounts> deleted = context.store.DeleteAll();
  if (!deleted) return std::unexpected(deleted.error());
  const Expected<bool> key = RemoveReporterKey(context.home);
  if (!key) return std::unexpected(key.error());
  if (auto gone = RemoveRangeSets(context.home); !gone) return std::unexpected(gone.error());
  return Json{{"deleted",
               {{"sellers", deleted->sellers},
                {"orders", deleted->orders},
                {"outcomes", deleted->outcomes},
                {"changes", deleted->changes},
                {"settings", deleted->settings},
                {"reports", deleted->reports},
                {"reporter_key", *key ? 1 : 0}}}};
}

}  // namespace kaopu
