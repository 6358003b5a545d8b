// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// What a page shows its reader of prices: which amounts stand in its text and as what, and which of
// them is named as the price.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "page/facts.h"
#include "page/page_context.h"

namespace kaopu {

constexpr size_t kPriceTextBytesMax = 60;

// An amount in thousandths of its currency's unit, as page texts are compared.
int64_t Thousandths(const Price& price);
bool SamePrice(const Price& a, const Price& b);

// Where an amount stands in the page's text: as a price, as a rate, or called what is not paid.
// `text` and `words` (may be null) must outlive it.
class VisibleAmounts {
 public:
  VisibleAmounts(std::string_view text, const BuyBoxRules* words);

  struct Seen {
    int as_price = 0;
    int as_rate = 0;
    int as_other = 0;  // "RRP 80.00", "you save 30.10"
  };
  Seen Look(int64_t thousandths) const;

  // The currency whose own mark stands beside the amount wherever it stands as a price; empty where
  // none does, where marks differ or where a mark is several currencies' ("$").
  std::string CurrencyBeside(int64_t thousandths) const;

  // Whether one stands right before the other somewhere: "10.00 - 30.00".
  bool IsRange(int64_t low, int64_t high) const;

 private:
  bool IsSplit(int64_t wanted, int64_t value, size_t end) const;
  bool IsOther(size_t from) const;

  struct Place {
    int64_t value;
    size_t from, end;
  };
  std::string_view text_;
  const BuyBoxRules* words_;
  std::vector<Place> places_;
};

// How often an amount stands in the page struck out or as a price of before.
class StruckAmounts {
 public:
  explicit StruckAmounts(PageContext& page);
  int Count(int64_t thousandths) const;

 private:
  std::map<int64_t, int> counts_;
};

// A price that the page shows to its reader.
struct ShownPrice {
  Price price;
  std::string where;
  bool clear = false;  // nothing else on the page may be it
};

// The first text after the heading that an element named "price" shows, provided it shows just one
// amount; one that is named as today's before one that is not, that before a usual one.
std::optional<ShownPrice> ReadNamedPrice(PageContext& page);

// What stands beside the button that buys, else in an element named as a price; nothing where a
// price is to be asked for. Both want `page.shop_words`.
std::optional<ShownPrice> ReadShownPrice(PageContext& page);

}  // namespace kaopu
