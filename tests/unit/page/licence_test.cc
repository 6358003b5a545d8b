// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "page/licence.h"

#include <gtest/gtest.h>

namespace kaopu {
namespace {

TEST(Licence, CheckDigitDecides) {
  EXPECT_TRUE(IsSocialCreditCode("91330100MA2ABCDE1R"));
  EXPECT_TRUE(IsSocialCreditCode("91440300XK9000001R"));
  EXPECT_FALSE(IsSocialCreditCode("91330100MA2ABCDE11"));
  EXPECT_FALSE(IsSocialCreditCode("91330100MA2ABCDI1R"));  // no letter I
  EXPECT_FALSE(IsSocialCreditCode("91330100MA2ABCDE1"));
  EXPECT_FALSE(IsSocialCreditCode(""));
}

TEST(Licence, IsReadWhereThePageNamesItAndIsTheOnlyOne) {
  EXPECT_EQ(FindLicence("企业名称 统一社会信用代码： 91330100MA2ABCDE1R 法人"),
            "91330100MA2ABCDE1R");
  EXPECT_EQ(FindLicence("营业执照号：91330100MA2ABCDE1R，社会信用代码 91330100MA2ABCDE1R"),
            "91330100MA2ABCDE1R");
  EXPECT_FALSE(FindLicence("91330100MA2ABCDE1R"));
  EXPECT_FALSE(FindLicence("统一社会信用代码：91330100MA2ABCDE11"));
  EXPECT_FALSE(FindLicence("统一社会信用代码：91330100MA2ABCDE1R9"));
  EXPECT_FALSE(
      FindLicence("统一社会信用代码 91330100MA2ABCDE1R 平台统一社会信用代码 91440300XK9000001R"));
}

}  // namespace
}  // namespace kaopu
