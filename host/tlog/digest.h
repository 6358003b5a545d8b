// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// SHA-256 and the two encodings the public log's texts use.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace kaopu::tlog {

inline constexpr size_t kDigestBytes = 32;
using Digest = std::array<uint8_t, kDigestBytes>;

// SHA-256 of the parts, one after another.
Digest Sha256(std::initializer_list<std::string_view> parts);

inline std::string_view AsText(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

// Standard base64 with padding (RFC 4648, section 4). Decoding takes nothing but the one canonical
// form: no white space, no missing padding, no stray bits.
std::string ToBase64(std::string_view bytes);
std::optional<std::string> FromBase64(std::string_view text);
// A digest written as base64; empty where the text is no base64 or not 32 bytes long.
std::optional<Digest> DigestFromBase64(std::string_view text);

}  // namespace kaopu::tlog
