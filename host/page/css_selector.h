// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// CSS selectors over a Document, matched through its indexes: rules of adapters name elements the
// way web developers do, and a look-up does not walk the page.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "page/document.h"

namespace kaopu {

class CssSelector {
 public:
  // Understood: tag #id .class [a] [a=v] [a^=v] [a$=v] [a*=v] [a~=v] :not(simple) :first-child,
  // descendant, `>`, `+`, `~`,
  // commas. kBadRequest names the place of anything else.
  static Expected<CssSelector> Parse(std::string_view text);

  // Calls `visit` on each element below `scope` (the page when null) that matches, in document
  // order, until it returns false.
  using Visit = std::function<bool(pugi::xml_node)>;
  void ForEach(const Document& document, pugi::xml_node scope, const Visit& visit) const;
  pugi::xml_node First(const Document& document, pugi::xml_node scope = {}) const;

 private:
  enum class Op : char { kExists, kEquals, kPrefix, kSuffix, kContains, kWord };
  struct AttributeTest {
    std::string name, value;
    Op op = Op::kExists;
  };
  struct Compound {
    std::string tag, id;
    std::vector<std::string> classes;
    std::vector<AttributeTest> attributes;
    std::vector<Compound> none_of;
    bool first_child = false;
    char combinator = ' ';  // to the compound on its left
  };
  using Complex = std::vector<Compound>;  // left to right
  class Parser;
  struct Matcher;

  std::vector<Complex> alternatives_;
};

}  // namespace kaopu
