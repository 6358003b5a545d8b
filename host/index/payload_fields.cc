// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "index/payload_fields.h"

#include <algorithm>
#include <numeric>

namespace kaopu::index {
namespace {

// day, good, late, never, season and month of good, season and month of bad
constexpr std::array<uint8_t, 8> kRow = {12, 8, 8, 8, 3, 3, 3, 3};
// check, day, all and bad of 30, 90, 365 days, never, late bins, median and p90, unused, months
constexpr std::array<uint8_t, 43> kDetail = {8, 8, 8, 8, 12, 7, 7, 7, 7, 8, 8, 8, 4, 4, 4,
                                             4, 5, 5, 6, 3,  3, 3, 3, 3, 3, 3, 3, 3, 3, 3,
                                             3, 3, 3, 3, 3,  3, 3, 3, 3, 3, 3, 3, 3};
static_assert(std::accumulate(kRow.begin(), kRow.end(), 0) == 48);
static_assert(std::accumulate(kDetail.begin(), kDetail.end(), 0) == 200);

unsigned WordBits(Kind kind) { return kind == Kind::kSellers ? 48 : 50; }

// Walks fields and the pieces of words they lie in: piece(field, shift in it, word, bit, width).
template <typename Piece>
void Walk(Kind kind, const Piece& piece) {
  const unsigned word_bits = WordBits(kind);
  const auto widths = FieldWidths(kind);
  unsigned at = 0;
  for (size_t field = 0; field < widths.size(); ++field) {
    for (unsigned done = 0; done < widths[field];) {
      const unsigned bit = at % word_bits;
      const unsigned width = std::min<unsigned>(widths[field] - done, word_bits - bit);
      piece(field, done, at / word_bits, bit, width);
      done += width;
      at += width;
    }
  }
}

}  // namespace

std::span<const uint8_t> FieldWidths(Kind kind) {
  if (kind == Kind::kSellers) return kRow;
  return kDetail;
}

Payload JoinFields(Kind kind, const Fields& fields) {
  Payload payload{};
  Walk(kind, [&](size_t field, unsigned shift, size_t word, unsigned bit, unsigned width) {
    const uint64_t value = uint64_t{fields[field]} >> shift & ((uint64_t{1} << width) - 1);
    payload[word] |= value << bit;
  });
  return payload;
}

Fields SplitFields(Kind kind, const Payload& payload) {
  Fields fields{};
  Walk(kind, [&](size_t field, unsigned shift, size_t word, unsigned bit, unsigned width) {
    const uint64_t value = payload[word] >> bit & ((uint64_t{1} << width) - 1);
    fields[field] = static_cast<uint16_t>(fields[field] | value << shift);
  });
  return fields;
}

}  // namespace kaopu::index
