// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "page/structured_data.h"

#include <algorithm>

#include "page/literal_reader.h"
#include "page/text.h"

namespace kaopu {
namespace {

using Kind = ValueTree::Kind;
constexpr size_t kEntitiesMax = 5'000;

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

// A block whose quotes are entities (`{&quot;@context&quot;`) was escaped once too often.
bool IsEscapedHtml(std::string_view json) {
  const std::string_view start = json.substr(0, 64);
  return start.find('"') == std::string_view::npos &&
         start.find("&quot;") != std::string_view::npos;
}

}  // namespace

// Pre-order, without recursion.
void CollectEntities(TypedTree& typed, ValueId root) {
  struct Open {
    ValueId id;
    size_t entity_above;  // place in entities
  };
  std::vector<Open> stack = {{root, SIZE_MAX}};
  const ValueTree& tree = typed.tree;
  while (!stack.empty()) {
    if (typed.entities.size() >= kEntitiesMax) {
      typed.whole = false;
      return;
    }
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

std::string_view ShortType(std::string_view type) {
  type = TrimAscii(type);
  while (type.ends_with('/')) type.remove_suffix(1);
  return type.substr(type.find_last_of("/#:") + 1);
}

ValueId TypedTree::Follow(ValueId id) const {
  if (id == kNoValue) return id;
  if (links_refer && tree.At(id).kind == Kind::kString) {
    const std::string link = tree.Text(id).value_or("");
    auto target = by_id.find(link);
    if (const size_t mark = link.find('#'); target == by_id.end() && mark != std::string::npos) {
      target = by_id.find(link.substr(mark));
    }
    return target == by_id.end() ? id : target->second;
  }
  if (tree.At(id).kind != Kind::kObject) return id;
  const ValueId first = tree.At(id).first_child;
  if (first == kNoValue || tree.At(first).next != kNoValue || tree.At(first).key != "@id")
    return id;
  const auto name = tree.Text(first);
  if (!name) return id;
  const auto target = by_id.find(*name);
  return target == by_id.end() ? id : target->second;
}

std::vector<ValueId> TypedTree::Members(ValueId object, std::string_view key, size_t max) const {
  std::vector<ValueId> out;
  if (object == kNoValue || tree.At(object).kind != Kind::kObject) return out;
  for (ValueId id = tree.At(object).first_child; id != kNoValue; id = tree.At(id).next) {
    const auto& node = tree.At(id);
    if (node.key_escaped ? DecodeEscapes(node.key) != key : node.key != key) continue;
    const ValueId member = Follow(id);
    const bool list = tree.At(member).kind == Kind::kArray;
    for (ValueId one = list ? tree.At(member).first_child : member;
         one != kNoValue && out.size() < max; one = list ? tree.At(one).next : kNoValue) {
      out.push_back(list ? Follow(one) : one);
    }
  }
  return out;
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
      out.roots.push_back(literal.root);
      at = std::min(text.find_first_of("{[", literal.end), text.size());
    }
  }
  return out;
}

}  // namespace kaopu
