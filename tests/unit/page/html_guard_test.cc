// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Inputs made to be slow: none may cost more than about ten times what a page of that size costs.
#include "page/cold/html_guard.h"

#include <gtest/gtest.h>

#include <ctime>
#include <functional>
#include <string>

#include "page/cold/html_snapshot.h"

namespace kaopu {
namespace {

std::string Repeat(std::string_view piece, int times) {
  std::string all;
  all.reserve(piece.size() * static_cast<size_t>(times));
  for (int i = 0; i < times; ++i) all += piece;
  return all;
}

std::string Each(int times, const std::function<std::string(int)>& piece) {
  std::string all;
  for (int i = 0; i < times; ++i) all += piece(i);
  return all;
}

double Seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

// CPU seconds; `ended` says whether a snapshot came out (an error is an end too).
double Cost(const std::string& html, bool* made = nullptr) {
  const double from = Seconds();
  const auto page = HtmlToPageInput(html, "https://a.test/", Json::object());
  const double cost = Seconds() - from;
  if (made != nullptr) *made = page.has_value();
  return cost;
}

std::string NormalPage() {
  return Each(4200, [](int i) {
    return "<div class=\"card card--" + std::to_string(i) + "\" data-id=\"" + std::to_string(i) +
           "\"><a href=\"/item/" + std::to_string(i) +
           ".html\"><img src=\"/i.jpg\" alt=\"A thing\"></a><p>Some words about <b>the "
           "thing</b> number " +
           std::to_string(i) + "</p><ul><li>one<li>two</ul><span class=price>$12.99</span></div>\n";
  });
}

double NormalCost() {
  static const double cost = [] {
    const std::string page = NormalPage();
    return std::max({Cost(page), Cost(page), Cost(page), 0.01}) * 1e6 /
           static_cast<double>(page.size());
  }();
  return cost;  // CPU seconds a megabyte
}

struct Hostile {
  const char* name;
  std::string html;
};

class HostileHtml : public testing::TestWithParam<Hostile> {};

TEST_P(HostileHtml, EndsSoon) {
  const std::string& html = GetParam().html;
  bool made = false;
  const double cost = Cost(html, &made);
  const double allowed = 10 * NormalCost() * std::max(1.0, static_cast<double>(html.size()) / 1e6);
  RecordProperty("cpu_ms", static_cast<int>(cost * 1000));
  EXPECT_LE(cost, allowed) << html.size() << " bytes, a normal megabyte costs " << NormalCost()
                           << " s";
  EXPECT_TRUE(made);
}

std::vector<Hostile> HostilePages() {
  const auto text = [](int n) { return Repeat("x", n); };
  return {
      {"nested_div", Repeat("<div>", 200000)},
      {"nested_div_closed", Repeat("<div>", 100000) + Repeat("</div>", 100000)},
      {"nested_span", Repeat("<span>", 170000)},
      {"nested_custom", Repeat("<a-b>", 200000)},
      {"bold", Repeat("<b>", 333000)},
      {"bold_distinct", Each(60000, [](int i) { return "<b id=" + std::to_string(i) + ">"; })},
      {"bold_in_paragraphs",
       Each(30000, [](int i) { return "<p><b id=" + std::to_string(i) + ">x</p>"; })},
      {"bold_in_cells",
       "<table><tr>" +
           Each(30000, [](int i) { return "<td><b id=" + std::to_string(i) + ">x</td>"; })},
      {"misnested_bold_div", Repeat("<b><div></b>", 80000)},
      {"misnested_links", Repeat("<a><div>", 100000)},
      {"attributes",
       "<div" + Each(125000, [](int i) { return " a" + std::to_string(i) + "=1"; }) + ">x"},
      {"attributes_same", "<div" + Repeat(" a=1", 250000) + ">x"},
      {"attributes_many_tags",
       Repeat("<p" + Each(200, [](int i) { return " a" + std::to_string(i); }) + ">", 1000)},
      {"nested_tables", Repeat("<table><tr><td>", 66000)},
      {"tables_without_cells", Repeat("<table>", 140000)},
      {"foreign", Repeat("<svg><foreignObject>", 50000)},
      {"foreign_open", Repeat("<svg>", 200000)},
      {"foreign_breakout", Repeat("<svg><p>", 120000)},
      {"foster", "<table>" + Repeat("a<b>", 250000)},
      {"foster_text", "<table>" + Repeat("a<i></i>", 120000)},
      {"foster_blocks", "<table>" + Repeat("a<div></div>", 80000)},
      {"select_hides", Repeat("<div><select></div>", 50000)},
      {"raw_text_in_select", "<select><xmp></select>" + Repeat("<div>", 200000)},
      {"forms", Repeat("<form><div></form>", 55000)},
      {"table_hides_end", Repeat("<div><table></div>", 55000)},
      {"list_items", Repeat("<ul><li>", 120000)},
      {"definitions", Repeat("<dd><dt>", 120000)},
      {"buttons", Repeat("<button><p>", 90000)},
      {"templates", Repeat("<template>", 100000)},
      {"template_cells", Repeat("<template><td>", 70000)},
      {"headings", Repeat("<h1><h2>", 120000)},
      {"open_comments", Repeat("<!--", 250000)},
      {"bang_comments", Repeat("<!----!>", 120000)},
      {"bogus_comments", Repeat("<!x", 300000)},
      {"open_quotes", Repeat("<a b='", 160000)},
      {"open_angles", text(10) + Repeat("<", 1000000)},
      {"end_tags", Repeat("</div>", 160000)},
      {"end_tags_in_depth", Repeat("<div>", 510) + Repeat("</x>", 250000)},
      {"starts_in_depth", Repeat("<i><div>", 255) + Repeat("<p>x", 250000)},
      {"carried_formatting", Repeat("<b><i><u><s>", 12) + Repeat("</p><p>x", 125000)},
      {"scripts", Repeat("<script><!--<script>", 50000)},
      {"cdata", "<svg>" + Repeat("<![CDATA[", 110000)},
      {"references", Repeat("&amp", 250000)},
      {"references_unknown", Repeat("&notanentityatall", 60000)},
      {"nul", std::string(1000000, '\0')},
      {"invalid_utf8", std::string(1000000, '\xFF')},
      {"frameset", "<frameset>" + Repeat("<frame>", 140000)},
      {"head_metas", Repeat("<meta name=a content=b>", 45000)},
      {"rp", Repeat("<ruby><rp>", 100000)},
      {"options", "<select>" + Repeat("<option>x", 110000)},
      {"marquee", Repeat("<marquee><b>", 80000)},
      {"nobr", Repeat("<nobr>x", 140000)},
  };
}

INSTANTIATE_TEST_SUITE_P(Pages, HostileHtml, testing::ValuesIn(HostilePages()),
                         [](const auto& info) { return std::string(info.param.name); });

std::string Guarded(std::string_view html) {
  return GuardHtml(
      html, [](const HtmlToken& tag, std::string_view) { return tag.Find("id") != nullptr; });
}

TEST(HtmlGuard, LeavesOrdinaryMarkupAlone) {
  const std::string page =
      "<!DOCTYPE html><html lang=\"en\"><head><title>T &amp; U</title></head><body><div "
      "id=\"a\"><p>one<p>two<ul><li>x<li>y</ul>"
      "<table><tr><td>1<td>2</table><select><option>a<option>b</select><b>bold</b></div></body></"
      "html>";
  EXPECT_EQ(Guarded(page), page);
}

TEST(HtmlGuard, EmptiesWhatNoSnapshotHolds) {
  EXPECT_EQ(
      Guarded(
          "<style>a{}</style><script>x</script><script id=k>y</script><noscript><img></noscript>"),
      "<style></style><script></script><script id=k>y</script><noscript></noscript>");
  EXPECT_EQ(Guarded("a<svg><g/><p>b</p>"), "a<svg></svg><p>b</p>");
  EXPECT_EQ(Guarded("<svg><foreignObject><p>in</p></foreignObject></svg>out"), "<svg></svg>out");
  EXPECT_EQ(Guarded("a<!-- <b> -->c"), "a<!---->c");
}

TEST(HtmlGuard, ScriptEndsWhereTheStandardSays) {
  EXPECT_EQ(Guarded("<script id=k><!-- <script> </script> --> x</script>out"),
            "<script id=k><!-- <script> </script> --> x</script>out");
  EXPECT_EQ(Guarded("<script id=k>a</scripty></script>out"),
            "<script id=k>a</scripty></script>out");
}

TEST(HtmlGuard, TagsInTextAreasStayText) {
  EXPECT_EQ(Guarded("<textarea><div>x</textarea><p>"), "<textarea>&lt;div>x</textarea><p>");
}

}  // namespace
}  // namespace kaopu
