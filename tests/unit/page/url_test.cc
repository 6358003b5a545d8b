// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "page/url.h"

#include <gtest/gtest.h>

#include "page/text.h"

namespace kaopu {
namespace {

TEST(ParseUrl, parts) {
  const auto url = ParseUrl("HTTPS://user:pw@Shop.Example.COM.:8443/a/b?x=1#f");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->host, "shop.example.com");
  EXPECT_EQ(url->port, "8443");
  EXPECT_EQ(url->path, "/a/b");
  EXPECT_EQ(url->query, "x=1");
  EXPECT_EQ(ParseUrl("//item.jd.com/1.html")->scheme, "https");
  for (const char* text : {"", "javascript:alert(1)", "ftp://a/", "http://", "http://a b/", "/path",
                           "https://[::1", "data:x"}) {
    EXPECT_FALSE(ParseUrl(text)) << text;
  }
}

TEST(ParseUrl, tricks_do_not_change_the_host) {
  EXPECT_EQ(ParseUrl("https://amazon.com@evil.test/")->host, "evil.test");
  EXPECT_EQ(ParseUrl("https://evil.test\\@amazon.com/")->host, "evil.test");
  EXPECT_EQ(ParseUrl("https://evil.test/?//amazon.com")->host, "evil.test");
}

TEST(ResolveUrl, links) {
  const Url base = *ParseUrl("https://a.test/x/y?q");
  EXPECT_EQ(ResolveUrl(base, "//b.test/z"), "https://b.test/z");
  EXPECT_EQ(ResolveUrl(base, "/z"), "https://a.test/z");
  EXPECT_EQ(ResolveUrl(base, "z"), "https://a.test/x/z");
  EXPECT_EQ(ResolveUrl(base, "?p=1"), "https://a.test/x/y?p=1");
  EXPECT_FALSE(ResolveUrl(base, "javascript:void(0)"));
  EXPECT_FALSE(ResolveUrl(base, "#x"));
}

TEST(RegistrableDomain, public_suffixes_private_section_and_addresses) {
  const std::pair<const char*, const char*> rows[] = {{"foo.myshopify.com", "foo.myshopify.com"},
                                                      {"www.shop.example.co.uk", "example.co.uk"},
                                                      {"a.b.github.io", "b.github.io"},
                                                      {"x.kaopu-demo.test", "kaopu-demo.test"},
                                                      {"myshopify.com", ""},
                                                      {"co.uk", ""},
                                                      {"localhost", ""},
                                                      {"192.168.0.1", ""},
                                                      {"1.2.3", ""},
                                                      {"[::1]", ""},
                                                      {"", ""},
                                                      {"com", ""}};
  for (const auto& [host, domain] : rows)
    EXPECT_EQ(RegistrableDomain(host).value_or(""), domain) << host;
}

TEST(UnwrapArchive, only_the_archive_is_unwrapped) {
  EXPECT_EQ(UnwrapArchive("https://web.archive.org/web/2016id_/http://x.test/y"),
            "http://x.test/y");
  EXPECT_EQ(UnwrapArchive("https://web.archive.org/web/2016/x"),
            "https://web.archive.org/web/2016/x");
  EXPECT_EQ(UnwrapArchive("https://evil.test/web.archive.org/web/1/http://a.test/"),
            "https://evil.test/web.archive.org/web/1/http://a.test/");
}

TEST(HostMatches, wildcards) {
  EXPECT_TRUE(HostMatches("*.jd.com", "item.jd.com"));
  EXPECT_TRUE(HostMatches("*.jd.com", "jd.com"));
  EXPECT_FALSE(HostMatches("*.jd.com", "notjd.com"));
  EXPECT_FALSE(HostMatches("jd.com", "item.jd.com"));
}

TEST(CleanText, entities_spaces_and_invisible_characters) {
  EXPECT_EQ(CleanText(" Tom &amp;amp; Jerry&#x27;s\xC2\xA0 1&frac12; "), "Tom & Jerry's 1½");
  EXPECT_EQ(CleanText("a\xE2\x80\x8E\xE2\x80\xAE"
                      "b\xE3\x80\x80"
                      "c"),
            "ab c");
  EXPECT_EQ(CleanText("&nosuch; &#0; & <"), "&nosuch; &#0; & <");
}

TEST(FirstNumber, marks) {
  EXPECT_EQ(FirstNumber("4,1 de 5 estrellas"), 4.1);
  EXPECT_EQ(FirstNumber("5.182 valoraciones", true), 5182);
  EXPECT_EQ(FirstNumber("4.956"), 4.956);
  EXPECT_EQ(FirstNumber("1,234.50"), 1234.5);
  EXPECT_EQ(FirstNumber("1.234,50"), 1234.5);
  EXPECT_EQ(FirstNumber("98.8%"), 98.8);
  EXPECT_FALSE(FirstNumber("none"));
}

}  // namespace
}  // namespace kaopu
