// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "index/update/range_coder.h"

namespace kaopu::index {

void RangeEncoder::ShiftLow() {
  if (low_ < 0xff00'0000u || low_ > 0xffff'ffffu) {
    const auto carry = static_cast<uint8_t>(low_ >> 32);
    for (; cached_ > 0; --cached_) {
      bytes_ += static_cast<char>(static_cast<uint8_t>(cache_ + carry));
      cache_ = 0xff;
    }
    cache_ = static_cast<uint8_t>(low_ >> 24);
  }
  ++cached_;
  low_ = (low_ & 0x00ff'ffffu) << 8;
}

unsigned RangeEncoder::Bit(Chance& chance, unsigned bit) {
  const uint32_t bound = (range_ >> 12) * chance.Zero();
  if (bit != 0) {
    low_ += bound;
    range_ -= bound;
  } else {
    range_ = bound;
  }
  chance.Learn(bit);
  while (range_ < 1u << 24) {
    range_ <<= 8;
    ShiftLow();
  }
  return bit;
}

uint64_t RangeEncoder::Direct(uint64_t value, unsigned bits) {
  for (unsigned bit = bits; bit-- > 0;) {
    range_ >>= 1;
    if ((value >> bit & 1) != 0) low_ += range_;
    while (range_ < 1u << 24) {
      range_ <<= 8;
      ShiftLow();
    }
  }
  return value;
}

std::string RangeEncoder::Finish() {
  for (int i = 0; i < 5; ++i) ShiftLow();
  return std::move(bytes_);
}

RangeDecoder::RangeDecoder(std::string_view bytes) : bytes_(bytes) {
  for (int i = 0; i < 5; ++i) code_ = code_ << 8 | Next();
}

unsigned RangeDecoder::Bit(Chance& chance, unsigned) {
  const uint32_t bound = (range_ >> 12) * chance.Zero();
  const unsigned bit = code_ >= bound;
  if (bit != 0) {
    code_ -= bound;
    range_ -= bound;
  } else {
    range_ = bound;
  }
  chance.Learn(bit);
  Normalize();
  return bit;
}

uint64_t RangeDecoder::Direct(uint64_t, unsigned bits) {
  uint64_t value = 0;
  for (; bits > 0; --bits) {
    range_ >>= 1;
    const unsigned bit = code_ >= range_;
    if (bit != 0) code_ -= range_;
    value = value << 1 | bit;
    Normalize();
  }
  return value;
}

}  // namespace kaopu::index
