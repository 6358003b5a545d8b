// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "base/csv.h"

#include <cstddef>

namespace kaopu {

std::optional<std::vector<std::string>> SplitCsvFields(std::string_view line) {
  std::vector<std::string> fields(1);
  for (size_t i = 0; i < line.size();) {
    if (line[i] == ',') {
      fields.emplace_back();
      ++i;
    } else if (line[i] == '"' && fields.back().empty()) {
      for (++i;; ++i) {
        if (i >= line.size()) return std::nullopt;
        if (line[i] == '"' && (++i >= line.size() || line[i] != '"')) break;
        fields.back() += line[i];
      }
      if (i < line.size() && line[i] != ',') return std::nullopt;
    } else {
      fields.back() += line[i++];
    }
  }
  return fields;
}

void WriteCsvField(std::ostream& out, std::string_view field) {
  if (field.find_first_of(",\"\r\n") == field.npos) {
    out << field;
    return;
  }
  out << '"';
  for (const char c : field) {
    if (c == '"') out << '"';
    out << c;
  }
  out << '"';
}

}  // namespace kaopu
