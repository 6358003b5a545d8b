// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "index/key_hash.h"

#include <sodium/crypto_generichash_blake2b.h>

#include <array>

namespace kaopu::index {

SellerHash HashSeller(const Salt& salt, std::string_view seller_key) {
  static_assert(sizeof(Salt) >= crypto_generichash_blake2b_KEYBYTES_MIN);
  std::array<uint8_t, 16> hash;
  crypto_generichash_blake2b(hash.data(), hash.size(),
                             reinterpret_cast<const unsigned char*>(seller_key.data()),
                             seller_key.size(), salt.data(), salt.size());
  const auto big = [&](size_t from, size_t bytes) {
    uint64_t value = 0;
    for (size_t i = 0; i < bytes; ++i) value = value << 8 | hash[from + i];
    return value;
  };
  return {.key = big(0, 8), .check = static_cast<uint32_t>(big(8, 4))};
}

}  // namespace kaopu::index
