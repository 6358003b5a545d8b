// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Names of up to eight bytes as one number: tags and attributes are told apart by one comparison,
// or a switch.
#pragma once

#include <cstdint>
#include <string_view>

namespace kaopu {

inline constexpr uint64_t kLongName = UINT64_MAX;  // what no short name packs to

constexpr uint64_t PackName(std::string_view name) {
  if (name.size() > 8) return kLongName;
  uint64_t packed = 0;
  for (const char c : name) packed = packed << 8 | static_cast<unsigned char>(c);
  return packed;
}

// The same for a name that ends with NUL.
constexpr uint64_t PackName(const char* name) {
  uint64_t packed = 0;
  for (int i = 0; name[i] != '\0'; ++i) {
    if (i == 8) return kLongName;
    packed = packed << 8 | static_cast<unsigned char>(name[i]);
  }
  return packed;
}

}  // namespace kaopu
