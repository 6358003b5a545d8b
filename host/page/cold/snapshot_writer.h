// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Writes snapshot XML under the caps of host/docs/protocol.md ("Snapshot", rules 5 to 8 and 10):
// cleaning, escaping, budgets and cut marks. Knows nothing of HTML.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"

namespace kaopu {

// WIRE: rule 8.
inline constexpr size_t kHeadBytesMax = 64 * 1024;
inline constexpr size_t kDataBytesMax = 320 * 1024;
inline constexpr size_t kScriptBytesMax = 256 * 1024;

// Without the characters XML 1.0 does not allow. Input is UTF-8 (invalid bytes become U+FFFD).
std::string CleanXml(std::string_view utf8);
// Runs of HTML white space as one space.
std::string FoldHtmlSpace(std::string_view text);
// At most `bytes_max` bytes, cut before a character.
std::string_view CutAtCharacter(std::string_view text, size_t bytes_max);
// ` name="value"`: value cleaned, cut, escaped.
std::string XmlAttribute(std::string_view name, std::string_view value);
std::string EscapeXml(std::string_view text, bool attribute);

class SnapshotWriter {
 public:
  explicit SnapshotWriter(std::string_view lang);

  // head: one whole child, as written; false when head is full (a mark then stands there, and
  // nothing more is taken).
  bool HeadChild(std::string_view xml);
  // data: one whole script; `of` names it in the mark when it does not fit.
  void Script(std::string_view xml, std::string_view of);
  // Ends head and data; the bodies follow.
  void BeginBodies();

  // False when the element is left out (depth, count, budget); a mark then stands for it.
  bool Open(std::string_view name, std::string_view attributes);
  void Close();
  void Text(std::string_view raw);  // cleans, folds, escapes
  // Whether nothing more will be written.
  bool full() const { return full_; }
  bool cut() const { return cut_; }

  std::string Finish();

 private:
  struct OpenElement {
    std::string name;
    bool empty = true;  // the start tag still lacks its `>`
    bool cut = false;
  };

  bool Fits(size_t bytes) const;
  void EndStartTag();
  void Mark();
  void Stop();

  std::string out_;
  std::string head_;
  std::string data_;
  size_t script_bytes_ = 0;
  bool head_full_ = false;
  std::vector<std::string> marked_;
  std::vector<OpenElement> open_;
  size_t end_tags_bytes_ = 0;
  int elements_ = 3;  // page, head, data
  bool full_ = false;
  bool cut_ = false;
};

}  // namespace kaopu
