// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "base/display_width.h"

#include <gtest/gtest.h>

namespace kaopu {
namespace {

TEST(DisplayWidth, CountsColumnsNotBytes) {
  EXPECT_EQ(DisplayWidth("小店"), 4u);
  EXPECT_EQ(DisplayWidth("é"), 1u);
  EXPECT_EQ(DisplayWidth("e\u0301"), 1u);
  EXPECT_EQ(DisplayWidth("\xff\xe5"), 2u);  // no UTF-8
  EXPECT_EQ(DisplayWidth(""), 0u);
}

TEST(DisplayWidth, CutsBetweenCharacters) {
  EXPECT_EQ(CutToWidth("小店", 4), "小店");
  EXPECT_EQ(CutToWidth("小店", 3), "小…");
  EXPECT_EQ(CutToWidth("abc", 2), "ab…");
}

}  // namespace
}  // namespace kaopu
