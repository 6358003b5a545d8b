// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "page/rule.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <new>

#include "base/str_cat.h"
#include "page/text.h"

namespace kaopu {
namespace {

constexpr size_t kValueBytesMax = 4096;
constexpr size_t kPageShare = 4;    // of the elements a step each: most expressions begin in head
constexpr size_t kBlockShare = 16;  // or in a block
constexpr int kValuesMax =
    500;  // a rule: enough for any list a shopper sees, a bound for hostile pages

struct SourceName {
  std::string_view name;
  Rule::Source source;
};
constexpr std::array kSources = {
    SourceName{"css", Rule::Source::kCss},       SourceName{"xpath", Rule::Source::kXpath},
    SourceName{"state", Rule::Source::kState},   SourceName{"path", Rule::Source::kPath},
    SourceName{"jsonld", Rule::Source::kJsonLd}, SourceName{"microdata", Rule::Source::kMicrodata},
    SourceName{"meta", Rule::Source::kMeta},     SourceName{"url", Rule::Source::kUrl},
    SourceName{"title", Rule::Source::kTitle},   SourceName{"const", Rule::Source::kConst},
};

std::unexpected<Error> Damaged(const std::string& place, std::string_view why) {
  return Fail(ErrorCode::kDamaged, StrCat(place, ": ", why));
}

// Text of a JSON scalar as rules give it.
std::string ScalarText(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

std::string NumberText(double value) {
  std::array<char, 32> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
  return std::string(buffer.data(), end);
}

// Splits `root.rest` and `root["rest"]`.
std::pair<std::string_view, std::string_view> SplitRoot(std::string_view spec) {
  const size_t end = std::min(spec.find_first_of(".["), spec.size());
  std::string_view rest = spec.substr(end);
  if (rest.starts_with('.') && !rest.starts_with("..")) rest.remove_prefix(1);
  return {spec.substr(0, end), rest};
}

Expected<void> CompileSource(Rule& rule, const std::string& place) {
  switch (rule.source) {
    case Rule::Source::kCss: {
      auto css = CssSelector::Parse(rule.spec);
      if (!css) return Damaged(place, css.error().message);
      rule.css = std::move(*css);
      return {};
    }
    case Rule::Source::kXpath:
      try {
        rule.xpath = pugi::xpath_query(rule.spec.c_str());
      } catch (const pugi::xpath_exception& e) {
        return Damaged(place, StrCat("XPath \"", rule.spec, "\": ", e.what()));
      }
      return {};
    case Rule::Source::kState:
    case Rule::Source::kJsonLd:
    case Rule::Source::kMicrodata:
    case Rule::Source::kPath: {
      std::string_view rest = rule.spec;
      if (rule.source != Rule::Source::kPath) {
        const auto [root, tail] = SplitRoot(rule.spec);
        rule.root = root;
        rest = tail;
      }
      auto path = ValuePath::Parse(rest);
      if (!path) return Damaged(place, path.error().message);
      rule.path = std::move(*path);
      return {};
    }
    default:
      return {};
  }
}

Expected<void> ParseMap(const Json& json, Rule& rule, const std::string& place) {
  if (!json.is_array()) return Damaged(place, "map must be a list of pairs");
  for (const Json& pair : json) {
    if (!pair.is_array() || pair.size() != 2 || !pair[0].is_string()) {
      return Damaged(place, "map must be a list of pairs [pattern, value]");
    }
    auto re = CompilePattern(pair[0].get<std::string>(), place + ".map");
    if (!re) return std::unexpected(re.error());
    rule.map.emplace_back(std::move(*re), ScalarText(pair[1]));
  }
  return {};
}

Expected<void> ParseTreatment(const Json& json, Rule& rule, const std::string& place) {
  for (const auto& [key, value] : json.items()) {
    if (key == "re") {
      if (!value.is_string()) return Damaged(place, "re must be a string");
      auto re = CompilePattern(value.get<std::string>(), place + ".re");
      if (!re) return std::unexpected(re.error());
      rule.re = std::move(*re);
    } else if (key == "map") {
      if (auto ok = ParseMap(value, rule, place); !ok) return ok;
    } else if (key == "kinds") {
      auto kinds = ParseKinds(value, place);
      if (!kinds) return std::unexpected(kinds.error());
      rule.kinds = *kinds;
    } else if (key == "scale" && value.is_number()) {
      rule.scale = value.get<double>();
    } else if (key == "attr" && value.is_string()) {
      rule.attribute = value.get<std::string>();
    } else if (key == "format" && value.is_string()) {
      rule.format = value.get<std::string>();
      if (rule.format.find("{}") == std::string::npos) return Damaged(place, "format lacks {}");
    } else if (key == "lower" && value.is_boolean()) {
      rule.lower = value.get<bool>();
    } else if (key == "prose" && value.is_boolean()) {
      rule.prose = value.get<bool>();
    } else if (key == "currency" && value.is_string()) {
      rule.currency = value.get<std::string>();
    } else if (key == "currency") {
      auto inner = ParseRule(value, place + ".currency");
      if (!inner) return std::unexpected(inner.error());
      rule.currency_rule = std::make_unique<Rule>(std::move(*inner));
    } else if (key == "as") {
      if (value == "ship")
        rule.as = PromiseKind::kShip;
      else if (value == "deliver")
        rule.as = PromiseKind::kDeliver;
      else if (value == "presale")
        rule.as = PromiseKind::kPresale;
      else
        return Damaged(place, "as must be ship, deliver or presale");
    } else if (key != "why" &&
               std::ranges::find(kSources, key, &SourceName::name) == kSources.end()) {
      return Damaged(place, StrCat("\"", key, "\" is not known, or its value has the wrong type"));
    }
  }
  return {};
}

}  // namespace

Expected<PageKind> ParseKind(const Json& json, const std::string& place) {
  for (int i = 0; i <= static_cast<int>(PageKind::kOther); ++i) {
    const auto kind = static_cast<PageKind>(i);
    if (json.is_string() && json.get_ref<const std::string&>() == PageKindName(kind)) return kind;
  }
  return Damaged(place, StrCat(DumpJson(json), " is not a page kind"));
}

Expected<KindSet> ParseKinds(const Json& json, const std::string& place) {
  if (!json.is_array()) return Damaged(place, "kinds must be a list");
  KindSet set = 0;
  for (const Json& name : json) {
    auto kind = ParseKind(name, place);
    if (!kind) return std::unexpected(kind.error());
    set |= KindBit(*kind);
  }
  return set;
}

Expected<Rule> ParseRule(const Json& json, const std::string& place) {
  if (!json.is_object()) return Damaged(place, "a rule must be an object");
  Rule rule;
  int sources = 0;
  for (const SourceName& row : kSources) {
    const auto it = json.find(row.name);
    if (it == json.end()) continue;
    ++sources;
    rule.source = row.source;
    if (row.source == Rule::Source::kUrl || row.source == Rule::Source::kTitle) continue;
    if (row.source != Rule::Source::kConst && !it->is_string()) {
      return Damaged(place, StrCat(row.name, " must be a string"));
    }
    rule.spec = ScalarText(*it);
  }
  if (sources != 1) return Damaged(place, StrCat("a rule names one source, not ", sources));
  if (auto ok = CompileSource(rule, place); !ok) return std::unexpected(ok.error());
  if (auto ok = ParseTreatment(json, rule, place); !ok) return std::unexpected(ok.error());
  return rule;
}

Expected<std::vector<Rule>> ParseRules(const Json& json, const std::string& place) {
  if (!json.is_array()) return Damaged(place, "rules must be a list");
  std::vector<Rule> rules;
  for (const Json& item : json) {
    auto rule = ParseRule(item, StrCat(place, "[", rules.size(), "]"));
    if (!rule) return std::unexpected(rule.error());
    rules.push_back(std::move(*rule));
  }
  return rules;
}

std::string Rule::Label() const {
  const std::string_view name = std::ranges::find(kSources, source, &SourceName::source)->name;
  if (spec.empty()) return std::string(name);
  return attribute.empty() ? StrCat(name, ":", spec) : StrCat(name, ":", spec, " @", attribute);
}

std::optional<std::string> Rule::Treat(std::string value) const {
  value = CleanText(CutUtf8(value, kValueBytesMax));
  if (re) {
    std::string caught;
    const bool ok = re->NumberOfCapturingGroups() == 0 ? RE2::PartialMatch(value, *re)
                                                       : RE2::PartialMatch(value, *re, &caught);
    if (!ok) return std::nullopt;
    if (re->NumberOfCapturingGroups() > 0) value = FoldSpace(caught);
  }
  if (!map.empty()) {
    const auto row = std::ranges::find_if(
        map, [&](const auto& pair) { return RE2::PartialMatch(value, *pair.first); });
    if (row == map.end()) return std::nullopt;
    value = row->second;
  }
  if (scale) {
    const auto number = FirstNumber(value);
    if (!number) return std::nullopt;
    // Two more digits than cents need: a hundredth of a count of cents is then exact in text.
    value = NumberText(std::round(*number * *scale * 1e6) / 1e6);
  }
  if (value.empty()) return std::nullopt;
  if (!format.empty()) {
    std::string formatted = format;
    formatted.replace(formatted.find("{}"), 2, value);
    value = std::move(formatted);
  }
  if (lower) value = ToLowerAscii(value);
  return value;
}

namespace {

// Visits what an XPath selects: nodes, attributes, or the one string it computes.
void ForEachXpath(const Document& document, const pugi::xpath_query& query, pugi::xml_node context,
                  const Rule::Visit& visit) {
  if (query.return_type() != pugi::xpath_type_node_set) {
    visit(query.evaluate_string(context));
    return;
  }
  for (const pugi::xpath_node& found : query.evaluate_node_set(context)) {
    const bool more = found.attribute() ? visit(found.attribute().value())
                                        : visit(document.Text(found.node(), kValueBytesMax));
    if (!more) return;
  }
}

void ForEachTyped(const TypedTree& typed, const Rule& rule, WorkBudget& work,
                  const Rule::Visit& visit) {
  bool more = true;
  for (const TypedTree::Entity& entity : typed.entities) {
    if (!more || !work.Spend(1)) return;
    if (std::ranges::find(entity.types, rule.root) == entity.types.end()) continue;
    work.Spend(rule.path.ForEach(
        typed.tree, entity.id,
        [&](ValueId id) {
          auto text = typed.tree.Text(id);
          return more = !text || visit(std::move(*text));
        },
        [&](ValueId id) { return typed.Follow(id); }));
  }
}

void ForEachState(const StateBlobs::Blob& blob, const Rule& rule, WorkBudget& work,
                  const Rule::Visit& visit) {
  bool more = true;
  for (const ValueId root : blob.roots) {
    if (!more) return;
    work.Spend(rule.path.ForEach(blob.tree, root, [&](ValueId id) {
      auto text = blob.tree.Text(id);
      return more = !text || visit(std::move(*text));
    }));
  }
}

}  // namespace

void Rule::ForEachRaw(PageContext& page, const Block& block, const Visit& visit) const {
  WorkBudget& work = page.document.work();
  if (!work.Spend(1)) return;
  switch (source) {
    case Source::kCss:
      css.ForEach(page.document, block.node, [&](pugi::xml_node node) {
        if (attribute.empty()) return visit(page.document.Text(node, kValueBytesMax));
        const pugi::xml_attribute found = node.attribute(attribute.c_str());
        return !found || visit(found.value());
      });
      return;
    case Source::kXpath:
      // What an expression looks at is not told: all of the page, or a part of it in a block.
      if (!work.Spend(page.document.element_count() / (block.node ? kBlockShare : kPageShare)))
        return;
      try {
        ForEachXpath(page.document, xpath, block.node ? block.node : page.document.page().parent(),
                     visit);
      } catch (const pugi::xpath_exception& e) {
        page.Note(StrCat("rule ", Label(), " failed: ", e.what()));
      } catch (const std::bad_alloc&) {
        page.Note(StrCat("rule ", Label(), " failed: out of memory"));
      }
      return;
    case Source::kState:
      ForEachState(page.state.Get(root), *this, work, visit);
      return;
    case Source::kPath:
      if (block.tree == nullptr) return;
      work.Spend(path.ForEach(*block.tree, block.value, [&](ValueId id) {
        auto text = block.tree->Text(id);
        return !text || visit(std::move(*text));
      }));
      return;
    case Source::kJsonLd:
      ForEachTyped(page.JsonLd(), *this, work, visit);
      return;
    case Source::kMicrodata:
      ForEachTyped(page.Microdata(), *this, work, visit);
      return;
    case Source::kMeta:
      if (const std::string_view meta = page.document.Meta(spec); !meta.empty()) {
        visit(std::string(meta));
      }
      return;
    case Source::kUrl:
      visit(page.url_text);
      return;
    case Source::kTitle:
      visit(page.title);
      return;
    case Source::kConst:
      visit(spec);
      return;
  }
}

void Rule::ForEach(PageContext& page, const Block& block, const Visit& visit) const {
  if ((kinds & KindBit(page.kind)) == 0) return;
  int left = kValuesMax;
  ForEachRaw(page, block, [&](std::string raw) {
    if (!page.document.work().SpendBytes(raw.size())) return false;
    auto value = Treat(std::move(raw));
    return (!value || visit(std::move(*value))) && --left > 0;
  });
}

}  // namespace kaopu
