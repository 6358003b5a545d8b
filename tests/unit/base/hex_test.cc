// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "base/hex.h"

#include <gtest/gtest.h>

#include <array>

namespace kaopu {
namespace {

TEST(Hex, BytesAndBack) {
  constexpr std::array<uint8_t, 4> kBytes = {0x00, 0x0f, 0xa0, 0xff};
  EXPECT_EQ(HexOf(kBytes), "000fa0ff");
  EXPECT_EQ(HexOf({}), "");
  std::array<uint8_t, 4> read{};
  for (const char* text : {"000fa0ff", "000FA0FF"}) {
    ASSERT_TRUE(ReadHex(text, read)) << text;
    EXPECT_EQ(read, kBytes) << text;
  }
  for (const char* text :
       {"", "000fa0f", "000fa0ff0", "000fa0fg", "0x0fa0ff", "00 fa0ff", "-10fa0ff"}) {
    EXPECT_FALSE(ReadHex(text, read)) << text;
  }
}

TEST(Hex, ANumbersLowestDigits) {
  EXPECT_EQ(HexDigits(0x2f01, 4), "2f01");
  EXPECT_EQ(HexDigits(0x1, 8), "00000001");
  EXPECT_EQ(HexDigits(0x12345, 3), "345");
  EXPECT_EQ(HexDigits(5, 0), "");
  EXPECT_EQ(HexDigits(~uint64_t{0}, 16), "ffffffffffffffff");
}

}  // namespace
}  // namespace kaopu
