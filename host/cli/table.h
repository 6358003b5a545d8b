// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Aligned columns for a terminal; a Chinese character takes two of them.
#pragma once

#include <string>
#include <vector>

namespace kaopu {

class Table {
 public:
  explicit Table(std::vector<std::string> head) : rows_{std::move(head)} {}
  void Add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  bool empty() const { return rows_.size() == 1; }

  // Head, then rows, each line ended, columns two spaces apart; texts made safe for a terminal,
  // long ones cut at 40 columns.
  std::string Print() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace kaopu
