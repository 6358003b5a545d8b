// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "page/cold/html_tokenizer.h"

#include <algorithm>

#include "page/text.h"

namespace kaopu {
namespace {

bool IsAlpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

// Attributes the snapshot never holds: dropped before anything counts them.
bool MayStand(const HtmlAttribute& attribute) {
  const std::string_view name = attribute.name;
  if (name.empty() || name.size() > 64 || !(IsAlpha(name[0]) || name[0] == '_')) return false;
  for (char c : name) {
    if (!IsAlpha(c) && !(c >= '0' && c <= '9') && c != '_' && c != '.' && c != '-') return false;
  }
  if (name.size() > 2 && Lower(name[0]) == 'o' && Lower(name[1]) == 'n') return false;
  if (EqualsIgnoreCase(name, "style")) return IsStruckOutStyle(attribute.value);
  return !EqualsIgnoreCase(name, "srcset");
}

}  // namespace

bool EqualsIgnoreCase(std::string_view text, std::string_view lower) {
  return text.size() == lower.size() && std::equal(text.begin(), text.end(), lower.begin(),
                                                   [](char a, char b) { return Lower(a) == b; });
}

bool IsStruckOutStyle(std::string_view style) { return ContainsIgnoringCase(style, kStruckOut); }

std::string_view TrimHtmlSpace(std::string_view text) {
  while (!text.empty() && IsHtmlSpace(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsHtmlSpace(text.back())) text.remove_suffix(1);
  return text;
}

const std::string_view* HtmlToken::Find(std::string_view attribute) const {
  for (const HtmlAttribute& candidate : attributes) {
    if (EqualsIgnoreCase(candidate.name, attribute)) return &candidate.value;
  }
  return nullptr;
}

bool HtmlTokenizer::StartsAt(size_t pos, std::string_view lower) const {
  return pos <= input_.size() && EqualsIgnoreCase(input_.substr(pos, lower.size()), lower);
}

bool HtmlTokenizer::EndTagAt(size_t pos, std::string_view name) const {
  if (!StartsAt(pos, "</") || !StartsAt(pos + 2, name)) return false;
  const size_t after = pos + 2 + name.size();
  return after < input_.size() &&
         (IsHtmlSpace(input_[after]) || input_[after] == '/' || input_[after] == '>');
}

bool HtmlTokenizer::Next(HtmlToken& token) {
  token.attributes.clear();
  token.name.clear();
  token.raw_name = {};
  token.self_closing = false;
  const size_t from = pos_;
  size_t scan = pos_;
  while (scan < input_.size()) {
    const size_t mark = input_.find('<', scan);
    if (mark == std::string_view::npos || mark + 1 >= input_.size()) break;
    const char next = input_[mark + 1];
    const bool tag =
        IsAlpha(next) || next == '!' || next == '?' || (next == '/' && mark + 2 < input_.size());
    if (!tag) {
      scan = mark + 1;
      continue;
    }
    if (mark > from) {
      token.kind = HtmlToken::Kind::kText;
      token.source = input_.substr(from, mark - from);
      pos_ = mark;
      return true;
    }
    if (IsAlpha(next) || (next == '/' && IsAlpha(input_[mark + 2]))) return ReadTag(token, mark);
    ReadComment(token, mark);
    return true;
  }
  if (from >= input_.size()) return false;
  token.kind = HtmlToken::Kind::kText;
  token.source = input_.substr(from);
  pos_ = input_.size();
  return true;
}

void HtmlTokenizer::ReadComment(HtmlToken& token, size_t from) {
  token.kind = HtmlToken::Kind::kComment;
  size_t end = std::string_view::npos;
  if (StartsAt(from, "<!--")) {
    // `<!-->` and `<!--->` are whole comments.
    size_t close = from + 4;
    if (StartsAt(close, ">")) {
      end = close + 1;
    } else if (StartsAt(close, "->")) {
      end = close + 2;
    } else {
      for (size_t dash = input_.find("--", close); dash != std::string_view::npos;
           dash = input_.find("--", dash + 1)) {
        if (StartsAt(dash + 2, ">")) end = dash + 3;
        if (StartsAt(dash + 2, "!>")) end = dash + 4;
        if (end != std::string_view::npos) break;
      }
    }
  } else {
    if (StartsAt(from, "<!doctype")) token.kind = HtmlToken::Kind::kDoctype;
    const size_t close = input_.find('>', from);
    end = close == std::string_view::npos ? close : close + 1;
  }
  pos_ = std::min(end, input_.size());
  token.source = input_.substr(from, pos_ - from);
}

bool HtmlTokenizer::ReadTag(HtmlToken& token, size_t from) {
  const bool closing = input_[from + 1] == '/';
  token.kind = closing ? HtmlToken::Kind::kEnd : HtmlToken::Kind::kStart;
  const size_t begin = from + (closing ? 2 : 1);
  pos_ = begin;
  while (pos_ < input_.size() && !IsHtmlSpace(input_[pos_]) && input_[pos_] != '/' &&
         input_[pos_] != '>')
    ++pos_;
  token.raw_name = input_.substr(begin, pos_ - begin);
  token.name = ToLowerAscii(token.raw_name.substr(0, 128));
  ReadAttributes(token);
  if (pos_ >= input_.size()) return false;
  ++pos_;  // >
  token.source = input_.substr(from, pos_ - from);
  return true;
}

// Leaves pos_ on the closing `>`, or at the end of input.
void HtmlTokenizer::ReadAttributes(HtmlToken& token) {
  while (pos_ < input_.size()) {
    const char c = input_[pos_];
    if (c == '>') return;
    if (IsHtmlSpace(c)) {
      ++pos_;
      continue;
    }
    if (c == '/') {
      token.self_closing = pos_ + 1 < input_.size() && input_[pos_ + 1] == '>';
      ++pos_;
      continue;
    }
    HtmlAttribute attribute;
    const size_t name_from = pos_++;  // an equals sign may begin a name
    while (pos_ < input_.size() && !IsHtmlSpace(input_[pos_]) && input_[pos_] != '/' &&
           input_[pos_] != '>' && input_[pos_] != '=') {
      ++pos_;
    }
    attribute.name = input_.substr(name_from, pos_ - name_from);
    size_t equals = pos_;
    while (equals < input_.size() && IsHtmlSpace(input_[equals])) ++equals;
    if (equals < input_.size() && input_[equals] == '=') {
      pos_ = equals + 1;
      while (pos_ < input_.size() && IsHtmlSpace(input_[pos_])) ++pos_;
      if (pos_ < input_.size() && (input_[pos_] == '"' || input_[pos_] == '\'')) {
        const size_t close = input_.find(input_[pos_], pos_ + 1);
        const size_t end = std::min(close, input_.size());
        attribute.value = input_.substr(pos_ + 1, end - pos_ - 1);
        pos_ = std::min(end + 1, input_.size());
      } else {
        const size_t value_from = pos_;
        while (pos_ < input_.size() && !IsHtmlSpace(input_[pos_]) && input_[pos_] != '>') ++pos_;
        attribute.value = input_.substr(value_from, pos_ - value_from);
      }
    }
    attribute.source = input_.substr(name_from, pos_ - name_from);
    if (token.attributes.size() < kAttributesMax && MayStand(attribute))
      token.attributes.push_back(attribute);
  }
}

std::string_view HtmlTokenizer::TakeRawText(std::string_view name) {
  const size_t from = pos_;
  const bool script = name == "script";
  enum { kPlain, kEscaped, kDoubleEscaped } state = kPlain;
  while (pos_ < input_.size()) {
    pos_ =
        std::min(input_.find_first_of(script && state != kPlain ? "<-" : "<", pos_), input_.size());
    if (pos_ >= input_.size()) break;
    if (input_[pos_] == '-') {
      if (StartsAt(pos_, "-->")) state = kPlain;
      ++pos_;
    } else if (EndTagAt(pos_, name)) {
      if (state != kDoubleEscaped) break;
      state = kEscaped;
      pos_ += 2;
    } else if (script && state == kPlain && StartsAt(pos_, "<!--")) {
      state = kEscaped;
      pos_ += 2;  // the dashes may belong to `-->` too, as in `<!-->`
    } else if (script && state == kEscaped && StartsAt(pos_, "<script") &&
               pos_ + 7 < input_.size() &&
               (IsHtmlSpace(input_[pos_ + 7]) || input_[pos_ + 7] == '/' ||
                input_[pos_ + 7] == '>')) {
      state = kDoubleEscaped;
      pos_ += 7;
    } else {
      ++pos_;
    }
  }
  return input_.substr(from, pos_ - from);
}

bool HtmlTokenizer::SkipCdata() {
  if (!input_.substr(pos_).starts_with("<![CDATA[")) return false;
  const size_t close = input_.find("]]>", pos_ + 9);
  pos_ = close == std::string_view::npos ? input_.size() : close + 3;
  return true;
}

}  // namespace kaopu
