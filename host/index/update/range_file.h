// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// An index cut by the leading bits of its keys, for who has no room for the whole: each range is
// two small index files like any other, all of them padded to one size in one file, so that what
// was fetched is told neither by a length nor by a name. Each proves by itself that it belongs to
// the cut whose root the registry signed. Format: host/docs/index_format.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

#include "index/index_file.h"
#include "tlog/merkle.h"

namespace kaopu::index {

inline constexpr uint64_t kRangeFileBytesMax = uint64_t{4} << 30;

// What a registry's log says of a cut index.
struct CutIndex {
  unsigned bits = 0;                              // 1..kPrefixBitsMax: 2^bits ranges
  uint64_t sellers_bytes = 0, details_bytes = 0;  // of each range, padded: whole pages
  uint64_t sellers = 0;                           // in all of them
  Salt salt{};                                    // of the keyed hash
  tlog::Digest root{};                            // RFC 6962, a leaf a range

  uint64_t Ranges() const { return uint64_t{1} << bits; }
  uint64_t ContentBytes() const { return sellers_bytes + details_bytes; }
  uint64_t SlotBytes() const { return ContentBytes() + bits * tlog::kDigestBytes; }
  uint64_t FileBytes() const { return Ranges() * SlotBytes(); }
  uint64_t OffsetOf(uint32_t prefix) const { return prefix * SlotBytes(); }
  friend bool operator==(const CutIndex&, const CutIndex&) = default;
};
// kBadRequest names the value that cannot be.
Expected<void> CheckCut(const CutIndex& cut);

// Writes the cut of one publish's two files beside its place, puts it there when it is whole. The
// same files and bits give the same bytes. kConflict where the two are not of one publish or are
// cut already, kTooLarge above kRangeFileBytesMax, kUnavailable. Memory: the entries of a range
// (40 bytes a seller) and 64 bytes a range.
Expected<CutIndex> CutRanges(const IndexFile& sellers, const IndexFile& details, unsigned bits,
                             const std::filesystem::path& path);

// A range as it lies in the file, without its padding: views into what was read.
struct RangeSlot {
  std::string_view sellers, details;  // index files
  std::string_view proof;             // bits digests
};
// `bytes` is slot `prefix` of the cut. kDamaged: it is not, or its padding is none. What the two
// hold behind their headers is the caller's to verify.
Expected<RangeSlot> ReadRangeSlot(std::string_view bytes, const CutIndex& cut, uint32_t prefix);
// The slot that these make up; kDamaged where they do not fit.
Expected<std::string> JoinRangeSlot(const RangeSlot& slot, const CutIndex& cut);

// Every slot of a whole file. kDamaged names the first that is wrong.
Expected<void> CheckRangeFile(std::string_view bytes, const CutIndex& cut);

// "2f01": as many hex digits as the bits take.
std::string RangeName(unsigned bits, uint32_t prefix);

}  // namespace kaopu::index
