// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// JSON-LD, microdata, Open Graph and RDFa Lite as they are read: pages of our own making, then,
// where this machine has them (KAOPU_SHARED_PAGES, else ../shared/pages beside the repository), the
// cases of the Python library extruct, which are other people's and not part of the project.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "base/files.h"
#include "page/cold/declared_prefixes.h"
#include "page/cold/html_snapshot.h"
#include "page/document.h"
#include "page/microdata.h"
#include "page/structured_view.h"
#include "page/text.h"

namespace kaopu {
namespace {

namespace fs = std::filesystem;

Json Structured(std::string_view html, std::string_view url = {}) {
  const std::string text = DecodeHtml(html);
  const auto input = HtmlToPageInput(text, std::string(url), Json::object());
  if (!input) return input.error().message;
  auto document = Document::Parse(input->snapshot);
  if (!document) return document.error().message;
  (*document)->BuildIndex();
  return StructuredJson(**document, ParseUrl(url), DeclaredPrefixes(text));
}

Json Parsed(std::string_view json) {
  auto parsed = ParseJson(json, "expected");
  EXPECT_TRUE(parsed) << json;
  return parsed ? *parsed : Json();
}

TEST(JsonLdView, broken_json_is_read_as_search_engines_do) {
  const std::pair<const char*, const char*> rows[] = {
      {R"({"a": 1, "b": [1, 2,],})", R"([{"a": 1, "b": [1, 2]}])"},
      {"{\"a\": \"one\n two\tthree\x01\"}", "[{\"a\": \"one\\n two\\tthree\"}]"},
      {"\xEF\xBB\xBF{\"a\": 1}", R"([{"a": 1}])"},
      {"//<![CDATA[\n{\"a\": 1}\n//]]>", R"([{"a": 1}])"},
      {"<![CDATA[{\"a\": 1}]]>", R"([{"a": 1}])"},
      {"/*<![CDATA[*/{\"a\": 1}/*]]>*/", R"([{"a": 1}])"},
      {"<!-- of {this} shop -->\n{\"a\": 1}", R"([{"a": 1}])"},
      {"<!--\n{\"a\": 1}\n-->", R"([{"a": 1}])"},
      {"<!-- words alone -->{\"a\": \"<!-- not a comment -->\"}",
       R"([{"a": "<!-- not a comment -->"}])"},
      {"/* x */ {\"a\": \"http://b/*c*/\", // d\n \"e\": 2}",
       R"([{"a": "http://b/*c*/", "e": 2}])"},
      {R"({"a": "6" pipe", "b": 1})", R"([{"a": "6\" pipe", "b": 1}])"},
      {R"({&quot;a&quot;: &quot;x &amp;amp; y&quot;})", R"([{"a": "x &amp; y"}])"},
      {R"([{"a": 1}, {}, null, {"b": 2}])", R"([{"a": 1}, {"b": 2}])"},
      {R"({"a": 1}{"b": 2};)", R"([{"a": 1}, {"b": 2}])"},
      {R"({"a": {"b": [true, false, null, -1.5e3]}})",
       R"([{"a": {"b": [true, false, null, -1500.0]}}])"},
      {R"({"a": "x", "b": {"c": "d")", R"([{"a": "x", "b": {"c": "d"}}])"},
      {"null", "[]"},
      {"", "[]"},
      {"{", "[]"}};
  for (const auto& [script, expected] : rows) {
    const Json got = Structured("<script type=' Application/LD+JSON ; charset=utf-8'>" +
                                std::string(script) + "</script>")["json-ld"];
    EXPECT_EQ(got, Parsed(expected)) << script;
  }
}

Json Microdata(std::string_view html, std::string_view url = {}) {
  return Structured(html, url)["microdata"];
}

TEST(MicrodataView, values_by_element) {
  const Json got = Microdata(
      R"html(<div itemscope itemtype="https://schema.org/Product https://x.test/Y" itemid=" urn:1 ">
    <meta itemprop=a content=" 1 "><a itemprop=b href="../c?d#e">text</a><link itemprop=b href="//cdn.test/x">
    <img itemprop=image src="i.png" alt=x><time itemprop=t datetime=2026-11-25>today</time><time itemprop=t>noon</time>
    <data itemprop=v value=9>nine</data><meter itemprop=v value=0.5>half</meter>
    <object itemprop=o data="o.swf"></object><video itemprop=o src="v.mp4"></video>
    <b itemprop="n m">two  names</b><span itemprop=price content=12.50>12,50</span>
    <p itemprop=d>one<br>two</p><a itemprop=h href="#top">up</a></div>)html",
      "https://shop.test/a/b/?q");
  EXPECT_EQ(
      got,
      Parsed(
          R"([{"type": ["https://schema.org/Product", "https://x.test/Y"], "id": "urn:1", "properties": {
    "a": " 1 ", "b": ["https://shop.test/a/c?d#e", "https://cdn.test/x"], "image": "https://shop.test/a/b/i.png",
    "t": ["2026-11-25", "noon"], "v": ["9", "0.5"], "o": ["https://shop.test/a/b/o.swf", "https://shop.test/a/b/v.mp4"],
    "n": "two names", "m": "two names", "price": "12.50", "d": "one\ntwo", "h": "https://shop.test/a/b/?q#top"}}])"))
      << DumpJson(got, 1);
}

TEST(MicrodataView, items_in_items_and_by_reference) {
  EXPECT_EQ(
      Microdata(R"html(<div itemscope itemref="s p none"><b itemprop=name>x</b>
    <div itemprop=offers itemscope itemtype=Offer><b itemprop=price>1</b></div></div>
    <p id=p>for <b itemprop=weight>2</b><i itemscope><u itemprop=inner>3</u></i></p>
    <div id=s itemprop=seller itemscope><b itemprop=name>ACME</b></div>
    <div itemscope itemref=s></div><div itemprop=lost itemscope><b itemprop=a>4</b></div>)html"),
      Parsed(
          R"([{"properties": {"name": "x", "offers": {"type": "Offer", "properties": {"price": "1"}},
    "weight": "2", "seller": {"properties": {"name": "ACME"}}}}, {"properties": {"inner": "3"}},
    {"properties": {"seller": {"properties": {"name": "ACME"}}}}, {"properties": {"a": "4"}}])"));
}

TEST(MicrodataView, an_item_that_holds_itself_is_left_out) {
  EXPECT_EQ(Microdata("<div itemscope id=a itemref=b><b itemprop=n>1</b></div>"
                      "<div itemscope itemprop=x id=b itemref=c></div><div itemscope itemprop=y "
                      "id=c itemref=b></div>"),
            Parsed(R"([{"properties": {"n": "1", "x": {"properties": {"y": {}}}}}])"));
}

TEST(MicrodataView, an_item_around_the_main_content_is_one_item) {
  EXPECT_EQ(
      Microdata(
          "<body><div class=page itemscope itemtype=Product><main><h1 itemprop=name>x</h1></main>"
          "<b itemprop=sku>7</b></div></body>"),
      Parsed(R"([{"type": "Product", "properties": {"name": "x", "sku": "7"}}])"));
  EXPECT_EQ(Microdata("<body itemscope itemtype=Product><h1 itemprop=name>x</h1></body>"),
            Parsed(R"([{"type": "Product", "properties": {"name": "x"}}])"));
}

TEST(MicrodataView, limits) {
  std::string deep, wide = "<div itemscope>", refs = "<p id=r>";
  for (int i = 0; i < 200; ++i) deep += "<div itemscope itemprop=a>";
  for (int i = 0; i < 30000; ++i) wide += "<b itemprop=a>";
  for (int i = 0; i < 5000; ++i) refs += "<b itemprop=a></b>";
  for (int i = 0; i < 5000; ++i) refs += "<div itemscope itemref=r></div>";
  for (const std::string& html : {deep, wide, refs}) {
    const auto input = HtmlToPageInput(html, "", Json::object());
    ASSERT_TRUE(input);
    auto document = Document::Parse(input->snapshot);
    ASSERT_TRUE(document);
    (*document)->BuildIndex();
    EXPECT_FALSE(ReadMicrodata(**document).whole && html != wide);
    EXPECT_LE(ReadMicrodata(**document).tree.size(), 3 * kItemPropertiesMax);
  }
}

TEST(RdfaView, lite) {
  EXPECT_EQ(
      Structured(R"html(<div vocab="https://schema.org/" typeof="schema:Product" resource="#p">
    <span property="schema:name">x</span><div property=offers typeof=Offer><meta property=price content=5>
    <meta property="og:title" content=y></div></div>)html")["rdfa"],
      Parsed(R"([{"type": "schema:Product", "id": "#p", "properties": {"name": "x",
    "offers": {"type": "Offer", "properties": {"price": "5"}}}}])"));
}

TEST(OpenGraphView, declared_and_own_prefixes) {
  EXPECT_EQ(
      Structured(
          R"html(<html prefix="fb: http://fb.test/ns#"><head prefix="x: http://x.test/"><title>t</title>
    <meta property="og:image" content=a><meta property="og:image" content=b><meta property="fb:app" content=1>
    <meta property="al:ios" content=2><meta property="product:price:amount" content="3,00"><meta name="og:title" content=n></head>)html")
          ["opengraph"],
      Parsed(
          R"([{"namespace": {"og": "http://ogp.me/ns#", "fb": "http://fb.test/ns#", "x": "http://x.test/",
    "product": "http://ogp.me/ns/product#"}, "properties": [["og:image", "a"], ["og:image", "b"], ["fb:app", "1"],
    ["product:price:amount", "3,00"]]}])"));
}

// White space folded: how much stands between two blocks is each library's own.
Json Folded(const Json& json) {
  if (json.is_string()) return FoldSpace(json.get<std::string>());
  if (!json.is_structured()) return json;
  Json out = json.is_array() ? Json::array() : Json::object();
  for (const auto& [key, value] : json.items()) {
    if (json.is_array()) {
      out.push_back(Folded(value));
    } else if (key != "_nodeId_" && key != "textContent" &&
               key != "iid") {  // what callers add to an item
      out[key] = Folded(value);
    }
  }
  return out;
}

// The strict form (every value a list) as the plain one.
Json Unlisted(const Json& json) {
  if (!json.is_structured()) return json;
  Json out = json.is_array() ? Json::array() : Json::object();
  for (const auto& [key, value] : json.items()) {
    if (json.is_array()) {
      out.push_back(Unlisted(value));
    } else {
      const bool one = value.is_array() && value.size() == 1;
      out[key] = Unlisted(one ? value[0] : value);
    }
  }
  return out;
}

fs::path Cases() {
  const char* told = std::getenv("KAOPU_SHARED_PAGES");
  const fs::path pages =
      told != nullptr ? fs::path(told) : fs::path(KAOPU_SOURCE_DIR) / "../shared/pages";
  return pages / "peers/extruct.json";
}

TEST(Extruct, its_cases_are_read_alike) {
  const auto text = ReadFile(Cases(), 16 << 20);
  if (!text) GTEST_SKIP() << "extruct's cases are not here: " << text.error().message;
  const auto cases = ParseJson(*text, "extruct.json");
  ASSERT_TRUE(cases);
  int compared = 0;
  for (const Json& one : *cases) {
    const std::string name = one["name"];
    const Json& want = one["expected"];
    // RDF as a graph, microformats and Dublin Core say nothing about offers and are not read.
    if (name.starts_with("w3crdfa/") || name.find("dublincore") != name.npos ||
        name.find("microformat") != name.npos)
      continue;
    // The address that the library's own test gives.
    const std::string base = name.find("microdata.7.1") != name.npos
                                 ? "http://blog.example.com/progress-report"
                             : name.find("custom_url") != name.npos ? "http://some-example.com/"
                                                                    : "";
    const Json got = Structured(one["html"].get<std::string>(), base);
    const auto same = [&](const char* view, const Json& expected) {
      ++compared;
      EXPECT_EQ(Unlisted(Folded(got[view])), Unlisted(Folded(expected))) << name << ": " << view;
    };
    if (want.is_array() && name.find("opengraph") != name.npos) {
      same("opengraph", want);
    } else if (want.is_array() &&
               (name.ends_with(".jsonld") || name.starts_with("custom.invalid"))) {
      same("json-ld", want);
    } else if (want.is_array()) {
      same("microdata", want);
    } else if (want.contains("items")) {
      Json flat = Json::array();
      for (const Json& list : want["items"]) flat.insert(flat.end(), list.begin(), list.end());
      same("json-ld", flat);
    } else {
      // All at once; its "uniform" form gives items in JSON-LD's way, compared in their own case.
      same("json-ld", want["json-ld"]);
      same("opengraph", want["opengraph"]);
    }
  }
  std::printf("compared with extruct: %d\n", compared);
  EXPECT_GE(compared, 20);
}

}  // namespace
}  // namespace kaopu
