// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "page/cold/page_address.h"

#include <gtest/gtest.h>

namespace kaopu {
namespace {

bool KnowsMall(std::string_view host) {
  return host == "item.mall.test" || host == "www.mall.com" || host == "s.mall.com";
}

TEST(GuessAddress, SavedFromCommentComesFirst) {
  EXPECT_EQ(GuessAddress("<!-- saved from url=(0024)https://a.example/item/1 -->\n<link "
                         "rel=canonical href=https://b.example/>",
                         KnowsMall),
            "https://a.example/item/1");
}

TEST(GuessAddress, ThenCanonicalThenOpenGraph) {
  EXPECT_EQ(GuessAddress("<meta property=og:url content=https://o.example/p><link rel=canonical "
                         "href='https://c.example/p'>",
                         KnowsMall),
            "https://c.example/p");
  EXPECT_EQ(GuessAddress("<meta property=og:url content=https://o.example/p>", KnowsMall),
            "https://o.example/p");
}

TEST(GuessAddress, ThenTheSiteThatMostLinksStayOn) {
  EXPECT_EQ(GuessAddress("<a href=//www.mall.com/a>a</a><a href=http://help.mall.com/b>b</a><a "
                         "href=https://other.com/c>c</a>"
                         "<img src=https://cdn.net/1><img src=https://cdn.net/2>",
                         KnowsMall),
            "https://www.mall.com");
  EXPECT_EQ(GuessAddress("<a href=https://one.example/1>1</a><a href=https://one.example/2>2</a><a "
                         "href=//www.mall.com/>m</a>",
                         KnowsMall),
            "https://one.example");
}

TEST(GuessAddress, AnEmptyShellIsKnownByWhatItsScriptsName) {
  EXPECT_EQ(
      GuessAddress(
          "<script>api('//log.stat.net/1','//log.stat.net/2', 'https://www.mall.com/x')</script>",
          KnowsMall),
      "https://www.mall.com");
}

TEST(GuessAddress, NothingToldIsEmpty) {
  EXPECT_EQ(GuessAddress("", KnowsMall), "");
  EXPECT_EQ(GuessAddress("<a href=/local>x</a><a href='javascript:1'>y</a>", KnowsMall), "");
}

}  // namespace
}  // namespace kaopu
