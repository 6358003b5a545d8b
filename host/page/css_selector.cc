// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "page/css_selector.h"

#include <algorithm>

#include "base/str_cat.h"
#include "page/text.h"

namespace kaopu {
namespace {

constexpr size_t kCandidatesMax = 100'000;

bool IsNameByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || (static_cast<unsigned char>(c) & 0x80) != 0;
}

bool HasWord(std::string_view list, std::string_view word) {
  for (size_t at = list.find(word); at != std::string_view::npos; at = list.find(word, at + 1)) {
    const size_t end = at + word.size();
    if ((at == 0 || list[at - 1] == ' ') && (end == list.size() || list[end] == ' ')) return true;
  }
  return false;
}

}  // namespace

class CssSelector::Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Expected<CssSelector> Run() {
    CssSelector out;
    do {
      Complex complex;
      char combinator = ' ';
      for (;;) {
        SkipSpace();
        Compound compound;
        compound.combinator = combinator;
        const size_t before = at_;
        if (!ReadCompound(compound, true) || at_ == before) return Bad();
        complex.push_back(std::move(compound));
        const bool space = SkipSpace();
        if (Peek() == '>' || Peek() == '+' || Peek() == '~') {
          combinator = text_[at_++];
        } else if (space && at_ < text_.size() && Peek() != ',') {
          combinator = ' ';
        } else {
          break;
        }
      }
      out.alternatives_.push_back(std::move(complex));
    } while (Take(','));
    if (at_ != text_.size()) return Bad();
    return out;
  }

 private:
  char Peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool Take(char c) {
    if (Peek() != c) return false;
    ++at_;
    return true;
  }
  bool SkipSpace() {
    const size_t before = at_;
    while (Peek() == ' ') ++at_;
    return at_ != before;
  }
  std::unexpected<Error> Bad() const {
    return Fail(ErrorCode::kBadRequest,
                StrCat("selector \"", text_, "\" is not understood at byte ", at_));
  }

  std::string Name() {
    std::string name;
    for (; at_ < text_.size(); ++at_) {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) {
        name += text_[++at_];
      } else if (IsNameByte(text_[at_])) {
        name += text_[at_];
      } else {
        break;
      }
    }
    return name;
  }

  bool ReadCompound(Compound& out, bool may_negate) {
    if (!Take('*')) out.tag = ToLowerAscii(Name());
    for (;;) {
      if (Take('#')) {
        if ((out.id = Name()).empty()) return false;
      } else if (Take('.')) {
        if (out.classes.emplace_back(Name()).empty()) return false;
      } else if (Take('[')) {
        if (!ReadAttribute(out)) return false;
      } else if (Take(':')) {
        const std::string name = Name();
        if (name == "first-child") {
          out.first_child = true;
        } else if (name == "not" && may_negate && Take('(')) {
          if (!ReadCompound(out.none_of.emplace_back(), false) || !Take(')')) return false;
        } else {
          return false;
        }
      } else {
        return true;
      }
    }
  }

  bool ReadAttribute(Compound& out) {
    AttributeTest test;
    SkipSpace();
    test.name = ToLowerAscii(Name());
    if (test.name.empty()) return false;
    SkipSpace();
    if (!Take(']')) {
      switch (Peek()) {
        case '=':
          test.op = Op::kEquals;
          break;
        case '^':
          test.op = Op::kPrefix;
          break;
        case '$':
          test.op = Op::kSuffix;
          break;
        case '*':
          test.op = Op::kContains;
          break;
        case '~':
          test.op = Op::kWord;
          break;
        default:
          return false;
      }
      if (test.op != Op::kEquals) ++at_;
      if (!Take('=')) return false;
      SkipSpace();
      if (const char quote = Peek(); quote == '"' || quote == '\'') {
        const size_t end = text_.find(quote, at_ + 1);
        if (end == std::string_view::npos) return false;
        test.value = text_.substr(at_ + 1, end - at_ - 1);
        at_ = end + 1;
      } else {
        test.value = Name();
      }
      if (test.value.empty()) return false;
      SkipSpace();
      if (!Take(']')) return false;
    }
    out.attributes.push_back(std::move(test));
    return true;
  }

  std::string_view text_;
  size_t at_ = 0;
};

Expected<CssSelector> CssSelector::Parse(std::string_view text) {
  return Parser(TrimAscii(text)).Run();
}

struct CssSelector::Matcher {
  const Document& document;

  static bool TestAttribute(pugi::xml_node node, const AttributeTest& test) {
    const pugi::xml_attribute attribute = node.attribute(test.name.c_str());
    if (!attribute) return false;
    const std::string_view value = attribute.value();
    switch (test.op) {
      case Op::kExists:
        return true;
      case Op::kEquals:
        return value == test.value;
      case Op::kPrefix:
        return value.starts_with(test.value);
      case Op::kSuffix:
        return value.ends_with(test.value);
      case Op::kContains:
        return value.find(test.value) != std::string_view::npos;
      case Op::kWord:
        return HasWord(value, test.value);
    }
    return false;
  }

  static bool MatchesCompound(pugi::xml_node node, const Compound& compound) {
    if (!compound.tag.empty() && compound.tag != node.name()) return false;
    if (!compound.id.empty() && compound.id != node.attribute("id").value()) return false;
    if (!compound.classes.empty()) {
      const std::string_view classes = node.attribute("class").value();
      for (const std::string& name : compound.classes) {
        if (!HasWord(classes, name)) return false;
      }
    }
    for (const AttributeTest& test : compound.attributes) {
      if (!TestAttribute(node, test)) return false;
    }
    for (const Compound& other : compound.none_of) {
      if (MatchesCompound(node, other)) return false;
    }
    if (compound.first_child) {
      pugi::xml_node before = node.previous_sibling();
      while (before && before.type() != pugi::node_element) before = before.previous_sibling();
      if (before) return false;
    }
    return true;
  }

  // Whether what stands left of complex[at] is found around `node`, nearest ancestors first. A
  // descendant step takes the nearest ancestor that fits and does not come back to a farther one
  // unless a `>` or `+` follows it: the depth cap bounds both.
  bool MatchesLeft(pugi::xml_node node, const Complex& complex, size_t at) const {
    if (at == 0) return true;
    WorkBudget& work = document.work();
    const Compound& left = complex[at - 1];
    const char combinator = complex[at].combinator;
    if (combinator == '>') {
      const pugi::xml_node parent = node.parent();
      return MatchesCompound(parent, left) && MatchesLeft(parent, complex, at - 1);
    }
    if (combinator == '+') {
      pugi::xml_node before = node.previous_sibling();
      while (before && before.type() != pugi::node_element) before = before.previous_sibling();
      return before && MatchesCompound(before, left) && MatchesLeft(before, complex, at - 1);
    }
    if (combinator == '~') {
      for (pugi::xml_node up = node.previous_sibling(); up; up = up.previous_sibling()) {
        if (!work.Spend(1)) return false;
        if (up.type() == pugi::node_element && MatchesCompound(up, left) &&
            MatchesLeft(up, complex, at - 1))
          return true;
      }
      return false;
    }
    const bool simple_above = at == 1 || left.combinator == ' ';
    for (pugi::xml_node up = node.parent(); up; up = up.parent()) {
      if (!work.Spend(1)) return false;
      if (!MatchesCompound(up, left)) continue;
      if (MatchesLeft(up, complex, at - 1)) return true;
      if (simple_above) return false;
    }
    return false;
  }

  bool IsBelow(pugi::xml_node node, pugi::xml_node scope) const {
    if (!scope) return true;
    for (pugi::xml_node up = node.parent(); up; up = up.parent()) {
      if (!document.work().Spend(1)) return false;
      if (up == scope) return true;
    }
    return false;
  }

  // Whether every id, class and tag that the selector names occurs on the page at all: most rules
  // of an adapter are for layouts that this page does not have.
  bool IsPossible(const Complex& complex) const {
    return std::ranges::all_of(complex, [&](const Compound& compound) {
      return (compound.id.empty() || document.ids().Find(compound.id) != nullptr) &&
             (compound.tag.empty() || document.tags().Find(compound.tag) != nullptr) &&
             std::ranges::all_of(compound.classes, [&](const std::string& name) {
               return document.classes().Find(name) != nullptr;
             });
    });
  }

  // Elements that may match the rightmost compound, by the index that knows the fewest, in document
  // order.
  std::vector<ElementId> Candidates(const Compound& last) const {
    std::vector<ElementId> out;
    const TokenIndex* index = nullptr;
    const TokenIndex::Entry* best = nullptr;
    const auto consider = [&](const TokenIndex& in, std::string_view token) {
      const TokenIndex::Entry* entry = in.Find(token);
      if (entry == nullptr) return false;
      if (best == nullptr || entry->count < best->count) {
        best = entry;
        index = &in;
      }
      return true;
    };
    if (!last.id.empty() && !consider(document.ids(), last.id)) return out;
    for (const std::string& name : last.classes) {
      if (!consider(document.classes(), name)) return out;
    }
    for (const AttributeTest& test : last.attributes) {
      if (test.name == "class" && test.op != Op::kEquals && test.op != Op::kExists &&
          test.op != Op::kPrefix && test.op != Op::kSuffix &&
          test.value.find(' ') == std::string::npos && best == nullptr) {
        return ByClassPart(test.value);
      }
      if (IsIndexed(test.name) && !consider(document.attributes(), test.name)) return out;
    }
    if (!last.tag.empty() && !consider(document.tags(), last.tag)) return out;
    if (best == nullptr) {
      out.resize(std::min(document.element_count(), kCandidatesMax));
      for (ElementId i = 0; i < out.size(); ++i) out[i] = i;
      return out;
    }
    out.reserve(best->count);
    index->ForEach(*best, [&](ElementId id) {
      out.push_back(id);
      return true;
    });
    return out;
  }

  static bool IsIndexed(std::string_view name) {
    return name != "class" && name != "id" && name != "href" && name != "src" && name != "alt" &&
           name != "title";
  }

  // A part of one class name: there are far fewer distinct names than elements.
  std::vector<ElementId> ByClassPart(std::string_view part) const {
    std::vector<ElementId> out;
    if (!document.work().Spend(document.classes().entries().size())) return out;
    for (const TokenIndex::Entry& entry : document.classes().entries()) {
      if (entry.token.find(part) == std::string_view::npos) continue;
      document.classes().ForEach(entry, [&](ElementId id) {
        out.push_back(id);
        return true;
      });
    }
    std::ranges::sort(out);
    out.erase(std::ranges::unique(out).begin(), out.end());
    return out;
  }
};

void CssSelector::ForEach(const Document& document, pugi::xml_node scope,
                          const Visit& visit) const {
  const Matcher matcher{document};
  const auto matches = [&](ElementId id, const Complex& complex) {
    const pugi::xml_node node = document.Element(id);
    return document.work().Spend(1) && Matcher::MatchesCompound(node, complex.back()) &&
           matcher.IsBelow(node, scope) && matcher.MatchesLeft(node, complex, complex.size() - 1);
  };
  if (alternatives_.size() == 1) {
    if (!matcher.IsPossible(alternatives_[0])) return;
    for (const ElementId id : matcher.Candidates(alternatives_[0].back())) {
      if (matches(id, alternatives_[0]) && !visit(document.Element(id))) return;
    }
    return;
  }
  std::vector<ElementId> found;
  for (const Complex& complex : alternatives_) {
    if (!matcher.IsPossible(complex)) continue;
    for (const ElementId id : matcher.Candidates(complex.back())) {
      if (matches(id, complex)) found.push_back(id);
    }
  }
  std::ranges::sort(found);
  found.erase(std::ranges::unique(found).begin(), found.end());
  for (const ElementId id : found) {
    if (!visit(document.Element(id))) return;
  }
}

pugi::xml_node CssSelector::First(const Document& document, pugi::xml_node scope) const {
  pugi::xml_node first;
  ForEach(document, scope, [&](pugi::xml_node node) {
    first = node;
    return false;
  });
  return first;
}

}  // namespace kaopu
