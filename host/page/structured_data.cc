// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "page/structured_data.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>

#include "page/literal_reader.h"
#include "page/text.h"

namespace kaopu {
namespace {

using Kind = ValueTree::Kind;
constexpr size_t kEntitiesMax = 5'000;
constexpr size_t kPropertiesMax = 5'000;
constexpr size_t kPropertyBytesMax = 1'000;

void CollectTypes(const ValueTree& tree, ValueId object, std::vector<std::string>& types) {
  ValueId type = tree.Member(object, "@type");
  if (type == kNoValue) return;
  if (tree.At(type).kind == Kind::kArray) {
    for (ValueId id = tree.At(type).first_child; id != kNoValue; id = tree.At(id).next) {
      if (auto text = tree.Text(id)) types.emplace_back(ShortType(*text));
    }
  } else if (auto text = tree.Text(type)) {
    types.emplace_back(ShortType(*text));
  }
}

// Pre-order over one root, without recursion; `parent` of an entity is the nearest entity around
// it.
void CollectEntities(TypedTree& typed, ValueId root) {
  struct Open {
    ValueId id;
    size_t entity_above;  // place in entities
  };
  std::vector<Open> stack = {{root, SIZE_MAX}};
  const ValueTree& tree = typed.tree;
  while (!stack.empty() && typed.entities.size() < kEntitiesMax) {
    const Open at = stack.back();
    stack.pop_back();
    const auto& node = tree.At(at.id);
    if (at.id != root && node.next != kNoValue) stack.push_back({node.next, at.entity_above});
    size_t inside = at.entity_above;
    if (node.kind == Kind::kObject) {
      TypedTree::Entity entity{at.id, {}, at.entity_above};
      CollectTypes(tree, at.id, entity.types);
      if (auto name = tree.Text(tree.Member(at.id, "@id"));
          name && tree.At(node.first_child).next != kNoValue) {
        typed.by_id.emplace(*name, at.id);
      }
      if (!entity.types.empty()) {
        inside = typed.entities.size();
        typed.entities.push_back(std::move(entity));
      }
    }
    if (node.first_child != kNoValue) stack.push_back({node.first_child, inside});
  }
}

// A block whose quotes are entities (`{&quot;@context&quot;`) was escaped once too often.
bool IsEscapedHtml(std::string_view json) {
  const std::string_view start = json.substr(0, 64);
  return start.find('"') == std::string_view::npos &&
         start.find("&quot;") != std::string_view::npos;
}

class MicrodataReader {
 public:
  explicit MicrodataReader(const Document& document) : document_(document) {}

  TypedTree Run() {
    root_ = out_.tree.Add(kNoValue, Kind::kArray);
    for (pugi::xml_node body : document_.page().children("body")) Walk(body);
    GiveMetaProperties();
    CollectEntities(out_, root_);
    return std::move(out_);
  }

 private:
  struct Scope {
    pugi::xml_node node;
    ValueId object;
  };

  void Walk(pugi::xml_node body) {
    pugi::xml_node node = body.first_child();
    while (node && properties_ < kPropertiesMax) {
      if (node.type() == pugi::node_element) Enter(node);
      if (node.first_child()) {
        node = node.first_child();
        continue;
      }
      for (;;) {
        if (!scopes_.empty() && scopes_.back().node == node) scopes_.pop_back();
        if (node.next_sibling() || node == body) break;
        node = node.parent();
      }
      if (node == body) break;
      node = node.next_sibling();
    }
    scopes_.clear();
  }

  void Enter(pugi::xml_node node) {
    pugi::xml_attribute scope, type, names;
    for (const pugi::xml_attribute attribute : node.attributes()) {
      const std::string_view name = attribute.name();
      if (name == "itemscope")
        scope = attribute;
      else if (name == "itemtype" || name == "typeof")
        type = attribute;
      else if (name == "itemprop" || name == "property")
        names = attribute;
    }
    if (std::string_view(type.name()) == "typeof") scope = type;
    if (!scope && !names) return;
    ++properties_;
    if (scope) {
      const std::string_view name = scopes_.empty() ? "" : FirstWord(names.value());
      const ValueId parent = scopes_.empty() || name.empty() ? root_ : scopes_.back().object;
      const ValueId object = out_.tree.Add(parent, Kind::kObject, LocalName(name));
      if (type) AddTypes(object, type.value());
      scopes_.push_back({node, object});
      return;
    }
    if (scopes_.empty()) return;
    const std::string_view value = ValueOf(node);
    std::string_view rest = names.value();
    while (!(rest = TrimAscii(rest)).empty()) {
      const std::string_view name = FirstWord(rest);
      rest.remove_prefix(name.size());
      out_.tree.Add(scopes_.back().object, Kind::kString, LocalName(name), value);
    }
  }

  static std::string_view FirstWord(std::string_view text) {
    text = TrimAscii(text);
    return text.substr(0, std::min(text.find(' '), text.size()));
  }

  // RDFa prefixes its names: `schema:price`, `http://schema.org/price`.
  static std::string_view LocalName(std::string_view name) { return ShortType(name); }

  void AddTypes(ValueId object, std::string_view rest) {
    const ValueId list = out_.tree.Add(object, Kind::kArray, "@type");
    while (!(rest = TrimAscii(rest)).empty()) {
      const std::string_view type = FirstWord(rest);
      rest.remove_prefix(type.size());
      out_.tree.Add(list, Kind::kString, {}, type);
    }
  }

  std::string_view ValueOf(pugi::xml_node node) {
    if (const pugi::xml_attribute content = node.attribute("content")) return content.value();
    static constexpr std::array<std::pair<std::string_view, const char*>, 9> kFrom = {
        {{"a", "href"},
         {"area", "href"},
         {"link", "href"},
         {"img", "src"},
         {"iframe", "src"},
         {"time", "datetime"},
         {"data", "value"},
         {"meter", "value"},
         {"input", "value"}}};
    const std::string_view tag = node.name();
    for (const auto& [name, attribute] : kFrom) {
      if (tag != name) continue;
      if (const pugi::xml_attribute value = node.attribute(attribute)) return value.value();
    }
    return out_.tree.Own(Document::Text(node, kPropertyBytesMax));
  }

  void GiveMetaProperties() {
    const ValueTree& tree = out_.tree;
    ValueId product = kNoValue;
    for (ValueId id = tree.At(root_).first_child; id != kNoValue; id = tree.At(id).next) {
      std::vector<std::string> types;
      CollectTypes(tree, id, types);
      if (std::ranges::find(types, "Product") == types.end()) continue;
      if (product != kNoValue) return;
      product = id;
    }
    if (product == kNoValue) return;
    ValueId offer = tree.Member(product, "offers");
    for (const std::string_view name :
         {"price", "lowPrice", "highPrice", "priceCurrency", "availability", "itemCondition"}) {
      const auto value = OnlyMeta(name);
      if (!value || tree.Member(offer, name) != kNoValue ||
          tree.Member(product, name) != kNoValue) {
        continue;
      }
      if (offer == kNoValue || tree.At(offer).kind != Kind::kObject) {
        offer = out_.tree.Add(product, Kind::kObject, "offers");
      }
      out_.tree.Add(offer, Kind::kString, name, *value);
    }
  }

  // The one value that the metas of that itemprop agree on.
  std::optional<std::string_view> OnlyMeta(std::string_view itemprop) const {
    std::optional<std::string_view> found;
    for (pugi::xml_node child : document_.head().children()) {
      if (itemprop != child.attribute("itemprop").value()) continue;
      std::string_view value = child.attribute("content").value();
      if (value.empty()) value = child.attribute("href").value();
      if (found && *found != value) return std::nullopt;
      found = value;
    }
    return found;
  }

  const Document& document_;
  TypedTree out_;
  ValueId root_ = kNoValue;
  std::vector<Scope> scopes_;
  size_t properties_ = 0;
};

}  // namespace

std::string_view ShortType(std::string_view type) {
  type = TrimAscii(type);
  while (type.ends_with('/')) type.remove_suffix(1);
  return type.substr(type.find_last_of("/#:") + 1);
}

ValueId TypedTree::Follow(ValueId id) const {
  if (id == kNoValue || tree.At(id).kind != Kind::kObject) return id;
  const ValueId first = tree.At(id).first_child;
  if (first == kNoValue || tree.At(first).next != kNoValue || tree.At(first).key != "@id")
    return id;
  const auto name = tree.Text(first);
  if (!name) return id;
  const auto target = by_id.find(*name);
  return target == by_id.end() ? id : target->second;
}

bool TypedTree::HasType(std::string_view type) const {
  return std::ranges::any_of(entities, [&](const Entity& entity) {
    return std::ranges::find(entity.types, type) != entity.types.end();
  });
}

TypedTree ReadJsonLd(const Document& document) {
  TypedTree out;
  for (pugi::xml_node script : document.data().children("script")) {
    if (script.attribute("state")) continue;
    std::string_view text = script.text().get();
    if (IsEscapedHtml(text)) text = out.tree.Own(DecodeEntities(text));
    for (size_t at = 0; at < text.size();) {
      const LiteralEnd literal = ReadLiteral(text, at, Dialect::kJson, out.tree);
      if (literal.root == kNoValue || literal.end <= at) break;
      CollectEntities(out, literal.root);
      at = std::min(text.find_first_of("{[", literal.end), text.size());
    }
  }
  return out;
}

TypedTree ReadMicrodata(const Document& document) {
  const auto has = [&](std::string_view attribute) {
    return document.attributes().Find(attribute) != nullptr;
  };
  if (!has("itemscope") && !has("typeof")) return {};
  return MicrodataReader(document).Run();
}

}  // namespace kaopu
