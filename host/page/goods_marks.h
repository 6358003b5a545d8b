// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// What the markup of a shop's page says about the amounts in it: struck out, a price of before, or
// of other goods than the one the page sells. The words are data (`buy_box` in
// host/data/adapters/generic.json).
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "base/error.h"
#include "base/json.h"
#include "page/document.h"
#include "page/pattern.h"

namespace kaopu {

struct BuyBoxRules {
  Pattern label;          // whole text of the control: "Add to cart"
  Pattern target;         // in its link, or in its form's action: "add_to_basket.php"
  Pattern names;          // in its class, id or name: "btn-buy"
  Pattern other_goods;    // in class or id of what surrounds other goods: "related"
  Pattern other_heading;  // heading over other goods: "You may also like"
  Pattern old_price;      // in class or id of an amount that is no longer paid: "was-price"
  Pattern usual_price;    // in that of one that is paid unless another is said: "price--regular"
  Pattern not_price;      // words before an amount that is not what is paid: "RRP"
  Pattern sure_price;     // words before one that surely is: "our price"
  Pattern rate;           // words behind an amount for a part or a measure: "/ 100 g"
  Pattern net;  // words behind or before an amount without the tax a shopper pays: "excl. VAT"
  Pattern on_request;  // a line that stands in a price's place: "price on request"
};

Expected<BuyBoxRules> ParseBuyBoxRules(const Json& json, const std::string& place);

// Whether the pattern is found; never in an empty text.
bool Finds(const Pattern& re, std::string_view text);

// Class, id and the like of an element, in one line.
std::string MarksOf(pugi::xml_node node);

// The element strikes out what it holds, or is named as a price of before. Ancestors do not count.
bool IsStruckOut(pugi::xml_node node, const BuyBoxRules& rules);

// A link to another page that is no way of buying: what it holds is told of that page.
bool LeadsAway(pugi::xml_node node, const BuyBoxRules& rules);

// The parts of a page that are about other goods: named so, or under a heading that says so.
// Linear in the page; each ancestor is judged once.
class OtherGoods {
 public:
  OtherGoods(const Document& document, const BuyBoxRules& rules);

  // The element is the root of such a part.
  bool IsRoot(pugi::xml_node node) const;
  // The element or anything around it is.
  bool Hold(pugi::xml_node node) const;

 private:
  void MarkSection(pugi::xml_node heading, int level);

  const BuyBoxRules& rules_;
  std::unordered_set<size_t> under_heading_;
  mutable std::unordered_map<size_t, bool> named_;
};

}  // namespace kaopu
