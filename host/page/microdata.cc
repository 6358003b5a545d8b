// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "page/microdata.h"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "page/item_values.h"
#include "page/text.h"

namespace kaopu {
namespace {

using Kind = ValueTree::Kind;
constexpr size_t kNone = SIZE_MAX;
constexpr size_t kReferencesMax = 64;     // ids in one itemref
constexpr size_t kReferredMax = 500'000;  // elements looked at for all itemrefs of a page

struct SyntaxNames {
  const char* scope;
  const char* types;
  const char* names;
  const char* id;
};
constexpr SyntaxNames NamesOf(ItemSyntax syntax) {
  return syntax == ItemSyntax::kMicrodata
             ? SyntaxNames{"itemscope", "itemtype", "itemprop", "itemid"}
             : SyntaxNames{"typeof", "typeof", "property", "resource"};
}

template <typename Visit>
void EachWord(std::string_view text, const Visit& visit) {
  for (size_t at = 0; at < text.size();) {
    size_t end = at;
    while (end < text.size() && !IsHtmlSpace(text[end])) ++end;
    if (end > at) visit(text.substr(at, end - at));
    at = end + 1;
  }
}

class ItemReader {
 public:
  ItemReader(const Document& document, const std::optional<Url>& base, ItemSyntax syntax,
             TypedTree& out)
      : document_(document), base_(base), syntax_(syntax), words_(NamesOf(syntax)), out_(out) {}

  // Under a new array; false when a limit was met.
  bool Run(ValueId root) {
    FindReferences();
    std::vector<pugi::xml_node> main_chain;
    for (pugi::xml_node body : document_.page().children("body")) {
      Walk(body, main_chain);
      if (main_chain.empty()) main_chain = ChainOf(body);
    }
    text_ = out_.tree.Own(layout_.Take());
    // Items of their own first, then those that call themselves a property of nothing.
    for (const bool orphans : {false, true}) {
      for (size_t i = 0; i < entries_.size(); ++i) {
        const Entry& entry = entries_[i];
        if (!entry.scope || entry.placed || entry.names.empty() == orphans) continue;
        AddItem(root, {}, i, 0);
      }
    }
    return whole_;
  }

 private:
  // An element that is an item, a property, or both.
  struct Entry {
    pugi::xml_node node;
    std::string_view names;
    bool scope = false;
    bool open = false;    // being written: whoever holds it may not stand in it
    bool placed = false;  // written at least once
    size_t text_begin = 0, text_end = 0;
    std::vector<size_t> own;  // of a scope: the properties below it that belong to no scope between
  };
  struct Open {
    pugi::xml_node node;
    size_t entry;  // kNone: no entry, a referenced id alone
    bool scope;
    size_t reference;  // place in ranges_ or kNone
  };
  struct Range {
    size_t begin = kNone, end = kNone;
  };
  // RDFa: <div rel="offers"> names what the items below it are to the item around it.
  struct Hanging {
    pugi::xml_node node;
    pugi::xml_attribute rel;
    size_t scopes;  // how many items stand around it
  };

  void FindReferences() {
    const auto* holders =
        syntax_ == ItemSyntax::kMicrodata ? document_.attributes().Find("itemref") : nullptr;
    if (holders == nullptr) return;
    document_.attributes().ForEach(*holders, [&](ElementId id) {
      EachWord(document_.Element(id).attribute("itemref").value(), [&](std::string_view name) {
        if (ranges_.size() < kItemPropertiesMax) references_.emplace(name, references_.size());
      });
      return true;
    });
    ranges_.resize(references_.size());
  }

  // The tags around the main content stand again around the rest (host/docs/protocol.md,
  // "Snapshot"): an item among them is one item. These are the first body's, outermost first.
  static std::vector<pugi::xml_node> ChainOf(pugi::xml_node body) {
    std::vector<pugi::xml_node> chain;
    for (pugi::xml_node node = body; node.type() == pugi::node_element && chain.size() < 64;
         node = node.first_child()) {
      chain.push_back(node);
      if (!node.first_child() || node.first_child().next_sibling()) break;
    }
    return chain;
  }
  static bool SameTag(pugi::xml_node a, pugi::xml_node b) {
    if (std::string_view(a.name()) != b.name()) return false;
    pugi::xml_attribute x = a.first_attribute(), y = b.first_attribute();
    for (; x && y; x = x.next_attribute(), y = y.next_attribute()) {
      if (std::string_view(x.name()) != y.name() || std::string_view(x.value()) != y.value())
        return false;
    }
    return !x && !y;
  }

  void Walk(pugi::xml_node body, const std::vector<pugi::xml_node>& chain) {
    size_t in_chain = 0;  // how many of the chain's tags the walk stands in
    int depth = 0;
    pugi::xml_node node = body;
    for (;;) {
      if (node.type() == pugi::node_pcdata) {
        layout_.Append(node.value());
      } else if (node.type() == pugi::node_element) {
        layout_.Break(LineEndsAround(node.name()));
        const bool again = in_chain < chain.size() && in_chain == static_cast<size_t>(depth) &&
                           SameTag(node, chain[in_chain]);
        Enter(node, again ? chain[in_chain] : pugi::xml_node());
        if (again) ++in_chain;
      }
      if (node.first_child()) {
        node = node.first_child();
        ++depth;
        continue;
      }
      for (;;) {
        if (node.type() == pugi::node_element) Leave(node);
        if (node == body) return;
        if (node.next_sibling()) break;
        node = node.parent();
        --depth;
      }
      node = node.next_sibling();
    }
  }

  // `twin`: the same tag in the first body, if it is one.
  void Enter(pugi::xml_node node, pugi::xml_node twin) {
    pugi::xml_attribute scope, names, rel;
    bool leads = false;
    size_t reference = kNone;
    for (const pugi::xml_attribute attribute : node.attributes()) {
      const std::string_view name = attribute.name();
      if (name == words_.scope) {
        scope = attribute;
      } else if (name == words_.names) {
        names = attribute;
      } else if (syntax_ == ItemSyntax::kRdfa && name == "rel") {
        rel = attribute;
      } else if (syntax_ == ItemSyntax::kRdfa &&
                 (name == "href" || name == "src" || name == "resource")) {
        leads = true;
      } else if (!references_.empty() && name == "id") {
        if (const auto found = references_.find(attribute.value());
            found != references_.end() && ranges_[found->second].begin == kNone) {
          reference = found->second;
        }
      }
    }
    if (scope && !names && rel) {
      names = rel;
    } else if (scope && !names && !hanging_.empty() && hanging_.back().scopes == scopes_.size()) {
      names = hanging_.back().rel;
    } else if (rel && !scope && !names && !leads && !scopes_.empty()) {
      hanging_.push_back({node, rel, scopes_.size()});
    }
    const bool has_names = names && !TrimAscii(names.value()).empty();
    if (!scope && !has_names && reference == kNone) return;
    if (reference != kNone) ranges_[reference].begin = entries_.size();
    size_t entry = kNone;
    if (scope && twin) {
      const auto first = std::ranges::find(entries_, twin, &Entry::node);
      if (first != entries_.end()) entry = static_cast<size_t>(first - entries_.begin());
    }
    if (entry == kNone && (scope || has_names)) {
      if (entries_.size() >= kItemPropertiesMax) {
        whole_ = false;
      } else {
        entry = entries_.size();
        entries_.push_back({.node = node,
                            .names = has_names ? names.value() : std::string_view(),
                            .scope = !scope.empty(),
                            .text_begin = layout_.size()});
        if (has_names && !scopes_.empty()) entries_[scopes_.back()].own.push_back(entry);
      }
    }
    open_.push_back({node, entry, scope && entry != kNone, reference});
    if (open_.back().scope) scopes_.push_back(entry);
  }

  void Leave(pugi::xml_node node) {
    layout_.Break(LineEndsAround(node.name()));
    if (!hanging_.empty() && hanging_.back().node == node) hanging_.pop_back();
    if (open_.empty() || open_.back().node != node) return;
    const Open closing = open_.back();
    open_.pop_back();
    if (closing.scope) scopes_.pop_back();
    if (closing.entry != kNone) entries_[closing.entry].text_end = layout_.size();
    if (closing.reference != kNone) ranges_[closing.reference].end = entries_.size();
  }

  std::string_view LocalName(std::string_view name) const {
    return syntax_ == ItemSyntax::kRdfa ? ShortType(name) : name;
  }

  bool Room() {
    whole_ = whole_ && written_ < kItemPropertiesMax;
    return written_ < kItemPropertiesMax;
  }

  // The properties of an item: its own, and those of the elements that its itemref names; in
  // document order, each once.
  std::vector<size_t> PropertiesOf(size_t item) {
    std::vector<size_t> list = entries_[item].own;
    const pugi::xml_attribute refs = entries_[item].node.attribute("itemref");
    if (!refs || syntax_ != ItemSyntax::kMicrodata) return list;
    size_t count = 0;
    EachWord(refs.value(), [&](std::string_view id) {
      const auto found = references_.find(id);
      if (found == references_.end() || ++count > kReferencesMax) return;
      const Range range = ranges_[found->second];
      if (range.begin == kNone || range.end == kNone) return;
      scanned_ += range.end - range.begin;
      if (scanned_ > kReferredMax) {
        whole_ = false;
        return;
      }
      // What an item below the referenced element has is that item's.
      std::vector<bool> inner(range.end - range.begin);
      for (size_t i = range.begin; i < range.end; ++i) {
        if (!inner[i - range.begin] && i != item && !entries_[i].names.empty()) list.push_back(i);
        if (!entries_[i].scope) continue;
        for (const size_t own : entries_[i].own) {
          if (own >= range.begin && own < range.end) inner[own - range.begin] = true;
        }
      }
    });
    std::ranges::sort(list);
    list.erase(std::ranges::unique(list).begin(), list.end());
    return list;
  }

  void AddItem(ValueId parent, std::string_view name, size_t item, int depth) {
    if (depth >= kItemDepthMax || !Room()) {
      whole_ = false;
      return;
    }
    ++written_;
    const ValueId object = out_.tree.Add(parent, Kind::kObject, name);
    const pugi::xml_node node = entries_[item].node;
    const ValueId types = out_.tree.Add(object, Kind::kArray, "@type");
    EachWord(node.attribute(words_.types).value(),
             [&](std::string_view type) { out_.tree.Add(types, Kind::kString, {}, type); });
    if (const std::string_view id = TrimAscii(node.attribute(words_.id).value()); !id.empty()) {
      out_.tree.Add(object, Kind::kString, "@id", id);
    }
    entries_[item].open = entries_[item].placed = true;
    const std::vector<size_t> properties = PropertiesOf(item);
    for (const size_t property : properties) {
      EachWord(entries_[property].names, [&](std::string_view word) {
        if (syntax_ == ItemSyntax::kRdfa && word.starts_with("og:")) return;
        if (!Room()) return;
        if (!entries_[property].scope) {
          AddValue(object, LocalName(word), entries_[property]);
        } else if (!entries_[property].open) {
          AddItem(object, LocalName(word), property, depth + 1);
        }
      });
    }
    if (properties.empty()) {
      out_.tree.Add(object, Kind::kString, "@value", ValueOf(entries_[item]));
    }
    entries_[item].open = false;
  }

  void AddValue(ValueId object, std::string_view name, const Entry& entry) {
    ++written_;
    if (name.ends_with("-input") && std::string_view(entry.node.name()) == "input") {
      const ValueId input = out_.tree.Add(object, Kind::kObject, name);
      for (const auto& [attribute, property] : kInputValues) {
        const pugi::xml_attribute value = entry.node.attribute(attribute);
        if (!value) continue;
        const bool flag = *value.value() == '\0' || std::string_view(value.value()) == attribute;
        out_.tree.Add(input, flag ? Kind::kBool : Kind::kString, property,
                      flag ? "true" : value.value());
      }
      return;
    }
    out_.tree.Add(object, Kind::kString, name, ValueOf(entry));
  }

  std::string_view ValueOf(const Entry& entry) {
    const pugi::xml_node node = entry.node;
    const pugi::xml_attribute content = node.attribute("content");
    if (syntax_ == ItemSyntax::kRdfa) {
      if (content) return content.value();
      if (const pugi::xml_attribute resource = node.attribute("resource")) return resource.value();
    }
    const std::string_view tag = node.name();
    for (const ValueAttribute& row : kValueAttributes) {
      if (tag != row.element) continue;
      const pugi::xml_attribute value = node.attribute(row.attribute);
      if (!value) break;
      if (!row.link) return value.value();
      return out_.tree.Own(AbsoluteLink(value.value(), base_));
    }
    if (content) return content.value();  // not the standard's, but that of many shops
    return CutUtf8(TrimAscii(text_.substr(entry.text_begin, entry.text_end - entry.text_begin)),
                   kItemValueBytesMax);
  }

  const Document& document_;
  const std::optional<Url>& base_;
  const ItemSyntax syntax_;
  const SyntaxNames words_;
  TypedTree& out_;
  TextLayout layout_;
  std::string_view text_;
  std::vector<Entry> entries_;  // in document order
  std::vector<Open> open_;
  std::vector<Hanging> hanging_;
  std::vector<size_t> scopes_;                               // open ones, by entry
  std::unordered_map<std::string_view, size_t> references_;  // id -> place in ranges_
  std::vector<Range> ranges_;  // entries in that element, itself included
  size_t written_ = 0;
  size_t scanned_ = 0;
  bool whole_ = true;
};

bool IsProduct(const ValueTree& tree, ValueId object) {
  const ValueId types = tree.Member(object, "@type");
  if (types == kNoValue) return false;
  for (ValueId id = tree.At(types).first_child; id != kNoValue; id = tree.At(id).next) {
    if (ShortType(tree.At(id).text) == "Product") return true;
  }
  return false;
}

// The one value that the metas of that itemprop agree on.
std::optional<std::string_view> OnlyMeta(const Document& document, std::string_view itemprop) {
  std::optional<std::string_view> found;
  for (pugi::xml_node child : document.head().children()) {
    if (itemprop != child.attribute("itemprop").value()) continue;
    std::string_view value = child.attribute("content").value();
    if (value.empty()) value = child.attribute("href").value();
    if (found && *found != value) return std::nullopt;
    found = value;
  }
  return found;
}

void GiveMetaProperties(const Document& document, ValueId root, ValueTree& tree) {
  ValueId product = kNoValue;
  for (ValueId id = tree.At(root).first_child; id != kNoValue; id = tree.At(id).next) {
    if (!IsProduct(tree, id)) continue;
    if (product != kNoValue) return;
    product = id;
  }
  if (product == kNoValue) return;
  ValueId offer = tree.Member(product, "offers");
  for (const std::string_view name :
       {"price", "lowPrice", "highPrice", "priceCurrency", "availability", "itemCondition"}) {
    const auto value = OnlyMeta(document, name);
    if (!value || tree.Member(offer, name) != kNoValue || tree.Member(product, name) != kNoValue) {
      continue;
    }
    if (offer == kNoValue || tree.At(offer).kind != Kind::kObject) {
      offer = tree.Add(product, Kind::kObject, "offers");
    }
    tree.Add(offer, Kind::kString, name, *value);
  }
}

}  // namespace

bool ReadItems(const Document& document, const std::optional<Url>& base, ItemSyntax syntax,
               TypedTree& out) {
  if (document.attributes().Find(NamesOf(syntax).scope) == nullptr) return true;
  const ValueId root = out.tree.Add(kNoValue, Kind::kArray);
  const bool whole = ItemReader(document, base, syntax, out).Run(root);
  CollectEntities(out, root);
  return whole;
}

TypedTree ReadMicrodata(const Document& document, const std::optional<Url>& base) {
  TypedTree out;
  for (const ItemSyntax syntax : {ItemSyntax::kMicrodata, ItemSyntax::kRdfa}) {
    const ValueId root = static_cast<ValueId>(out.tree.size());
    out.whole = ReadItems(document, base, syntax, out) && out.whole;
    out.links_refer = syntax == ItemSyntax::kRdfa && !out.by_id.empty();
    if (syntax == ItemSyntax::kMicrodata && out.tree.size() > 0) {
      GiveMetaProperties(document, root, out.tree);
    }
  }
  return out;
}

}  // namespace kaopu
