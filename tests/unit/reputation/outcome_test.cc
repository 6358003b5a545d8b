// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "reputation/outcome.h"

#include <gtest/gtest.h>

namespace kaopu {
namespace {

using std::chrono::days;
constexpr Date kPaid{days{20'000}};
constexpr Date kLimit = kPaid + days{3};
constexpr Date kLong = kLimit + days{200};

OrderHistory Order() { return {.paid_at = kPaid, .promised_ship_by = kLimit}; }

OutcomeKind KindOf(const OrderHistory& history, Date seen = kLong) {
  return OutcomeOf(history, seen).kind;
}

TEST(OutcomeKind, NamesReadBackAndGroup) {
  for (const auto kind : {OutcomeKind::kOnTime, OutcomeKind::kLate, OutcomeKind::kNeverShipped,
                          OutcomeKind::kFakeShipment, OutcomeKind::kSellerCancelled,
                          OutcomeKind::kOpen, OutcomeKind::kBuyerCancelled}) {
    EXPECT_EQ(ParseOutcomeKind(OutcomeKindName(kind)), kind);
    EXPECT_FALSE(IsCensored(kind) && IsBad(kind));
    EXPECT_TRUE(!IsNever(kind) || IsBad(kind));
  }
  EXPECT_EQ(ParseOutcomeKind("LATE"), std::nullopt);
  EXPECT_EQ(ParseOutcomeKind(""), std::nullopt);
  EXPECT_EQ(ParseOutcomeKind("cancelled_in_time"), std::nullopt);  // worked out, never told
}

TEST(OutcomeOf, TheScanDecidesBetweenOnTimeAndLate) {
  OrderHistory order = Order();
  order.first_scan_at = kLimit;
  order.delivered_at = kLimit + days{40};  // the carrier's doing
  Outcome outcome = OutcomeOf(order, kLong);
  EXPECT_EQ(outcome.kind, OutcomeKind::kOnTime);
  EXPECT_EQ(outcome.known_on, kLimit);
  EXPECT_EQ(outcome.ship_days, 3);
  order.first_scan_at = kLimit + days{5};
  outcome = OutcomeOf(order, kLong);
  EXPECT_EQ(outcome.kind, OutcomeKind::kLate);
  EXPECT_EQ(outcome.days_late, 5);
  order.first_scan_at = kLimit + days{90};  // late, not never: it did ship
  EXPECT_EQ(KindOf(order), OutcomeKind::kLate);
  order.promised_ship_by.reset();
  EXPECT_EQ(KindOf(order), OutcomeKind::kOpen);
}

TEST(OutcomeOf, NeverIsNoScanByThirtyDaysAfterTheLimit) {
  EXPECT_EQ(KindOf(Order(), kLimit + days{29}), OutcomeKind::kOpen);
  EXPECT_EQ(KindOf(Order(), kLimit + days{30}), OutcomeKind::kNeverShipped);
  EXPECT_EQ(OutcomeOf(Order(), kLong).known_on, kLimit + days{30});
  OrderHistory label = Order();
  label.label_at = kPaid;
  EXPECT_EQ(KindOf(label, kLimit + days{29}), OutcomeKind::kOpen);
  EXPECT_EQ(KindOf(label), OutcomeKind::kFakeShipment);
  EXPECT_EQ(KindOf({.paid_at = kPaid}), OutcomeKind::kOpen);  // nothing was promised
}

TEST(OutcomeOf, WhatLiesAfterTheDayOfLookingIsNotSeen) {
  OrderHistory order = Order();
  order.first_scan_at = kLimit + days{60};
  EXPECT_EQ(KindOf(order, kLimit + days{10}), OutcomeKind::kOpen);
  EXPECT_EQ(KindOf(order, kLimit + days{40}), OutcomeKind::kNeverShipped);
  EXPECT_EQ(KindOf(order, kLimit + days{60}), OutcomeKind::kLate);
  OrderHistory cancelled = Order();
  cancelled.cancelled_by = CancelledBy::kSeller;
  cancelled.cancelled_at = kLimit + days{9};
  EXPECT_EQ(KindOf(cancelled, kLimit + days{8}), OutcomeKind::kOpen);
}

TEST(OutcomeOf, WhoCalledItOffAndWhenMatters) {
  OrderHistory order = Order();
  order.cancelled_at = kLimit + days{2};
  order.cancelled_by = CancelledBy::kBuyer;
  EXPECT_EQ(KindOf(order), OutcomeKind::kBuyerCancelled);
  order.cancelled_by = CancelledBy::kSeller;
  EXPECT_EQ(KindOf(order), OutcomeKind::kSellerCancelled);
  EXPECT_EQ(OutcomeOf(order, kLong).known_on, kLimit + days{2});
  order.cancelled_at = kLimit;
  EXPECT_EQ(KindOf(order), OutcomeKind::kCancelledInTime);
  EXPECT_TRUE(IsCensored(OutcomeKind::kCancelledInTime));
  order.cancelled_at.reset();
  EXPECT_EQ(KindOf(order), OutcomeKind::kSellerCancelled);
}

TEST(OutcomeOf, ARefundWithoutAScanIsNeverOnceTheLimitHasPassed) {
  OrderHistory order = Order();
  order.refunded_at = kLimit - days{1};
  EXPECT_EQ(KindOf(order, kLimit + days{5}), OutcomeKind::kOpen);
  order.refunded_at = kLimit + days{4};
  EXPECT_EQ(KindOf(order, kLimit + days{5}), OutcomeKind::kNeverShipped);
  EXPECT_EQ(OutcomeOf(order, kLong).known_on, kLimit + days{4});
  order.first_scan_at = kLimit;  // shipped in time; the refund is of something else
  EXPECT_EQ(KindOf(order), OutcomeKind::kOnTime);
}

TEST(OutcomeOf, DeliveryWithoutAScanTellsLessThanAScan) {
  OrderHistory order = Order();
  order.delivered_at = kLimit;
  EXPECT_EQ(KindOf(order), OutcomeKind::kOnTime);
  order.delivered_at = kLimit + days{9};
  EXPECT_EQ(KindOf(order), OutcomeKind::kOpen);
}

TEST(JudgedOutcome, AgesFromTheDayItWasKnown) {
  OrderHistory order = Order();
  order.first_scan_at = kLimit + days{4};
  EXPECT_EQ(JudgedOutcome(OutcomeKind::kLate, 4, order, kLong).known_on, kLimit + days{4});
  EXPECT_EQ(JudgedOutcome(OutcomeKind::kNeverShipped, {}, Order(), kLong).known_on,
            kLimit + days{30});
  EXPECT_EQ(JudgedOutcome(OutcomeKind::kNeverShipped, {}, Order(), kLimit + days{7}).known_on,
            kLimit + days{7});  // told before
  EXPECT_EQ(JudgedOutcome(OutcomeKind::kLate, 6, Order(), kLong).known_on, kLimit + days{6});
  EXPECT_EQ(JudgedOutcome(OutcomeKind::kOnTime, {}, {}, kLong).known_on, kLong);
  EXPECT_FALSE(JudgedOutcome(OutcomeKind::kLate, {}, Order(), kLong).ship_days);
  EXPECT_EQ(JudgedOutcome(OutcomeKind::kLate, 6, Order(), kLong).ship_days,
            (kLimit - *Order().paid_at).count() + 6);
  OrderHistory cancelled = Order();
  cancelled.cancelled_at = kLimit - days{1};
  EXPECT_EQ(JudgedOutcome(OutcomeKind::kSellerCancelled, {}, cancelled, kLong).kind,
            OutcomeKind::kCancelledInTime);
}

}  // namespace
}  // namespace kaopu
