// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "page/value_path.h"

#include <algorithm>
#include <charconv>

#include "base/str_cat.h"

namespace kaopu {
namespace {

using Kind = ValueTree::Kind;
constexpr size_t kPartsMax = 32;

bool AllDigits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

Expected<ValuePath> ValuePath::Parse(std::string_view text) {
  ValuePath path;
  const auto fail = [&](size_t at) {
    return Fail(ErrorCode::kBadRequest, StrCat("path \"", text, "\" makes no sense at byte ", at));
  };
  for (size_t i = 0; i < text.size();) {
    Part part;
    if (text[i] == '[') {
      const bool quoted = i + 1 < text.size() && text[i + 1] == '"';
      const size_t close = quoted ? text.find("\"]", i + 2) : text.find(']', i);
      if (close == std::string_view::npos) return fail(i);
      const std::string_view inside =
          text.substr(i + (quoted ? 2 : 1), close - i - (quoted ? 2 : 1));
      const size_t equals = inside.find('=');
      if (quoted) {
        part.key = inside;
      } else if (inside == "*") {
        part.step = Step::kAny;
      } else if (AllDigits(inside) && inside.size() < 10) {
        part.step = Step::kIndex;
        std::from_chars(inside.data(), inside.data() + inside.size(), part.index);
      } else if (equals != std::string_view::npos && equals > 0) {
        part.step = Step::kFilter;
        part.key = inside.substr(0, equals);
        part.value = inside.substr(equals + 1);
      } else {
        return fail(i);
      }
      i = close + (quoted ? 2 : 1);
    } else {
      if (text.substr(i, 2) == "..") {
        part.step = Step::kBelow;
        i += 2;
      } else if (text[i] == '.') {
        if (path.parts_.empty()) return fail(i);
        ++i;
      } else if (!path.parts_.empty()) {
        return fail(i);
      }
      const size_t end = std::min(text.find_first_of(".[", i), text.size());
      part.key = text.substr(i, end - i);
      if (part.key.empty()) return fail(i);
      if (part.key == "*" && part.step == Step::kKey) part.step = Step::kAny;
      i = end;
    }
    path.parts_.push_back(std::move(part));
    if (path.parts_.size() > kPartsMax) return fail(i);
  }
  return path;
}

struct ValuePath::Walk {
  const ValueTree& tree;
  const std::vector<Part>& parts;
  const Visit& visit;
  const Follow& follow;
  int budget = kVisitsMax;

  // Depth of recursion is bounded by the number of parts (lists are passed through one level at a
  // time). False = stop.
  bool At(ValueId id, size_t part) {
    if (follow) id = follow(id);
    if (id == kNoValue) return true;
    if (--budget < 0) return false;
    if (part == parts.size()) return visit(id);
    const Part& p = parts[part];
    const Kind kind = tree.At(id).kind;
    switch (p.step) {
      case Step::kKey:
        if (kind == Kind::kArray) return ThroughList(id, part);
        if (const ValueId member = tree.Member(id, p.key); member != kNoValue) {
          return At(member, part + 1);
        }
        return true;
      case Step::kIndex:
        return kind == Kind::kArray ? AtIndex(id, part) : p.index == 0 ? At(id, part + 1) : true;
      case Step::kAny:
      case Step::kFilter:
        return EachMember(id, part);
      case Step::kBelow:
        return Below(id, part);
    }
    return true;
  }

  bool ThroughList(ValueId list, size_t part) {
    for (ValueId id = tree.At(list).first_child; id != kNoValue; id = tree.At(id).next) {
      const ValueId element = follow ? follow(id) : id;
      if (--budget < 0) return false;
      // A list in a list is not looked through: that keeps the recursion as deep as the path.
      if (element != kNoValue && tree.At(element).kind == Kind::kObject && !At(element, part)) {
        return false;
      }
    }
    return true;
  }

  bool AtIndex(ValueId list, size_t part) {
    size_t index = 0;
    for (ValueId id = tree.At(list).first_child; id != kNoValue; id = tree.At(id).next, ++index) {
      if (--budget < 0) return false;
      if (index == parts[part].index) return At(id, part + 1);
    }
    return true;
  }

  bool EachMember(ValueId parent, size_t part) {
    const Part& p = parts[part];
    for (ValueId id = tree.At(parent).first_child; id != kNoValue; id = tree.At(id).next) {
      if (--budget < 0) return false;
      if (p.step == Step::kFilter && tree.Text(tree.Member(id, p.key)) != p.value) continue;
      if (!At(id, part + 1)) return false;
    }
    return true;
  }

  // Pre-order walk without recursion; each node named p.key is tried.
  bool Below(ValueId start, size_t part) {
    const Part& p = parts[part];
    std::vector<ValueId> stack = {start};
    while (!stack.empty()) {
      const ValueId id = stack.back();
      stack.pop_back();
      if (--budget < 0) return false;
      const auto& node = tree.At(id);
      if (id != start) {
        if (node.next != kNoValue) stack.push_back(node.next);
        const bool named = node.key_escaped ? DecodeEscapes(node.key) == p.key : node.key == p.key;
        if (named && !At(id, part + 1)) return false;
      }
      if (node.first_child != kNoValue) stack.push_back(node.first_child);
    }
    return true;
  }
};

size_t ValuePath::ForEach(const ValueTree& tree, ValueId start, const Visit& visit,
                          const Follow& follow) const {
  if (start == kNoValue) return 0;
  Walk walk{tree, parts_, visit, follow};
  walk.At(start, 0);
  return static_cast<size_t>(kVisitsMax - walk.budget);
}

}  // namespace kaopu
