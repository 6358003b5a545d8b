// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// A registry's published reports as a data set.
#pragma once

#include <functional>

#include "base/error.h"
#include "registry/audit/registry_audit.h"
#include "registry/exchange/report_lines.h"
#include "tlog/tiles.h"

namespace kaopu {

struct ExportOptions {
  // How many will follow, before the first.
  std::function<void(const ExchangeHeader& header)> begin;
  std::function<void(const ExchangedReport& report)> report;
};

// The last word on each order that the newest publish weighs, in the log's order, from public files
// that `audit` found whole. kNotFound: nothing was published yet. kDamaged where a file has changed
// since.
Expected<void> ExportReports(const tlog::ReadLogFile& read, const RegistryAudit& audit,
                             const ExportOptions& options);

}  // namespace kaopu
