// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// host/data/policy/trust.json: the pool's rules and what counts as proof.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "registry/trust/report_pool.h"

namespace kaopu {

struct TrustPolicy {
  int version = 0;
  PoolRules pool;
  std::map<std::string, std::vector<std::string>, std::less<>> dkim_domains;  // by platform
  std::vector<std::string> vouched_keys;

  // Whether a shopper on this platform can prove an order at all.
  bool HasProofKind(std::string_view platform) const { return dkim_domains.contains(platform); }
  // A mail signed by one of the platform's domains or a subdomain of it. Lower case.
  bool AcceptsDkim(std::string_view platform, std::string_view domain) const;
  // A statement signed by this key. Anything else, whatever it says of itself, is unproven.
  bool AcceptsVoucher(std::string_view key) const;
};

// kNotFound; kDamaged naming file, field and what is allowed.
Expected<TrustPolicy> LoadTrustPolicy(const std::filesystem::path& data);
Expected<TrustPolicy> ParseTrustPolicy(std::string_view text, std::string_view what);

}  // namespace kaopu
