// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// What tells one kind of page from another: a `when` or `unless` of an adapter, compiled.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "page/css_selector.h"
#include "page/page_context.h"
#include "page/pattern.h"
#include "page/rule.h"

namespace kaopu {

class Condition {
 public:
  static Expected<Condition> Parse(const Json& json, const std::string& place);

  // All members that the condition has must hold; an empty condition holds always. Cheap members
  // are asked first.
  bool Holds(PageContext& page) const;

 private:
  using Patterns = std::vector<Pattern>;
  Patterns url_, title_, text_, text_all_, short_line_, og_type_;
  std::vector<CssSelector> css_;
  std::vector<Rule> xpath_, state_;
  std::vector<std::string> types_;
  size_t text_bytes_max_ = 0;  // 0 = any
  bool product_ = false;       // the page is about one product, by its structured data
  bool buy_box_ = false;       // one thing can be bought on the page, by its buttons and amounts
};

// An entry of `kinds`: holds where `when` does and none of `unless`.
struct KindRule {
  bool Holds(PageContext& page) const;

  PageKind kind = PageKind::kOther;
  Condition when;
  std::vector<Condition> unless;
};

Expected<std::vector<KindRule>> ParseKindRules(const Json& json, const std::string& place);

// The first entry that holds; nullptr for none.
const KindRule* FirstKind(const std::vector<KindRule>& rules, PageContext& page);

}  // namespace kaopu
