// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The outer shape of HTML: tags, comments, text, as the HTML standard's tokenizer sees them,
// without character references and without a tree. Works on any encoding whose ASCII bytes mean
// ASCII. Views point into the input. Linear.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace kaopu {

struct HtmlAttribute {
  std::string_view name;    // as written
  std::string_view value;   // as written, without quotes, character references not resolved
  std::string_view source;  // name, equals sign, quoted value
};

struct HtmlToken {
  enum class Kind { kText, kStart, kEnd, kComment, kDoctype };
  Kind kind = Kind::kText;
  std::string_view source;  // the whole token
  std::string_view raw_name;
  std::string name;  // lower case
  bool self_closing = false;
  // Attributes a snapshot could hold: names [A-Za-z_][A-Za-z0-9_.-]{0,63}, without event handlers,
  // style and the like; the first kAttributesMax of them.
  std::vector<HtmlAttribute> attributes;

  // The raw value of the first attribute called `attribute` (lower case), or null.
  const std::string_view* Find(std::string_view attribute) const;
};

class HtmlTokenizer {
 public:
  static constexpr size_t kAttributesMax = 128;

  explicit HtmlTokenizer(std::string_view input) : input_(input) {}
  // False at the end of input; a tag the input ends in is dropped.
  bool Next(HtmlToken& token);
  // After a start tag of raw text: everything up to (not including) its end tag, or to the end of
  // input. Scripts follow the standard's escaped states (`<!-- <script>`).
  std::string_view TakeRawText(std::string_view name);
  // In foreign content: whether a CDATA section begins here; if so it is skipped.
  bool SkipCdata();

 private:
  void ReadComment(HtmlToken& token, size_t from);
  bool ReadTag(HtmlToken& token, size_t from);
  void ReadAttributes(HtmlToken& token);
  bool EndTagAt(size_t pos, std::string_view name) const;
  bool StartsAt(size_t pos, std::string_view lower) const;

  std::string_view input_;
  size_t pos_ = 0;
};

// ASCII only; other bytes are left alone.
bool EqualsIgnoreCase(std::string_view text, std::string_view lower);
// All that the snapshot tells of a style: that it strikes the element out.
constexpr std::string_view kStruckOut = "line-through";
bool IsStruckOutStyle(std::string_view style);
std::string_view TrimHtmlSpace(std::string_view text);

}  // namespace kaopu
