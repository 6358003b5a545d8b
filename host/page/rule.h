// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// One rule of an adapter, compiled: where a value stands on the page and what is done to it
// (host/docs/adapters.md).
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <pugixml.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "page/css_selector.h"
#include "page/facts.h"
#include "page/page_context.h"
#include "page/pattern.h"
#include "page/value_path.h"

namespace kaopu {

// A set of page kinds as bits.
using KindSet = uint32_t;
inline constexpr KindSet kAnyKind = ~KindSet{0};
inline KindSet KindBit(PageKind kind) { return KindSet{1} << static_cast<int>(kind); }

// What a rule inside a repeated block starts from: an element or a value. Both empty = the page.
struct Block {
  pugi::xml_node node;
  const ValueTree* tree = nullptr;
  ValueId value = kNoValue;
};

struct Rule {
  enum class Source {
    kCss,
    kXpath,
    kState,
    kPath,
    kJsonLd,
    kMicrodata,
    kMeta,
    kUrl,
    kTitle,
    kConst
  };

  Source source = Source::kConst;
  std::string spec;  // as written in the adapter
  CssSelector css;
  pugi::xpath_query xpath;
  std::string root;  // state: blob's name; jsonld, microdata: type
  ValuePath path;
  std::string attribute;
  Pattern re;
  std::vector<std::pair<Pattern, std::string>> map;
  std::optional<double> scale;
  std::string format;
  bool lower = false;
  KindSet kinds = kAnyKind;
  std::string currency;                 // prices: a code...
  std::unique_ptr<Rule> currency_rule;  // ...or where it stands
  std::optional<PromiseKind> as;
  bool prose = false;

  // `css:.price`, `state:pageConfig.product.venderId`: what `where` and `explain` call it.
  std::string Label() const;

  // Every value this rule gives, treated by re, map, scale, format and lower, in page order, until
  // `visit` returns false. An XPath that fails on this page gives none and leaves a note.
  using Visit = std::function<bool(std::string value)>;
  void ForEach(PageContext& page, const Block& block, const Visit& visit) const;
  // As above, before re and what follows.
  void ForEachRaw(PageContext& page, const Block& block, const Visit& visit) const;
  std::optional<std::string> Treat(std::string raw) const;
};

// kDamaged names `place` (file and field) and the reason.
Expected<Rule> ParseRule(const Json& json, const std::string& place);
Expected<std::vector<Rule>> ParseRules(const Json& json, const std::string& place);
Expected<KindSet> ParseKinds(const Json& json, const std::string& place);
Expected<PageKind> ParseKind(const Json& json, const std::string& place);

}  // namespace kaopu
