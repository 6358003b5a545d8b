// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// What the shopper shares of own orders: report_preview, report_add, report_list, report_revise,
// report_withdraw. They fill the outbox; `kaopu sync` sends what is in it.
#include <algorithm>

#include "base/str_cat.h"
#include "messaging/actions/fields.h"
#include "messaging/actions/handlers.h"
#include "messaging/actions/history.h"
#include "messaging/actions/wire.h"
#include "pool/compose.h"
#include "pool/pool_folder.h"

namespace kaopu {
namespace {

constexpr int64_t kAll = std::numeric_limits<int64_t>::max();

// The order that a request speaks of, and what may be told of it.
struct Draft {
  pool::ReportSource source;
  std::optional<std::string> order_id;  // absent: it has none yet
  std::optional<int64_t> outcome_id;
  std::vector<ReportRecord> earlier;  // on the same order, at any registry, newest first

  std::string platform() const { return std::string(pool::PlatformOf(source.seller_key)); }
};

bool IsLive(ReportState state) {
  return state == ReportState::kWaiting || state == ReportState::kSent ||
         state == ReportState::kWithdrawing;
}

Json ReportJson(const ReportRecord& report, const std::vector<pool::Registry>& registries) {
  const auto known = std::ranges::find(registries, report.registry_id, &pool::Registry::id);
  const auto ms = [](const std::optional<TimeMs>& time) {
    return time ? Json(time->time_since_epoch().count()) : Json(nullptr);
  };
  return {{"report_id", report.report_id},
          {"registry",
           {{"id", report.registry_id},
            {"name", known == registries.end() ? Json(nullptr) : Json(known->info.name)}}},
          {"seller_key", report.seller_key},
          {"order_id", report.order_id},
          {"outcome_id", OrNull(report.outcome_id)},
          {"text", report.report},
          {"state", ReportStateName(report.state)},
          {"entry", OrNull(report.entry)},
          {"class", OrNull(report.weight_class)},
          {"proof_by", OrNull(report.proof_by)},
          {"tries", report.tries},
          {"next_try_at_ms", ms(report.next_try_at)},
          {"last_error", OrNull(report.last_error)},
          {"reason", OrNull(report.reason)},
          {"replaced_by", OrNull(report.replaced_by)},
          {"agreed_at_ms", ms(report.agreed_at)},
          {"sent_at_ms", ms(report.sent_at)},
          {"released_at_ms", ms(report.released_at)},
          {"withdrawn_at_ms", ms(report.withdrawn_at)},
          {"changed_at_ms", ms(report.changed_at)}};
}

Json ReportsJson(const ActionContext& context, std::span<const ReportRecord> reports) {
  const std::vector<pool::Registry> registries = pool::ListRegistries(context.home);
  Json list = Json::array();
  for (const ReportRecord& report : reports) list.push_back(ReportJson(report, registries));
  return list;
}

void TakeOutcome(const OutcomeRecord& outcome, Draft& draft) {
  draft.source.seller_key = outcome.seller_key;
  draft.source.kind = outcome.outcome;
  draft.source.placed_at = outcome.placed_at;
  draft.source.promised_by = outcome.promised_by;
  draft.source.shipped_at = outcome.shipped_at;
  draft.source.delivered_at = outcome.delivered_at;
  draft.source.days_late = outcome.days_late;
  draft.source.value = outcome.item_price;
  const Date recorded = std::chrono::floor<std::chrono::days>(outcome.recorded_at);
  // Of a cancellation the day of telling is all that is known.
  draft.source.known_on = outcome.outcome == OutcomeKind::kSellerCancelled
                              ? recorded
                              : std::min(JudgedOutcome(outcome).known_on, recorded);
  draft.outcome_id = outcome.outcome_id;
  if (outcome.order_id) draft.order_id = outcome.order_id;
}

// What is told of an order by hand stands before what is kept of it.
void TakeOrder(const OrderRecord& order, Draft& draft) {
  draft.source.seller_key = order.seller_key;
  draft.order_id = order.order_id;
  if (!draft.source.placed_at) draft.source.placed_at = order.placed_at;
  if (!draft.source.promised_by) draft.source.promised_by = order.promised_by;
  if (!draft.source.value) draft.source.value = order.item_price;
}

void ReadByHand(Fields& fields, Draft& draft) {
  if (const auto word = fields.Text("outcome", kOrderIdCharsMax)) {
    const std::optional<OutcomeKind> kind = ParseOutcomeKind(*word);
    if (!kind) fields.Wrong("outcome", StrCat(Quoted(*word), " is no outcome"));
    draft.source.kind = kind.value_or(OutcomeKind::kOpen);
  }
  draft.source.placed_at = fields.Day("placed_at");
  draft.source.promised_by = fields.Day("promised_by", true);
  draft.source.shipped_at = fields.Day("shipped_at");
  draft.source.known_on = fields.Day("known_at");
  draft.source.value = fields.Price("value");
  if (const auto days = fields.Int("days_late", 1, kDaysLateMax)) {
    draft.source.days_late = static_cast<int>(*days);
  }
  const auto not_before_order = [&](std::string_view field, const std::optional<Date>& day) {
    if (day && draft.source.placed_at && *day < *draft.source.placed_at) {
      fields.Wrong(field, StrCat(FormatDate(*day), " is before placed_at ",
                                 FormatDate(*draft.source.placed_at)));
    }
  };
  not_before_order("promised_by", draft.source.promised_by);
  not_before_order("shipped_at", draft.source.shipped_at);
  not_before_order("known_at", draft.source.known_on);
}

// The outcome recorded last for an order that is decided.
Expected<std::optional<OutcomeRecord>> OutcomeOfOrder(const Store& store,
                                                      const OrderRecord& order) {
  const Expected<std::vector<OutcomeRecord>> outcomes = store.Outcomes(order.seller_key, kAll);
  if (!outcomes) return std::unexpected(outcomes.error());
  const auto found = std::ranges::find_if(*outcomes, [&](const OutcomeRecord& outcome) {
    return outcome.order_id == order.order_id && outcome.outcome != OutcomeKind::kOpen;
  });
  if (found == outcomes->end()) return std::nullopt;
  return *found;
}

// An order named by its number: as it is kept, with the outcome recorded for it.
Expected<void> FillFromOrder(const Store& store, bool by_hand, Draft& draft) {
  const Expected<OrderRecord> order = store.GetOrder(*draft.order_id);
  if (!order) {
    if (by_hand && order.error().code == ErrorCode::kNotFound) return {};
    return std::unexpected(order.error());
  }
  if (by_hand) {
    if (order->seller_key == draft.source.seller_key) TakeOrder(*order, draft);
    return {};
  }
  const auto outcome = OutcomeOfOrder(store, *order);
  if (!outcome) return std::unexpected(outcome.error());
  if (*outcome) TakeOutcome(**outcome, draft);
  TakeOrder(*order, draft);
  return {};
}

Expected<void> FindEarlier(const Store& store, Draft& draft) {
  Expected<std::vector<ReportRecord>> reports = store.Reports();
  if (!reports) return std::unexpected(reports.error());
  if (!draft.order_id && draft.outcome_id) {
    // An order without a number keeps the one it was given with its first report.
    const auto same = std::ranges::find(*reports, draft.outcome_id, &ReportRecord::outcome_id);
    if (same != reports->end()) draft.order_id = same->order_id;
  }
  std::erase_if(*reports, [&](const ReportRecord& report) {
    return report.platform != draft.platform() || report.order_id != draft.order_id;
  });
  draft.earlier = std::move(*reports);
  for (const ReportRecord& report : draft.earlier) {
    const Expected<report::Report> parsed = report::Report::Parse(report.report);
    if (!parsed) continue;
    draft.source.revision = std::max(draft.source.revision, parsed->revision + 1);
    if (IsLive(report.state)) draft.source.enrolled |= parsed->enrolled;
  }
  return {};
}

Expected<Draft> ReadDraft(ActionContext& context, const Json& request,
                          const std::optional<ReportRecord>& revised) {
  Fields fields(request, context);
  Draft draft;
  draft.source.today = fields.today();
  std::optional<std::string> seller = fields.NewSellerKey("seller_key");
  draft.outcome_id = fields.Int("outcome_id", 1, kAll);
  draft.order_id = fields.Text("order_id", kOrderIdCharsMax);
  const bool enrol = request.contains("enrol") && request["enrol"] == true;
  const bool by_hand = fields.Has("outcome") || (enrol && fields.Has("placed_at"));
  if (by_hand) ReadByHand(fields, draft);
  if (fields.error()) return std::unexpected(*fields.error());
  if (revised) {
    if (!seller) seller = revised->seller_key;
    if (!draft.order_id) draft.order_id = revised->order_id;
    if (!by_hand && !draft.outcome_id) draft.outcome_id = revised->outcome_id;
  }
  draft.source.seller_key = seller.value_or("");
  Expected<void> filled;
  if (draft.outcome_id && !by_hand) {
    const Expected<OutcomeRecord> outcome = context.store.GetOutcome(*draft.outcome_id);
    if (!outcome) return std::unexpected(outcome.error());
    TakeOutcome(*outcome, draft);
  } else if (draft.order_id) {
    filled = FillFromOrder(context.store, by_hand, draft);
  } else if (!by_hand) {
    return Fail(ErrorCode::kBadRequest,
                "which order? outcome_id, order_id, or outcome with placed_at is needed");
  }
  if (!filled) return std::unexpected(filled.error());
  if (draft.source.seller_key.empty()) {
    return Fail(ErrorCode::kBadRequest, "seller_key: is missing");
  }
  if (seller && *seller != draft.source.seller_key) {
    return Fail(ErrorCode::kBadRequest, StrCat("seller_key: the order is of ",
                                               draft.source.seller_key, ", not of ", *seller));
  }
  if (const Expected<void> found = FindEarlier(context.store, draft); !found) {
    return std::unexpected(found.error());
  }
  if (enrol && draft.source.kind != OutcomeKind::kOpen && !draft.source.enrolled) {
    return Fail(ErrorCode::kBadRequest,
                "enrol: the outcome is known already; only an open order can be enrolled");
  }
  draft.source.enrolled |= enrol;
  return draft;
}

// Whether the reports say the same, whatever their revision.
bool SaysTheSame(const std::string& kept, const report::Report& report) {
  Expected<report::Report> parsed = report::Report::Parse(kept);
  if (!parsed) return false;
  parsed->revision = report.revision;
  return *parsed == report;
}

// Whether a proof of purchase of the one is good for the other.
bool SameOrder(const std::string& kept, const report::Report& report) {
  const Expected<report::Report> parsed = report::Report::Parse(kept);
  return parsed && parsed->seller == report.seller && parsed->week == report.week;
}

Expected<std::vector<std::string>> ReadRegistryIds(const ActionContext& context,
                                                   const Json& request) {
  std::vector<std::string> ids;
  if (request.contains("registry_ids") && request["registry_ids"].is_array()) {
    for (const Json& id : request["registry_ids"]) {
      if (!id.is_string()) continue;
      const auto known = pool::ReadRegistry(context.home, id.get_ref<const std::string&>());
      if (!known) return std::unexpected(known.error());
      if (std::ranges::find(ids, known->id) == ids.end()) ids.push_back(known->id);
    }
  }
  if (ids.empty()) {
    return Fail(ErrorCode::kBadRequest,
                "registry_ids: name at least one registry; `kaopu registry add` makes one known");
  }
  return ids;
}

// The shopper agreed to these bytes, not to others.
Expected<report::Report> Agreed(const Draft& draft, const Json& request) {
  Expected<report::Report> report = pool::Compose(draft.source);
  if (!report) return report;
  const Expected<std::string> text = RequireString(request, "text");
  if (!text) return std::unexpected(text.error());
  if (*text != report->ToText()) {
    return Fail(ErrorCode::kConflict,
                "text: the report is another one by now; look at it again before agreeing");
  }
  return report;
}

// The row that puts `report` on its way to a registry: a new one, or the waiting one with new
// bytes.
Expected<ReportRecord> RowFor(const Draft& draft, const report::Report& report,
                              const std::string& registry_id, TimeMs now) {
  ReportRecord row;
  for (const ReportRecord& earlier : draft.earlier) {
    if (earlier.registry_id != registry_id || !IsLive(earlier.state) || earlier.replaced_by) {
      continue;
    }
    if (earlier.state == ReportState::kWithdrawing) {
      return Fail(ErrorCode::kConflict, StrCat("report ", earlier.report_id,
                                               " on this order is being withdrawn; wait for that"));
    }
    if (SaysTheSame(earlier.report, report)) {
      return Fail(ErrorCode::kConflict,
                  StrCat("report ", earlier.report_id, " says the same of this order already"));
    }
    // One that may have arrived stays as it is: its receipt is still to be had.
    if (earlier.state == ReportState::kWaiting && !earlier.posted) row = earlier;
  }
  if (row.proof && !SameOrder(row.report, report)) {
    // Of another seller or week: the registry would refuse the report for it.
    row.proof.reset();
    row.proof_by.reset();
  }
  row.registry_id = registry_id;
  row.seller_key = report.seller;
  row.report = report.ToText();
  row.platform = draft.platform();
  row.order_id = *draft.order_id;
  if (draft.outcome_id) row.outcome_id = draft.outcome_id;
  row.envelope.reset();
  row.tries = 0;
  row.next_try_at = now;
  row.last_error.reset();
  row.agreed_at = now;
  return row;
}

Expected<std::vector<ReportRecord>> Queue(ActionContext& context, Draft& draft, const Json& request,
                                          const std::vector<std::string>& registry_ids) {
  const Expected<report::Report> report = Agreed(draft, request);
  if (!report) return std::unexpected(report.error());
  if (!draft.order_id) draft.order_id = pool::OwnOrderId();
  const TimeMs now = context.clock.Now();
  std::vector<ReportRecord> rows;
  for (const std::string& id : registry_ids) {
    Expected<ReportRecord> row = RowFor(draft, *report, id, now);
    if (!row) return std::unexpected(row.error());
    rows.push_back(std::move(*row));
  }
  return context.store.PutReports(std::move(rows), now);
}

Expected<std::optional<ReportRecord>> ReadRevised(ActionContext& context, const Json& request,
                                                  bool required) {
  Fields fields(request, context);
  const std::optional<int64_t> id = fields.Int("report_id", 1, kAll);
  if (!id && required) fields.Wrong("report_id", "is missing");
  if (fields.error()) return std::unexpected(*fields.error());
  if (!id) return std::nullopt;
  Expected<ReportRecord> report = context.store.GetReport(*id);
  if (!report) return std::unexpected(report.error());
  return std::move(*report);
}

}  // namespace

Expected<Json> RunReportPreview(ActionContext& context, Json& request) {
  const auto revised = ReadRevised(context, request, false);
  if (!revised) return std::unexpected(revised.error());
  const Expected<Draft> draft = ReadDraft(context, request, *revised);
  if (!draft) return std::unexpected(draft.error());
  const Expected<report::Report> report = pool::Compose(draft->source);
  if (!report) return std::unexpected(report.error());
  Json registries = Json::array();
  for (const pool::Registry& registry : pool::ListRegistries(context.home)) {
    registries.push_back(
        {{"id", registry.id}, {"name", registry.info.name}, {"origin", registry.info.origin}});
  }
  return Json{{"report", report->ToText()},
              {"reveals", pool::Reveals(*report)},
              {"registries", std::move(registries)},
              {"earlier", ReportsJson(context, draft->earlier)}};
}

Expected<Json> RunReportAdd(ActionContext& context, Json& request) {
  Expected<Draft> draft = ReadDraft(context, request, std::nullopt);
  if (!draft) return std::unexpected(draft.error());
  const auto ids = ReadRegistryIds(context, request);
  if (!ids) return std::unexpected(ids.error());
  const auto added = Queue(context, *draft, request, *ids);
  if (!added) return std::unexpected(added.error());
  return Json{{"reports", ReportsJson(context, *added)}};
}

Expected<Json> RunReportList(ActionContext& context, Json&) {
  const Expected<std::vector<ReportRecord>> reports = context.store.Reports();
  if (!reports) return std::unexpected(reports.error());
  return Json{{"reports", ReportsJson(context, *reports)}};
}

Expected<Json> RunReportRevise(ActionContext& context, Json& request) {
  const auto revised = ReadRevised(context, request, true);
  if (!revised) return std::unexpected(revised.error());
  Expected<Draft> draft = ReadDraft(context, request, *revised);
  if (!draft) return std::unexpected(draft.error());
  if (draft->order_id != (*revised)->order_id || draft->platform() != (*revised)->platform) {
    return Fail(ErrorCode::kBadRequest,
                StrCat("report ", (*revised)->report_id, " is on another order"));
  }
  const auto kept = Queue(context, *draft, request, {(*revised)->registry_id});
  if (!kept) return std::unexpected(kept.error());
  return Json{{"report", ReportsJson(context, *kept).front()}};
}

// All that was said of the order at that registry is taken back, earlier words too.
Expected<Json> RunReportWithdraw(ActionContext& context, Json& request) {
  const auto asked = ReadRevised(context, request, true);
  if (!asked) return std::unexpected(asked.error());
  const Expected<std::vector<ReportRecord>> reports = context.store.Reports();
  if (!reports) return std::unexpected(reports.error());
  const TimeMs now = context.clock.Now();
  std::vector<ReportRecord> changed;
  for (ReportRecord report : *reports) {
    if (report.registry_id != (*asked)->registry_id || report.platform != (*asked)->platform ||
        report.order_id != (*asked)->order_id) {
      continue;
    }
    const bool may_be_there = report.state == ReportState::kSent ||
                              (report.state == ReportState::kWaiting && report.posted);
    if (may_be_there) {
      report.state = ReportState::kWithdrawing;
    } else if (report.state == ReportState::kWaiting || report.state == ReportState::kRefused) {
      report.state = ReportState::kWithdrawn;
      report.envelope.reset();
    } else {
      continue;  // taken back or gone already
    }
    report.withdrawn_at = now;
    report.tries = 0;
    report.next_try_at = now;
    report.last_error.reset();
    changed.push_back(std::move(report));
  }
  if (auto kept = context.store.PutReports(std::move(changed), now); !kept) {
    return std::unexpected(kept.error());
  }
  const Expected<ReportRecord> report = context.store.GetReport((*asked)->report_id);
  if (!report) return std::unexpected(report.error());
  return Json{{"report", ReportsJson(context, {&*report, 1}).front()}};
}

}  // namespace kaopu
