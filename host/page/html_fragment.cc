// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "page/html_fragment.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/limits.h"
#include "page/text.h"

namespace kaopu {
namespace {

constexpr std::array<std::string_view, 13> kVoid = {"area",  "base", "br",    "col",  "embed",
                                                    "hr",    "img",  "input", "link", "meta",
                                                    "param", "wbr",  "source"};
constexpr std::array<std::string_view, 4> kRawText = {"script", "style", "noscript", "template"};
// A new one of these ends an open one of the same name.
constexpr std::array<std::string_view, 8> kSelfEnding = {"li", "dt", "dd", "p",
                                                         "tr", "td", "th", "option"};
constexpr int kAncestorsSearched = 16;

bool IsNameByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}
template <size_t N>
bool IsOneOf(const std::array<std::string_view, N>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

class FragmentReader {
 public:
  FragmentReader(pugi::xml_node parent, std::string_view html, int depth_max, int elements_max)
      : root_(parent), open_(parent), html_(html), depth_max_(depth_max), left_(elements_max) {}

  int Run() {
    const int before = left_;
    while (at_ < html_.size()) {
      const size_t tag = std::min(html_.find('<', at_), html_.size());
      if (tag > at_) AppendText(html_.substr(at_, tag - at_));
      at_ = tag;
      if (at_ < html_.size()) Markup();
    }
    return before - left_;
  }

 private:
  void AppendText(std::string_view raw) {
    open_.append_child(pugi::node_pcdata).set_value(DecodeEntities(raw).c_str());
  }

  void Markup() {
    const std::string_view rest = html_.substr(at_);
    if (rest.starts_with("<!--")) {
      SkipPast("-->", 4);
    } else if (rest.size() < 2 || rest[1] == '!' || rest[1] == '?') {
      SkipPast(">", 1);
    } else if (rest[1] == '/') {
      at_ += 2;
      EndTag(TakeName());
      SkipPast(">", 0);
    } else {
      ++at_;
      const std::string name = TakeName();
      if (name.empty()) {
        AppendText("<");
      } else {
        StartTag(name);
      }
    }
  }

  void SkipPast(std::string_view mark, size_t from) {
    const size_t end = html_.find(mark, at_ + from);
    at_ = end == std::string_view::npos ? html_.size() : end + mark.size();
  }

  std::string TakeName() {
    std::string name;
    for (; at_ < html_.size() && name.size() <= 64; ++at_) {
      const char c = ToLowerAscii(html_.substr(at_, 1))[0];
      if (!IsNameByte(c) || (name.empty() && !(c >= 'a' && c <= 'z'))) break;
      name += c;
    }
    return name;
  }

  void EndTag(const std::string& name) {
    pugi::xml_node node = open_;
    for (int i = 0; i < kAncestorsSearched && node && node != root_; ++i, node = node.parent()) {
      if (name == node.name()) {
        for (pugi::xml_node up = open_; up != node; up = up.parent()) --depth_;
        --depth_;
        open_ = node.parent();
        return;
      }
    }
  }

  void StartTag(const std::string& name) {
    if (IsOneOf(kSelfEnding, name) && open_ != root_ && name == open_.name()) EndTag(name);
    const bool raw = IsOneOf(kRawText, name);
    const bool room = left_ > 0 && depth_ < depth_max_ && !raw;
    pugi::xml_node node;
    if (room) {
      node = open_.append_child(name.c_str());
      --left_;
    }
    const bool closed = Attributes(node);
    if (raw) {
      SkipPast("</" + name, 0);
      SkipPast(">", 0);
    } else if (room && !closed && !IsOneOf(kVoid, name)) {
      open_ = node;
      ++depth_;
    }
  }

  // Reads up to the end of the tag; true when it closes itself. Without a node the attributes are
  // only passed over.
  bool Attributes(pugi::xml_node node) {
    int count = 0;
    while (at_ < html_.size()) {
      const char c = html_[at_];
      if (c == '>') {
        ++at_;
        return false;
      }
      if (c == '/' && html_.substr(at_).starts_with("/>")) {
        at_ += 2;
        return true;
      }
      const std::string name = TakeName();
      if (name.empty()) {
        ++at_;
        continue;
      }
      const std::string value = TakeValue();
      if (node && ++count <= kSnapshotAttributesMax && !name.starts_with("on") && name != "style") {
        node.append_attribute(name.c_str()).set_value(value.c_str());
      }
    }
    return false;
  }

  std::string TakeValue() {
    while (at_ < html_.size() && IsHtmlSpace(html_[at_])) ++at_;
    if (at_ >= html_.size() || html_[at_] != '=') return "";
    ++at_;
    while (at_ < html_.size() && IsHtmlSpace(html_[at_])) ++at_;
    if (at_ >= html_.size()) return "";
    const char quote = html_[at_];
    size_t end;
    if (quote == '"' || quote == '\'') {
      end = std::min(html_.find(quote, ++at_), html_.size());
    } else {
      end = std::min(html_.find_first_of(" \t\r\n\f>", at_), html_.size());
    }
    const std::string_view raw = html_.substr(at_, end - at_);
    at_ = end + (quote == '"' || quote == '\'' ? 1 : 0);
    at_ = std::min(at_, html_.size());
    return std::string(CutUtf8(DecodeEntities(raw), kAttributeBytesMax));
  }

  const pugi::xml_node root_;
  pugi::xml_node open_;
  std::string_view html_;
  size_t at_ = 0;
  int depth_ = 0;
  const int depth_max_;
  int left_;
};

}  // namespace

int AppendHtmlFragment(pugi::xml_node parent, std::string_view html, int depth_max,
                       int elements_max) {
  return FragmentReader(parent, html, depth_max, elements_max).Run();
}

}  // namespace kaopu
