// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "registry/http/rate_limit.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sodium.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace kaopu {
namespace {

constexpr size_t kBuckets = 65'536;
constexpr std::chrono::hours kSecretHolds{24};

AddressPrefix OfV4(const in_addr& address) { return {reinterpret_cast<const char*>(&address), 3}; }
AddressPrefix OfV6(const in6_addr& address) {
  if (IN6_IS_ADDR_V4MAPPED(&address)) {
    return {reinterpret_cast<const char*>(&address.s6_addr[12]), 3};
  }
  return {reinterpret_cast<const char*>(&address), 6};
}

}  // namespace

bool IsThisMachine(const sockaddr* address) {
  if (address == nullptr) return false;
  if (address->sa_family == AF_UNIX) return true;
  if (address->sa_family == AF_INET) {
    sockaddr_in v4;
    std::memcpy(&v4, address, sizeof v4);
    return ntohl(v4.sin_addr.s_addr) >> 24 == 127;
  }
  if (address->sa_family != AF_INET6) return false;
  sockaddr_in6 v6;
  std::memcpy(&v6, address, sizeof v6);
  return IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr) ||
         (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr) && v6.sin6_addr.s6_addr[12] == 127);
}

std::optional<AddressPrefix> PrefixOf(const sockaddr* address) {
  if (address == nullptr || IsThisMachine(address)) return std::nullopt;
  if (address->sa_family == AF_INET) {
    sockaddr_in v4;
    std::memcpy(&v4, address, sizeof v4);
    return OfV4(v4.sin_addr);
  }
  if (address->sa_family != AF_INET6) return std::nullopt;
  sockaddr_in6 v6;
  std::memcpy(&v6, address, sizeof v6);
  return OfV6(v6.sin6_addr);
}

std::optional<AddressPrefix> PrefixOf(std::string_view text) {
  const std::string owned(text.substr(0, 64));
  in_addr v4;
  in6_addr v6;
  if (inet_pton(AF_INET, owned.c_str(), &v4) == 1) return OfV4(v4);
  if (inet_pton(AF_INET6, owned.c_str(), &v6) == 1) return OfV6(v6);
  return std::nullopt;
}

RateLimit::RateLimit(double per_s, double burst)
    : per_s_(per_s), burst_(burst), buckets_(kBuckets) {
  if (sodium_init() < 0) std::abort();  // no randomness on this machine
}

uint64_t RateLimit::HashLocked(const AddressPrefix& prefix, Time now) {
  if (secret_since_ == Time{} || now - secret_since_ > kSecretHolds) {
    randombytes_buf(secret_.data(), secret_.size());
    secret_since_ = now;
    std::fill(buckets_.begin(), buckets_.end(), Bucket{burst_, now});
  }
  std::array<unsigned char, crypto_generichash_BYTES_MIN> hash;
  crypto_generichash(hash.data(), hash.size(),
                     reinterpret_cast<const unsigned char*>(prefix.data()), prefix.size(),
                     secret_.data(), secret_.size());
  uint64_t number;
  std::memcpy(&number, hash.data(), sizeof number);
  return number;
}

uint64_t RateLimit::HashOf(const AddressPrefix& prefix, Time now) {
  const std::lock_guard lock(mutex_);
  return HashLocked(prefix, now);
}

bool RateLimit::Allow(const AddressPrefix& prefix, Time now) {
  const std::lock_guard lock(mutex_);
  Bucket& bucket = buckets_[HashLocked(prefix, now) % kBuckets];
  const double seconds = std::chrono::duration<double>(now - bucket.at).count();
  bucket.left = std::min(burst_, bucket.left + std::max(0.0, seconds) * per_s_);
  bucket.at = now;
  if (bucket.left < 1) return false;
  bucket.left -= 1;
  return true;
}

}  // namespace kaopu
