// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The shared database's file on the shopper's disk: pages of 4096 bytes, keys sorted and
// compressed, a payload of fixed width beside each. Byte by byte: host/docs/index_format.md.
// Everything in it is DISK: what stands here never changes under the same version.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "reputation/risk.h"

namespace kaopu::index {

inline constexpr size_t kPageBytes = 4096;
inline constexpr size_t kChecksumBytes = 4;  // the last of each page
inline constexpr size_t kContentBytes = kPageBytes - kChecksumBytes;
inline constexpr size_t kKeysPerDirectoryPage = 511;
inline constexpr unsigned kPrefixBitsMax = 16;
inline constexpr unsigned kFieldBitsMax = 56;  // of anything read out of packed bits

using Page = std::span<const uint8_t, kPageBytes>;
using PageBytes = std::array<uint8_t, kPageBytes>;

// The first 64 bits of a seller's keyed hash (key_hash.h).
using Key = uint64_t;
// What stands beside a key: Layout::words numbers of Layout::word_bits bits; the others are 0.
inline constexpr size_t kPayloadWordsMax = 4;
using Payload = std::array<uint64_t, kPayloadWordsMax>;

enum class Kind : uint8_t {
  kSellers = 1,  // seller_row.h: 6 bytes, every seller with evidence
  kDetails = 2,  // seller_detail.h: 25 bytes, sellers with five reports or more
};
std::string_view KindName(Kind kind);  // sellers, details

// How keys and payloads are packed. All that a page needs to be read.
struct Layout {
  uint8_t low_bits = 0;  // of a key's distance from the first of its page, kept as they are
  uint8_t words = 0, word_bits = 0;
  uint8_t prefix_bits = 0;  // all keys of the file begin with the same bits
  uint16_t prefix = 0;

  unsigned PayloadBits() const { return unsigned{words} * word_bits; }
  unsigned EntryBits() const { return low_bits + PayloadBits(); }
  Key FirstKey() const { return prefix_bits == 0 ? 0 : Key{prefix} << (64 - prefix_bits); }
  Key LastKey() const { return FirstKey() + (~Key{0} >> prefix_bits); }
};

// The width that costs least for `count` keys spread evenly.
Layout LayoutFor(Kind kind, uint64_t count, unsigned prefix_bits, uint16_t prefix);

using Salt = std::array<uint8_t, 16>;
inline constexpr size_t kOriginBytesMax = 128;
inline constexpr size_t kShardBytesMax = 32;
inline constexpr size_t kWeightCodes = 256;

// The weight in orders (times 2^10) that each code of a row stands for: 0, then 2^-4 orders, twelve
// steps an octave.
using WeightTable = std::array<uint32_t, kWeightCodes>;
inline constexpr int kWeightBits = 10;
const WeightTable& StandardWeights();

struct Header {
  Kind kind = Kind::kSellers;
  Layout layout;
  uint64_t count = 0;
  uint32_t data_pages = 0, directory_pages = 0;
  uint32_t base_day = 0;  // days since 1970; rows count days from here
  uint64_t publish = 0;   // rises with every publish of a registry
  Salt salt{};            // of the keyed hash; changes only with a new base
  std::string shard;      // platform, as in a seller key; empty = every platform
  std::string origin;     // name of the registry's log
  std::array<uint32_t, kHalfLives> half_life{};  // minutes
  Epoch epoch;                                   // as-of time and priors, applied when looking up
  WeightTable weights{};

  Date AsOf() const { return Date{std::chrono::days{epoch.at / kMinutesADay}}; }
};

PageBytes EncodeHeader(const Header& header);
// kBadRequest: not such a file. kUnsupported: a newer version. kDamaged: checksum, or a value out
// of its range; the message names it.
Expected<Header> DecodeHeader(Page page);
// What DecodeHeader asks of the values, for who is about to write one. kBadRequest names the value.
Expected<void> CheckHeader(const Header& header);

// XXH3 of a page's content, seeded with its number: another page in its place is told too.
uint32_t PageChecksum(Page page, uint64_t number);
void SealPage(PageBytes& page, uint64_t number);
bool IsPageWhole(Page page, uint64_t number);

template <typename T>
T LoadLittle(const uint8_t* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  if constexpr (std::endian::native == std::endian::big) value = std::byteswap(value);
  return value;
}
template <typename T>
void StoreLittle(uint8_t* to, T value) {
  if constexpr (std::endian::native == std::endian::big) value = std::byteswap(value);
  std::memcpy(to, &value, sizeof value);
}

}  // namespace kaopu::index
