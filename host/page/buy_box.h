// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The place on a page where its one thing for sale is bought: a button or link that puts it in the
// cart, with a price beside it. For stores whose pages say nothing in structured data. What such
// buttons are called is data (`buy_box` in host/data/adapters/generic.json).
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/error.h"
#include "base/json.h"
#include "page/document.h"
#include "page/facts.h"
#include "page/pattern.h"

namespace kaopu {

struct BuyBoxRules {
  Pattern label;        // whole text of the control: "Add to cart"
  Pattern target;       // in its link, or in its form's action: "add_to_basket.php"
  Pattern names;        // in its class, id or name: "btn-buy"
  Pattern other_goods;  // in class or id of what surrounds other goods: "related"
  Pattern not_price;    // words before an amount that is not what is paid: "RRP"
  Pattern sure_price;   // words before one that surely is: "our price"
  Pattern rate;         // words behind an amount for a part or a measure: "/ 100 g"
};

Expected<BuyBoxRules> ParseBuyBoxRules(const Json& json, const std::string& place);

struct BuyBox {
  ElementId control = 0;
  ElementId block = 0;  // the smallest element that holds the control and an amount of money
  std::optional<Price> price;
};

// nullopt when nothing is for sale, or several things are (a list of goods, each with its button).
// `host` is the page's: a link that leads to another shop sells nothing here. Linear in the page.
struct BuyBoxPlace {
  std::string_view host, lang, currency;
};
std::optional<BuyBox> FindBuyBox(const Document& document, const BuyBoxRules& rules,
                                 const BuyBoxPlace& place);

// The amount that is paid now, among those in the block's text: not struck out, not called a list
// price, a saving, postage or a rate; what is called the price of today before what is called
// nothing.
std::optional<Price> PriceInBlock(pugi::xml_node block, const BuyBoxRules& rules,
                                  const BuyBoxPlace& place);

}  // namespace kaopu
