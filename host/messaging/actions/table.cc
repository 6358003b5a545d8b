// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include <array>

#include "base/str_cat.h"
#include "messaging/actions/fields.h"
#include "messaging/actions/handlers.h"

namespace kaopu {
namespace {

// WIRE
constexpr std::array<ActionRow, 27> kActions = {{
    {"plan", RunPlan},
    {"check_page", RunCheckPage},
    {"check_seller", RunCheckSeller},
    {"why", RunWhy},
    {"outcome_add", RunOutcomeAdd},
    {"outcome_list", RunOutcomeList},
    {"outcome_edit", RunOutcomeEdit},
    {"outcome_remove", RunOutcomeRemove},
    {"outcome_undo", RunOutcomeUndo},
    {"order_add", RunOrderAdd},
    {"order_set", RunOrderSet},
    {"order_list", RunOrderList},
    {"order_show", RunOrderShow},
    {"order_undo", RunOrderUndo},
    {"report_preview", RunReportPreview},
    {"report_add", RunReportAdd},
    {"report_list", RunReportList},
    {"report_revise", RunReportRevise},
    {"report_withdraw", RunReportWithdraw},
    {"pool_status", RunPoolStatus},
    {"pool_sync", RunPoolSync},
    {"range_preview", RunRangePreview},
    {"range_fetch", RunRangeFetch},
    {"settings_get", RunSettingsGet},
    {"settings_set", RunSettingsSet},
    {"data_export", RunDataExport},
    {"data_delete", RunDataDelete},
}};

}  // namespace

std::span<const ActionRow> Actions() { return kActions; }

Expected<Json> RunAction(ActionContext& context, std::string_view op, Json request) {
  for (const ActionRow& row : kActions) {
    if (row.op == op) return row.run(context, request);
  }
  return Fail(ErrorCode::kUnsupported, StrCat("this host knows no operation ", Quoted(op)));
}

}  // namespace kaopu
