// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Comma-separated values, a line at a time: a field may stand in double quotes, "" inside is one
// (RFC 4180, but for line ends inside of quotes).
#pragma once

#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace kaopu {

// nullopt: a quote is not closed, or something follows it.
std::optional<std::vector<std::string>> SplitCsvFields(std::string_view line);

// A field, in quotes where it has to be.
void WriteCsvField(std::ostream& out, std::string_view field);

}  // namespace kaopu
