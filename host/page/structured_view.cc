// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "page/structured_view.h"

#include <array>
#include <string_view>
#include <utility>

#include "page/microdata.h"
#include "page/text.h"

namespace kaopu {
namespace {

using Kind = ValueTree::Kind;

std::string KeyOf(const ValueTree::Node& node) {
  return node.key_escaped ? DecodeEscapes(node.key) : std::string(node.key);
}

Json ScalarOf(const ValueTree& tree, ValueId id) {
  const ValueTree::Node& node = tree.At(id);
  if (node.kind == Kind::kNull) return nullptr;
  if (node.kind == Kind::kBool) return node.text == "true";
  if (node.kind == Kind::kNumber) {
    if (auto number = ParseJson(node.text, "number"); number && number->is_number()) return *number;
  }
  return tree.Text(id).value_or("");
}

// Depth is bounded by the readers' own limits.
Json JsonOf(const ValueTree& tree, ValueId id) {
  const ValueTree::Node& node = tree.At(id);
  if (node.kind != Kind::kArray && node.kind != Kind::kObject) return ScalarOf(tree, id);
  Json out = node.kind == Kind::kArray ? Json::array() : Json::object();
  for (ValueId child = node.first_child; child != kNoValue; child = tree.At(child).next) {
    if (node.kind == Kind::kArray) {
      out.push_back(JsonOf(tree, child));
    } else {
      out[KeyOf(tree.At(child))] = JsonOf(tree, child);
    }
  }
  return out;
}

Json LinkedData(const Document& document) {
  const TypedTree typed = ReadJsonLd(document);
  Json list = Json::array();
  const auto add = [&](ValueId id) {
    if (typed.tree.At(id).kind == Kind::kObject && typed.tree.At(id).first_child != kNoValue)
      list.push_back(JsonOf(typed.tree, id));
  };
  for (const ValueId root : typed.roots) {
    if (typed.tree.At(root).kind != Kind::kArray) {
      add(root);
      continue;
    }
    for (ValueId id = typed.tree.At(root).first_child; id != kNoValue; id = typed.tree.At(id).next)
      add(id);
  }
  return list;
}

// One value is itself, several are a list.
void AddValue(Json& object, const std::string& name, Json value) {
  const auto found = object.find(name);
  if (found == object.end()) {
    object[name] = Json::array({std::move(value)});
  } else {
    found->push_back(std::move(value));
  }
}

Json ItemOf(const ValueTree& tree, ValueId id) {
  Json item = Json::object();
  Json properties = Json::object();
  for (ValueId child = tree.At(id).first_child; child != kNoValue; child = tree.At(child).next) {
    const ValueTree::Node& node = tree.At(child);
    const std::string name(node.key);
    if (name == "@type") {
      Json types = JsonOf(tree, child);
      if (!types.empty()) item["type"] = types.size() == 1 ? types[0] : types;
    } else if (name == "@id") {
      item["id"] = ScalarOf(tree, child);
    } else if (name == "@value") {
      item["value"] = ScalarOf(tree, child);
    } else if (node.kind == Kind::kObject && !name.ends_with("-input")) {
      AddValue(properties, name, ItemOf(tree, child));
    } else {
      AddValue(properties, name, JsonOf(tree, child));
    }
  }
  for (auto& [name, values] : properties.items()) {
    if (values.size() == 1) values = Json(values[0]);
  }
  if (!properties.empty()) item["properties"] = std::move(properties);
  return item;
}

Json Items(const Document& document, const std::optional<Url>& base, ItemSyntax syntax) {
  TypedTree typed;
  ReadItems(document, base, syntax, typed);
  Json list = Json::array();
  if (typed.tree.size() == 0) return list;
  for (ValueId id = typed.tree.At(0).first_child; id != kNoValue; id = typed.tree.At(id).next)
    list.push_back(ItemOf(typed.tree, id));
  return list;
}

// ogp.me: types of its own; `product` is declared by few of the shops that use it.
constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kOpenGraphPrefixes = {
    {{"og", "http://ogp.me/ns#"},
     {"music", "http://ogp.me/ns/music#"},
     {"video", "http://ogp.me/ns/video#"},
     {"article", "http://ogp.me/ns/article#"},
     {"book", "http://ogp.me/ns/book#"},
     {"profile", "http://ogp.me/ns/profile#"},
     {"product", "http://ogp.me/ns/product#"}}};

Json OpenGraph(const Document& document, Prefixes namespaces) {
  Json properties = Json::array();
  for (pugi::xml_node meta : document.head().children("meta")) {
    const std::string_view name = meta.attribute("property").value();
    if (!meta.attribute("property") || !meta.attribute("content")) continue;
    const std::string prefix(name.substr(0, name.find(':')));
    for (const auto& [own, space] : kOpenGraphPrefixes) {
      if (own == prefix) namespaces.emplace(own, space);
    }
    if (namespaces.contains(prefix))
      properties.push_back(Json::array({std::string(name), meta.attribute("content").value()}));
  }
  if (properties.empty()) return Json::array();
  return Json::array({{{"namespace", namespaces}, {"properties", std::move(properties)}}});
}

bool IsWordByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

}  // namespace

Json StructuredJson(const Document& document, const std::optional<Url>& base,
                    const Prefixes& declared) {
  return {{"json-ld", LinkedData(document)},
          {"microdata", Items(document, base, ItemSyntax::kMicrodata)},
          {"opengraph", OpenGraph(document, declared)},
          {"rdfa", Items(document, base, ItemSyntax::kRdfa)}};
}

void AddPrefixes(std::string_view attribute, Prefixes& out) {
  // extruct's reading of a name: the letters, digits and underscores before its colon.
  std::string name;
  for (size_t at = 0; at < attribute.size();) {
    if (attribute[at] == ':' && !name.empty()) {
      size_t begin = at + 1;
      while (begin < attribute.size() && attribute[begin] == ' ') ++begin;
      const size_t end = std::min(attribute.find(' ', begin), attribute.size());
      if (end > begin) out[name] = std::string(attribute.substr(begin, end - begin));
      name.clear();
      at = end;
      continue;
    }
    if (IsWordByte(attribute[at])) {
      name += attribute[at];
    } else {
      name.clear();
    }
    ++at;
  }
}

}  // namespace kaopu
