// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "page/snapshot_guard.h"

#include <array>
#include <cstdint>

#include "base/limits.h"
#include "base/str_cat.h"
#include "base/utf8.h"
#include "page/text.h"

namespace kaopu {
namespace {

std::unexpected<Error> Bad(size_t at, std::string_view what) {
  return Fail(ErrorCode::kBadRequest, StrCat("snapshot, byte ", at, ": ", what));
}

std::unexpected<Error> Over(size_t at, std::string_view what, size_t amount, size_t limit) {
  return Fail(ErrorCode::kBadRequest,
              StrCat("snapshot, byte ", at, ": ", amount, " ", what, ", at most ", limit));
}

enum ByteClass : uint8_t { kNameStart = 1, kName = 2, kSpace = 4, kValueMark = 8 };

constexpr std::array<uint8_t, 256> kClasses = [] {
  std::array<uint8_t, 256> table{};
  for (size_t c = 0; c < table.size(); ++c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    if (letter) table[c] |= kNameStart | kName;
    if ((c >= '0' && c <= '9') || c == '-' || c == '.') table[c] |= kName;
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r') table[c] |= kSpace;
    if (c == '"' || c == '\'' || c == '<' || c == '&') table[c] |= kValueMark;
  }
  return table;
}();

bool Is(char c, ByteClass wanted) {
  return (kClasses[static_cast<unsigned char>(c)] & wanted) != 0;
}

class Guard {
 public:
  explicit Guard(std::string_view xml) : xml_(xml) {}

  Expected<void> Run() {
    for (;;) {
      at_ = xml_.find('<', at_);
      if (at_ == std::string_view::npos) return {};
      if (auto ok = Tag(); !ok) return ok;
    }
  }

 private:
  char Peek() const { return at_ < xml_.size() ? xml_[at_] : '\0'; }
  void SkipSpace() {
    while (at_ < xml_.size() && Is(xml_[at_], kSpace)) ++at_;
  }
  bool SkipName() {
    if (!Is(Peek(), kNameStart)) return false;
    while (at_ < xml_.size() && Is(xml_[at_], kName)) ++at_;
    return true;
  }

  Expected<void> Tag() {
    const size_t start = at_++;
    if (Peek() == '!') return Bad(start, "declarations, comments and CDATA are not allowed");
    if (Peek() == '?') return Bad(start, "processing instructions are not allowed");
    if (Peek() == '/') {
      ++at_;
      if (!SkipName()) return Bad(at_, "not a name");
      SkipSpace();
      if (Peek() != '>') return Bad(at_, "end tag is not closed");
      if (--depth_ < 0) return Bad(start, "end tag without a start tag");
      return {};
    }
    const size_t name = at_;
    if (!SkipName()) return Bad(at_, "not a name");
    // A mark of what was left out stands below the last level, and after the last element, that
    // fit.
    const bool mark = xml_.substr(name, at_ - name) == "cut";
    if (!mark && ++elements_ > kSnapshotElementsMax) {
      return Over(start, "elements", static_cast<size_t>(elements_), kSnapshotElementsMax);
    }
    if (++depth_ > kSnapshotDepthMax + (mark ? 1 : 0)) {
      return Over(start, "levels deep", static_cast<size_t>(depth_), kSnapshotDepthMax);
    }
    return Attributes(start);
  }

  Expected<void> Attributes(size_t start) {
    for (int count = 0;;) {
      const size_t before = at_;
      SkipSpace();
      if (Peek() == '>') return {};
      if (Peek() == '/') {
        ++at_;
        if (Peek() != '>') return Bad(at_, "start tag is not closed");
        --depth_;
        return {};
      }
      if (at_ == before || !SkipName()) return Bad(at_, "not an attribute name");
      if (++count > kSnapshotAttributesMax) {
        return Over(start, "attributes", static_cast<size_t>(count), kSnapshotAttributesMax);
      }
      if (Peek() != '=') return Bad(at_, "attribute without a value");
      ++at_;
      if (auto ok = Value(); !ok) return ok;
    }
  }

  // A value's size counts what it means, not how it is escaped: a reference is one byte here, four
  // at most in truth.
  Expected<void> Value() {
    const char quote = Peek();
    if (quote != '"' && quote != '\'') return Bad(at_, "attribute value is not quoted");
    const size_t start = ++at_;
    size_t escaped = 0;  // bytes that references have beyond one
    for (;; ++at_) {
      while (at_ < xml_.size() && !Is(xml_[at_], kValueMark)) ++at_;
      if (at_ >= xml_.size() || xml_[at_] == quote) break;
      if (xml_[at_] == '<') return Bad(at_, "'<' in an attribute value");
      if (xml_[at_] == '&') {
        const size_t end = xml_.substr(at_, 12).find(';');
        if (end == std::string_view::npos) return Bad(at_, "'&' without a reference");
        at_ += end;
        escaped += end;
      }
    }
    if (at_ >= xml_.size()) return Bad(start, "attribute value does not end");
    const size_t size = at_ - start - escaped;
    ++at_;
    if (size > kAttributeBytesMax) {
      return Over(start, "bytes in an attribute value", size, kAttributeBytesMax);
    }
    return {};
  }

  std::string_view xml_;
  size_t at_ = 0;
  int depth_ = 0;
  int elements_ = 0;
};

}  // namespace

Expected<void> CheckSnapshotBytes(std::string_view xml) {
  if (xml.size() > kSnapshotBytesMax) return Over(0, "bytes", xml.size(), kSnapshotBytesMax);
  if (xml.find('\0') != std::string_view::npos) return Bad(xml.find('\0'), "a NUL byte");
  if (!IsValidUtf8(xml)) return Bad(0, "not UTF-8");
  return Guard(xml).Run();
}

}  // namespace kaopu
