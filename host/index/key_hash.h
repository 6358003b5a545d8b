// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Seller key -> what an index is searched by: BLAKE2b (RFC 7693) of the seller key's bytes, keyed
// with the index's salt, 16 bytes out. The salt is drawn when a registry begins a new base, so no
// names can be made for it before; and it is public afterwards. To find a name that falls on one
// given seller of N takes 2^64 / N hashes; with the check that stands in the details of each seller
// with five reports or more, 2^96.
#pragma once

#include <string_view>

#include "index/format.h"

namespace kaopu::index {

struct SellerHash {
  Key key = 0;         // bytes 0..7, big-endian, so that a prefix of the hash is one of the key
  uint32_t check = 0;  // bytes 8..11, big-endian
};

SellerHash HashSeller(const Salt& salt, std::string_view seller_key);

}  // namespace kaopu::index
