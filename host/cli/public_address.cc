// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include "cli/fetch.h"

namespace kaopu {
namespace {

struct Prefix4 {
  uint32_t address;
  int bits;
};

constexpr uint32_t V4(uint32_t a, uint32_t b, uint32_t c, uint32_t d) {
  return a << 24 | b << 16 | c << 8 | d;
}

// IANA IPv4 special-purpose address registry (iana-ipv4-special-registry), and multicast.
constexpr std::array kNotPublic4 = {
    Prefix4{V4(0, 0, 0, 0), 8},      Prefix4{V4(10, 0, 0, 0), 8},
    Prefix4{V4(100, 64, 0, 0), 10},  Prefix4{V4(127, 0, 0, 0), 8},
    Prefix4{V4(169, 254, 0, 0), 16}, Prefix4{V4(172, 16, 0, 0), 12},
    Prefix4{V4(192, 0, 0, 0), 24},   Prefix4{V4(192, 0, 2, 0), 24},
    Prefix4{V4(192, 88, 99, 0), 24}, Prefix4{V4(192, 168, 0, 0), 16},
    Prefix4{V4(198, 18, 0, 0), 15},  Prefix4{V4(198, 51, 100, 0), 24},
    Prefix4{V4(203, 0, 113, 0), 24}, Prefix4{V4(224, 0, 0, 0), 4},
    Prefix4{V4(240, 0, 0, 0), 4},
};

bool IsPublic4(uint32_t address) {
  return std::ranges::none_of(kNotPublic4, [&](const Prefix4& prefix) {
    return (address ^ prefix.address) >> (32 - prefix.bits) == 0;
  });
}

struct Prefix6 {
  std::array<uint8_t, 16> address;
  int bits;
};

bool Matches(const Prefix6& prefix, const uint8_t* address) {
  const int whole = prefix.bits / 8;
  if (std::memcmp(prefix.address.data(), address, static_cast<size_t>(whole)) != 0) return false;
  const int rest = prefix.bits % 8;
  return rest == 0 || (prefix.address[whole] ^ address[whole]) >> (8 - rest) == 0;
}

// Only 2000::/3 is given out at all (iana-ipv6-unicast-address-assignments); in it, these are not
// public.
constexpr Prefix6 kGlobalUnicast = {{0x20}, 3};
constexpr std::array kNotPublic6 = {
    Prefix6{{0x20, 0x01, 0x00}, 23},        // 2001::/23: protocol assignments, Teredo, ORCHID
    Prefix6{{0x20, 0x01, 0x0d, 0xb8}, 32},  // documentation
    Prefix6{{0x20, 0x02}, 16},              // 6to4: any IPv4 address inside
    Prefix6{{0x3f, 0xff, 0x00}, 20},        // documentation
};
// The last 32 bits are an IPv4 address.
constexpr std::array kEmbedded4 = {
    Prefix6{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96},  // mapped
    Prefix6{{0x00, 0x64, 0xff, 0x9b}, 96},                    // NAT64
};

bool IsPublic6(const uint8_t* address) {
  const auto matches = [&](const Prefix6& prefix) { return Matches(prefix, address); };
  if (std::ranges::any_of(kEmbedded4, matches)) {
    return IsPublic4(V4(address[12], address[13], address[14], address[15]));
  }
  return matches(kGlobalUnicast) && std::ranges::none_of(kNotPublic6, matches);
}

}  // namespace

bool IsPublicAddress(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    sockaddr_in v4;
    std::memcpy(&v4, &address, sizeof v4);
    return IsPublic4(ntohl(v4.sin_addr.s_addr));
  }
  if (address.sa_family == AF_INET6) {
    sockaddr_in6 v6;
    std::memcpy(&v6, &address, sizeof v6);
    return IsPublic6(v6.sin6_addr.s6_addr);
  }
  return false;
}

}  // namespace kaopu
