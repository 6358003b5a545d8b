// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "page/document.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/limits.h"
#include "base/str_cat.h"
#include "page/html_fragment.h"
#include "page/packed_name.h"
#include "page/snapshot_guard.h"
#include "page/text.h"

namespace kaopu {
namespace {

constexpr size_t kVisibleTextBytesMax = 256 * 1024;

enum class Flow {
  kInline,  // flows with the text around it
  kSilent,  // its text is nobody's to read
  kBlock,   // a line of its own
};

Flow FlowOf(const char* name) {
  switch (PackName(name)) {
    case PackName("a"):
    case PackName("abbr"):
    case PackName("acronym"):
    case PackName("b"):
    case PackName("bdi"):
    case PackName("bdo"):
    case PackName("big"):
    case PackName("cite"):
    case PackName("code"):
    case PackName("data"):
    case PackName("del"):
    case PackName("dfn"):
    case PackName("em"):
    case PackName("font"):
    case PackName("i"):
    case PackName("ins"):
    case PackName("kbd"):
    case PackName("label"):
    case PackName("mark"):
    case PackName("meter"):
    case PackName("q"):
    case PackName("s"):
    case PackName("small"):
    case PackName("span"):
    case PackName("strike"):
    case PackName("strong"):
    case PackName("sub"):
    case PackName("sup"):
    case PackName("time"):
    case PackName("u"):
      return Flow::kInline;
    case PackName("script"):
    case PackName("option"):
    case PackName("textarea"):
    case PackName("cut"):
    case PackName("datalist"):
    case PackName("select"):
    case PackName("iframe"):
      return Flow::kSilent;
    default:
      return Flow::kBlock;
  }
}

bool IsHidden(pugi::xml_node node) {
  for (pugi::xml_attribute at = node.first_attribute(); at; at = at.next_attribute()) {
    if (at.name()[0] == 'h' && std::strcmp(at.name(), "hidden") == 0) return true;
  }
  return false;
}

// What a class, id or itemprop says of blocks whose words are not the shop's, or not about this
// item.
constexpr std::array<std::string_view, 17> kOthersWords = {
    "review",     "comment",  "testimonial",     "feedback",        "question", "answers",
    "recommend",  "related",  "similar",         "also-bought",     "upsell",   "crosssell",
    "cross-sell", "carousel", "recently-viewed", "recently_viewed", "rate-list"};

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

// The first two letters of kOthersWords: few places of a page's class names begin like one of them.
bool MayBeginOthersWord(char first, char second) {
  static constexpr auto kPairs = [] {
    std::array<uint32_t, 32> seconds{};  // by first letter, a bit per second letter
    for (const std::string_view word : kOthersWords) {
      seconds[word[0] & 31] |= uint32_t{1} << (word[1] & 31);
    }
    return seconds;
  }();
  return (kPairs[first & 31] >> (second & 31) & 1) != 0;
}

bool HasOthersWord(std::string_view value) {
  for (size_t at = 0; at + 1 < value.size(); ++at) {
    if (!MayBeginOthersWord(value[at], value[at + 1])) continue;
    const std::string_view rest = value.substr(at);
    const bool found = std::ranges::any_of(kOthersWords, [&](std::string_view word) {
      return rest.size() >= word.size() && std::equal(word.begin(), word.end(), rest.begin(),
                                                      [](char a, char b) { return a == Lower(b); });
    });
    if (found) return true;
  }
  return false;
}

bool SaysOthersWords(pugi::xml_node node) {
  for (pugi::xml_attribute at = node.first_attribute(); at; at = at.next_attribute()) {
    const uint64_t name = PackName(at.name());
    if (name != PackName("class") && name != PackName("id") && name != PackName("itemprop") &&
        name != PackName("itemtype")) {
      continue;
    }
    if (HasOthersWord(at.value())) return true;
  }
  return false;
}

// Walks a subtree without recursion, appending its text to `out`. `mark` stands between blocks.
class TextWriter {
 public:
  TextWriter(std::string& out, size_t bytes_max, char mark, bool prose)
      : out_(out), bytes_max_(bytes_max), mark_(mark), prose_(prose) {}

  // Gives how many nodes were looked at, at most `nodes_max`.
  size_t Write(pugi::xml_node root, size_t nodes_max) {
    pugi::xml_node node = root.first_child();
    size_t nodes = 0;
    while (node && out_.size() < bytes_max_ && nodes < nodes_max) {
      ++nodes;
      if (node.type() == pugi::node_pcdata) {
        Append(node.value());
      } else if (Enter(node)) {
        if (const pugi::xml_node child = node.first_child()) {
          node = child;
          continue;
        }
        Leave(node);
      }
      while (!node.next_sibling()) {
        node = node.parent();
        if (!node || node == root) return nodes;
        Leave(node);
      }
      node = node.next_sibling();
    }
    return nodes;
  }

 private:
  bool Enter(pugi::xml_node node) {
    const Flow flow = FlowOf(node.name());
    if (flow == Flow::kSilent || IsHidden(node)) return false;
    if (flow == Flow::kBlock) {
      Break();
      if (prose_ && SaysOthersWords(node)) return false;
    }
    opened_ = true;
    return true;
  }
  void Leave(pugi::xml_node node) {
    closed_ = true;
    if (FlowOf(node.name()) == Flow::kBlock) Break();
  }
  void Break() {
    if (!out_.empty() && out_.back() != mark_) {
      if (out_.back() == ' ')
        out_.back() = mark_;
      else
        out_ += mark_;
    }
  }
  void Append(std::string_view text) {
    if (text.empty()) return;
    if (!out_.empty() && (out_.back() == ' ' || out_.back() == mark_) && text.front() == ' ') {
      text.remove_prefix(1);
    }
    if (prose_ && !out_.empty() && IsSeam(text)) out_ += ' ';
    opened_ = closed_ = false;
    last_size_ = text.size();
    out_ += text.substr(0, bytes_max_);
  }

  // <span>Delivery</span><span>Dec</span><span>3</span>: words that only the page's style sets
  // apart. Elements of one letter are a word being drawn.
  bool IsSeam(std::string_view text) const {
    const auto digit = [](char c) { return c >= '0' && c <= '9'; };
    const auto upper = [](char c) { return c >= 'A' && c <= 'Z'; };
    const auto lower = [](char c) { return c >= 'a' && c <= 'z'; };
    const char left = out_.back();
    const char right = text.front();
    if (!opened_ && !closed_) return false;
    if (digit(left)) return upper(right) || lower(right);
    if (upper(left)) return digit(right);
    if (!lower(left)) return false;
    const bool neighbours = opened_ && closed_ && last_size_ > 1 && text.size() > 1;
    return upper(right) || digit(right) || (neighbours && lower(right));
  }

  bool opened_ = false;  // elements since the last text
  bool closed_ = false;
  size_t last_size_ = 0;  // of the last text
  std::string& out_;
  const size_t bytes_max_;
  const char mark_;
  const bool prose_;
};

std::string LinesOf(pugi::xml_node page, bool prose) {
  std::string out;
  for (pugi::xml_node body : page.children("body")) {
    TextWriter(out, kVisibleTextBytesMax, '\n', prose).Write(body, SIZE_MAX);
    if (!out.empty() && out.back() != '\n') out += '\n';
  }
  out.resize(CutUtf8(out, kVisibleTextBytesMax).size());
  return out;
}

bool FieldMatches(const HtmlField& field, pugi::xml_node node) {
  if (field.tag != node.name()) return false;
  if (!field.id.empty() && field.id != node.attribute("id").value()) return false;
  if (!field.name.empty() && field.name != node.attribute("name").value()) return false;
  if (field.class_name.empty()) return true;
  const std::string classes = StrCat(' ', node.attribute("class").value(), ' ');
  return classes.find(StrCat(' ', field.class_name, ' ')) != std::string::npos;
}

int DepthOf(pugi::xml_node node) {
  int depth = 0;
  for (; node; node = node.parent()) ++depth;
  return depth;
}

}  // namespace

Expected<std::unique_ptr<Document>> Document::Parse(std::string snapshot) {
  if (auto ok = CheckSnapshotBytes(snapshot); !ok) return std::unexpected(ok.error());
  std::unique_ptr<Document> document(new Document());
  document->bytes_ = std::move(snapshot);
  const pugi::xml_parse_result result = document->xml_.load_buffer_inplace(
      document->bytes_.data(), document->bytes_.size(),
      pugi::parse_ws_pcdata_single | pugi::parse_escapes, pugi::encoding_utf8);
  if (!result) {
    return Fail(ErrorCode::kBadRequest,
                StrCat("snapshot, byte ", result.offset, ": ", result.description()));
  }
  document->page_ = document->xml_.document_element();
  if (std::string_view(document->page_.name()) != "page" || document->page_.next_sibling()) {
    return Fail(ErrorCode::kBadRequest, "snapshot: its one root must be <page>");
  }
  if (std::string_view(document->page_.attribute("v").value()) != "1") {
    return Fail(ErrorCode::kBadRequest, "snapshot: version must be 1");
  }
  return document;
}

void Document::ExpandHtml(const std::vector<HtmlField>& fields) {
  if (fields.empty()) return;
  int left = kSnapshotElementsMax;
  for (pugi::xml_node body : page_.children("body")) {
    pugi::xml_node node = body.first_child();
    while (node) {
      const bool match =
          std::ranges::any_of(fields, [&](const HtmlField& f) { return FieldMatches(f, node); });
      if (match) {
        std::string html;
        for (pugi::xml_node child : node.children()) html += child.value();
        // Some pages escape once more than their own reader undoes.
        if (TrimAscii(html).starts_with("&lt;")) html = DecodeEntities(html);
        node.remove_children();
        node.set_name("div");
        left -= AppendHtmlFragment(node, html, kSnapshotDepthMax - DepthOf(node), left);
      } else if (node.first_child()) {
        node = node.first_child();
        continue;
      }
      while (node != body && !node.next_sibling()) node = node.parent();
      if (node == body) break;
      node = node.next_sibling();
    }
  }
}

void Document::BuildIndex() {
  for (pugi::xml_node body : page_.children("body")) {
    pugi::xml_node node = body;
    while (node) {
      if (node.type() == pugi::node_element) {
        const auto id = static_cast<ElementId>(elements_.size());
        elements_.push_back(node);
        tags_.Add(node.name(), id);
        for (pugi::xml_attribute at = node.first_attribute(); at; at = at.next_attribute()) {
          IndexAttribute(at, id);
        }
      }
      if (node.first_child()) {
        node = node.first_child();
        continue;
      }
      while (node != body && !node.next_sibling()) node = node.parent();
      if (node == body) break;
      node = node.next_sibling();
    }
  }
}

void Document::IndexAttribute(pugi::xml_attribute attribute, ElementId id) {
  switch (PackName(attribute.name())) {
    case PackName("class"): {
      std::string_view rest = attribute.value();
      while (!(rest = TrimAscii(rest)).empty()) {
        const size_t end = std::min(rest.find(' '), rest.size());
        classes_.Add(rest.substr(0, end), id);
        rest.remove_prefix(end);
      }
      return;
    }
    case PackName("id"):
      ids_.Add(attribute.value(), id);
      return;
    case PackName("href"):  // too many to be of use
    case PackName("src"):
    case PackName("alt"):
    case PackName("title"):
      return;
    default:
      attributes_.Add(attribute.name(), id);
  }
}

std::string Document::Title() const { return FoldSpace(head().child("title").text().get()); }

std::string_view Document::Meta(std::string_view name) const {
  for (pugi::xml_node meta : head().children("meta")) {
    for (const char* key : {"property", "name", "itemprop"}) {
      const std::string_view value = meta.attribute(key).value();
      if (value.size() == name.size() && strncasecmp(value.data(), name.data(), name.size()) == 0) {
        return meta.attribute("content").value();
      }
    }
  }
  return {};
}

std::string Document::Text(pugi::xml_node node, size_t bytes_max) const {
  if (node.type() == pugi::node_pcdata) return FoldSpace(CutUtf8(node.value(), bytes_max));
  std::string raw;
  work_.Spend(TextWriter(raw, bytes_max, ' ', false).Write(node, bytes_max + kTextNodesMore));
  return FoldSpace(CutUtf8(raw, bytes_max));
}

const std::string& Document::VisibleText() const {
  if (!visible_text_) visible_text_ = std::make_unique<std::string>(LinesOf(page_, false));
  return *visible_text_;
}

const std::string& Document::ProseText() const {
  if (!prose_text_) prose_text_ = std::make_unique<std::string>(LinesOf(page_, true));
  return *prose_text_;
}

}  // namespace kaopu
