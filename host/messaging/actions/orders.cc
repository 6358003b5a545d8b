// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The shopper's own orders: order_add, order_set, order_list, order_show, order_undo.
#include "base/str_cat.h"
#include "messaging/actions/fields.h"
#include "messaging/actions/handlers.h"
#include "messaging/actions/history.h"
#include "messaging/actions/wire.h"

namespace kaopu {
namespace {

constexpr int64_t kListMax = 10'000;
constexpr int64_t kListDefault = 100;

void ReadOrderFields(Fields& fields, OrderRecord& order) {
  if (const std::optional<std::string> word = fields.Text("status", kOrderIdCharsMax)) {
    const std::optional<OrderStatus> status = ParseOrderStatus(*word);
    if (!status) {
      fields.Wrong("status", StrCat(Quoted(*word),
                                    " is no status; expected one of paid, shipped, delivered, "
                                    "cancelled, refunded, unknown"));
    }
    order.status = status.value_or(order.status);
  }
  if (fields.Has("placed_at")) order.placed_at = fields.Day("placed_at");
  if (fields.Has("promised_by")) order.promised_by = fields.Day("promised_by", true);
  if (fields.Has("item_title")) order.item_title = fields.Text("item_title", kItemTitleCharsMax);
  if (fields.Has("item_price")) order.item_price = fields.Price("item_price");
  if (order.placed_at && order.promised_by && *order.promised_by < *order.placed_at) {
    fields.Wrong("promised_by", StrCat(FormatDate(*order.promised_by), " is before placed_at ",
                                       FormatDate(*order.placed_at)));
  }
}

// The order with what can be told about it: overdue, and the outcomes recorded for it.
Expected<Json> Shown(const ActionContext& context, const OrderRecord& order) {
  const Expected<std::vector<OutcomeRecord>> outcomes =
      context.store.Outcomes(order.seller_key, kListMax);
  if (!outcomes) return std::unexpected(outcomes.error());
  Json shown = ToJson(order, Today(context), IsDecided(order, *outcomes));
  Json own = Json::array();
  for (const OutcomeRecord& outcome : *outcomes) {
    if (outcome.order_id == order.order_id) own.push_back(ToJson(outcome));
  }
  shown["outcomes"] = std::move(own);
  return shown;
}

Expected<Json> Reply(const ActionContext& context, const Expected<OrderRecord>& order) {
  if (!order) return std::unexpected(order.error());
  Expected<Json> shown = Shown(context, *order);
  if (!shown) return shown;
  return Json{{"order", std::move(*shown)}};
}

}  // namespace

Expected<Json> RunOrderAdd(ActionContext& context, Json& request) {
  const TimeMs now = context.clock.Now();
  Fields fields(request, context);
  OrderRecord order;
  order.order_id = fields.RequiredText("order_id", kOrderIdCharsMax);
  SellerRecord seller{.seller_key = fields.RequiredNewSellerKey("seller_key"),
                      .name = fields.Text("seller_name", kSellerNameCharsMax),
                      .aliases = {}};
  seller.aliases = AliasesToKeep(seller.seller_key, fields.SellerKeys("aliases"));
  order.seller_key = seller.seller_key;
  ReadOrderFields(fields, order);
  if (fields.error()) return std::unexpected(*fields.error());
  return Reply(context, context.store.AddOrder(seller, std::move(order), now));
}

Expected<Json> RunOrderSet(ActionContext& context, Json& request) {
  const TimeMs now = context.clock.Now();
  Fields fields(request, context);
  const std::string id = fields.RequiredText("order_id", kOrderIdCharsMax);
  if (fields.error()) return std::unexpected(*fields.error());
  Expected<OrderRecord> order = context.store.GetOrder(id);
  if (!order) return std::unexpected(order.error());
  if (const std::optional<std::string> seller = fields.NewSellerKey("seller_key"))
    order->seller_key = *seller;
  ReadOrderFields(fields, *order);
  if (fields.error()) return std::unexpected(*fields.error());
  return Reply(context, context.store.EditOrder(std::move(*order), now));
}

Expected<Json> RunOrderList(ActionContext& context, Json& request) {
  Fields fields(request, context);
  const std::optional<std::string> seller = fields.SellerKey("seller_key");
  const int64_t limit = fields.Int("limit", 1, kListMax).value_or(kListDefault);
  if (fields.error()) return std::unexpected(*fields.error());
  const Expected<std::vector<OrderRecord>> orders = context.store.Orders(seller, limit);
  if (!orders) return std::unexpected(orders.error());
  const Expected<std::vector<OutcomeRecord>> outcomes = context.store.Outcomes(seller, kListMax);
  if (!outcomes) return std::unexpected(outcomes.error());
  Json list = Json::array();
  for (const OrderRecord& order : *orders) {
    list.push_back(ToJson(order, Today(context), IsDecided(order, *outcomes)));
  }
  return Json{{"orders", std::move(list)}};
}

Expected<Json> RunOrderShow(ActionContext& context, Json& request) {
  Fields fields(request, context);
  const std::string id = fields.RequiredText("order_id", kOrderIdCharsMax);
  if (fields.error()) return std::unexpected(*fields.error());
  return Reply(context, context.store.GetOrder(id));
}

Expected<Json> RunOrderUndo(ActionContext& context, Json& request) {
  Fields fields(request, context);
  const std::optional<std::string> id = fields.Text("order_id", kOrderIdCharsMax);
  if (fields.error()) return std::unexpected(*fields.error());
  const Expected<UndoneOrder> undone = context.store.UndoOrder(id);
  if (!undone) return std::unexpected(undone.error());
  Json order = nullptr;
  if (undone->now) {
    Expected<Json> shown = Shown(context, *undone->now);
    if (!shown) return shown;
    order = std::move(*shown);
  }
  return Json{
      {"undone", undone->action}, {"order_id", undone->order_id}, {"order", std::move(order)}};
}

}  // namespace kaopu
