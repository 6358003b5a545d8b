// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// What every database behind RegistryStore must do.
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "base/str_cat.h"
#include "registry/store/postgres_store.h"
#include "registry/store/sqlite_store.h"
#include "support/postgres_server.h"
#include "unit/registry/scratch_folder.h"
#include "unit/registry/stored_reports.h"

namespace kaopu {
namespace {

using StoreOpener = std::function<Expected<std::unique_ptr<RegistryStore>>()>;

// A kind of store under test: its name stands in test names, where an address would change.
struct StoreKind {
  std::string name;
  std::function<StoreOpener()> make;  // an empty database of its own
  std::string missing = {};           // why there can be none here
};
inline void PrintTo(const StoreKind& kind, std::ostream* out) { *out << kind.name; }

class StoreContract : public ::testing::TestWithParam<StoreKind> {
 protected:
  void SetUp() override {
    if (!GetParam().missing.empty()) GTEST_SKIP() << GetParam().missing;
    open_ = GetParam().make();
    store_ = Open();
  }
  std::unique_ptr<RegistryStore> Open() {
    auto store = open_();
    EXPECT_TRUE(store) << (store ? "" : store.error().message);
    return store ? std::move(*store) : nullptr;
  }
  // Each a batch of its own.
  void Add(StoredReport report) {
    const auto written = store_->Write([&](RegistryBatch& batch) -> Expected<void> {
      const auto number = batch.Append("entry " + std::to_string(batch.Size()), report.received_at);
      if (!number) return std::unexpected(number.error());
      EXPECT_EQ(*number, report.entry);
      return batch.AddReport(report);
    });
    ASSERT_TRUE(written) << written.error().message;
  }
  std::vector<std::string> Entries(uint64_t begin, uint64_t end) {
    std::vector<std::string> entries;
    EXPECT_TRUE(store_->EachEntry(begin, end, [&](uint64_t number, std::string_view entry) {
      EXPECT_EQ(number, begin + entries.size());
      entries.emplace_back(entry);
    }));
    return entries;
  }

  StoreOpener open_;
  std::unique_ptr<RegistryStore> store_;
};

INSTANTIATE_TEST_SUITE_P(
    Stores, StoreContract,
    ::testing::Values(StoreKind{"SQLite",
                                [] {
                                  return StoreOpener([folder = std::make_shared<ScratchFolder>()] {
                                    return OpenSqliteStore(folder->path() / "registry.db");
                                  });
                                }},
                      StoreKind{"PostgreSQL",
                                [] {
                                  return StoreOpener(
                                      [server = std::make_shared<testing::PostgresServer>(),
                                       made = false]() mutable {
                                        const auto open = std::exchange(made, true)
                                                              ? OpenPostgresStore
                                                              : CreatePostgresStore;
                                        return open(*PostgresAddress::Parse(server->Url()),
                                                    "registry.example");
                                      });
                                },
                                testing::PostgresServer::Missing()}));

TEST_P(StoreContract, NumbersEntriesInARowAndKeepsTheirBytes) {
  const std::string odd("\x01\0\xff\n", 4);
  ASSERT_TRUE(store_->Write([&](RegistryBatch& batch) -> Expected<void> {
    EXPECT_EQ(batch.Size(), 0u);
    EXPECT_EQ(*batch.Append(odd, AtMinute(1)), 0u);
    EXPECT_EQ(*batch.Append("", AtMinute(1)), 1u);
    EXPECT_EQ(batch.Size(), 2u);
    return {};
  }));
  EXPECT_EQ(*store_->Size(), 2u);
  EXPECT_EQ(Entries(0, 9), (std::vector<std::string>{odd, ""}));
  EXPECT_EQ(Entries(1, 2), (std::vector<std::string>{""}));
}

TEST_P(StoreContract, WhatFailsLeavesNothing) {
  const auto failed = store_->Write([&](RegistryBatch& batch) -> Expected<void> {
    EXPECT_TRUE(batch.Append("lost", AtMinute(1)));
    EXPECT_TRUE(*batch.UseChallenge("c", AtMinute(9)));
    return Fail(ErrorCode::kConflict, "changed my mind");
  });
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ErrorCode::kConflict);
  EXPECT_EQ(*store_->Size(), 0u);
  ASSERT_TRUE(store_->Write([&](RegistryBatch& batch) -> Expected<void> {
    EXPECT_TRUE(*batch.UseChallenge("c", AtMinute(9))) << "it was not used after all";
    return {};
  }));
}

TEST_P(StoreContract, KeepsEverythingOfAReportAcrossOpenings) {
  StoredReport first = ReportAt(0, 1, "jd:1", 1);
  first.released_at = AtMinute(3);
  StoredReport report = ReportAt(1, 2, "jd:1", 1);
  report.revision = 3;
  report.replaces = 0;
  report.proven = report.judged = report.bad = true;
  Add(first);
  Add(report);
  store_ = Open();
  const auto found = store_->FindReport(1);
  ASSERT_TRUE(found && *found);
  const StoredReport& read = **found;
  EXPECT_EQ(read.received_at, report.received_at);
  EXPECT_EQ(read.seller, report.seller);
  EXPECT_EQ(read.content, report.content);
  EXPECT_EQ(read.salt, report.salt);
  EXPECT_EQ(read.key, report.key);
  EXPECT_EQ(read.reporter, report.reporter);
  EXPECT_EQ(read.nullifier, report.nullifier);
  EXPECT_EQ(read.identity, report.identity);
  EXPECT_EQ(read.revision, 3u);
  EXPECT_EQ(read.replaces, 0u);
  EXPECT_FALSE(read.duplicate);
  EXPECT_TRUE(read.proven && read.judged && read.bad);
  EXPECT_FALSE(read.released_at || read.removal);
  EXPECT_EQ((*store_->FindReport(0))->released_at, AtMinute(3));
  EXPECT_FALSE(*store_->FindReport(2));
}

TEST_P(StoreContract, FindsWhatWasSaidOfAnOrder) {
  Add(ReportAt(0, 1, "jd:1", 1, 1));
  Add(ReportAt(1, 2, "jd:1", 2, 1));
  Add(ReportAt(2, 3, "jd:1", 1, 2));
  report::Nullifier order;
  order.fill(1);
  ASSERT_TRUE(store_->Write([&](RegistryBatch& batch) -> Expected<void> {
    const auto reports = batch.ReportsOfOrder(order);
    EXPECT_TRUE(reports);
    EXPECT_EQ(reports->size(), 2u);
    EXPECT_EQ(reports->at(0).entry, 0u);
    EXPECT_EQ(reports->at(1).entry, 2u);
    order.fill(9);
    EXPECT_TRUE(batch.ReportsOfOrder(order)->empty());
    return {};
  }));
  std::vector<uint64_t> seen;
  ASSERT_TRUE(store_->EachReport(1, 3, [&](const StoredReport& r) { seen.push_back(r.entry); }));
  EXPECT_EQ(seen, (std::vector<uint64_t>{1, 2}));
}

TEST_P(StoreContract, AChallengeIsUsedOnce) {
  const auto use = [&](std::string_view id) {
    bool fresh = false;
    EXPECT_TRUE(store_->Write([&](RegistryBatch& batch) -> Expected<void> {
      const auto used = batch.UseChallenge(id, AtMinute(10));
      if (!used) return std::unexpected(used.error());
      fresh = *used;
      return {};
    }));
    return fresh;
  };
  EXPECT_TRUE(use("a"));
  EXPECT_FALSE(use("a"));
  EXPECT_TRUE(use("b"));
  store_ = Open();
  EXPECT_FALSE(use("a"));
  ASSERT_TRUE(store_->ForgetChallenges(AtMinute(10)));
  EXPECT_FALSE(use("a")) << "it holds until then";
  ASSERT_TRUE(store_->ForgetChallenges(AtMinute(11)));
  EXPECT_TRUE(use("a"));
}

TEST_P(StoreContract, KnowsTheBatchOfAnEntry) {
  ASSERT_TRUE(store_->Write([&](RegistryBatch& batch) -> Expected<void> {
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(batch.Append("x", AtMinute(1)));
    return {};
  }));
  ASSERT_TRUE(store_->Write([](RegistryBatch&) -> Expected<void> { return {}; }));
  Add(ReportAt(3, 1, "jd:1", 1));
  EXPECT_EQ(*store_->BatchEndOf(0), 3u);
  EXPECT_EQ(*store_->BatchEndOf(2), 3u);
  EXPECT_EQ(*store_->BatchEndOf(3), 4u);
  EXPECT_EQ(store_->BatchEndOf(4).error().code, ErrorCode::kNotFound);
}

TEST_P(StoreContract, RemovalTakesTheContentAndKeepsTheOrder) {
  Add(ReportAt(0, 1, "jd:1", 1));
  const auto remove = [&](uint64_t entry) {
    return store_->Write([&](RegistryBatch& batch) -> Expected<void> {
      const auto removal = batch.Append("removal", AtMinute(2));
      if (!removal) return std::unexpected(removal.error());
      return batch.Remove(entry, *removal, "withdrawn");
    });
  };
  ASSERT_TRUE(remove(0));
  const auto found = store_->FindReport(0);
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->content, "");
  EXPECT_EQ((*found)->seller, "");
  EXPECT_EQ((*found)->salt, report::Salt{});
  EXPECT_EQ((*found)->removal, 1u);
  EXPECT_EQ((*found)->removed_reason, "withdrawn");
  EXPECT_EQ((*found)->nullifier[0], 1);
  EXPECT_EQ(remove(0).error().code, ErrorCode::kConflict);
  EXPECT_EQ(remove(7).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(*store_->Size(), 2u) << "the removals that failed are no entries";
}

TEST_P(StoreContract, ReleasesASellersReportsTogether) {
  for (int i = 0; i < 4; ++i) {
    Add(ReportAt(i, 10 + i, "jd:1", static_cast<uint8_t>(i + 1)));
  }
  Add(ReportAt(4, 20, "jd:2", 50));
  StoredReport duplicate = ReportAt(5, 21, "jd:1", 1, 2);
  duplicate.duplicate = true;
  Add(duplicate);
  EXPECT_TRUE(store_->Releasable(5, AtMinute(0))->empty()) << "a duplicate does not fill a batch";
  Add(ReportAt(6, 22, "jd:1", 60));
  EXPECT_EQ(*store_->Releasable(5, AtMinute(0)), (std::vector<uint64_t>{0, 1, 2, 3, 6}));
  EXPECT_EQ(*store_->Releasable(9, AtMinute(11)), (std::vector<uint64_t>{0, 1, 2, 3, 6}));
  EXPECT_EQ(*store_->Releasable(9, AtMinute(10)), (std::vector<uint64_t>{}));
  EXPECT_EQ(*store_->Releasable(1, AtMinute(0)), (std::vector<uint64_t>{0, 1, 2, 3, 4, 6}));
  ASSERT_TRUE(store_->Write([&](RegistryBatch& batch) -> Expected<void> {
    const std::vector<uint64_t> some = {0, 1, 2, 3, 5, 6};
    return batch.Release(some, AtMinute(30));
  }));
  EXPECT_TRUE(store_->Releasable(5, AtMinute(0))->empty());
  EXPECT_EQ((*store_->FindReport(6))->released_at, AtMinute(30));
  EXPECT_FALSE((*store_->FindReport(5))->released_at) << "never a duplicate";
  EXPECT_EQ(*store_->DuplicatesBefore(AtMinute(22)), (std::vector<uint64_t>{5}));
  EXPECT_TRUE(store_->DuplicatesBefore(AtMinute(21))->empty());
}

TEST_P(StoreContract, TwoWritersNumberInTurn) {
  auto other = Open();
  for (int i = 0; i < 20; ++i) {
    RegistryStore& writer = i % 2 == 0 ? *store_ : *other;
    ASSERT_TRUE(writer.Write([&](RegistryBatch& batch) -> Expected<void> {
      EXPECT_EQ(batch.Size(), static_cast<uint64_t>(i));
      EXPECT_TRUE(batch.Append(std::to_string(i), AtMinute(i)));
      return {};
    }));
  }
  EXPECT_EQ(Entries(0, 20).size(), 20u);
  EXPECT_EQ(*other->Size(), 20u);
}

TEST_P(StoreContract, AnswersAreTheSameForeseen) {
  Add(ReportAt(0, 1, "jd:1", 1, 1));
  report::Nullifier told, other;
  told.fill(1);
  other.fill(2);
  ASSERT_TRUE(store_->Write([&](RegistryBatch& batch) -> Expected<void> {
    EXPECT_TRUE(*batch.UseChallenge("used", AtMinute(9)));
    return {};
  }));
  ASSERT_TRUE(store_->Write([&](RegistryBatch& batch) -> Expected<void> {
    const std::vector<report::Nullifier> orders = {told, other, told};
    const std::vector<std::string_view> challenges = {"used", "fresh", "fresh"};
    EXPECT_TRUE(batch.Foresee(orders, challenges));
    EXPECT_EQ(batch.ReportsOfOrder(told)->size(), 1u);
    EXPECT_TRUE(batch.ReportsOfOrder(other)->empty());
    EXPECT_FALSE(*batch.UseChallenge("used", AtMinute(9)));
    EXPECT_TRUE(*batch.UseChallenge("fresh", AtMinute(9)));
    EXPECT_FALSE(*batch.UseChallenge("fresh", AtMinute(9)));
    EXPECT_TRUE(*batch.UseChallenge("unforeseen", AtMinute(9)));
    for (const uint8_t order : {1, 2, 3}) {
      const StoredReport report = ReportAt(batch.Size(), 2, "jd:1", order, 2);
      EXPECT_TRUE(batch.Append("x", report.received_at));
      EXPECT_TRUE(batch.AddReport(report));
    }
    EXPECT_EQ(batch.ReportsOfOrder(told)->size(), 2u) << "what was added meanwhile, too";
    EXPECT_EQ(batch.ReportsOfOrder(other)->at(0).entry, 2u);
    EXPECT_EQ((*batch.FindReport(3))->reporter[0], 2);
    EXPECT_TRUE(batch.Append("removal", AtMinute(2)));
    EXPECT_TRUE(batch.Remove(0, 4, "withdrawn"));
    EXPECT_EQ(batch.ReportsOfOrder(told)->at(0).removed_reason, "withdrawn");
    return {};
  }));
  EXPECT_EQ(*store_->Size(), 5u);
}

TEST_P(StoreContract, BytesOfAnyKindAreKept) {
  StoredReport report = ReportAt(0, 1, std::string("jd:\0\xff\x80", 6), 1);
  report.content = std::string("\0{}\xc3", 4);
  Add(report);
  const auto found = store_->FindReport(0);
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->seller, report.seller);
  EXPECT_EQ((*found)->content, report.content);
}

// Many more than are read or written at once.
TEST_P(StoreContract, IsFilledFromAnotherAndReadWhole) {
  constexpr uint64_t kMany = 2500;
  ASSERT_TRUE(store_->Write([&](RegistryBatch& batch) -> Expected<void> {
    for (uint64_t i = 0; i < kMany; ++i) {
      StoredReport report = ReportAt(i, static_cast<int64_t>(i), "jd:1", static_cast<uint8_t>(i));
      if (i == 7) report.replaces = 3;
      EXPECT_TRUE(batch.Append("entry " + std::to_string(i), report.received_at));
      EXPECT_TRUE(batch.AddReport(report));
      EXPECT_TRUE(*batch.UseChallenge(std::to_string(i), AtMinute(9)));
    }
    return batch.Release(std::vector<uint64_t>{1, 2}, AtMinute(30));
  }));
  ASSERT_TRUE(store_->Write([&](RegistryBatch& batch) -> Expected<void> {
    EXPECT_TRUE(batch.Append("removal", AtMinute(2)));
    return batch.Remove(2, kMany, "withdrawn");
  }));
  const auto rows = [](RegistryStore& store) {
    std::vector<std::string> all;
    const auto add = [&](const auto&... parts) -> Expected<void> {
      all.push_back(StrCat(parts...));
      return {};
    };
    EXPECT_TRUE(store.EachRow(
        {.entry = [&](uint64_t number, std::string_view entry,
                      TimeMs at) { return add(number, entry, at.time_since_epoch().count()); },
         .batch = [&](uint64_t end) { return add(end); },
         .report =
             [&](const StoredReport& one) {
               return add(one.entry, one.seller, one.content, one.salt[0], one.removed_reason,
                          one.replaces.value_or(0), one.removal.value_or(0),
                          one.released_at.value_or(TimeMs{}).time_since_epoch().count());
             },
         .challenge =
             [&](std::string_view id, TimeMs expires) {
               return add(id, expires.time_since_epoch().count());
             }}));
    return all;
  };
  const auto all = rows(*store_);
  EXPECT_EQ(all.size(), kMany + 1 + 2 + kMany + kMany);
  EXPECT_EQ(Entries(0, kMany + 9).size(), kMany + 1);
  const StoreOpener open_other = GetParam().make();
  auto other = open_other();
  ASSERT_TRUE(other) << other.error().message;
  const auto filled = (*other)->Fill(*store_);
  ASSERT_TRUE(filled) << filled.error().message;
  EXPECT_EQ(rows(**other), all);
  EXPECT_EQ(*(*other)->BatchEndOf(4), kMany);
  EXPECT_EQ((*other)->Fill(*store_).error().code, ErrorCode::kConflict);
  EXPECT_EQ(rows(**other), all);
}

}  // namespace
}  // namespace kaopu
