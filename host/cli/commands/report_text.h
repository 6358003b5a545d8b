// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Reports as a person reads them in a terminal: what one tells before it is agreed to, where each
// stands, what waits in the outbox.
#pragma once

#include <string>

#include "base/clock.h"
#include "base/json.h"
#include "cli/words.h"

namespace kaopu {

// A reply of report_preview: what it tells whom, then the exact bytes.
std::string PreviewText(const Json& preview, const Words& words);

// Reports as `report_list` gives them, as a table with what went wrong below; "" for none.
std::string ReportTable(const Json& reports, const Words& words);

// Those that are still to be sent or taken back: tries, the next one, what went wrong; "" for none.
std::string OutboxText(const Json& reports, TimeMs now, const Words& words);

// Still to be sent or taken back.
bool IsOnItsWay(const Json& report);

// "in 12 minutes"; now or past: "with the next sync".
std::string NextTry(TimeMs at, TimeMs now, const Words& words);

}  // namespace kaopu
