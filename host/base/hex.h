// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Hexadecimal text. What is written is in lower case.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace kaopu {

// Two digits a byte.
std::string HexOf(std::span<const uint8_t> bytes);
// The lowest `digits` digits of a number, zeros in front.
std::string HexDigits(uint64_t value, unsigned digits);
// Fills `bytes`; false unless the text is two digits for each of them, in either case.
bool ReadHex(std::string_view text, std::span<uint8_t> bytes);

}  // namespace kaopu
