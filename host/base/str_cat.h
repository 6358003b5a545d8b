// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// StrCat("cannot open ", path, ": ", 3): message text from strings and integers (g++ 12 has no
// std::format).
#pragma once

#include <concepts>
#include <string>
#include <string_view>

namespace kaopu {
namespace internal {

inline void Append(std::string& out, std::string_view piece) { out += piece; }
inline void Append(std::string& out, char piece) { out += piece; }
template <std::integral T>
void Append(std::string& out, T piece) {
  out += std::to_string(piece);
}

}  // namespace internal

template <typename... Pieces>
std::string StrCat(const Pieces&... pieces) {
  std::string out;
  (internal::Append(out, pieces), ...);
  return out;
}

// `value` in decimal, zeros in front up to `width`.
inline std::string ZeroPadded(long long value, size_t width) {
  std::string digits = std::to_string(value);
  return digits.size() < width ? std::string(width - digits.size(), '0') + digits : digits;
}

}  // namespace kaopu
