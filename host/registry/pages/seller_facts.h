// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// What a seller's public page says of it, from the released reports: counts, no names, as of the
// day of the seller's last report. Drawn by host/data/registry_pages/seller.js.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/json.h"
#include "registry/record/contents.h"
#include "registry/record/log_history.h"
#include "reputation/risk.h"

namespace kaopu {

// {"last","windows":[[all,bad],...],"never","late":[..],"months":[[all,bad],...],"ship":[..]|null,
//  "enrolled","afterwards":[good,bad],"unproven","open","bad":[mean,low,high] in thousandths|null,
//  "replies":[{"on","text","shown_by"}]}
// `counted`: whether a report is one of the counts, as in the index's details.
Json SellerFacts(std::span<const ReleasedReport* const> reports, bool proof_kinds,
                 const std::optional<Span>& bad, std::span<const Reply* const> replies);

// Which file a seller's page lies in: FNV-1a (32 bits) of the key, the first `digits` hexadecimal
// ones; `all` for none. So whoever serves the files learns a group, never a seller.
std::string SellerBucket(std::string_view seller, int digits);
// Groups of at most about 256 sellers.
int BucketDigits(uint64_t sellers);

}  // namespace kaopu
