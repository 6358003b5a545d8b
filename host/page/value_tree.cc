// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "page/value_tree.h"

#include "page/text.h"

namespace kaopu {
namespace {

// Reads up to `count` hexadecimal digits at `at`; advances it past them. nullopt when there are
// fewer.
std::optional<uint32_t> TakeHex(std::string_view text, size_t& at, size_t count) {
  uint32_t value = 0;
  if (at + count > text.size()) return std::nullopt;
  for (size_t i = 0; i < count; ++i) {
    const char c = text[at + i];
    uint32_t digit;
    if (c >= '0' && c <= '9') {
      digit = static_cast<uint32_t>(c - '0');
    } else if (c >= 'a' && c <= 'f') {
      digit = static_cast<uint32_t>(c - 'a' + 10);
    } else if (c >= 'A' && c <= 'F') {
      digit = static_cast<uint32_t>(c - 'A' + 10);
    } else {
      return std::nullopt;
    }
    value = value * 16 + digit;
  }
  at += count;
  return value;
}

// The code point of a \u escape whose `u` has just been passed; pairs of surrogates are joined.
std::optional<uint32_t> TakeUnicodeEscape(std::string_view raw, size_t& at) {
  if (at < raw.size() && raw[at] == '{') {
    const size_t close = raw.find('}', at);
    if (close == std::string_view::npos || close - at - 1 == 0 || close - at - 1 > 6) return {};
    size_t inside = at + 1;
    auto value = TakeHex(raw, inside, close - inside);
    if (value) at = close + 1;
    return value;
  }
  auto high = TakeHex(raw, at, 4);
  if (!high || *high < 0xD800 || *high > 0xDBFF) return high;
  if (raw.substr(at, 2) == "\\u") {
    size_t next = at + 2;
    auto low = TakeHex(raw, next, 4);
    if (low && *low >= 0xDC00 && *low <= 0xDFFF) {
      at = next;
      return 0x10000 + ((*high - 0xD800) << 10) + (*low - 0xDC00);
    }
  }
  return 0xFFFD;
}

}  // namespace

std::optional<std::string> ValueTree::Text(ValueId id) const {
  if (id == kNoValue) return std::nullopt;
  const Node& node = nodes_[id];
  switch (node.kind) {
    case Kind::kString:
      return node.text_escaped ? DecodeEscapes(node.text) : std::string(node.text);
    case Kind::kNumber:
    case Kind::kBool:
      return std::string(node.text);
    default:
      return std::nullopt;
  }
}

ValueId ValueTree::Member(ValueId object, std::string_view key) const {
  if (object == kNoValue || nodes_[object].kind != Kind::kObject) return kNoValue;
  for (ValueId id = nodes_[object].first_child; id != kNoValue; id = nodes_[id].next) {
    const Node& node = nodes_[id];
    if (node.key_escaped ? DecodeEscapes(node.key) == key : node.key == key) return id;
  }
  return kNoValue;
}

ValueId ValueTree::Add(ValueId parent, Kind kind, std::string_view key, std::string_view text) {
  const auto id = static_cast<ValueId>(nodes_.size());
  nodes_.push_back({.kind = kind, .key = key, .text = text});
  if (parent != kNoValue) {
    Node& up = nodes_[parent];
    if (up.last_child == kNoValue) {
      up.first_child = id;
    } else {
      nodes_[up.last_child].next = id;
    }
    up.last_child = id;
  }
  return id;
}

std::string DecodeEscapes(std::string_view raw) {
  std::string out;
  out.reserve(raw.size());
  for (size_t i = 0; i < raw.size();) {
    if (raw[i] != '\\' || i + 1 == raw.size()) {
      out += raw[i++];
      continue;
    }
    const char c = raw[i + 1];
    i += 2;
    switch (c) {
      case 'n':
        out += '\n';
        break;
      case 't':
        out += '\t';
        break;
      case 'r':
        out += '\r';
        break;
      case 'b':
        out += '\b';
        break;
      case 'f':
        out += '\f';
        break;
      case 'v':
        out += '\v';
        break;
      case '0':
        out += ' ';
        break;
      case '\n':
        break;  // a line continued
      case 'u':
        if (auto cp = TakeUnicodeEscape(raw, i)) {
          AppendUtf8(out, *cp);
        } else {
          out += "\\u";
        }
        break;
      case 'x':
        if (auto cp = TakeHex(raw, i, 2)) {
          AppendUtf8(out, *cp);
        } else {
          out += "\\x";
        }
        break;
      default:
        out += c;
    }
  }
  return out;
}

}  // namespace kaopu
