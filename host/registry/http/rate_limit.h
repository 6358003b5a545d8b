// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// How often one neighbourhood of addresses (IPv4 /24, IPv6 /48) may ask. Kept in memory alone, by a
// hash whose secret is drawn anew every day: no address is stored, and yesterday's cannot be told.
#pragma once

#include <sys/socket.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kaopu {

// The neighbourhood of an address; nullopt for this machine itself and for what is none.
using AddressPrefix = std::string;
std::optional<AddressPrefix> PrefixOf(const sockaddr* address);
std::optional<AddressPrefix> PrefixOf(std::string_view address_text);
bool IsThisMachine(const sockaddr* address);

class RateLimit {
 public:
  using Time = std::chrono::steady_clock::time_point;
  // So many a second in the long run, `burst` at once.
  RateLimit(double per_s, double burst);
  // Any thread. False: too many. Unrelated neighbourhoods share an allowance once in 65,536.
  bool Allow(const AddressPrefix& prefix, Time now);
  // A number for a neighbourhood that nobody else can tell; changes every day.
  uint64_t HashOf(const AddressPrefix& prefix, Time now);

 private:
  struct Bucket {
    double left = 0;
    Time at{};
  };
  uint64_t HashLocked(const AddressPrefix& prefix, Time now);

  const double per_s_, burst_;
  std::mutex mutex_;
  std::array<unsigned char, 32> secret_{};
  Time secret_since_{};
  std::vector<Bucket> buckets_;
};

}  // namespace kaopu
