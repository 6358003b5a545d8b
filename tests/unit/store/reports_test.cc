// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/store.h"
#include "temp_home.h"

namespace kaopu {
namespace {

class ReportsTest : public testing::Test {
 protected:
  ReportsTest() { std::filesystem::create_directories(home_.path()); }
  static ReportRecord New(const std::string& order) {
    ReportRecord report;
    report.registry_id = "0123456789abcdef";
    report.seller_key = "jd:1";
    report.report = "{}";
    report.platform = "jd";
    report.order_id = order;
    report.agreed_at = TimeMs(std::chrono::milliseconds(5));
    return report;
  }

  TempHome home_;
  TimeMs now_{std::chrono::milliseconds(1000)};
};

TEST_F(ReportsTest, EveryFieldComesBack) {
  int64_t id = 0;
  {
    Store store = std::move(Store::Open(home_.path()).value());
    ReportRecord report = store.PutReport(New("1"), now_).value();
    id = report.report_id;
    report.state = ReportState::kRemoved;
    report.outcome_id = 3;
    report.envelope = "envelope";
    report.posted = report.covered = true;
    report.tries = 4;
    report.next_try_at = TimeMs(std::chrono::milliseconds(77));
    report.last_error = "no way";
    report.entry = 9;
    report.weight_class = "pool";
    report.content = "c";
    report.salt = "s";
    report.receipt = "r";
    report.released_at = report.sent_at = report.withdrawn_at = now_;
    report.removal = 12;
    report.reason = "duplicate";
    ASSERT_TRUE(store.PutReport(report, now_));
  }
  const Store store = std::move(Store::Open(home_.path()).value());
  const ReportRecord kept = store.GetReport(id).value();
  EXPECT_EQ(kept.state, ReportState::kRemoved);
  EXPECT_EQ(kept.outcome_id, 3);
  EXPECT_EQ(kept.envelope, "envelope");
  EXPECT_TRUE(kept.posted && kept.covered);
  EXPECT_EQ(kept.tries, 4);
  EXPECT_EQ(kept.next_try_at.time_since_epoch().count(), 77);
  EXPECT_EQ(kept.last_error, "no way");
  EXPECT_EQ(kept.entry, 9);
  EXPECT_EQ(kept.weight_class, "pool");
  EXPECT_EQ(kept.receipt, "r");
  EXPECT_EQ(kept.released_at, now_);
  EXPECT_EQ(kept.withdrawn_at, now_);
  EXPECT_EQ(kept.removal, 12);
  EXPECT_EQ(kept.reason, "duplicate");
  EXPECT_EQ(kept.agreed_at.time_since_epoch().count(), 5);
  EXPECT_EQ(kept.turn, 1);
}

TEST_F(ReportsTest, WhoChangesAnOlderOneIsTold) {
  Store store = std::move(Store::Open(home_.path()).value());
  Store other = std::move(Store::Open(home_.path()).value());
  const ReportRecord seen = store.PutReport(New("1"), now_).value();
  ReportRecord theirs = other.GetReport(seen.report_id).value();
  theirs.state = ReportState::kWithdrawn;
  ASSERT_TRUE(other.PutReport(theirs, now_));
  ReportRecord mine = seen;
  mine.tries = 1;
  EXPECT_EQ(store.PutReport(mine, now_).error().code, ErrorCode::kConflict);
  EXPECT_EQ(store.GetReport(seen.report_id)->state, ReportState::kWithdrawn);
}

TEST_F(ReportsTest, SeveralAreAllOrNothing) {
  Store store = std::move(Store::Open(home_.path()).value());
  ASSERT_TRUE(store.PutReport(New("1"), now_));
  const auto refused = store.PutReports({New("2"), New("1")}, now_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kConflict);
  EXPECT_EQ(store.Reports()->size(), 1u);
  EXPECT_EQ(store.GetReport(99).error().code, ErrorCode::kNotFound);
}

TEST_F(ReportsTest, DeletedWithTheRest) {
  Store store = std::move(Store::Open(home_.path()).value());
  ReportRecord first = store.PutReport(New("1"), now_).value();
  const ReportRecord second = store.PutReport(New("2"), now_).value();
  first.replaced_by = second.report_id;
  ASSERT_TRUE(store.PutReport(first, now_));
  EXPECT_EQ(store.DeleteAll()->reports, 2);
  EXPECT_TRUE(store.Reports()->empty());
}

}  // namespace
}  // namespace kaopu
