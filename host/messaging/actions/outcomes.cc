// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The shopper's own experience: outcome_add, outcome_list, outcome_edit, outcome_remove,
// outcome_undo.
#include "base/str_cat.h"
#include "messaging/actions/fields.h"
#include "messaging/actions/handlers.h"
#include "messaging/actions/history.h"
#include "messaging/actions/wire.h"

namespace kaopu {
namespace {

constexpr int64_t kListMax = 10'000;
constexpr int64_t kListDefault = 100;
constexpr std::string_view kWords =
    "on_time, late, never_shipped, fake_shipment, seller_cancelled, open, buyer_cancelled";

std::optional<OutcomeKind> ReadKind(Fields& fields) {
  const std::optional<std::string> word = fields.Text("outcome", kOrderIdCharsMax);
  if (!word) return std::nullopt;
  const std::optional<OutcomeKind> kind = ParseOutcomeKind(*word);
  if (!kind)
    fields.Wrong("outcome", StrCat(Quoted(*word), " is no outcome; expected one of ", kWords));
  return kind;
}

// Takes over every field the request names; null clears.
void ReadOutcomeFields(Fields& fields, OutcomeRecord& outcome) {
  const auto named = [&](std::string_view field) { return fields.Has(field); };
  if (const std::optional<OutcomeKind> kind = ReadKind(fields)) {
    outcome.outcome = *kind;
    if (*kind != OutcomeKind::kLate && !named("days_late")) outcome.days_late.reset();
  }
  if (named("days_late")) {
    const std::optional<int64_t> days = fields.Int("days_late", 1, kDaysLateMax);
    outcome.days_late = days ? std::optional(static_cast<int>(*days)) : std::nullopt;
  }
  if (named("order_id")) outcome.order_id = fields.Text("order_id", kOrderIdCharsMax);
  if (named("placed_at")) outcome.placed_at = fields.Day("placed_at");
  if (named("promised_by")) outcome.promised_by = fields.Day("promised_by", true);
  if (named("shipped_at")) outcome.shipped_at = fields.Day("shipped_at");
  if (named("delivered_at")) outcome.delivered_at = fields.Day("delivered_at");
  if (named("item_title")) outcome.item_title = fields.Text("item_title", kItemTitleCharsMax);
  if (named("item_price")) outcome.item_price = fields.Price("item_price");
  if (named("note")) outcome.note = fields.Text("note", kNoteCharsMax, true);
}

// What no single field can get wrong.
void CheckOutcome(Fields& fields, OutcomeRecord& outcome) {
  const auto not_before = [&](std::string_view field, const std::optional<Date>& day,
                              std::string_view other, const std::optional<Date>& floor) {
    if (day && floor && *day < *floor) {
      fields.Wrong(field, StrCat(FormatDate(*day), " is before ", other, " ", FormatDate(*floor)));
    }
  };
  not_before("promised_by", outcome.promised_by, "placed_at", outcome.placed_at);
  not_before("shipped_at", outcome.shipped_at, "placed_at", outcome.placed_at);
  not_before("delivered_at", outcome.delivered_at, "placed_at", outcome.placed_at);
  not_before("delivered_at", outcome.delivered_at, "shipped_at", outcome.shipped_at);
  if (outcome.days_late && outcome.outcome != OutcomeKind::kLate) {
    fields.Wrong("days_late", StrCat("only an order that was late has it, not one that is ",
                                     OutcomeKindName(outcome.outcome)));
  }
  if (!outcome.shipped_at || !outcome.promised_by) return;
  const int days = static_cast<int>((*outcome.shipped_at - *outcome.promised_by).count());
  if (outcome.outcome == OutcomeKind::kOnTime && days > 0) {
    fields.Wrong("outcome", StrCat("on_time, yet shipped_at is ", days, " days after promised_by"));
  }
  if (outcome.outcome == OutcomeKind::kLate && days <= 0) {
    fields.Wrong("outcome", "late, yet shipped_at is not after promised_by");
  }
  if (outcome.outcome == OutcomeKind::kLate && !outcome.days_late) outcome.days_late = days;
}

// What the shopper told about the order before need not be told twice.
Expected<void> FillFromOrder(const Store& store, OutcomeRecord& outcome) {
  if (!outcome.order_id) return {};
  const Expected<OrderRecord> order = store.GetOrder(*outcome.order_id);
  if (!order) {
    if (order.error().code == ErrorCode::kNotFound) return {};
    return std::unexpected(order.error());
  }
  if (order->seller_key != outcome.seller_key) return {};
  if (!outcome.placed_at) outcome.placed_at = order->placed_at;
  if (!outcome.promised_by) outcome.promised_by = order->promised_by;
  if (!outcome.item_title) outcome.item_title = order->item_title;
  if (!outcome.item_price) outcome.item_price = order->item_price;
  return {};
}

std::optional<int64_t> ReadId(Fields& fields) {
  return fields.Int("outcome_id", 1, std::numeric_limits<int64_t>::max());
}

}  // namespace

Expected<Json> RunOutcomeAdd(ActionContext& context, Json& request) {
  const TimeMs now = context.clock.Now();
  Fields fields(request, context);
  SellerRecord seller{.seller_key = fields.RequiredNewSellerKey("seller_key"),
                      .name = fields.Text("seller_name", kSellerNameCharsMax),
                      .aliases = {}};
  seller.aliases = AliasesToKeep(seller.seller_key, fields.SellerKeys("aliases"));
  OutcomeRecord outcome;
  outcome.seller_key = seller.seller_key;
  if (!fields.Text("outcome", kOrderIdCharsMax))
    fields.Wrong("outcome", StrCat("is missing; one of ", kWords));
  ReadOutcomeFields(fields, outcome);
  if (fields.error()) return std::unexpected(*fields.error());
  if (Expected<void> filled = FillFromOrder(context.store, outcome); !filled) {
    return std::unexpected(filled.error());
  }
  CheckOutcome(fields, outcome);
  if (fields.error()) return std::unexpected(*fields.error());
  const Expected<OutcomeRecord> added = context.store.AddOutcome(seller, std::move(outcome), now);
  if (!added) return std::unexpected(added.error());
  return Json{{"outcome", ToJson(*added)}};
}

Expected<Json> RunOutcomeList(ActionContext& context, Json& request) {
  Fields fields(request, context);
  const std::optional<std::string> seller = fields.SellerKey("seller_key");
  const int64_t limit = fields.Int("limit", 1, kListMax).value_or(kListDefault);
  if (fields.error()) return std::unexpected(*fields.error());
  const Expected<std::vector<OutcomeRecord>> outcomes = context.store.Outcomes(seller, limit);
  if (!outcomes) return std::unexpected(outcomes.error());
  Json list = Json::array();
  for (const OutcomeRecord& outcome : *outcomes) list.push_back(ToJson(outcome));
  return Json{{"outcomes", std::move(list)}};
}

Expected<Json> RunOutcomeEdit(ActionContext& context, Json& request) {
  const TimeMs now = context.clock.Now();
  Fields fields(request, context);
  const std::optional<int64_t> id = ReadId(fields);
  if (!id) fields.Wrong("outcome_id", "is missing");
  if (fields.error()) return std::unexpected(*fields.error());
  Expected<OutcomeRecord> outcome = context.store.GetOutcome(*id);
  if (!outcome) return std::unexpected(outcome.error());
  if (const std::optional<std::string> seller = fields.NewSellerKey("seller_key"))
    outcome->seller_key = *seller;
  ReadOutcomeFields(fields, *outcome);
  CheckOutcome(fields, *outcome);
  if (fields.error()) return std::unexpected(*fields.error());
  const Expected<OutcomeRecord> edited = context.store.EditOutcome(std::move(*outcome), now);
  if (!edited) return std::unexpected(edited.error());
  return Json{{"outcome", ToJson(*edited)}};
}

Expected<Json> RunOutcomeRemove(ActionContext& context, Json& request) {
  Fields fields(request, context);
  const std::optional<int64_t> id = ReadId(fields);
  if (!id) fields.Wrong("outcome_id", "is missing");
  if (fields.error()) return std::unexpected(*fields.error());
  if (Expected<void> removed = context.store.RemoveOutcome(*id, context.clock.Now()); !removed) {
    return std::unexpected(removed.error());
  }
  return Json{{"removed", *id}};
}

Expected<Json> RunOutcomeUndo(ActionContext& context, Json& request) {
  Fields fields(request, context);
  const std::optional<int64_t> id = ReadId(fields);
  if (fields.error()) return std::unexpected(*fields.error());
  const Expected<UndoneOutcome> undone = context.store.UndoOutcome(id);
  if (!undone) return std::unexpected(undone.error());
  return Json{{"undone", undone->action},
              {"outcome_id", undone->outcome_id},
              {"outcome", undone->now ? ToJson(*undone->now) : Json(nullptr)}};
}

}  // namespace kaopu
