// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// What an element says as the value of a property of microdata or RDFa: an attribute of its own, or
// its text as a reader sees it.
#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "page/text.h"
#include "page/url.h"

namespace kaopu {

// Line ends around an element's text: 0 within a line, 1 or 2.
int LineEndsAround(const char* name);

// The text of the bodies, growing; elements remember where theirs begins and ends.
class TextLayout {
 public:
  void Break(int lines) { lines_ = std::max(lines_, lines); }
  void Append(std::string_view text) {
    for (const char c : text) {
      if (IsHtmlSpace(c)) {
        space_ = true;
        continue;
      }
      if (lines_ > 0 && !text_.empty()) {
        text_.append(static_cast<size_t>(lines_), '\n');
      } else if (space_ && !text_.empty()) {
        text_ += ' ';
      }
      space_ = false;
      lines_ = 0;
      text_ += c;
    }
  }
  size_t size() const { return text_.size(); }
  std::string Take() { return std::move(text_); }

 private:
  std::string text_;
  int lines_ = 0;
  bool space_ = false;
};

// Attributes whose value an element of that name has in place of its text, and whether it is a
// link.
struct ValueAttribute {
  std::string_view element;
  const char* attribute;
  bool link;
};
inline constexpr std::array kValueAttributes = {
    ValueAttribute{"meta", "content", false},  ValueAttribute{"a", "href", true},
    ValueAttribute{"area", "href", true},      ValueAttribute{"link", "href", true},
    ValueAttribute{"img", "src", true},        ValueAttribute{"iframe", "src", true},
    ValueAttribute{"audio", "src", true},      ValueAttribute{"embed", "src", true},
    ValueAttribute{"source", "src", true},     ValueAttribute{"track", "src", true},
    ValueAttribute{"video", "src", true},      ValueAttribute{"object", "data", true},
    ValueAttribute{"time", "datetime", false}, ValueAttribute{"data", "value", false},
    ValueAttribute{"meter", "value", false},   ValueAttribute{"input", "value", false},
    ValueAttribute{"button", "value", false}};

// schema.org/docs/actions.html: what an input element says about a property named `...-input`.
inline constexpr std::array<std::pair<const char*, std::string_view>, 11> kInputValues = {
    {{"max", "maxValue"},
     {"maxlength", "valueMaxLength"},
     {"min", "minValue"},
     {"minlength", "valueMinLength"},
     {"multiple", "multipleValues"},
     {"name", "valueName"},
     {"pattern", "valuePattern"},
     {"readonly", "readonlyValue"},
     {"required", "valueRequired"},
     {"step", "stepValue"},
     {"value", "defaultValue"}}};

// The link in full, by the page's address; as written where that is not possible.
std::string AbsoluteLink(std::string_view link, const std::optional<Url>& base);

}  // namespace kaopu
