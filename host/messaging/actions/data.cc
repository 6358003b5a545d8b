// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// data_export, data_delete: all of it, in the shopper's hands.
#include <limits>

#include "messaging/actions/fields.h"
#include "messaging/actions/handlers.h"
#include "messaging/actions/history.h"
#include "messaging/actions/wire.h"

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

}  // namespace

Expected<Json> RunDataExport(ActionContext& context, const Json&) {
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
  Json data = {{"format", "kaopu-data"},
               {"version", 1},
               {"exported_at_ms", context.clock.Now().time_since_epoch().count()},
               {"sellers", Json::array()},
               {"orders", Json::array()},
               {"outcomes", Json::array()},
               {"changes", ChangesJson(*changes)},
               {"settings", ToJson(*settings)}};
  for (const SellerRecord& seller : *sellers) {
    data["sellers"].push_back({{"seller_key", seller.seller_key},
                               {"name", OrNull(seller.name)},
                               {"aliases", seller.aliases}});
  }
  for (const OrderRecord& order : *orders) {
    data["orders"].push_back(ToJson(order, Today(context), IsDecided(order, *outcomes)));
  }
  for (const OutcomeRecord& outcome : *outcomes) data["outcomes"].push_back(ToJson(outcome));
  return Json{{"data", std::move(data)}};
}

Expected<Json> RunDataDelete(ActionContext& context, const Json& request) {
  const Expected<std::optional<std::string>> confirm = GetString(request, "confirm");
  if (!confirm) return std::unexpected(confirm.error());
  if (*confirm != kConfirm) {
    return Fail(ErrorCode::kBadRequest,
                "confirm: must be \"delete everything\"; nothing was deleted");
  }
  const Expected<DeletedCounts> deleted = context.store.DeleteAll();
  if (!deleted) return std::unexpected(deleted.error());
  return Json{{"deleted",
               {{"sellers", deleted->sellers},
                {"orders", deleted->orders},
                {"outcomes", deleted->outcomes},
                {"changes", deleted->changes},
                {"settings", deleted->settings}}}};
}

}  // namespace kaopu
