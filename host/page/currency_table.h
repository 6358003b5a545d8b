// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The currencies of the world as shop pages print them: ISO 4217 codes by minor digits, and what
// else stands for them. Data alone; price_currencies.h looks things up in it.
#pragma once

#include <span>
#include <string_view>

#include "page/price_currencies.h"

namespace kaopu {

// Active ISO 4217 codes by minor digits, space separated.
extern const std::string_view kCodes0, kCodes2, kCodes3, kCodes4;

// Former codes and local or unofficial ones: marks without an ISO currency of today, or standing
// for one.
extern const std::string_view kFormerCodes;

// Codes that are words, abbreviations of something else or units on shop pages.
extern const std::string_view kWordCodes;

// Symbols, abbreviations and words, in no order.
std::span<const CurrencyMark> CurrencyMarks();

}  // namespace kaopu
