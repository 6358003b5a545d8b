// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Business licence numbers that a page prints: they outlive a shop's name and its account.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace kaopu {

// What stands before a licence among a seller's aliases. WIRE, DISK.
inline constexpr std::string_view kLicencePrefix = "licence:";

// Whether the 18 characters are a unified social credit identifier (GB 32100-2015: no I, O, S, V,
// Z; the last one is a check digit over weights 3^i mod 31).
bool IsSocialCreditCode(std::string_view code);

// The one identifier that the text names as such ("统一社会信用代码：..."). nullopt for none and
// for several different ones: nobody knows then which is the seller's.
std::optional<std::string> FindLicence(std::string_view text);

}  // namespace kaopu
