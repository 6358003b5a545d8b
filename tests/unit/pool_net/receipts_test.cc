// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "pool/net/receipts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/child.h"
#include "support/fake_registry.h"
#include "tlog/tiles.h"

namespace kaopu::pool {
namespace {

using kaopu::testing::FakeRegistry;
using ::testing::HasSubstr;

class ReceiptsTest : public ::testing::Test {
 protected:
  ReceiptsTest() : store_(Store::Open(home_.path()).value()), registry_(fake_.AsKnown()) {
    registry_.state.as_of = std::chrono::floor<std::chrono::days>(clock_.Now());
  }

  int64_t SendOne(const std::string& order) {
    ReportRecord row;
    row.registry_id = registry_.id;
    row.seller_key = "jd:1000";
    row.report = report::Report{.seller = "jd:1000",
                                .week = {2026, 40},
                                .outcome = OutcomeKind::kNeverShipped,
                                .known_days = 12}
                     .ToText();
    row.platform = "jd";
    row.order_id = order;
    row.next_try_at = row.agreed_at = clock_.Now();
    const int64_t id = store_.PutReport(row, clock_.Now()).value().report_id;
    EXPECT_EQ(SendReports(registry_, fake_, store_, key_, clock_, {})->sent, 1);
    return id;
  }
  // The log as a sync follows it: tiles made of the fake's entries, or of others.
  Expected<std::optional<Alarm>> Check(const std::vector<std::string>* entries = nullptr) {
    const std::vector<std::string> all = entries != nullptr ? *entries : fake_.entries();
    const auto leaves = [all](uint64_t begin, uint64_t count) {
      std::vector<tlog::Digest> hashes;
      for (uint64_t i = begin; i < begin + count; ++i) hashes.push_back(tlog::LeafHash(all[i]));
      return hashes;
    };
    tlog::TreeEdge edge;
    for (const std::string& entry : all) edge.Append(tlog::LeafHash(entry));
    VerifiedLog log(
        [=, this](const std::string& path, size_t) -> Expected<std::string> {
          if (path == tlog::TilePath(0, 0, all.size()))
            return tlog::WriteTile(leaves(0, all.size()));
          if (path == tlog::BundlePath(0, all.size())) return tlog::WriteBundle(all);
          if (path.starts_with("content/") && !content_.empty()) return content_;
          return Fail(ErrorCode::kNotFound, path + ": not there");
        },
        tlog::Checkpoint{FakeRegistry::kOrigin, all.size(), edge.Root(), {}});
    return CheckReceipts(registry_, log, store_, clock_);
  }
  void Release() {
    content_.clear();
    for (const auto& one : fake_.kept) {
      if (!one.removal) {
        content_ += report::ContentLine{one.entry, one.salt, one.content}.ToText() + "\n";
      }
    }
  }
  std::string Removal(uint64_t entry, const std::string& reason) const {
    return report::OperatorEntry{"removal",
                                 {{"entry", entry}, {"reason", reason}, {"on", "2026-11-24"}}}
        .ToEntry(fake_.operator_key());
  }
  ReportRecord Row(int64_t id) { return store_.GetReport(id).value(); }

  kaopu::testing::TempFolder home_;
  FakeClock clock_{ParseTime("2026-11-23T12:00:00Z").value()};
  Store store_;
  FakeRegistry fake_{clock_};
  Registry registry_;
  ReporterKey key_{home_.path(), nullptr};
  std::string content_;
};

TEST_F(ReceiptsTest, CoveredThenReleased) {
  const int64_t id = SendOne("900");
  EXPECT_FALSE(*Check());
  EXPECT_TRUE(Row(id).covered);
  EXPECT_FALSE(Row(id).released_at);
  Release();
  EXPECT_FALSE(*Check());
  EXPECT_EQ(Row(id).released_at, clock_.Now());
  const int64_t turn = Row(id).turn;
  EXPECT_FALSE(*Check());
  EXPECT_EQ(Row(id).turn, turn);  // nothing new, nothing written
}

TEST_F(ReceiptsTest, RemovedWithAReasonIsNoAlarm) {
  const int64_t id = SendOne("900");
  Release();
  ASSERT_FALSE(*Check());
  content_.clear();
  fake_.Append(Removal(static_cast<uint64_t>(*Row(id).entry), "the seller proved it wrong"));
  EXPECT_FALSE(*Check());
  EXPECT_EQ(Row(id).state, ReportState::kRemoved);
  EXPECT_EQ(Row(id).reason, "the seller proved it wrong");
  EXPECT_EQ(Row(id).removal, static_cast<int64_t>(fake_.entries().size() - 1));
}

TEST_F(ReceiptsTest, GoneWithoutAWordIsAnAlarmUntilItIsBack) {
  const int64_t id = SendOne("900");
  Release();
  ASSERT_FALSE(*Check());
  content_.clear();
  // Another's removal, and one that a stranger signed, explain nothing.
  fake_.Append(Removal(77, "other"));
  for (int i = 0; i < 2; ++i) {
    const auto alarm = Check();
    ASSERT_TRUE(alarm && *alarm);
    EXPECT_EQ((*alarm)->kind, "vanished");
    EXPECT_EQ(Row(id).state, ReportState::kVanished);
  }
  Release();
  EXPECT_FALSE(*Check());
  EXPECT_EQ(Row(id).state, ReportState::kSent);
}

TEST_F(ReceiptsTest, NeverReleasedIsAnAlarmOnceItShouldHaveBeen) {
  const int64_t id = SendOne("900");
  clock_.Advance(std::chrono::days(15));
  registry_.state.as_of = std::chrono::floor<std::chrono::days>(clock_.Now());
  EXPECT_FALSE(*Check());
  clock_.Advance(std::chrono::days(3));
  EXPECT_FALSE(*Check());  // it published nothing since
  registry_.state.as_of = std::chrono::floor<std::chrono::days>(clock_.Now());
  ASSERT_TRUE(*Check());
  EXPECT_EQ(Row(id).state, ReportState::kVanished);
  fake_.Append(Removal(static_cast<uint64_t>(*Row(id).entry), "duplicate"));
  EXPECT_FALSE(*Check());
  EXPECT_EQ(Row(id).state, ReportState::kRemoved);
}

TEST_F(ReceiptsTest, AReceiptOfAnotherLogIsAFork) {
  const int64_t id = SendOne("900");
  std::vector<std::string> other = fake_.entries();
  other[0] = "\x02another beginning";
  const auto alarm = Check(&other);
  ASSERT_TRUE(alarm) << alarm.error().message;
  ASSERT_TRUE(*alarm);
  EXPECT_EQ((*alarm)->kind, "fork");
  EXPECT_FALSE(Row(id).covered);
}

TEST_F(ReceiptsTest, AWithdrawalThatTheLogDoesNotKnowIsAnAlarm) {
  const int64_t id = SendOne("900");
  ReportRecord row = Row(id);
  row.state = ReportState::kWithdrawing;
  ASSERT_TRUE(store_.PutReport(row, clock_.Now()));
  ASSERT_EQ(SendReports(registry_, fake_, store_, key_, clock_, {})->withdrawn, 1);
  // The fake's removal entry is signed by nobody.
  const auto alarm = Check();
  ASSERT_TRUE(alarm && *alarm);
  EXPECT_EQ((*alarm)->kind, "vanished");
  EXPECT_THAT(*Row(id).last_error, HasSubstr("its log does not say so"));
}

TEST_F(ReceiptsTest, ADamagedReceiptIsSaid) {
  const int64_t id = SendOne("900");
  EXPECT_FALSE(ReceiptTrouble(Row(id), registry_));
  ReportRecord row = Row(id);
  row.salt = report::BytesToText(report::Salt{});
  ASSERT_TRUE(store_.PutReport(row, clock_.Now()));
  EXPECT_TRUE(ReceiptTrouble(Row(id), registry_));
  EXPECT_FALSE(*Check());
  EXPECT_THAT(*Row(id).last_error, HasSubstr("damaged"));
}

}  // namespace
}  // namespace kaopu::pool
