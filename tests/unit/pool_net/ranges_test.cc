// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Ranges of a real registry's index in place of the whole: what is asked of it, whatever is wanted,
// and that nothing wrong is taken.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "follow_fixture.h"
#include "pool/net/logged_index.h"
#include "pool/range_set.h"

namespace kaopu::pool {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr size_t kFetched = kRangeGroups * kRangesAGroup;
constexpr int kSellers = 6;

class RangesTest : public FollowTest {
 protected:
  RangesTest() {
    for (int i = 2; i <= kSellers; ++i) Tell(Seller(i), 5);
    Cut("8");
  }
  static std::string Seller(int i) { return StrCat("taobao:", i); }
  void Cut(const std::string& bits) {
    const auto cut =
        registry_.Run({"publish", "--data", registry_.data(), "--range-bits", bits, "--json"});
    ASSERT_EQ(cut.code, 0) << cut.err;
  }
  void Take(RangeUse use) { Choose({.ranges = use}); }
  // Offsets of the ranges that the sync asked for, in that order; other files by their names.
  struct Asked {
    std::vector<std::string> ranges, rest;
  };
  Asked AskedBy(const std::function<void()>& sync) {
    client_.asked.clear();
    sync();
    Asked asked;
    for (const std::string& one : client_.asked) {
      (one.find("ranges.kpr") == one.npos ? asked.rest : asked.ranges).push_back(one);
    }
    return asked;
  }
  static FollowOptions Want(const std::string& seller, bool agree = true) {
    FollowOptions options;
    options.range_seller = seller;
    options.agree = [agree](const Registry&, const RangeQuestion&) { return agree; };
    return options;
  }
  Answer Look(const std::string& seller) const {
    LookUp look_up(home());
    const std::vector<std::string> keys = {seller};
    Answers answers = look_up.Find(keys, registry_.clock.Now());
    for (const LeftOut& one : answers.left_out) ADD_FAILURE() << one.error.message;
    EXPECT_EQ(answers.registries.size(), 1U);
    return answers.registries.empty() ? Answer{} : std::move(answers.registries.front());
  }
  RangeSet Set() const {
    auto set = ReadRangeSet(Folder());
    EXPECT_TRUE(set) << set.error().message;
    return set ? std::move(*set) : RangeSet();
  }
  std::map<std::string, std::string> Verify() const {
    std::map<std::string, std::string> states;
    const auto checks = CheckKeptIndex(home(), id_);
    EXPECT_TRUE(checks) << checks.error().message;
    if (!checks) return states;
    for (const KeptCheck& one : *checks) {
      states[one.what] = one.why                                  ? one.why->message
                         : one.state == KeptCheck::State::kProven ? "proven"
                                                                  : "sound";
    }
    return states;
  }
  // A seller that is known and of whom nothing is on this disk.
  std::string NotHere() const {
    for (int i = 1; i <= kSellers; ++i) {
      if (!Set().IsHere(Seller(i))) return Seller(i);
    }
    return {};
  }
};

TEST_F(RangesTest, NoneIsAskedForUnlessTheShopperSaysSo) {
  Choose();
  const Asked asked = AskedBy([&] { GoodSync(); });
  EXPECT_THAT(asked.ranges, IsEmpty());
  EXPECT_THAT(asked.rest, Contains("index/2/sellers.kpi"));
  EXPECT_TRUE(Knows("taobao:1"));
  EXPECT_FALSE(Look("taobao:none").not_here);  // the whole index is here: it knows nothing
  // Even when a seller is asked for.
  EXPECT_THAT(AskedBy([&] { GoodSync(Want("taobao:1")); }).ranges, IsEmpty());
  EXPECT_FALSE(fs::exists(RangeSetPath(Folder())));
}

TEST_F(RangesTest, WhatIsHereSaysTheSameAsTheWholeIndex) {
  Take(RangeUse::kScheduled);
  FollowOptions options;
  for (int i = 1; i <= 3; ++i) options.own_sellers.push_back(Seller(i));
  const auto synced = GoodSync(options);
  EXPECT_TRUE(synced.updated);
  EXPECT_TRUE(synced.registry.state.ranges);
  EXPECT_EQ(synced.registry.state.sellers, uint64_t{kSellers});
  EXPECT_EQ(FormatDate(*synced.registry.state.as_of), "2026-09-04");
  EXPECT_FALSE(fs::exists(Folder() / "sellers.kpi"));
  const auto whole = index::SellerIndex::Open(registry_.root() / "index/2/sellers.kpi",
                                              registry_.root() / "index/2/details.kpi");
  ASSERT_TRUE(whole) << whole.error().message;
  const Minute now =
      std::chrono::floor<std::chrono::minutes>(registry_.clock.Now()).time_since_epoch().count();
  int here = 0;
  for (int i = 1; i <= kSellers; ++i) {
    const Answer answer = Look(Seller(i));
    EXPECT_EQ(answer.not_here.has_value(), !Set().IsHere(Seller(i)));
    EXPECT_EQ(answer.not_here.value_or(Seller(i)), Seller(i));
    EXPECT_EQ(answer.said.empty(), answer.not_here.has_value());
    if (answer.said.empty()) continue;
    ++here;
    const auto truth = whole->Find(Seller(i), now);
    ASSERT_TRUE(truth && *truth);
    const auto& counts = (*truth)->evidence.counts[kLong];
    EXPECT_EQ(answer.said.front().evidence.counts[kLong].good, counts.good);
    EXPECT_EQ(answer.said.front().evidence.counts[kLong].bad, counts.bad);
    EXPECT_EQ(answer.said.front().risk.bad, (*truth)->risk.bad);
    EXPECT_EQ(answer.said.front().detail.has_value(), (*truth)->detail.has_value());
  }
  EXPECT_GE(here, 3);
}

TEST_F(RangesTest, ARequestMoreOrLessIsNeverMade) {
  Take(RangeUse::kScheduled);
  std::vector<Asked> runs;
  std::vector<uint64_t> bytes;
  const auto run = [&](const FollowOptions& options) {
    runs.push_back(AskedBy([&] { bytes.push_back(GoodSync(options).bytes); }));
  };
  run({});
  run({});
  run(Want("taobao:1"));
  run({});
  for (int i = 2; i <= kSellers; ++i) run(Want(Seller(i)));
  run(Want("jd:nobody knows"));
  run(Want("taobao:3", false));
  run({});
  for (size_t i = 0; i < runs.size(); ++i) {
    SCOPED_TRACE(i);
    const auto& ranges = runs[i].ranges;
    EXPECT_EQ(ranges.size(), kFetched);
    EXPECT_EQ(std::set(ranges.begin(), ranges.end()).size(), kFetched);
    EXPECT_EQ(bytes[i], bytes[0]);
    EXPECT_EQ(runs[i].rest, runs[0].rest);
    if (i == 0) continue;
    // All that shows: one group of four has come in the place of another.
    std::vector<std::string> fresh;
    const auto& before = runs[i - 1].ranges;
    for (const std::string& one : ranges) {
      if (std::ranges::find(before, one) == before.end()) fresh.push_back(one);
    }
    EXPECT_THAT(fresh.size(), ::testing::AnyOf(0U, kRangesAGroup));
    EXPECT_TRUE(fresh.empty() || i == 2 || (i > 3 && i < runs.size() - 2));
  }
  // By number, so that their order says nothing either.
  const std::vector<uint16_t> all = Set().All();
  EXPECT_TRUE(std::ranges::is_sorted(all));
  const auto published = IndexEntry::Parse(Json::parse(registry_.Bytes("index/manifest.json")));
  ASSERT_TRUE(published && published->ranges);
  for (size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(runs.back().ranges[i], all[i] == 0 ? StrCat(published->ranges->path, "@0")
                                                 : StrCat(published->ranges->path, "@",
                                                          published->ranges->cut.OffsetOf(all[i])));
  }
  EXPECT_EQ(bytes[0], kFetched * published->ranges->cut.SlotBytes());
}

TEST_F(RangesTest, TheSameOnesEachTimeAlsoAfterTheNextPublish) {
  Take(RangeUse::kScheduled);
  GoodSync();
  const std::vector<uint16_t> all = Set().All();
  for (int i = 0; i < 3; ++i) {
    GoOn(StrCat("jd:", i));
    EXPECT_TRUE(GoodSync().updated);
    EXPECT_EQ(Set().All(), all);
    EXPECT_EQ(Set().publish, static_cast<uint64_t>(i + 3));
  }
  // What an earlier sync left is there no more, but for the one before.
  EXPECT_LE(std::distance(fs::directory_iterator(RangesFolder(Folder())), {}), 2);
}

TEST_F(RangesTest, WrongBytesAreRefusedAndTheLastGoodStays) {
  Take(RangeUse::kScheduled);
  GoodSync(Want("taobao:1"));
  const std::string before = Ours("ranges.json");
  GoOn("jd:2");
  const auto named = IndexEntry::Parse(Json::parse(registry_.Bytes("index/manifest.json")));
  ASSERT_TRUE(named && named->ranges);
  const auto cut = named->ranges->cut;
  for (const uint64_t at : {uint64_t{4096 + 30}, cut.sellers_bytes + 5, cut.ContentBytes() - 1,
                            cut.ContentBytes() + 3}) {
    client_.lies[named->ranges->path] = [&](const std::string& truth) {
      std::string bytes = truth;
      for (const uint16_t range : Set().All()) bytes[cut.OffsetOf(range) + at] ^= 1;
      return bytes;
    };
    const auto lied = Sync();
    EXPECT_EQ(AlarmOf(lied), "index");
    EXPECT_THAT(lied.registry.state.alarm->message, HasSubstr("is not the one that the log names"));
    EXPECT_EQ(lied.registry.state.publish, 2U);
    EXPECT_EQ(Ours("ranges.json"), before);
    EXPECT_TRUE(Knows("taobao:1"));
    EXPECT_EQ(Verify()["ranges"], "proven");
  }
  // Another range in the place of the one that was asked for.
  client_.lies[named->ranges->path] = [&](const std::string& truth) {
    return truth.substr(cut.SlotBytes()) + truth.substr(0, cut.SlotBytes());
  };
  EXPECT_EQ(AlarmOf(Sync()), "index");
  client_.lies.clear();
  EXPECT_TRUE(GoodSync().updated);
  EXPECT_EQ(Set().publish, 3U);
  EXPECT_TRUE(Knows("taobao:1"));
}

TEST_F(RangesTest, AServerThatGivesNoPartsOrIsAwayIsBadLuck) {
  Take(RangeUse::kScheduled);
  client_.knows_ranges = false;
  auto synced = Sync();
  EXPECT_EQ(AlarmOf(synced), "");
  ASSERT_EQ(synced.problems.size(), 1U);
  EXPECT_THAT(synced.problems[0].message, HasSubstr("gives no part of a file"));
  client_.knows_ranges = true;
  client_.lies["index/2/ranges.kpr"] = [](const std::string&) { return std::nullopt; };
  synced = Sync();
  EXPECT_EQ(AlarmOf(synced), "");
  EXPECT_EQ(synced.problems.size(), 1U);
  EXPECT_EQ(synced.registry.state.publish, 0U);
  // Cut off: the same are asked for again, none is drawn anew.
  const std::vector<uint16_t> all = Set().All();
  client_.lies.clear();
  GoodSync();
  EXPECT_EQ(Set().All(), all);
}

TEST_F(RangesTest, OnlyWhenAsked) {
  Take(RangeUse::kAsked);
  EXPECT_THAT(AskedBy([&] { GoodSync(); }).ranges, IsEmpty());
  EXPECT_THAT(AskedBy([&] { GoodSync(Want("taobao:1", false)); }).ranges, IsEmpty());
  EXPECT_FALSE(fs::exists(RangeSetPath(Folder())));
  std::optional<RangeQuestion> question;
  FollowOptions options = Want("taobao:1");
  options.agree = [&](const Registry&, const RangeQuestion& asked) {
    EXPECT_THAT(client_.asked, ::testing::Not(Contains(HasSubstr("ranges.kpr"))));
    question = asked;
    return true;
  };
  EXPECT_EQ(AskedBy([&] { GoodSync(options); }).ranges.size(), kFetched);
  ASSERT_TRUE(question);
  EXPECT_EQ(question->ranges, 256U);
  EXPECT_EQ(question->sellers, 1U);
  EXPECT_EQ(question->fetched, kFetched);
  EXPECT_EQ(question->fresh, kFetched);  // all are seen for the first time
  EXPECT_TRUE(Knows("taobao:1"));
  // A newer index is left alone until then, however long, which is no freeze.
  GoOn("jd:2");
  registry_.clock.Advance(std::chrono::days(40));
  GoOn("jd:3");
  SyncedRegistry synced;
  EXPECT_THAT(AskedBy([&] { synced = GoodSync(); }).ranges, IsEmpty());
  EXPECT_FALSE(synced.updated);
  ASSERT_TRUE(synced.note);
  EXPECT_THAT(*synced.note, HasSubstr("publish 4 is there"));
  EXPECT_EQ(synced.registry.state.publish, 2U);
  GoodSync(Want(NotHere()));
  EXPECT_EQ(Set().publish, 4U);
}

TEST_F(RangesTest, ASellerThatIsCoveredShowsNothingNew) {
  Take(RangeUse::kScheduled);
  GoodSync(Want("taobao:1"));
  const std::vector<uint16_t> all = Set().All();
  size_t fresh = 99;
  FollowOptions options = Want("taobao:1");
  options.agree = [&](const Registry&, const RangeQuestion& asked) {
    fresh = asked.fresh;
    return true;
  };
  GoodSync(options);
  EXPECT_EQ(fresh, 0U);
  EXPECT_EQ(Set().All(), all);
  options.range_seller = NotHere();
  GoodSync(options);
  EXPECT_EQ(fresh, kRangesAGroup);
}

TEST_F(RangesTest, CutAnewNothingIsAskedForUntilTheShopperBeginsAnew) {
  Take(RangeUse::kScheduled);
  GoodSync(Want("taobao:1"));
  Cut("9");
  SyncedRegistry synced;
  EXPECT_THAT(AskedBy([&] { synced = Sync(); }).ranges, IsEmpty());
  EXPECT_EQ(AlarmOf(synced), "");
  ASSERT_EQ(synced.problems.size(), 1U);
  EXPECT_THAT(synced.problems[0].message, HasSubstr("cut into other ranges"));
  EXPECT_TRUE(Knows("taobao:1"));
  ASSERT_TRUE(ForgetRanges(home(), id_));
  EXPECT_EQ(AskedBy([&] { GoodSync(); }).ranges.size(), kFetched);
  EXPECT_EQ(Set().bits, 9U);
  EXPECT_THAT(Set().wanted, IsEmpty());
}

TEST_F(RangesTest, ARegistryOfFewRangesIsFetchedWithAllOfThem) {
  Cut("3");
  Take(RangeUse::kScheduled);
  EXPECT_EQ(AskedBy([&] { GoodSync(Want("taobao:7")); }).ranges.size(), 8U);
  for (int i = 1; i <= kSellers; ++i) EXPECT_TRUE(Knows(Seller(i)));
}

TEST_F(RangesTest, ToTheWholeIndexAndBack) {
  Choose();
  GoodSync();
  RegistrySettings settings{.ranges = RangeUse::kScheduled};
  ASSERT_TRUE(SaveSettings(home(), id_, settings));
  EXPECT_TRUE(Knows("taobao:1"));  // the whole one serves until ranges have come
  EXPECT_EQ(Verify()["index"], "proven");
  GoodSync(Want("taobao:1"));
  EXPECT_FALSE(fs::exists(Folder() / "sellers.kpi"));
  EXPECT_FALSE(fs::exists(Folder() / "details.kpi"));
  EXPECT_TRUE(Knows("taobao:1"));
  EXPECT_FALSE(Knows(NotHere()));
  EXPECT_EQ(Verify()["ranges"], "proven");
  settings.ranges = RangeUse::kOff;
  ASSERT_TRUE(SaveSettings(home(), id_, settings));
  EXPECT_THAT(AskedBy([&] { GoodSync(); }).ranges, IsEmpty());
  EXPECT_FALSE(fs::exists(RangeSetPath(Folder())));
  EXPECT_FALSE(fs::exists(RangesFolder(Folder())));
  for (int i = 1; i <= kSellers; ++i) EXPECT_TRUE(Knows(Seller(i)));
  EXPECT_EQ(Verify()["index"], "proven");
}

TEST_F(RangesTest, ARegistryWithoutRangesIsSaid) {
  Cut("0");
  Take(RangeUse::kScheduled);
  const auto synced = Sync();
  ASSERT_EQ(synced.problems.size(), 1U);
  EXPECT_THAT(synced.problems[0].message, HasSubstr("it publishes no ranges"));
  EXPECT_EQ(AlarmOf(synced), "");
}

TEST_F(RangesTest, VerifiedWithoutANetwork) {
  Take(RangeUse::kScheduled);
  EXPECT_THAT(Verify(), IsEmpty());
  GoodSync(Want("taobao:1"));
  EXPECT_THAT(Verify(), ElementsAre(std::pair("proof", "sound"), std::pair("ranges", "proven")));
  const RangeSet set = Set();
  const uint16_t range = set.here.at(5);
  for (const char* what : {"sellers.kpi", "details.kpi", "proof"}) {
    const fs::path path = RangePath(Folder(), set, range, what);
    const std::string good = ReadFile(path, 1 << 20).value();
    std::string bytes = good;
    bytes[bytes.size() / 2] ^= 1;
    ASSERT_TRUE(WriteFileAtomic(path, bytes));
    EXPECT_THAT(Verify()["ranges"], HasSubstr("range "));
    EXPECT_THAT(Verify()["ranges"], HasSubstr("kaopu sync fetches it again"));
    fs::remove(path);
    EXPECT_THAT(Verify()["ranges"], HasSubstr("range "));
    ASSERT_TRUE(WriteFileAtomic(path, good));
  }
  EXPECT_EQ(Verify()["ranges"], "proven");
  const fs::path proof = RangesFolder(Folder()) / StrCat(set.folder) / "manifest.json";
  const std::string good = ReadFile(proof, 1 << 20).value();
  fs::remove(proof);
  EXPECT_THAT(Verify()["ranges"], HasSubstr("the proof that belongs to them is gone"));
  ASSERT_TRUE(WriteFileAtomic(proof, good));
  // An older set put back.
  const std::string then = Ours("ranges.json");
  const fs::path kept = home_.path() / "kept";
  fs::copy(RangesFolder(Folder()), kept, fs::copy_options::recursive);
  GoOn("jd:2");
  GoodSync();
  EXPECT_EQ(Verify()["ranges"], "proven");
  fs::remove_all(RangesFolder(Folder()));
  fs::copy(kept, RangesFolder(Folder()), fs::copy_options::recursive);
  ASSERT_TRUE(WriteFileAtomic(Folder() / "ranges.json", then));
  EXPECT_THAT(Verify()["ranges"], HasSubstr("was here before"));
  GoodSync();
  EXPECT_EQ(Verify()["ranges"], "proven");
}

}  // namespace
}  // namespace kaopu::pool
