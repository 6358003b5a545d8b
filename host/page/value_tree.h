// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// A read-only tree of values, the common form of JSON-LD, state blobs and microdata. Nodes lie in
// one vector; strings are views into the page until somebody asks for them, so that a large blob
// costs little more than one scan.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kaopu {

using ValueId = uint32_t;
inline constexpr ValueId kNoValue = UINT32_MAX;

class ValueTree {
 public:
  enum class Kind : uint8_t { kNull, kBool, kNumber, kString, kArray, kObject };

  struct Node {
    Kind kind = Kind::kNull;
    bool text_escaped = false;  // backslash escapes in `text` are still to be decoded
    bool key_escaped = false;
    std::string_view key;  // empty in arrays
    std::string_view
        text;  // as written: of a string without its quotes, of a number, `true`, `false`
    ValueId first_child = kNoValue;
    ValueId last_child = kNoValue;
    ValueId next = kNoValue;  // next sibling
  };

  const Node& At(ValueId id) const { return nodes_[id]; }
  size_t size() const { return nodes_.size(); }

  // The scalar as text: strings decoded, numbers and booleans as written; nullopt for null, arrays
  // and objects.
  std::optional<std::string> Text(ValueId id) const;
  // First member of an object with that key; kNoValue for none or for no object.
  ValueId Member(ValueId object, std::string_view key) const;

  // Building. `text` must outlive the tree, or come from Own.
  ValueId Add(ValueId parent, Kind kind, std::string_view key = {}, std::string_view text = {});
  Node& Mutable(ValueId id) { return nodes_[id]; }
  std::string_view Own(std::string text) { return owned_.emplace_back(std::move(text)); }

 private:
  std::vector<Node> nodes_;
  std::deque<std::string> owned_;
};

// Decodes JavaScript and JSON escapes (\n \uXXXX \u{X} \xXX \' ...); what is no escape stays; lone
// surrogates become U+FFFD.
std::string DecodeEscapes(std::string_view raw);

}  // namespace kaopu
