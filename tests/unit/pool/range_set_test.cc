// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "pool/range_set.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <set>

#include "base/json.h"
#include "base/str_cat.h"

namespace kaopu::pool {
namespace {

constexpr Date kToday{std::chrono::days{20'700}};

index::Salt ASalt() {
  index::Salt salt;
  salt.fill(9);
  return salt;
}
std::string Seller(int i) { return StrCat("taobao:", i); }
// The first from `i` on whose range is not in the set.
std::string NotIn(const RangeSet& set, int i) {
  while (std::ranges::binary_search(set.All(), set.RangeOf(Seller(i)))) ++i;
  return Seller(i);
}

TEST(RangeSetTest, DrawsAsManyAsThereAreOrAsAreFetched) {
  for (const unsigned bits : {1U, 4U, 5U, 6U, 12U, 16U}) {
    const RangeSet set = RangeSet::Draw(bits, ASalt());
    const std::vector<uint16_t> all = set.All();
    EXPECT_EQ(all.size(), std::min<size_t>(size_t{1} << bits, kRangeGroups * kRangesAGroup));
    EXPECT_EQ(std::set(all.begin(), all.end()).size(), all.size());
    EXPECT_TRUE(std::ranges::is_sorted(all));
    EXPECT_LT(all.back(), size_t{1} << bits);
    EXPECT_EQ(RangeSet::Parse(set.ToText()).value().ToText(), set.ToText());
  }
  EXPECT_NE(RangeSet::Draw(16, ASalt()).All(), RangeSet::Draw(16, ASalt()).All());
}

TEST(RangeSetTest, OneThatIsWantedComesWithThreeOthers) {
  RangeSet set = RangeSet::Draw(16, ASalt());
  std::vector<std::string> asked;
  for (int i = 0; i < 100; ++i) {
    const std::vector<uint16_t> before = set.All();
    const std::string seller = NotIn(set, 1000 * i);
    asked.push_back(seller);
    const size_t fresh = set.Want(seller, kToday);
    const std::vector<uint16_t> now = set.All();
    EXPECT_EQ(now.size(), before.size());
    EXPECT_TRUE(std::ranges::binary_search(now, set.RangeOf(seller)));
    std::vector<uint16_t> come;
    std::ranges::set_difference(now, before, std::back_inserter(come));
    EXPECT_EQ(come.size(), fresh);
    EXPECT_EQ(fresh, kRangesAGroup);
    EXPECT_EQ(set.Want(seller, kToday), 0U);
    EXPECT_EQ(set.All(), now);
  }
  // The last eight are in it, each in a group of its own; who was asked for before is forgotten.
  EXPECT_EQ(set.wanted.size(), kRangeGroups);
  for (size_t i = 92; i < 100; ++i) {
    EXPECT_TRUE(std::ranges::binary_search(set.All(), set.RangeOf(asked[i]))) << i;
  }
}

TEST(RangeSetTest, WhatWasAskedForLongestAgoMakesRoom) {
  RangeSet set = RangeSet::Draw(16, ASalt());
  std::vector<std::string> asked;
  for (int i = 0; i < 8; ++i) {
    asked.push_back(NotIn(set, 1000 * i));
    set.Want(asked.back(), kToday);
  }
  set.Want(asked[0], kToday);  // once more
  set.Want(NotIn(set, 9000), kToday);
  EXPECT_EQ(set.wanted.size(), kRangeGroups);
  EXPECT_EQ(set.wanted.front().seller, asked[2]);
  EXPECT_TRUE(std::ranges::binary_search(set.All(), set.RangeOf(asked[0])));
}

// Whether the wanted one is the first, second, third or fourth of its group by number is a matter
// of chance alone: nobody tells by that which it is.
TEST(RangeSetTest, WhichOfFourIsWantedIsEvenlySpread) {
  std::vector<int> places(kRangesAGroup);
  for (int i = 0; i < 4000; ++i) {
    RangeSet set = RangeSet::Draw(16, ASalt());
    const std::string seller = NotIn(set, i);
    set.Want(seller, kToday);
    const auto& group = set.groups.front();
    const auto at = std::ranges::find(group, set.RangeOf(seller));
    ASSERT_NE(at, group.end());
    ++places[static_cast<size_t>(at - group.begin())];
  }
  for (const int place : places) EXPECT_NEAR(place, 1000, 150);  // 5 standard deviations
}

TEST(RangeSetTest, OfFewRangesAllAreThereAndNoneMakesRoom) {
  RangeSet set = RangeSet::Draw(5, ASalt());
  for (int i = 0; i < 200; ++i) EXPECT_EQ(set.Want(Seller(i), kToday), 0U);
  EXPECT_EQ(set.wanted.size(), kWantedMax);
  EXPECT_EQ(RangeSet::Parse(set.ToText()).value().ToText(), set.ToText());
}

TEST(RangeSetTest, HereIsWhatWasFetchedAndNotWhatIsWanted) {
  RangeSet set = RangeSet::Draw(16, ASalt());
  set.Want(Seller(1), kToday);
  EXPECT_FALSE(set.IsHere(Seller(1)));
  set.here = set.All();
  EXPECT_TRUE(set.IsHere(Seller(1)));
  const std::string other = NotIn(set, 2);
  set.Want(other, kToday);
  EXPECT_FALSE(set.IsHere(other));
}

TEST(RangeSetTest, WhatCannotBeIsRefused) {
  RangeSet set = RangeSet::Draw(16, ASalt());
  set.Want(Seller(1), kToday);
  const Json good = Json::parse(set.ToText());
  ASSERT_TRUE(RangeSet::Parse(good.dump()));
  const auto code = [&](const char* field, Json value) {
    Json json = good;
    json[field] = std::move(value);
    const auto parsed = RangeSet::Parse(json.dump());
    return parsed ? ErrorCode::kInternal : parsed.error().code;
  };
  EXPECT_EQ(code("v", 2), ErrorCode::kUnsupported);
  for (const auto& [field, value] : std::vector<std::pair<const char*, Json>>{
           {"v", 0},
           {"bits", 0},
           {"bits", 17},
           {"bits", 8},  // ranges that there are not
           {"salt", "00"},
           {"salt", std::string(32, 'g')},
           {"groups", Json::array()},
           {"groups", nullptr},
           {"groups", Json(8, Json{1, 2, 3, 4})},
           {"groups", Json(8, Json{4, 3, 2, 1})},
           {"here", {2, 1}},
           {"here", {65536}},
           {"here", {-1}},
           {"folder", -1},
           {"as_of", "2026-02-30"},
           {"wanted", Json::array({Json{{"seller", 1}}})},
           {"wanted", Json(65, Json{{"seller", "a:1"}, {"on", "2026-11-01"}})}}) {
    EXPECT_EQ(code(field, value), ErrorCode::kBadRequest) << field << " " << value;
  }
  EXPECT_EQ(RangeSet::Parse(std::string(100'000, ' ')).error().code, ErrorCode::kTooLarge);
  EXPECT_FALSE(RangeSet::Parse("[]"));
}

}  // namespace
}  // namespace kaopu::pool
