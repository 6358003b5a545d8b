// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "page/cold/html_snapshot.h"

#include <algorithm>
#include <unordered_set>
#include <vector>

#include "page/cold/gumbo_tree.h"
#include "page/cold/html_guard.h"
#include "page/cold/snapshot_plan.h"
#include "page/cold/snapshot_writer.h"
#include "page/text.h"

namespace kaopu {
namespace {

using Names = std::unordered_set<std::string_view>;

// Rule 4: with all they hold. textarea and iframe have rules of their own.
bool IsDropped(std::string_view name) {
  static const Names names = {"script", "style", "svg",   "math",  "noscript", "template",
                              "object", "embed", "audio", "video", "canvas",   "source",
                              "track",  "link",  "meta",  "head",  "title"};
  return names.contains(name);
}

// What marks a value for machines by where it points stays, without what it plays.
bool IsMedia(std::string_view name) {
  static const Names names = {"object", "embed", "audio", "video", "source", "track"};
  return names.contains(name);
}

bool IsLegalName(std::string_view name, bool underscore_first) {
  if (name.empty() || name.size() > 64) return false;
  const auto letter = [](char c) { return c >= 'a' && c <= 'z'; };
  if (!letter(name[0]) && !(underscore_first && name[0] == '_')) return false;
  return std::all_of(name.begin(), name.end(), [&](char c) {
    return letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
  });
}

bool IsDroppedAttribute(std::string_view name) {
  static const Names names = {"srcset",  "sizes",    "integrity",     "nonce", "crossorigin",
                              "loading", "decoding", "fetchpriority", "ping"};
  return names.contains(name) || name.starts_with("on");
}

bool BeginsData(std::string_view value) {
  return EqualsIgnoreCase(TrimHtmlSpace(value).substr(0, 5), "data:");
}

bool HasRel(std::string_view rel, std::string_view word) {
  for (size_t pos = 0; pos < rel.size();) {
    while (pos < rel.size() && IsHtmlSpace(rel[pos])) ++pos;
    const size_t from = pos;
    while (pos < rel.size() && !IsHtmlSpace(rel[pos])) ++pos;
    if (EqualsIgnoreCase(rel.substr(from, pos - from), word)) return true;
  }
  return false;
}

// Rule 9: `https://pay.test:8443`, `//cdn.test`, or nothing.
std::string FrameOrigin(std::string_view src) {
  std::string url = ToLowerAscii(TrimHtmlSpace(src));
  const size_t scheme = url.starts_with("https:") ? 6 : url.starts_with("http:") ? 5 : 0;
  if (url.compare(scheme, 2, "//") != 0) return {};
  const size_t from = scheme + 2;
  std::string authority = url.substr(from, url.find_first_of("/?#\\ \t\r\n\f", from) - from);
  if (const size_t at = authority.rfind('@'); at != std::string::npos) authority.erase(0, at + 1);
  return authority.empty() ? std::string() : url.substr(0, from) + authority;
}

bool MayHostShadow(std::string_view name) {
  static const Names names = {"article", "aside", "blockquote", "body", "div",     "footer",
                              "h1",      "h2",    "h3",         "h4",   "h5",      "h6",
                              "header",  "main",  "nav",        "p",    "section", "span"};
  return name.find('-') != std::string_view::npos || names.contains(name);
}

const GumboNode* ShadowTemplate(const GumboElement& element) {
  for (unsigned i = 0; i < element.children.length; ++i) {
    const auto* child = static_cast<const GumboNode*>(element.children.data[i]);
    if (child->type != GUMBO_NODE_TEMPLATE) continue;
    const auto mode = AttributeOf(child->v.element, "shadowrootmode");
    if (mode && (EqualsIgnoreCase(*mode, "open") || EqualsIgnoreCase(*mode, "closed")))
      return child;
  }
  return nullptr;
}

class Serializer {
 public:
  Serializer(const GumboTree& tree, const Json& plan)
      : tree_(tree),
        plan_(plan),
        writer_(Language(tree)),
        state_scripts_(static_cast<size_t>(plan_.state_count())) {}

  void Run(PageInput& page) {
    Collect();
    for (const std::string& script : ld_scripts_) writer_.Script(script, "ld+json");
    for (size_t i = 0; i < state_scripts_.size(); ++i) {
      for (const std::string& script : state_scripts_[i])
        writer_.Script(script, plan_.StateName(static_cast<int>(i)));
    }
    writer_.BeginBodies();
    if (main_ != nullptr) MainBody();
    RestBody();
    page.title = std::string(TrimHtmlSpace(FoldHtmlSpace(CleanXml(title_))));
    page.lang = Language(tree_);
    page.snapshot = writer_.Finish();
  }

 private:
  struct Frame {
    const GumboVector* children;
    unsigned next = 0;
    bool close = false;    // an element was opened for this frame
    bool in_head = false;  // Collect only
    bool hidden = false;   // Collect only: inside an element that the bodies drop
  };

  static std::string Language(const GumboTree& tree) {
    return std::string(AttributeOf(tree.root()->v.element, "lang").value_or(""));
  }

  AttributeLookup Lookup(const GumboElement& element) const {
    return [&element](std::string_view name) { return AttributeOf(element, name); };
  }

  bool IsDroppedHere(const GumboElement& element, std::string_view name) const {
    if (name == "textarea") return !plan_.Keeps(name, Lookup(element));
    if (element.tag_namespace != GUMBO_NAMESPACE_HTML) return true;
    return IsDropped(name);
  }

  // Rules 1 to 3: head's children, the scripts, and where the main element is.
  void Collect() {
    std::vector<Frame> frames = {{&tree_.root()->v.element.children}};
    while (!frames.empty()) {
      Frame& frame = frames.back();
      if (frame.next >= frame.children->length) {
        frames.pop_back();
        continue;
      }
      const auto& node = *static_cast<const GumboNode*>(frame.children->data[frame.next++]);
      const GumboElement* element = AsElement(node);
      if (element == nullptr || node.type == GUMBO_NODE_TEMPLATE) continue;
      const std::string name = ElementName(*element);
      if (name == "noscript") continue;
      const bool in_head = frame.in_head || name == "head";
      const bool hidden =
          frame.hidden || in_head || IsDroppedHere(*element, name) || name == "iframe";
      CollectElement(*element, name, in_head);
      const bool below_body = &node != tree_.body() && name != "html";
      if (main_ == nullptr && !hidden && below_body && plan_.IsMain(name, Lookup(*element)))
        main_ = &node;
      frames.push_back({&element->children, 0, false, in_head, hidden});
    }
  }

  void CollectElement(const GumboElement& element, const std::string& name, bool in_head) {
    const auto has = [&](std::string_view attribute) {
      return AttributeOf(element, attribute).has_value();
    };
    if (name == "script") {
      CollectScript(element);
    } else if (name == "title" && in_head && !has_title_) {
      has_title_ = true;
      title_ = OwnText(element);
      const std::string text =
          EscapeXml(CutAtCharacter(CleanXml(FoldHtmlSpace(title_)), kAttributeBytesMax), false);
      AddHead(text.empty() ? "<title/>" : "<title>" + text + "</title>");
    } else if (name == "meta" && has("content") &&
               (has("name") || has("property") || has("itemprop") || has("http-equiv"))) {
      AddHead("<meta" + Attributes(element, name) + "/>");
    } else if (name == "link") {
      const std::string_view rel = AttributeOf(element, "rel").value_or("");
      if (HasRel(rel, "canonical") || (HasRel(rel, "alternate") && has("hreflang")) ||
          has("itemprop")) {
        AddHead("<link" + Attributes(element, name) + "/>");
      }
    }
  }

  void AddHead(const std::string& xml) { writer_.HeadChild(xml); }

  void CollectScript(const GumboElement& element) {
    const std::string text = CleanXml(OwnText(element));
    std::string open;
    std::vector<std::string>* list = nullptr;
    if (IsJsonLd(AttributeOf(element, "type").value_or(""))) {
      open = "<script type=\"application/ld+json\"";
      list = &ld_scripts_;
    } else if (!AttributeOf(element, "src")) {
      const int state = plan_.StateOf(AttributeOf(element, "id").value_or(""), text);
      if (state < 0) return;
      open = "<script" + XmlAttribute("state", plan_.StateName(state));
      list = &state_scripts_[static_cast<size_t>(state)];
    } else {
      return;
    }
    list->push_back(text.empty() ? open + "/>" : open + ">" + EscapeXml(text, false) + "</script>");
  }

  // Rule 5.
  std::string Attributes(const GumboElement& element, const std::string& tag) const {
    std::string xml;
    std::vector<std::string> seen;
    for (unsigned i = 0;
         i < element.attributes.length && seen.size() < static_cast<size_t>(kSnapshotAttributesMax);
         ++i) {
      const auto* attribute = static_cast<const GumboAttribute*>(element.attributes.data[i]);
      std::string name = ToLowerAscii(attribute->name);
      if (!IsLegalName(name, true) || IsDroppedAttribute(name) || BeginsData(attribute->value))
        continue;
      if (name == "value" && !KeepsValue(element, tag)) continue;
      if (std::find(seen.begin(), seen.end(), name) != seen.end()) continue;
      if (name == "style" && !IsStruckOutStyle(attribute->value)) continue;
      xml += XmlAttribute(name, name == "style" ? kStruckOut : attribute->value);
      seen.push_back(std::move(name));
    }
    return xml;
  }

  bool KeepsValue(const GumboElement& element, const std::string& tag) const {
    static const Names elements = {"button", "option", "li", "data", "meter", "progress", "param"};
    static const Names inputs = {"submit", "button", "reset", "image", "radio", "checkbox"};
    if (tag != "input") return elements.contains(tag);
    return inputs.contains(ToLowerAscii(AttributeOf(element, "type").value_or(""))) ||
           plan_.Keeps(tag, Lookup(element));
  }

  std::string BodyAttributes() const {
    const GumboNode* body = tree_.body();
    return body == nullptr ? std::string() : Attributes(body->v.element, "body");
  }

  // Rule 3: the main element inside its ancestors' tags.
  void MainBody() {
    std::vector<const GumboNode*> ancestors;
    for (const GumboNode* node = main_->parent; node != nullptr && node != tree_.body();
         node = node->parent) {
      if (AsElement(*node) != nullptr) ancestors.push_back(node);
    }
    int opened = 0;
    bool fits = writer_.Open("body", BodyAttributes());
    opened += fits ? 1 : 0;
    for (auto node = ancestors.rbegin(); fits && node != ancestors.rend(); ++node) {
      const std::string name = ElementName((*node)->v.element);
      if (!IsLegalName(name, false)) continue;
      fits = writer_.Open(name, Attributes((*node)->v.element, name));
      opened += fits ? 1 : 0;
    }
    if (fits) {
      // The main element alone, as if it were its parent's only child.
      GumboNode* only = const_cast<GumboNode*>(main_);
      void* data[] = {only};
      const GumboVector children{data, 1, 1};
      Children(children, nullptr);
    }
    for (; opened > 0 && !writer_.full(); --opened) writer_.Close();
  }

  void RestBody() {
    if (writer_.full() || !writer_.Open("body", BodyAttributes())) return;
    if (tree_.body() != nullptr) {
      if (const GumboNode* shadow = ShadowTemplate(tree_.body()->v.element)) Shadow(*shadow);
      Children(tree_.body()->v.element.children, main_);
    }
    if (!writer_.full()) writer_.Close();
  }

  void Shadow(const GumboNode& shadow) {
    if (!writer_.Open("shadow-root", "")) return;
    Children(shadow.v.element.children, nullptr);
    if (!writer_.full()) writer_.Close();
  }

  void Children(const GumboVector& children, const GumboNode* left_out) {
    std::vector<Frame> frames = {{&children}};
    while (!frames.empty() && !writer_.full()) {
      Frame& frame = frames.back();
      if (frame.next >= frame.children->length) {
        if (frame.close) writer_.Close();
        frames.pop_back();
        continue;
      }
      const auto& node = *static_cast<const GumboNode*>(frame.children->data[frame.next++]);
      if (&node != left_out) Node(node, frames);
    }
  }

  // Writes a node's beginning; a frame for its children is pushed where there are any to write.
  void Node(const GumboNode& node, std::vector<Frame>& frames) {
    if (node.type == GUMBO_NODE_TEXT || node.type == GUMBO_NODE_WHITESPACE ||
        node.type == GUMBO_NODE_CDATA) {
      writer_.Text(node.v.text.text);
      return;
    }
    const GumboElement* element = AsElement(node);
    if (element == nullptr) return;
    const std::string name = ElementName(*element);
    if (name == "meta" || name == "link" || IsMedia(name)) {
      const bool in_place = AttributeOf(*element, "itemprop") || AttributeOf(*element, "property");
      if (in_place && writer_.Open(name, Attributes(*element, name))) writer_.Close();
      return;
    }
    if (IsDroppedHere(*element, name)) return;
    if (name == "iframe") {
      const std::string origin = FrameOrigin(AttributeOf(*element, "src").value_or(""));
      if (writer_.Open(name, origin.empty() ? "" : XmlAttribute("src", origin))) writer_.Close();
      return;
    }
    if (!IsLegalName(name, false)) {
      frames.push_back({&element->children});
      return;
    }
    if (!writer_.Open(name, Attributes(*element, name))) return;
    frames.push_back({&element->children, 0, true});
    if (!MayHostShadow(name)) return;
    const GumboNode* shadow = ShadowTemplate(*element);
    if (shadow != nullptr && writer_.Open("shadow-root", ""))
      frames.push_back({&shadow->v.element.children, 0, true});
  }

  const GumboTree& tree_;
  const SnapshotPlan plan_;
  SnapshotWriter writer_;
  const GumboNode* main_ = nullptr;
  bool has_title_ = false;
  std::string title_;
  std::vector<std::string> ld_scripts_;
  std::vector<std::vector<std::string>> state_scripts_;
};

}  // namespace

Expected<PageInput> HtmlToPageInput(std::string_view utf8, std::string url,
                                    const Json& snapshot_plan) {
  if (utf8.size() > kHtmlBytesMax) {
    return Fail(ErrorCode::kTooLarge, "read of HTML: " + std::to_string(utf8.size()) +
                                          " bytes, at most " + std::to_string(kHtmlBytesMax) +
                                          " are read");
  }
  const SnapshotPlan plan(snapshot_plan);
  const std::string safe = GuardHtml(utf8, [&plan](const HtmlToken& tag, std::string_view text) {
    if (const auto* type = tag.Find("type"); type != nullptr && IsJsonLd(*type)) return true;
    const auto* id = tag.Find("id");
    return tag.Find("src") == nullptr && plan.StateOf(id == nullptr ? "" : *id, text) >= 0;
  });
  auto tree = GumboTree::Parse(safe);
  if (!tree) return std::unexpected(tree.error());
  PageInput page;
  page.url = std::move(url);
  Serializer(*tree, snapshot_plan).Run(page);
  return page;
}

}  // namespace kaopu
