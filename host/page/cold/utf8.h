// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#pragma once

#include <cstddef>
#include <string_view>

namespace kaopu {

inline constexpr char32_t kInvalidUtf8 = 0xFFFFFFFF;

// The code point at `pos`, which moves past it. A byte that begins no well-formed sequence
// (overlong, surrogate, beyond U+10FFFF, cut short) is kInvalidUtf8 and `pos` moves past what of it
// was well-formed, at least one byte. pos < text.size().
inline char32_t NextCodePoint(std::string_view text, size_t& pos) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(pos++);
  if (lead < 0x80) return lead;
  if (lead < 0xC2 || lead > 0xF4) return kInvalidUtf8;
  const int more = lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3;
  char32_t point = lead & (0x3F >> more);
  for (int i = 0; i < more; ++i) {
    if (pos >= text.size()) return kInvalidUtf8;
    const unsigned char low = i > 0 ? 0x80 : lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    const unsigned char high = i > 0 ? 0xBF : lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (byte(pos) < low || byte(pos) > high) return kInvalidUtf8;
    point = point << 6 | (byte(pos++) & 0x3F);
  }
  return point;
}

}  // namespace kaopu
