// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Every operation's function; what each takes and gives stands in host/docs/protocol.md.
#pragma once

#include "messaging/action.h"

namespace kaopu {

Expected<Json> RunPlan(ActionContext& context, const Json& request);
Expected<Json> RunCheckPage(ActionContext& context, const Json& request);
Expected<Json> RunCheckSeller(ActionContext& context, const Json& request);
Expected<Json> RunWhy(ActionContext& context, const Json& request);

Expected<Json> RunOutcomeAdd(ActionContext& context, const Json& request);
Expected<Json> RunOutcomeList(ActionContext& context, const Json& request);
Expected<Json> RunOutcomeEdit(ActionContext& context, const Json& request);
Expected<Json> RunOutcomeRemove(ActionContext& context, const Json& request);
Expected<Json> RunOutcomeUndo(ActionContext& context, const Json& request);

Expected<Json> RunOrderAdd(ActionContext& context, const Json& request);
Expected<Json> RunOrderSet(ActionContext& context, const Json& request);
Expected<Json> RunOrderList(ActionContext& context, const Json& request);
Expected<Json> RunOrderShow(ActionContext& context, const Json& request);
Expected<Json> RunOrderUndo(ActionContext& context, const Json& request);

Expected<Json> RunReportPreview(ActionContext& context, const Json& request);
Expected<Json> RunReportAdd(ActionContext& context, const Json& request);
Expected<Json> RunReportList(ActionContext& context, const Json& request);
Expected<Json> RunReportRevise(ActionContext& context, const Json& request);
Expected<Json> RunReportWithdraw(ActionContext& context, const Json& request);
Expected<Json> RunPoolStatus(ActionContext& context, const Json& request);
Expected<Json> RunPoolSync(ActionContext& context, const Json& request);

Expected<Json> RunSettingsGet(ActionContext& context, const Json& request);
Expected<Json> RunSettingsSet(ActionContext& context, const Json& request);
Expected<Json> RunDataExport(ActionContext& context, const Json& request);
Expected<Json> RunDataDelete(ActionContext& context, const Json& request);

}  // namespace kaopu
