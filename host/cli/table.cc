// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "cli/table.h"

#include <algorithm>

#include "base/display_width.h"
#include "cli/words.h"

namespace kaopu {
namespace {

constexpr size_t kCellColumnsMax = 40;

}  // namespace

std::string Table::Print() const {
  std::vector<std::vector<std::string>> cells;
  std::vector<size_t> widths;
  for (const std::vector<std::string>& row : rows_) {
    cells.emplace_back();
    for (size_t column = 0; column < row.size(); ++column) {
      cells.back().push_back(CutToWidth(TerminalSafe(row[column]), kCellColumnsMax));
      if (column == widths.size()) widths.push_back(0);
      widths[column] = std::max(widths[column], DisplayWidth(cells.back().back()));
    }
  }
  std::string out;
  for (const std::vector<std::string>& row : cells) {
    std::string line;
    for (size_t column = 0; column < row.size(); ++column) {
      line += row[column];
      if (column + 1 < row.size()) line.append(widths[column] + 2 - DisplayWidth(row[column]), ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + '\n';
  }
  return out;
}

}  // namespace kaopu
