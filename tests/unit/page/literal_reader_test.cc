// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "page/literal_reader.h"

#include <gtest/gtest.h>

#include "page/value_path.h"

namespace kaopu {
namespace {

// The text at `path` of the literal in `source`; "(none)" for null, lists and objects; "(absent)"
// when nothing is there.
std::string At(std::string_view source, std::string_view path, Dialect dialect) {
  ValueTree tree;
  const LiteralEnd literal = ReadLiteral(source, 0, dialect, tree);
  std::string out = "(absent)";
  const auto parsed = ValuePath::Parse(path);
  if (!parsed) return parsed.error().message;
  parsed->ForEach(tree, literal.root, [&](ValueId id) {
    out = tree.Text(id).value_or("(none)");
    return false;
  });
  return out;
}

TEST(ReadLiteral, javascript_forms) {
  const std::string_view source =
      R"js(/* c */ {a: 'x' + "y" + 'z', 'b': [1, 2, {k: 'post', s: 4.9},], c: function () { return "}" },
      d: !0, e: new Date(1, 2), f: JSON.parse('{"q":{"w":1}}'), g: a.b || 2, h: "x" || "y", "i.j": -1.5e3,
      k: /["}]x/g.test(1), u: '\u4eac\u{4E1C}\x41', m(){ a }, ...z, n: undefined, o: `t`, p: 'it\'s', q: "a" + b,
      r: void 0, // end
      last: true})js";
  const std::pair<const char*, const char*> rows[] = {{"a", "xyz"},
                                                      {"b[1]", "2"},
                                                      {"b[k=post].s", "4.9"},
                                                      {"c", "(none)"},
                                                      {"d", "true"},
                                                      {"e", "(none)"},
                                                      {"f.q.w", "1"},
                                                      {"g", "(none)"},
                                                      {"h", "x"},
                                                      {"[\"i.j\"]", "-1.5e3"},
                                                      {"k", "(none)"},
                                                      {"u", "京东A"},
                                                      {"n", "(none)"},
                                                      {"o", "t"},
                                                      {"p", "it's"},
                                                      {"q", "(none)"},
                                                      {"r", "(none)"},
                                                      {"last", "true"},
                                                      {"..w", "1"},
                                                      {"b[*]", "1"},
                                                      {"m", "(absent)"}};
  for (const auto& [path, value] : rows) {
    EXPECT_EQ(At(source, path, Dialect::kJavaScript), value) << path;
  }
}

TEST(ReadLiteral, json_is_repaired_as_search_engines_do) {
  const std::string_view source =
      "\xEF\xBB\xBF{\"name\": \"6\" pipe, \"long\"\", /* c */ \"list\": [1, 2,], // end\n "
      "\"text\": \"line\n"
      "break\", \"last\": {\"@type\": \"X\",}";
  EXPECT_EQ(At(source, "name", Dialect::kJson), "6\" pipe, \"long\"");
  EXPECT_EQ(At(source, "list[1]", Dialect::kJson), "2");
  EXPECT_EQ(At(source, "text", Dialect::kJson), "line\nbreak");
  EXPECT_EQ(At(source, "last.@type", Dialect::kJson), "X");
}

TEST(ReadLiteral, every_truncation_ends_well) {
  const std::string source =
      R"js({a:'x'+"y",b:[1,{c:/r"/,d:JSON.parse("{\"e\":1}")}],f:function(){"}"},g:`t${1}`})js";
  for (size_t size = 0; size <= source.size(); ++size) {
    for (const Dialect dialect : {Dialect::kJson, Dialect::kJavaScript}) {
      ValueTree tree;
      const std::string cut = source.substr(0, size);
      EXPECT_LE(ReadLiteral(cut, 0, dialect, tree).end, cut.size()) << size;
    }
  }
}

TEST(ReadLiteral, hostile_depth_and_length_stay_bounded) {
  ValueTree tree;
  const std::string deep(300'000, '[');
  ReadLiteral(deep, 0, Dialect::kJavaScript, tree);
  EXPECT_LT(tree.size(), 1000u);
  std::string wide = "[";
  for (int i = 0; i < 300'000; ++i) wide += "1,";
  ValueTree other;
  ReadLiteral(wide, 0, Dialect::kJson, other);
  EXPECT_LE(other.size(), 200'001u);
  std::string joined = "{a:'x'";
  for (int i = 0; i < 60'000; ++i) joined += "+'y'";
  EXPECT_EQ(At(joined + "}", "a", Dialect::kJavaScript).size(), 60'001u);
}

TEST(DecodeEscapes, surrogates) {
  EXPECT_EQ(DecodeEscapes(R"(\ud83d\ude00)"), "😀");
  EXPECT_EQ(DecodeEscapes(R"(\ud83d!)"), "\xEF\xBF\xBD!");
  EXPECT_EQ(DecodeEscapes(R"(\u12)"), R"(\u12)");
  EXPECT_EQ(DecodeEscapes("a\\"), "a\\");
}

TEST(ValuePath, nonsense_is_refused) {
  for (const char* path : {".a", "a.", "a..", "a[", "a[b]", "a[]", "a[1]b", "[\"x]"}) {
    EXPECT_FALSE(ValuePath::Parse(path)) << path;
  }
}

}  // namespace
}  // namespace kaopu
