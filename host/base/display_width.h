// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Columns that a terminal uses for UTF-8 text: 2 for an East Asian wide character, 0 for a
// combining one, else 1. Bytes that are no UTF-8 count as one character each.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace kaopu {

size_t DisplayWidth(std::string_view utf8);

// As much of the text as takes `columns`, with "…" where that is not all.
std::string CutToWidth(std::string_view utf8, size_t columns);

}  // namespace kaopu
