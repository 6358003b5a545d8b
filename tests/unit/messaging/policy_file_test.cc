// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "messaging/policy_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "base/json.h"

namespace kaopu {
namespace {

const std::filesystem::path kData = std::filesystem::path(KAOPU_SOURCE_DIR) / "host" / "data";

Json Shipped() {
  std::ifstream file(kData / "policy" / "policy.json");
  return Json::parse(file);
}

std::string Refusal(const Json& policy) {
  const Expected<Policy> parsed = ParsePolicy(policy.dump(), "policy.json");
  EXPECT_FALSE(parsed);
  if (parsed) return {};
  EXPECT_EQ(parsed.error().code, ErrorCode::kDamaged);
  return parsed.error().message;
}

TEST(PolicyFile, TheShippedOneLoads) {
  const Expected<Policy> policy = LoadPolicy(kData);
  ASSERT_TRUE(policy) << policy.error().message;
  EXPECT_EQ(policy->prior_bad, 100'000);
  EXPECT_EQ(policy->late_bands.back().days_max, std::numeric_limits<int>::max());
  EXPECT_LE(policy->page_weight_max, kOne);
  EXPECT_EQ(policy->high_value_minor.at("CNY"), 100'000);
  for (const SignalRule& rule : policy->signals) EXPECT_FALSE(rule.source.empty()) << rule.name;
}

// What the registry's pool lets unproven words weigh, rounded up as an index may, stays below what
// gives danger, and below half of what gives praise (host/docs/estimate.md, "Shared reports").
TEST(PolicyFile, UnprovenWordsCannotReachDanger) {
  const Expected<Policy> policy = LoadPolicy(kData);
  ASSERT_TRUE(policy);
  std::ifstream file(kData / "policy" / "trust.json");
  const Json trust = Json::parse(file);
  const double constant = trust["pool"]["cap_constant"].get<double>();
  const double most = (constant + trust["without_proof"]["aged_limit"].get<double>()) * 1.03;
  EXPECT_LT(constant * 1.03 * kOne, static_cast<double>(policy->pooled.accuse_weight_min));
  EXPECT_LT(most * kOne, static_cast<double>(policy->pooled.danger_weight_min));
  EXPECT_LT(2 * most * kOne, static_cast<double>(policy->pooled.dependable_weight_min));
}

TEST(PolicyFile, WhatIsWrongIsNamed) {
  const auto with = [](const char* pointer, Json value) {
    Json policy = Shipped();
    policy[Json::json_pointer(pointer)] = std::move(value);
    return Refusal(policy);
  };
  EXPECT_THAT(
      with("/prior/bad", 1.5),
      testing::HasSubstr("policy.json: prior.bad must be between 0.001 and 0.999, not 1.5"));
  EXPECT_THAT(with("/prior/bad", "x"), testing::HasSubstr("prior.bad must be a number"));
  EXPECT_THAT(with("/prior/strength", 3), testing::HasSubstr("1, 2, 4 or 8 orders"));
  EXPECT_THAT(with("/prior/never/well", 0.09), testing::HasSubstr("prior.never.well"));
  EXPECT_THAT(with("/half_life_shares/30", 0.5), testing::HasSubstr("shares that come to 1"));
  EXPECT_THAT(with("/early_warning/orders_a_year", 1.5), testing::HasSubstr("whole number"));
  EXPECT_THAT(with("/costs/late_bands", Json::array()), testing::HasSubstr("costs.late_bands"));
  EXPECT_THAT(with("/costs/late_bands/1/cost", 0.01),
              testing::HasSubstr("costs.late_bands[1].cost"));
  EXPECT_THAT(with("/costs/late_bands/3/days_max", 99), testing::HasSubstr("last band has no end"));
  EXPECT_THAT(with("/costs/never", 0.1), testing::HasSubstr("costs.never"));
  EXPECT_THAT(with("/pooled/danger_weight_min", 0.1),
              testing::HasSubstr("pooled.danger_weight_min"));
  EXPECT_THAT(with("/pooled/old_days", 0), testing::HasSubstr("pooled.old_days"));
  EXPECT_THAT(with("/thresholds/normal/danger", 0.001),
              testing::HasSubstr("thresholds.normal.danger"));
  EXPECT_THAT(with("/page/weight_max", 2),
              testing::HasSubstr("page.weight_max"));  // at most one observation
  EXPECT_THAT(with("/page/cost", 0.9), testing::HasSubstr("page.cost"));
  EXPECT_THAT(with("/page/signals/0/when", "sometimes"),
              testing::HasSubstr("page.signals[0].when"));
  EXPECT_THAT(with("/page/signals/0/source", ""), testing::HasSubstr("page.signals[0].source"));
  EXPECT_THAT(with("/reasons_max", 5), testing::HasSubstr("reasons_max"));
  EXPECT_THAT(with("/high_value/amount_minor/CNY", -1),
              testing::HasSubstr("high_value.amount_minor.CNY"));
}

TEST(PolicyFile, EveryMissingFieldIsNoticed) {
  const Json shipped = Shipped();
  for (const auto& [name, value] : shipped.items()) {
    if (name == "source") continue;
    Json policy = shipped;
    policy.erase(name);
    EXPECT_THAT(Refusal(policy), testing::HasSubstr("policy.json: ")) << name;
  }
}

TEST(PolicyFile, GarbageIsRefused) {
  for (const char* text : {"", "[]", "null", "{", "{}", "\xff"}) {
    const Expected<Policy> policy = ParsePolicy(text, "policy.json");
    ASSERT_FALSE(policy) << text;
    EXPECT_EQ(policy.error().code, ErrorCode::kDamaged);
  }
  EXPECT_EQ(LoadPolicy("/nowhere").error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace kaopu
