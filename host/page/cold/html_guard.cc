// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "page/cold/html_guard.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/limits.h"
#include "page/cold/open_elements.h"

namespace kaopu {
namespace {

using Kind = HtmlToken::Kind;
using Names = std::unordered_set<std::string_view>;

const Names& Breakout() {
  static const Names names = {
      "b",      "big",  "blockquote", "body",  "br",   "center", "code",    "dd",   "div",
      "dl",     "dt",   "em",         "embed", "h1",   "h2",     "h3",      "h4",   "h5",
      "h6",     "head", "hr",         "i",     "img",  "li",     "listing", "menu", "meta",
      "nobr",   "ol",   "p",          "pre",   "ruby", "s",      "small",   "span", "strong",
      "strike", "sub",  "sup",        "table", "tt",   "u",      "ul",      "var"};
  return names;
}

bool IsIntegrationPoint(std::string_view name) {
  static const Names names = {"foreignobject", "desc",          "title", "mi", "mo", "mn", "ms",
                              "mtext",         "annotation-xml"};
  return names.contains(name);
}

bool IsForeignRoot(std::string_view name) { return name == "svg" || name == "math"; }

bool IsDroppedRaw(std::string_view name) {
  static const Names names = {"style", "noscript", "iframe", "noembed", "noframes", "xmp"};
  return names.contains(name);
}

class Guard {
 public:
  Guard(std::string_view input, const KeepScript& keep_script)
      : tokenizer_(input), keep_script_(keep_script) {
    out_.reserve(input.size() / 2);
  }

  std::string Run() {
    HtmlToken token;
    while (tokenizer_.Next(token)) {
      switch (token.kind) {
        case Kind::kText:
        case Kind::kDoctype:
          out_ += token.source;
          break;
        case Kind::kComment:
          out_ += "<!---->";
          break;
        case Kind::kStart:
          Start(token);
          break;
        case Kind::kEnd:
          if (open_.End(token.name)) Emit(token);
          break;
      }
    }
    return std::move(out_);
  }

 private:
  void Start(HtmlToken& token) {
    const std::string& name = token.name;
    if (name == "plaintext") return;  // everything after it as text: nobody's shop
    if (name == "script") {
      StartScript(token);
    } else if (name == "textarea" || name == "title") {
      StartEscapable(token);
    } else if (IsDroppedRaw(name)) {
      const std::string_view text = tokenizer_.TakeRawText(name);
      HtmlToken end;
      tokenizer_.Next(end);  // its end tag, or nothing
      if (!open_.Leaf(name)) return;
      Emit(token);
      // The text of xmp shows; without its `<` no parser state can make tags of it.
      if (name == "xmp")
        std::copy_if(text.begin(), text.end(), std::back_inserter(out_),
                     [](char c) { return c != '<'; });
      EmitEnd(name);
    } else if (IsForeignRoot(name)) {
      if (open_.Leaf(name)) {
        Emit(token, /*attributes=*/false);
        EmitEnd(name);
      }
      if (!token.self_closing) SkipForeign(token);
    } else if (open_.Start(name)) {
      Emit(token);
    }
  }

  void StartScript(const HtmlToken& token) {
    const HtmlToken tag = token;
    const std::string_view text = tokenizer_.TakeRawText("script");
    HtmlToken end;
    const bool closed = tokenizer_.Next(end);
    Emit(tag);
    // A script that the input ends in is cut text; a browser would not run it either.
    if (closed && keep_script_(tag, text)) out_ += text;
    EmitEnd("script");
  }

  // Text with character references: a `<` in it is written as one, so that it stays text whatever
  // state the parser is in.
  void StartEscapable(const HtmlToken& token) {
    const HtmlToken tag = token;
    const std::string_view text = tokenizer_.TakeRawText(tag.name);
    HtmlToken end;
    tokenizer_.Next(end);
    if (!open_.Leaf(tag.name)) return;
    Emit(tag);
    for (char c : text) {
      if (c == '<') {
        out_ += "&lt;";
      } else {
        out_ += c;
      }
    }
    EmitEnd(tag.name);
  }

  // Everything up to where foreign content ends: its end tag, or a start tag that breaks out of it.
  void SkipForeign(HtmlToken& token) {
    enum class Level { kForeign, kIntegration };
    std::vector<Level> levels = {Level::kForeign};
    while (!levels.empty()) {
      const bool foreign = levels.back() == Level::kForeign;
      if (foreign && tokenizer_.SkipCdata()) continue;
      if (!tokenizer_.Next(token)) return;
      const std::string& name = token.name;
      if (token.kind == Kind::kStart) {
        if (IsForeignRoot(name)) {
          if (!token.self_closing) levels.push_back(Level::kForeign);
        } else if (foreign && IsIntegrationPoint(name)) {
          if (!token.self_closing) levels.push_back(Level::kIntegration);
        } else if (foreign && Breakout().contains(name)) {
          while (!levels.empty() && levels.back() == Level::kForeign) levels.pop_back();
          if (levels.empty()) {
            Start(token);
            return;
          }
        } else if (!foreign && (name == "script" || name == "textarea" || IsDroppedRaw(name))) {
          tokenizer_.TakeRawText(name);
        }
      } else if (token.kind == Kind::kEnd) {
        if (IsForeignRoot(name)) {
          while (!levels.empty() && levels.back() == Level::kIntegration) levels.pop_back();
          if (!levels.empty()) levels.pop_back();
        } else if (!foreign && IsIntegrationPoint(name)) {
          levels.pop_back();
        }
      }
    }
  }

  void Emit(const HtmlToken& token, bool attributes = true) {
    out_ += token.kind == Kind::kEnd ? "</" : "<";
    out_ += token.raw_name;
    if (attributes && token.kind == Kind::kStart) {
      for (const HtmlAttribute& attribute : token.attributes) {
        out_ += ' ';
        out_ += attribute.source;
      }
    }
    out_ += '>';
  }

  void EmitEnd(std::string_view name) {
    out_ += "</";
    out_ += name;
    out_ += '>';
  }

  HtmlTokenizer tokenizer_;
  const KeepScript& keep_script_;
  OpenElements open_;
  std::string out_;
};

// Control characters that no snapshot holds. The parser would show them as U+FFFD; behind a `<` it
// should, so that they cannot join it to what follows.
std::string WithoutControls(std::string_view utf8) {
  std::string clean;
  clean.reserve(utf8.size());
  for (size_t i = 0; i < utf8.size(); ++i) {
    const unsigned char c = static_cast<unsigned char>(utf8[i]);
    const bool control = c < 0x20 && c != '\t' && c != '\n' && c != '\f' && c != '\r';
    const std::string_view three = utf8.substr(i, 3);
    const bool noncharacter = c == 0xEF && (three == "\xEF\xBF\xBE" || three == "\xEF\xBF\xBF");
    if ((control || noncharacter) && (clean.empty() || clean.back() != '<')) {
      i += noncharacter ? 2 : 0;
    } else {
      clean += utf8[i];
    }
  }
  return clean;
}

}  // namespace

std::string GuardHtml(std::string_view utf8, const KeepScript& keep_script) {
  const std::string clean = WithoutControls(utf8);
  return Guard(clean, keep_script).Run();
}

}  // namespace kaopu
