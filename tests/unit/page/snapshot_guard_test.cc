// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "page/snapshot_guard.h"

#include <gtest/gtest.h>

#include "base/limits.h"
#include "page/document.h"

namespace kaopu {
namespace {

std::string Repeat(std::string_view piece, int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out += piece;
  return out;
}

std::string Page(std::string_view body) {
  return "<page v=\"1\"><head/><data/><body>" + std::string(body) + "</body></page>";
}

TEST(SnapshotGuard, refuses_what_the_format_does_not_have) {
  const std::string cases[] = {Page("<!-- c -->"),
                               "<!DOCTYPE page>" + Page(""),
                               "<?xml version=\"1.0\"?>" + Page(""),
                               Page("<![CDATA[x]]>"),
                               Page("<a:b/>"),
                               Page("<a x:y=\"1\"/>"),
                               Page("<a x/>"),
                               Page("<a x=1/>"),
                               Page("<a x=\"<\"/>"),
                               Page("<a x=\"&amp\"/>"),
                               Page("</a>") + "</b>",
                               Page("\xff"),
                               Page(std::string_view("\0", 1)),
                               Page("<a x=\"1\"y=\"2\"/>"),
                               Page("<1/>")};
  for (const std::string& xml : cases) {
    const auto document = Document::Parse(xml);
    ASSERT_FALSE(document) << xml;
    EXPECT_EQ(document.error().code, ErrorCode::kBadRequest);
  }
}

TEST(SnapshotGuard, each_cap_holds_at_its_limit_and_not_beyond) {
  const auto depth = [](int n) { return Page(Repeat("<a>", n - 2) + Repeat("</a>", n - 2)); };
  EXPECT_TRUE(Document::Parse(depth(kSnapshotDepthMax)));
  const auto deeper = Document::Parse(depth(kSnapshotDepthMax + 1));
  ASSERT_FALSE(deeper);
  EXPECT_NE(deeper.error().message.find("at most 512"), std::string::npos)
      << deeper.error().message;

  // What was left out is marked one level below, or after, the last that fit.
  EXPECT_TRUE(Document::Parse(Page(Repeat("<a>", kSnapshotDepthMax - 2) + "<cut/>" +
                                   Repeat("</a>", kSnapshotDepthMax - 2))));
  EXPECT_TRUE(CheckSnapshotBytes(Repeat("<a/>", kSnapshotElementsMax) + "<cut/>"));
  EXPECT_TRUE(CheckSnapshotBytes(Repeat("<a/>", kSnapshotElementsMax)));
  EXPECT_FALSE(CheckSnapshotBytes(Repeat("<a/>", kSnapshotElementsMax + 1)));

  const auto attributes = [](int n) {
    std::string tag = "<a";
    for (int i = 0; i < n; ++i) tag += " a" + std::to_string(i) + "=\"\"";
    return Page(tag + "/>");
  };
  EXPECT_TRUE(Document::Parse(attributes(kSnapshotAttributesMax)));
  EXPECT_FALSE(Document::Parse(attributes(kSnapshotAttributesMax + 1)));

  const auto value = [](size_t n) {
    return Page("<a x=\"" + Repeat("&amp;", static_cast<int>(n)) + "\"/>");
  };
  EXPECT_TRUE(Document::Parse(value(kAttributeBytesMax)));
  EXPECT_FALSE(Document::Parse(value(kAttributeBytesMax + 1)));

  EXPECT_FALSE(Document::Parse(Page(std::string(kSnapshotBytesMax, 'x'))));
}

TEST(SnapshotGuard, every_truncation_is_an_error_and_no_crash) {
  const std::string xml = Page("<a x=\"1&amp;2\" y='z'>t<b/>&lt;</a>");
  ASSERT_TRUE(Document::Parse(xml));
  for (size_t size = 0; size < xml.size(); ++size) {
    EXPECT_FALSE(Document::Parse(xml.substr(0, size))) << size;
  }
}

TEST(Document, root_and_version_are_checked) {
  EXPECT_FALSE(Document::Parse("<html v=\"1\"/>"));
  EXPECT_FALSE(Document::Parse("<page v=\"2\"/>"));
  EXPECT_FALSE(Document::Parse("<page v=\"1\"/><page v=\"1\"/>"));
  EXPECT_FALSE(Document::Parse("<page v=\"1\"><a></b></page>"));
  EXPECT_FALSE(Document::Parse(""));
}

TEST(Document, text_separates_blocks_and_joins_inline) {
  auto document = *Document::Parse(Page(
      "<h1>A</h1><p>b<b>c</b>d<br/>e</p><select><option>no</option></select><p hidden=\"\">no</p>"
      "<div class=\"customer-reviews\">theirs</div>"));
  document->BuildIndex();
  EXPECT_EQ(document->Text(document->page().child("body")), "A bcd e theirs");
  EXPECT_EQ(document->VisibleText(), "A\nbcd\ne\ntheirs\n");
  EXPECT_EQ(document->ProseText(), "A\nbcd\ne\n");
}

TEST(Document, html_in_a_kept_textarea_becomes_elements) {
  auto document = *Document::Parse(
      Page("<textarea class=\"lazy x\">&lt;div "
           "class=\"dsr\"&gt;&lt;b&gt;4.8&lt;/b&gt;&lt;br&gt;&lt;script&gt;alert(1)&lt;/script&gt;"
           "&lt;img src=x "
           "onerror=alert(1)&gt;&lt;/div&gt;&lt;/i&gt;</textarea><textarea>&lt;b&gt;no&lt;/b&gt;</"
           "textarea>"));
  document->ExpandHtml({{"textarea", "", "", "lazy"}});
  document->BuildIndex();
  EXPECT_NE(document->classes().Find("dsr"), nullptr);
  EXPECT_EQ(document->tags().Find("script"), nullptr);
  EXPECT_EQ(document->attributes().Find("onerror"), nullptr);
  EXPECT_EQ(document->tags().Find("b")->count, 1u);
}

}  // namespace
}  // namespace kaopu
