// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// What fuzz targets demand; a fuzzer takes an abort for a find.
#pragma once

#include <cstdlib>
#include <string>
#include <string_view>

namespace kaopu::testing {

inline void Must(bool holds) {
  if (!holds) std::abort();
}

// What T reads of a text it writes, and reads again as the same.
template <class T>
void MustReadBack(std::string_view text) {
  const auto read = T::Parse(text);
  if (!read) return;
  const std::string written = read->ToText();
  const auto again = T::Parse(written);
  Must(again && again->ToText() == written);
}

}  // namespace kaopu::testing
