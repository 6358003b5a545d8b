// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Every operation's function; what each takes and gives stands in host/docs/protocol.md.
#pragma once

#include "messaging/action.h"

namespace kaopu {

Expected<Json> RunPlan(ActionContext& context, Json& request);
Expected<Json> RunCheckPage(ActionContext& context, Json& request);
Expected<Json> RunCheckSeller(ActionContext& context, Json& request);
Expected<Json> RunWhy(ActionContext& context, Json& request);

Expected<Json> RunOutcomeAdd(ActionContext& context, Json& request);
Expected<Json> RunOutcomeList(ActionContext& context, Json& request);
Expected<Json> RunOutcomeEdit(ActionContext& context, Json& request);
Expected<Json> RunOutcomeRemove(ActionContext& context, Json& request);
Expected<Json> RunOutcomeUndo(ActionContext& context, Json& request);

Expected<Json> RunOrderAdd(ActionContext& context, Json& request);
Expected<Json> RunOrderSet(ActionContext& context, Json& request);
Expected<Json> RunOrderList(ActionContext& context, Json& request);
Expected<Json> RunOrderShow(ActionContext& context, Json& request);
Expected<Json> RunOrderUndo(ActionContext& context, Json& request);

Expected<Json> RunReportPreview(ActionContext& context, Json& request);
Expected<Json> RunReportAdd(ActionContext& context, Json& request);
Expected<Json> RunReportList(ActionContext& context, Json& request);
Expected<Json> RunReportRevise(ActionContext& context, Json& request);
Expected<Json> RunReportWithdraw(ActionContext& context, Json& request);
Expected<Json> RunPoolStatus(ActionContext& context, Json& request);
Expected<Json> RunPoolSync(ActionContext& context, Json& request);
Expected<Json> RunRangePreview(ActionContext& context, Json& request);
Expected<Json> RunRangeFetch(ActionContext& context, Json& request);

Expected<Json> RunSettingsGet(ActionContext& context, Json& request);
Expected<Json> RunSettingsSet(ActionContext& context, Json& request);
Expected<Json> RunDataExport(ActionContext& context, Json& request);
Expected<Json> RunDataDelete(ActionContext& context, Json& request);

}  // namespace kaopu
