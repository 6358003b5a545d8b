// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors

// Reports from elsewhere: any bytes give reports that can be written and read again, or an error.
#include <cstdint>
#include <cstdlib>
#include <sstream>
#include <string>

#include "registry/exchange/report_lines.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace kaopu;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto file = ParseExchange(text, std::nullopt);
  if (!file) return 0;
  if (file->is_signed) std::abort();
  std::ostringstream table;
  WriteCsvHeading(table);
  std::string lines = HeaderLine({.source = "x", .reports = file->reports.size()}) + "\n";
  for (const ExchangedReport& one : file->reports) {
    if (one.order.empty() == one.order_id.empty()) std::abort();
    if (one.order.empty()) return 0;  // the platform's numbers are read, never written
    if (one.order.find_first_of("\r\n") != one.order.npos) return 0;  // no line of a table
    lines += ReportLine(one) + "\n";
    WriteCsvReport(table, one);
  }
  const auto again = ParseExchange(lines, std::nullopt);
  if (!again || again->reports.size() != file->reports.size()) std::abort();
  if (!ParseExchange(table.str(), std::nullopt)) std::abort();
  return 0;
}
