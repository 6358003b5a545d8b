// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "page/literal_reader.h"

#include <algorithm>
#include <vector>

#include "page/text.h"

namespace kaopu {
namespace {

constexpr size_t kDepthMax = 256;
constexpr size_t kNodesMax = 200'000;
constexpr int kParsedStringsMax = 4;  // JSON.parse inside JSON.parse

using Kind = ValueTree::Kind;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsNameByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || IsDigit(c) || c == '_' || c == '$' ||
         (static_cast<unsigned char>(c) & 0x80) != 0;
}

struct RawString {
  std::string_view body;
  bool escaped = false;
};

class Reader {
 public:
  Reader(std::string_view text, size_t at, Dialect dialect, ValueTree& tree)
      : text_(text), at_(at), dialect_(dialect), tree_(tree) {}

  LiteralEnd Run(ValueId parent, std::string_view key) {
    SkipSpace();
    if (AtEnd()) return {};
    const ValueId root = ReadValue(parent, key, false);
    while (!open_.empty() && !AtEnd() && tree_.size() < kNodesMax) Step();
    return {root, at_};
  }

 private:
  bool AtEnd() const { return at_ >= text_.size(); }
  char Peek(size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  bool Take(std::string_view word) {
    if (!text_.substr(at_).starts_with(word)) return false;
    at_ += word.size();
    return true;
  }

  // White space and comments; also the byte order mark, and what hides a script from old readers.
  void SkipSpace() {
    while (!AtEnd()) {
      if (IsHtmlSpace(text_[at_])) {
        ++at_;
      } else if (Take("\xEF\xBB\xBF") || Take("\xC2\xA0")) {
      } else if (text_[at_] == '/' && Peek(1) == '/') {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (text_[at_] == '/' && Peek(1) == '*') {
        const size_t end = text_.find("*/", at_ + 2);
        at_ = end == std::string_view::npos ? text_.size() : end + 2;
      } else if (Take("<![CDATA[") || Take("]]>") || Take("-->")) {
      } else if (Take("<!--")) {
        SkipHtmlComment();
      } else {
        return;
      }
    }
  }

  // A comment that ends soon, before a value; what stands between marks that hide a script is the
  // script.
  void SkipHtmlComment() {
    constexpr size_t kCommentBytesMax = 1'000;
    const std::string_view ahead = text_.substr(at_, kCommentBytesMax);
    const size_t end = ahead.find("-->");
    if (end == std::string_view::npos) return;
    size_t next = end + 3;
    while (next < ahead.size() && IsHtmlSpace(ahead[next])) ++next;
    if (next < ahead.size() && (ahead[next] == '{' || ahead[next] == '[')) at_ += end + 3;
  }

  // One member, separator or end of the innermost open array or object.
  void Step() {
    SkipSpace();
    if (AtEnd()) return;
    const char c = text_[at_];
    const bool in_object = tree_.At(open_.back()).kind == Kind::kObject;
    if (c == ',' || c == ';') {
      ++at_;
    } else if (c == '}' || c == ']') {
      ++at_;
      open_.pop_back();
      if (!open_.empty()) AfterValue(kNoValue);
    } else if (in_object) {
      ReadMember();
    } else {
      ReadValue(open_.back(), {}, false);
    }
  }

  void ReadMember() {
    RawString key;
    const char c = text_[at_];
    if (c == '"' || c == '\'' || c == '`') {
      key = ReadString(c, true);
    } else if (IsNameByte(c)) {
      const size_t begin = at_;
      while (!AtEnd() && IsNameByte(text_[at_])) ++at_;
      key.body = text_.substr(begin, at_ - begin);
    } else {
      SkipExpression();  // ...spread, [computed], or garbage
      if (!AtEnd() && text_[at_] == ':') ++at_;
      return;
    }
    SkipSpace();
    if (Peek() != ':') {  // {a, b}, methods: no value that could be read
      SkipExpression();
      return;
    }
    ++at_;
    SkipSpace();
    if (AtEnd()) return;
    ReadValue(open_.back(), key.body, key.escaped);
  }

  ValueId Add(ValueId parent, Kind kind, std::string_view key, bool key_escaped,
              std::string_view text = {}) {
    const ValueId id = tree_.Add(parent, kind, key, text);
    tree_.Mutable(id).key_escaped = key_escaped;
    return id;
  }

  ValueId ReadValue(ValueId parent, std::string_view key, bool key_escaped) {
    const char c = text_[at_];
    if (c == '{' || c == '[') {
      const ValueId id = Add(parent, c == '{' ? Kind::kObject : Kind::kArray, key, key_escaped);
      ++at_;
      if (open_.size() >= kDepthMax) {
        --at_;
        SkipBalanced();
      } else {
        open_.push_back(id);
      }
      return id;
    }
    if (c == '"' || ((c == '\'' || c == '`') && dialect_ == Dialect::kJavaScript)) {
      const RawString raw = ReadString(c, false);
      const ValueId id = Add(parent, Kind::kString, key, key_escaped, raw.body);
      tree_.Mutable(id).text_escaped = raw.escaped;
      AfterValue(id);
      return id;
    }
    if (IsDigit(c) ||
        ((c == '-' || c == '+' || c == '.') && (IsDigit(Peek(1)) || Peek(1) == '.'))) {
      const size_t begin = at_++;
      while (!AtEnd() && (IsNameByte(text_[at_]) || text_[at_] == '.' ||
                          ((text_[at_] == '-' || text_[at_] == '+') &&
                           (text_[at_ - 1] == 'e' || text_[at_ - 1] == 'E')))) {
        ++at_;
      }
      const ValueId id =
          Add(parent, Kind::kNumber, key, key_escaped, text_.substr(begin, at_ - begin));
      AfterValue(id);
      return id;
    }
    return ReadWord(parent, key, key_escaped);
  }

  // true, false, !0, JSON.parse('...'), and everything else, which is null.
  ValueId ReadWord(ValueId parent, std::string_view key, bool key_escaped) {
    if (Take("!0")) return Add(parent, Kind::kBool, key, key_escaped, "true");
    if (Take("!1")) return Add(parent, Kind::kBool, key, key_escaped, "false");
    size_t end = at_;
    while (end < text_.size() && (IsNameByte(text_[end]) || text_[end] == '.')) ++end;
    const std::string_view word = text_.substr(at_, end - at_);
    if (word == "true" || word == "false") {
      at_ = end;
      const ValueId id = Add(parent, Kind::kBool, key, key_escaped, word);
      AfterValue(id);
      return id;
    }
    if (word == "JSON.parse" && dialect_ == Dialect::kJavaScript) {
      at_ = end;
      SkipSpace();
      if (Peek() == '(') {
        ++at_;
        SkipSpace();
        if (const char quote = Peek(); quote == '"' || quote == '\'' || quote == '`') {
          return ReadParsedString(quote, parent, key);
        }
      }
      SkipExpression();
      return Add(parent, Kind::kNull, key, key_escaped);
    }
    const ValueId id = Add(parent, Kind::kNull, key, key_escaped);
    SkipExpression();
    return id;
  }

  ValueId ReadParsedString(char quote, ValueId parent, std::string_view key) {
    const RawString raw = ReadString(quote, false);
    SkipSpace();
    if (Peek() == ')') ++at_;
    if (parsed_strings_ >= kParsedStringsMax) return Add(parent, Kind::kNull, key, false);
    const std::string_view inner = raw.escaped ? tree_.Own(DecodeEscapes(raw.body)) : raw.body;
    Reader reader(inner, 0, Dialect::kJson, tree_);
    reader.parsed_strings_ = parsed_strings_ + 1;
    const ValueId id = reader.Run(parent, key).root;
    return id == kNoValue ? Add(parent, Kind::kNull, key, false) : id;
  }

  // What stands between a value and the next separator: joined strings are joined, `|| fallback`
  // keeps the value, any other operator means that the value was only part of an expression.
  void AfterValue(ValueId id) {
    if (dialect_ == Dialect::kJson) return;
    const bool joinable = id != kNoValue && tree_.At(id).kind == Kind::kString;
    std::string joined;
    bool any_joined = false;
    for (;;) {
      SkipSpace();
      if (!joinable || Peek() != '+' || open_.empty()) break;
      const size_t plus = at_++;
      SkipSpace();
      const char quote = Peek();
      if (quote != '"' && quote != '\'') {
        at_ = plus;
        break;
      }
      if (!any_joined) joined = *tree_.Text(id);
      any_joined = true;
      joined += DecodeEscapes(ReadString(quote, false).body);
    }
    if (any_joined) {
      const std::string_view owned = tree_.Own(std::move(joined));
      tree_.Mutable(id).text = owned;
      tree_.Mutable(id).text_escaped = false;
    }
    const char c = Peek();
    if (AtEnd() || c == ',' || c == '}' || c == ']' || c == ';' || c == ')') return;
    if (open_.empty()) return;  // whatever follows the root is no part of it
    const bool fallback = c == '|' && Peek(1) == '|';
    SkipExpression();
    if (!fallback && id != kNoValue) tree_.Mutable(id).kind = Kind::kNull;
  }

  // Reads the string that begins at the quote at_ stands on; leaves at_ past its end.
  RawString ReadString(char quote, bool is_key) {
    const size_t begin = ++at_;
    RawString out;
    for (; !AtEnd(); ++at_) {
      const char c = text_[at_];
      if (c == '\\') {
        out.escaped = true;
        ++at_;
      } else if (c == quote && (dialect_ == Dialect::kJavaScript || EndsHere(is_key))) {
        break;
      }
    }
    at_ = std::min(at_, text_.size());
    out.body = text_.substr(begin, at_ - begin);
    if (!AtEnd()) ++at_;
    return out;
  }

  // JSON only: a quote ends its string when what follows can follow a string; else it is a stray
  // one (`6" pipe`).
  bool EndsHere(bool is_key) const {
    size_t next = at_ + 1;
    while (next < text_.size() && IsHtmlSpace(text_[next])) ++next;
    if (next >= text_.size()) return true;
    const char c = text_[next];
    if (is_key) return c == ':';
    if (c == '}' || c == ']' || c == '/') return true;
    if (c == '"') return text_.substr(at_ + 1, next - at_ - 1).find('\n') != std::string_view::npos;
    if (c != ',') return false;
    ++next;
    while (next < text_.size() && IsHtmlSpace(text_[next])) ++next;
    return next >= text_.size() || text_[next] == '"' || text_[next] == '{' || text_[next] == '[' ||
           text_[next] == '}' || text_[next] == ']' || text_[next] == '-' || text_[next] == 't' ||
           text_[next] == 'f' || text_[next] == 'n' || text_[next] == '/' || IsDigit(text_[next]);
  }

  // Moves past an expression, to the separator that ends it.
  void SkipExpression() {
    int depth = 0;
    char before = '(';
    const size_t begin = at_;
    while (!AtEnd()) {
      const char c = text_[at_];
      if (depth == 0 && at_ > begin && (c == ',' || c == ';')) return;
      if (depth == 0 && (c == '}' || c == ']' || c == ')')) {
        if (c == ')' && at_ == begin) ++at_;
        return;
      }
      if (c == '(' || c == '[' || c == '{') ++depth;
      if (c == ')' || c == ']' || c == '}') --depth;
      SkipToken(c, before);
    }
  }

  // Moves past the bracket at_ stands on and all it holds.
  void SkipBalanced() {
    int depth = 0;
    char before = '(';
    while (!AtEnd()) {
      const char c = text_[at_];
      if (c == '(' || c == '[' || c == '{') ++depth;
      if (c == ')' || c == ']' || c == '}') --depth;
      SkipToken(c, before);
      if (depth <= 0) return;
    }
  }

  // One token of code: a string, a comment, a regular expression, or a byte. `before` is the last
  // byte of code seen.
  void SkipToken(char c, char& before) {
    if (c == '"' || c == '\'' || c == '`') {
      ReadString(c, false);
      before = c;
    } else if (c == '/' && (Peek(1) == '/' || Peek(1) == '*')) {
      SkipSpace();
    } else if (c == '/' &&
               std::string_view("(,=:[!&|?{};+").find(before) != std::string_view::npos) {
      bool in_class = false;
      for (++at_; !AtEnd() && text_[at_] != '\n'; ++at_) {
        if (text_[at_] == '\\') {
          ++at_;
        } else if (text_[at_] == '[') {
          in_class = true;
        } else if (text_[at_] == ']') {
          in_class = false;
        } else if (text_[at_] == '/' && !in_class) {
          ++at_;
          break;
        }
      }
      at_ = std::min(at_, text_.size());
      before = '/';
    } else {
      ++at_;
      if (!IsHtmlSpace(c)) before = c;
    }
  }

  std::string_view text_;
  size_t at_;
  Dialect dialect_;
  ValueTree& tree_;
  std::vector<ValueId> open_;
  int parsed_strings_ = 0;
};

}  // namespace

LiteralEnd ReadLiteral(std::string_view text, size_t begin, Dialect dialect, ValueTree& tree,
                       ValueId parent, std::string_view key) {
  return Reader(text, begin, dialect, tree).Run(parent, key);
}

}  // namespace kaopu
