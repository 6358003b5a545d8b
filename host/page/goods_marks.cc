// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "page/goods_marks.h"

#include <utility>

#include "base/str_cat.h"
#include "page/text.h"

namespace kaopu {
namespace {

constexpr size_t kHeadingBytesMax = 80;
constexpr int kNoHeading = 0;
constexpr int kNamedHeading = 7;  // below h6: an element whose class says that it is one
constexpr int kLevelsUp = 60;

re2::StringPiece Piece(std::string_view text) { return {text.data(), text.size()}; }

// 1 to 6 for h1 to h6, kNamedHeading for <div class="section-title">, else kNoHeading.
int HeadingLevel(pugi::xml_node node) {
  const std::string_view tag = node.name();
  if (tag.size() == 2 && tag[0] == 'h' && tag[1] >= '1' && tag[1] <= '6') return tag[1] - '0';
  if (tag != "div" && tag != "p" && tag != "span" && tag != "strong") return kNoHeading;
  const std::string_view names = node.attribute("class").value();
  return ContainsIgnoringCase(names, "title") || ContainsIgnoringCase(names, "heading")
             ? kNamedHeading
             : kNoHeading;
}

pugi::xml_node NextElement(pugi::xml_node node) {
  do node = node.next_sibling();
  while (node && node.type() != pugi::node_element);
  return node;
}

bool HasOneElement(pugi::xml_node node) {
  int elements = 0;
  for (pugi::xml_node child : node.children()) {
    if (child.type() == pugi::node_element && ++elements > 1) return false;
  }
  return true;
}

}  // namespace

bool Finds(const Pattern& re, std::string_view text) {
  return !text.empty() && RE2::PartialMatch(Piece(text), *re);
}

std::string MarksOf(pugi::xml_node node) {
  static constexpr const char* kKeys[] = {"class",       "id",        "name",      "itemprop",
                                          "data-testid", "data-test", "data-role", "data-hook"};
  std::string names;
  for (const char* key : kKeys) {
    const char* value = node.attribute(key).value();
    if (*value == '\0') continue;
    names += value;
    names += ' ';
  }
  return names;
}

bool IsStruckOut(pugi::xml_node node, const BuyBoxRules& rules) {
  const std::string_view tag = node.name();
  if (tag == "del" || tag == "s" || tag == "strike") return true;
  if (ContainsIgnoringCase(node.attribute("style").value(), "line-through")) return true;
  return Finds(rules.old_price, MarksOf(node));
}

bool LeadsAway(pugi::xml_node node, const BuyBoxRules& rules) {
  if (std::string_view(node.name()) != "a") return false;
  const std::string_view href = node.attribute("href").value();
  return !href.empty() && href[0] != '#' && href[0] != '?' && !href.starts_with("javascript:") &&
         !Finds(rules.target, href) && !Finds(rules.names, MarksOf(node));
}

OtherGoods::OtherGoods(const Document& document, const BuyBoxRules& rules) : rules_(rules) {
  for (ElementId id = 0; id < document.element_count(); ++id) {
    const pugi::xml_node node = document.Element(id);
    const int level = HeadingLevel(node);
    if (level < 2) continue;
    const std::string text = document.Text(node, kHeadingBytesMax + 1);
    if (text.size() <= kHeadingBytesMax && Finds(rules.other_heading, text)) {
      MarkSection(node, level);
    }
  }
}

// What follows the heading in its parent, up to the next heading of its rank. A wrapper that holds
// the heading alone stands for it.
void OtherGoods::MarkSection(pugi::xml_node heading, int level) {
  pugi::xml_node top = heading;
  for (int i = 0; i < 4 && HasOneElement(top.parent()); ++i) {
    const std::string_view above = top.parent().name();
    if (above == "body" || above == "main" || above == "page") break;
    top = top.parent();
  }
  for (pugi::xml_node next = NextElement(top); next; next = NextElement(next)) {
    const int other = HeadingLevel(next);
    if (other != kNoHeading && other <= level) break;
    if (!under_heading_.insert(next.hash_value()).second) break;
  }
}

bool OtherGoods::IsRoot(pugi::xml_node node) const {
  const auto [known, is_new] = named_.try_emplace(node.hash_value(), false);
  if (is_new) {
    known->second =
        under_heading_.contains(node.hash_value()) || Finds(rules_.other_goods, MarksOf(node));
  }
  return known->second;
}

bool OtherGoods::Hold(pugi::xml_node node) const {
  for (int i = 0; i < kLevelsUp && node; ++i, node = node.parent()) {
    const std::string_view tag = node.name();
    if (tag == "body" || tag == "main") return false;
    if (tag == "footer" || IsRoot(node)) return true;
  }
  return false;
}

Expected<BuyBoxRules> ParseBuyBoxRules(const Json& json, const std::string& place) {
  if (!json.is_object()) return Fail(ErrorCode::kDamaged, place + ": must be an object");
  BuyBoxRules rules;
  const std::pair<const char*, Pattern*> parts[] = {{"label", &rules.label},
                                                    {"target", &rules.target},
                                                    {"names", &rules.names},
                                                    {"other_goods", &rules.other_goods},
                                                    {"other_heading", &rules.other_heading},
                                                    {"old_price", &rules.old_price},
                                                    {"usual_price", &rules.usual_price},
                                                    {"not_price", &rules.not_price},
                                                    {"sure_price", &rules.sure_price},
                                                    {"rate", &rules.rate},
                                                    {"net", &rules.net},
                                                    {"on_request", &rules.on_request}};
  for (const auto& [name, target] : parts) {
    const auto found = json.find(name);
    if (found == json.end() || !found->is_string()) {
      return Fail(ErrorCode::kDamaged, StrCat(place, ".", name, ": must be a pattern"));
    }
    auto re = CompilePattern(found->get<std::string>(), StrCat(place, ".", name));
    if (!re) return std::unexpected(re.error());
    *target = std::move(*re);
  }
  return rules;
}

}  // namespace kaopu
