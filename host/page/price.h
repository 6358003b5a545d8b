// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Reads a price out of displayed text: pure functions over one table of currencies
// (host/data/promises is not involved).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "page/facts.h"

namespace kaopu {

// As `kaopu price` prints it: `amount` in ASCII digits with `.`, no grouping, decimals kept
// ("205,68 €" -> "205.68").
struct PriceText {
  std::optional<std::string> amount;
  std::optional<std::string> currency;  // ISO 4217; absent when the symbol is ambiguous
  std::optional<std::string> symbol;    // as written, from the text, else from the hint
};

// `currency_hint` is any text that may hold a code or a symbol. `lang` and `default_currency` (a
// platform's or a locale's) break ties such as "$" or "¥"; pass "" for none, as `kaopu price` does.
// `decimal_mark` '.' or ',' when the caller knows it, else 0.
PriceText ReadPriceText(std::string_view text, std::string_view currency_hint = {},
                        std::string_view lang = {}, std::string_view default_currency = {},
                        char decimal_mark = 0);

// The same as minor units ("CNY" 149.00 -> 14900, "JPY" 4500 -> 4500). nullopt without amount or
// currency, and where the amount has more decimals than the currency or does not fit 63 bits. A
// range ("149.00 - 159.00") gives its lower end.
std::optional<Price> ReadPrice(std::string_view text, std::string_view currency_hint = {},
                               std::string_view lang = {}, std::string_view default_currency = {});

// Number of minor digits of an ISO 4217 code (2 for CNY, 0 for JPY, 3 for KWD); nullopt for a code
// that is not one.
std::optional<int> MinorDigits(std::string_view currency);

}  // namespace kaopu
