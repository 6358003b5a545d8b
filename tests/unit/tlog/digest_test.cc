// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "tlog/digest.h"

#include <gtest/gtest.h>

namespace kaopu::tlog {
namespace {

TEST(Base64, is_read_back_as_written) {
  for (const std::string bytes : {std::string(), std::string("a"), std::string("\0\xFF", 2),
                                  std::string("abc"), std::string(100, '\x80')}) {
    EXPECT_EQ(FromBase64(ToBase64(bytes)), bytes);
  }
}

TEST(Base64, takes_the_canonical_form_alone) {
  EXPECT_EQ(FromBase64("YWI="), "ab");
  for (const char* bad : {"YWI", "YWI=\n", " YWI=", "YWJ=", "Y=I=", "YWI==", "YW-_",
                          "Y\xC3\xA9I=", "\xBC\xBE\xCF\xB0", "YW\xBB\x87"}) {
    EXPECT_FALSE(FromBase64(bad)) << bad;
  }
}

TEST(Base64, a_digest_has_32_bytes) {
  EXPECT_TRUE(DigestFromBase64(ToBase64(std::string(32, 'x'))));
  EXPECT_FALSE(DigestFromBase64(ToBase64(std::string(31, 'x'))));
  EXPECT_FALSE(DigestFromBase64(ToBase64(std::string(33, 'x'))));
  EXPECT_FALSE(DigestFromBase64(""));
}

}  // namespace
}  // namespace kaopu::tlog
