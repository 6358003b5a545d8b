// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "page/css_selector.h"

#include <gtest/gtest.h>

namespace kaopu {
namespace {

class CssSelectorTest : public testing::Test {
 protected:
  CssSelectorTest() {
    document_ =
        std::move(*Document::Parse("<page v=\"1\"><head/><data/><body id=\"top\"><div class=\"box "
                                   "price--a1 x\" n=\"1\"><p class=\"p\" n=\"2\">"
                                   "<b class=\"now\" data-k=\"v w\" n=\"3\"/></p></div><section "
                                   "n=\"4\"><p class=\"p old\" n=\"5\"><b class=\"now\" n=\"6\"/>"
                                   "</p><a href=\"/shop/12\" n=\"7\"/></section></body></page>"));
    document_->BuildIndex();
  }
  // The `n` of all matches, in the order they are visited.
  std::string Find(std::string_view selector, pugi::xml_node scope = {}) {
    const auto css = CssSelector::Parse(selector);
    if (!css) return css.error().message;
    std::string out;
    css->ForEach(*document_, scope, [&](pugi::xml_node node) {
      out += node.attribute("n").value();
      return true;
    });
    return out;
  }
  std::unique_ptr<Document> document_;
};

TEST_F(CssSelectorTest, matches_in_document_order) {
  const std::pair<const char*, const char*> rows[] = {{"p", "25"},
                                                      {".now", "36"},
                                                      {"p.p.old", "5"},
                                                      {"#top b", "36"},
                                                      {"div b", "3"},
                                                      {"section > p > b", "6"},
                                                      {"body > b", ""},
                                                      {"[class*=\"price--\"]", "1"},
                                                      {"[class~=x]", "1"},
                                                      {"a[href^='/shop/']", "7"},
                                                      {"[href$=\"12\"]", "7"},
                                                      {"[data-k]", "3"},
                                                      {"[data-k=\"v w\"]", "3"},
                                                      {"[data-k~=\"w\"]", "3"},
                                                      {"p + a", "7"},
                                                      {"p ~ a", "7"},
                                                      {"p:not(.old) b", "3"},
                                                      {"a, .now", "367"},
                                                      {"b, .now, p b", "36"},
                                                      {"p:first-child", "25"},
                                                      {"*.box", "1"},
                                                      {".none", ""},
                                                      {"a:first-child", ""}};
  for (const auto& [selector, found] : rows) EXPECT_EQ(Find(selector), found) << selector;
}

TEST_F(CssSelectorTest, stays_inside_its_scope) {
  const auto section = CssSelector::Parse("section")->First(*document_);
  EXPECT_EQ(Find(".now", section), "6");
  EXPECT_EQ(Find("section", section), "");
}

TEST_F(CssSelectorTest, what_it_does_not_understand_is_refused) {
  for (const char* selector : {"", " ", "p >", "p:hover", "[a", "[a|=b]", "a b,", "p:not(.a .b)",
                               "##", ".", "a:nth-child(2)", "p || a"}) {
    EXPECT_FALSE(CssSelector::Parse(selector)) << selector;
  }
}

}  // namespace
}  // namespace kaopu
