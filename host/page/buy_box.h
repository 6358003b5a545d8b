// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The place on a page where its one thing for sale is bought: a button or link that puts it in the
// cart, with a price beside it. For stores whose pages say nothing in structured data. What such
// buttons are called is data (`buy_box` in host/data/adapters/generic.json).
#pragma once

#include <optional>
#include <string>

#include "page/document.h"
#include "page/facts.h"
#include "page/goods_marks.h"

namespace kaopu {

struct BuyBox {
  ElementId control = 0;
  ElementId block = 0;  // the smallest element that holds the control and an amount of money
  std::optional<Price> price;
  bool clear = false;  // the page calls it the price, or it is the only amount that may be it
};

// nullopt when nothing is for sale, or several things are (a list of goods, each with its button).
// `host` is the page's: a link that leads to another shop sells nothing here. Linear in the page.
struct BuyBoxPlace {
  std::string_view host, lang, currency;
};
std::optional<BuyBox> FindBuyBox(const Document& document, const BuyBoxRules& rules,
                                 const OtherGoods& others, const BuyBoxPlace& place);

// The amount that is paid now, among those in the block's text: not struck out, not called a list
// price, a saving, postage or a rate, not of other goods; what is called the price of today before
// what is called nothing, that before what is named the usual price or stands without tax.
struct BlockPrice {
  std::optional<Price> price;
  bool clear = false;  // as in BuyBox
};
BlockPrice PriceInBlock(pugi::xml_node block, const BuyBoxRules& rules, const OtherGoods& others,
                        const BuyBoxPlace& place);

}  // namespace kaopu
