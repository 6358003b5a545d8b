// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "base/display_width.h"

#include <cstdint>

namespace kaopu {
namespace {

// The character that starts at `at`, which moves on past it.
uint32_t NextCharacter(std::string_view text, size_t& at) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(at);
  const size_t length = lead < 0x80    ? 1
                        : lead >= 0xf0 ? 4
                        : lead >= 0xe0 ? 3
                        : lead >= 0xc0 ? 2
                                       : 1;
  uint32_t character = length == 1 ? lead : lead & (0x7f >> length);
  size_t end = at + 1;
  for (; end < at + length && end < text.size() && (byte(end) & 0xc0) == 0x80; ++end) {
    character = character << 6 | (byte(end) & 0x3f);
  }
  at = end;
  return character;
}

size_t WidthOf(uint32_t character) {
  const auto in = [character](uint32_t low, uint32_t high) {
    return character >= low && character <= high;
  };
  if (in(0x300, 0x36f) || in(0x200b, 0x200f) || in(0xfe00, 0xfe0f)) return 0;
  const bool wide = in(0x1100, 0x115f) || in(0x2e80, 0xa4cf) || in(0xac00, 0xd7a3) ||
                    in(0xf900, 0xfaff) || in(0xfe30, 0xfe6f) || in(0xff00, 0xff60) ||
                    in(0xffe0, 0xffe6) || in(0x1f300, 0x1f64f) || in(0x1f900, 0x1f9ff) ||
                    in(0x20000, 0x3fffd);
  return wide ? 2 : 1;
}

}  // namespace

size_t DisplayWidth(std::string_view utf8) {
  size_t width = 0, at = 0;
  while (at < utf8.size()) width += WidthOf(NextCharacter(utf8, at));
  return width;
}

std::string CutToWidth(std::string_view utf8, size_t columns) {
  size_t width = 0, at = 0;
  while (at < utf8.size()) {
    const size_t start = at;
    width += WidthOf(NextCharacter(utf8, at));
    if (width > columns) return std::string(utf8.substr(0, start)) + "…";
  }
  return std::string(utf8);
}

}  // namespace kaopu
