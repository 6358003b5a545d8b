// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Binary range coder with chances that learn (G. N. N. Martin, "Range encoding", 1979; in the shape
// of LZMA's). What is coded is described once: an encoder takes the bit it is given, a decoder
// returns the one it reads, and both return the same.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <string>
#include <string_view>

namespace kaopu::index {

// The chance that a bit is 0: learns fast at first, then slowly.
class Chance {
 public:
  uint32_t Zero() const {  // of 4096, never sure
    const uint32_t zero = zero_ >> 4;
    return zero < 1 ? 1 : zero > 4095 ? 4095 : zero;
  }
  void Learn(unsigned bit) {
    const int shift = std::bit_width(seen_ + 1u);  // 1 .. 7
    if (bit != 0) {
      zero_ = static_cast<uint16_t>(zero_ - (zero_ >> shift));
    } else {
      zero_ = static_cast<uint16_t>(zero_ + ((0xffffu - zero_) >> shift));
    }
    if (seen_ < 126) ++seen_;
  }

 private:
  uint16_t zero_ = 0x8000;
  uint8_t seen_ = 0;
};

class RangeEncoder {
 public:
  unsigned Bit(Chance& chance, unsigned bit);
  uint64_t Direct(uint64_t value, unsigned bits);  // as they are, the highest first
  std::string Finish();

 private:
  void ShiftLow();

  std::string bytes_;
  uint64_t low_ = 0;
  uint32_t range_ = 0xffff'ffff;
  uint8_t cache_ = 0;
  uint64_t cached_ = 1;
};

// Any bytes decode to something; reading past their end gives zeros and Overrun.
class RangeDecoder {
 public:
  explicit RangeDecoder(std::string_view bytes);
  unsigned Bit(Chance& chance, unsigned = 0);
  uint64_t Direct(uint64_t, unsigned bits);
  bool Overrun() const { return at_ > bytes_.size(); }
  bool AtEnd() const { return at_ == bytes_.size(); }

 private:
  uint32_t Next() {
    const uint32_t byte = at_ < bytes_.size() ? static_cast<uint8_t>(bytes_[at_]) : 0;
    ++at_;
    return byte;
  }
  void Normalize() {
    while (range_ < 1u << 24) {
      range_ <<= 8;
      code_ = code_ << 8 | Next();
    }
  }

  std::string_view bytes_;
  size_t at_ = 0;
  uint32_t range_ = 0xffff'ffff, code_ = 0;
};

// A number of `kBits` bits, the highest first, each bit by what the higher ones are.
template <unsigned kBits>
class SmallNumber {
 public:
  template <typename Io>
  uint64_t Code(Io& io, uint64_t value) {
    uint32_t node = 1;
    for (unsigned bit = kBits; bit-- > 0;) {
      node = node << 1 | io.Bit(chances_[node], static_cast<unsigned>(value >> bit & 1));
    }
    return node - (1u << kBits);
  }

 private:
  std::array<Chance, size_t{1} << kBits> chances_;
};

// A number below 2^kWidthMax that is mostly small: its width, then its three highest bits below the
// first, then the rest as it is.
template <unsigned kWidthMax>
class Number {
 public:
  template <typename Io>
  uint64_t Code(Io& io, uint64_t value) {
    const auto width =
        static_cast<unsigned>(width_.Code(io, static_cast<uint64_t>(std::bit_width(value))));
    if (width < 2) return width;
    uint64_t read = 1;
    unsigned left = (width > kWidthMax ? kWidthMax : width) - 1;
    for (unsigned learned = 0; left > 0 && learned < 3; ++learned) {
      --left;
      Chance& chance = below_[width][read & 7];
      read = read << 1 | io.Bit(chance, static_cast<unsigned>(value >> left & 1));
    }
    return left == 0 ? read : read << left | io.Direct(value & ((uint64_t{1} << left) - 1), left);
  }

 private:
  static constexpr unsigned kWidthBits = std::bit_width(kWidthMax);
  SmallNumber<kWidthBits> width_;
  std::array<std::array<Chance, 8>, size_t{1} << kWidthBits> below_;
};

}  // namespace kaopu::index
