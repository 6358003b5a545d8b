// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "page/condition.h"

#include <algorithm>

#include "base/str_cat.h"
#include "page/schema_product.h"
#include "page/text.h"

namespace kaopu {
namespace {

constexpr size_t kTextBytesRead = 32 * 1024;
// A short line: what says that a page's product is gone is a notice of its own, no sentence of a
// review or of the shop's terms.
constexpr size_t kCharsBefore = 60, kCharsAfter = 80;

bool AnyMatches(const std::vector<Pattern>& patterns, std::string_view text) {
  const re2::StringPiece piece(text.data(), text.size());
  return std::ranges::any_of(patterns,
                             [&](const auto& re) { return RE2::PartialMatch(piece, *re); });
}

bool HasAtMost(size_t chars, std::string_view utf8) {
  return utf8.size() <= 4 * chars && static_cast<size_t>(std::ranges::count_if(
                                         utf8, [](char c) { return (c & 0xC0) != 0x80; })) <= chars;
}

// Whether the pattern is found in a line with little around it. The pattern holds no line break.
// Counted here: a window in the pattern itself (.{0,60}) takes RE2 out of its fast automaton.
bool MatchesShortLine(const RE2& re, std::string_view text) {
  re2::StringPiece found;
  for (size_t at = 0; at <= text.size() && re.Match(re2::StringPiece(text.data(), text.size()), at,
                                                    text.size(), RE2::UNANCHORED, &found, 1);) {
    const auto begin = static_cast<size_t>(found.data() - text.data());
    const size_t end = begin + found.size();
    const size_t line = begin == 0 ? 0 : text.rfind('\n', begin - 1) + 1;  // npos + 1 = 0
    const size_t line_end = std::min(text.find('\n', end), text.size());
    if (HasAtMost(kCharsBefore, text.substr(line, begin - line)) &&
        HasAtMost(kCharsAfter, text.substr(end, line_end - end))) {
      return true;
    }
    at = std::max(end, begin + 1);
  }
  return false;
}

Expected<std::vector<std::string>> Strings(const Json& json, const std::string& place) {
  if (json.is_string()) return std::vector<std::string>{json.get<std::string>()};
  std::vector<std::string> out;
  if (json.is_array()) {
    for (const Json& item : json) {
      if (item.is_string()) out.push_back(item.get<std::string>());
    }
  }
  if (out.empty() || out.size() != json.size()) {
    return Fail(ErrorCode::kDamaged, place + ": must be a string or a list of strings");
  }
  return out;
}

}  // namespace

Expected<Condition> Condition::Parse(const Json& json, const std::string& place) {
  if (!json.is_object()) return Fail(ErrorCode::kDamaged, place + ": must be an object");
  Condition out;
  for (const auto& [key, value] : json.items()) {
    const std::string at = StrCat(place, ".", key);
    if (key == "text_bytes_max" && value.is_number_unsigned()) {
      out.text_bytes_max_ = value.get<size_t>();
      continue;
    }
    if (key == "product" && value == true) {
      out.product_ = true;
      continue;
    }
    if (key == "buy_box" && value == true) {
      out.buy_box_ = true;
      continue;
    }
    auto strings = Strings(value, at);
    if (!strings) return std::unexpected(strings.error());
    for (const std::string& text : *strings) {
      Patterns* const patterns = key == "url"          ? &out.url_
                                 : key == "title"      ? &out.title_
                                 : key == "text"       ? &out.text_
                                 : key == "text_all"   ? &out.text_all_
                                 : key == "short_line" ? &out.short_line_
                                 : key == "og_type"    ? &out.og_type_
                                                       : nullptr;
      if (patterns != nullptr) {
        auto re = CompilePattern(text, at);
        if (!re) return std::unexpected(re.error());
        patterns->push_back(std::move(*re));
      } else if (key == "css") {
        auto css = CssSelector::Parse(text);
        if (!css) return Fail(ErrorCode::kDamaged, StrCat(at, ": ", css.error().message));
        out.css_.push_back(std::move(*css));
      } else if (key == "xpath" || key == "state") {
        auto rule = ParseRule(Json{{key, text}}, at);
        if (!rule) return std::unexpected(rule.error());
        (key == "xpath" ? out.xpath_ : out.state_).push_back(std::move(*rule));
      } else if (key == "jsonld") {
        out.types_.push_back(text);
      } else {
        return Fail(ErrorCode::kDamaged, at + ": no such condition");
      }
    }
  }
  return out;
}

bool Condition::Holds(PageContext& page) const {
  const Document& document = page.document;
  if (!url_.empty() && !AnyMatches(url_, page.url_text)) return false;
  if (!title_.empty() && !AnyMatches(title_, page.title)) return false;
  if (!og_type_.empty() && !AnyMatches(og_type_, document.Meta("og:type"))) return false;
  if (text_bytes_max_ != 0 && document.VisibleText().size() > text_bytes_max_) return false;
  if (!css_.empty() && !std::ranges::any_of(css_, [&](const CssSelector& css) {
        return static_cast<bool>(css.First(document));
      })) {
    return false;
  }
  if (!types_.empty() && !std::ranges::any_of(types_, [&](const std::string& type) {
        return page.JsonLd().HasType(type) || page.Microdata().HasType(type);
      })) {
    return false;
  }
  const auto gives_something = [&](const Rule& rule) {
    bool found = false;
    rule.ForEachRaw(page, {}, [&](const std::string&) {
      found = true;
      return false;
    });
    return found;
  };
  if (!state_.empty() && !std::ranges::any_of(state_, gives_something)) return false;
  if (!xpath_.empty() && !std::ranges::any_of(xpath_, gives_something)) return false;
  if (product_ && !FindProduct(page)) return false;
  if (const size_t patterns = text_.size() + text_all_.size() + short_line_.size(); patterns != 0) {
    const std::string_view text = CutUtf8(document.VisibleText(), kTextBytesRead);
    const re2::StringPiece piece(text.data(), text.size());
    if (!document.work().SpendBytes(text.size() * patterns)) return false;
    if (!text_.empty() && !AnyMatches(text_, text)) return false;
    if (!std::ranges::all_of(text_all_,
                             [&](const auto& re) { return RE2::PartialMatch(piece, *re); })) {
      return false;
    }
    if (!short_line_.empty() && !std::ranges::any_of(short_line_, [&](const auto& re) {
          return MatchesShortLine(*re, text);
        })) {
      return false;
    }
  }
  return !buy_box_ || page.FoundBuyBox();
}

Expected<std::vector<KindRule>> ParseKindRules(const Json& json, const std::string& place) {
  if (!json.is_array()) return Fail(ErrorCode::kDamaged, place + ": must be a list");
  std::vector<KindRule> out;
  for (const Json& item : json) {
    const std::string at = StrCat(place, "[", out.size(), "]");
    if (!item.is_object() || !item.contains("kind")) {
      return Fail(ErrorCode::kDamaged, at + ": must be an object with a kind");
    }
    KindRule& rule = out.emplace_back();
    auto kind = ParseKind(item["kind"], at + ".kind");
    if (!kind) return std::unexpected(kind.error());
    rule.kind = *kind;
    if (item.contains("when")) {
      auto when = Condition::Parse(item["when"], at + ".when");
      if (!when) return std::unexpected(when.error());
      rule.when = std::move(*when);
    }
    if (!item.contains("unless")) continue;
    // An object would leave open whether one of its members rules the page out or only all do.
    const Json& list = item["unless"];
    if (!list.is_array() || list.empty()) {
      return Fail(ErrorCode::kDamaged,
                  at + ".unless: must be a list of conditions, none of which may hold");
    }
    for (const Json& entry : list) {
      auto condition = Condition::Parse(entry, StrCat(at, ".unless[", rule.unless.size(), "]"));
      if (!condition) return std::unexpected(condition.error());
      rule.unless.push_back(std::move(*condition));
    }
  }
  return out;
}

bool KindRule::Holds(PageContext& page) const {
  return when.Holds(page) &&
         std::ranges::none_of(unless, [&](const Condition& out) { return out.Holds(page); });
}

const KindRule* FirstKind(const std::vector<KindRule>& rules, PageContext& page) {
  for (const KindRule& rule : rules) {
    if (rule.Holds(page)) return &rule;
  }
  return nullptr;
}

}  // namespace kaopu
