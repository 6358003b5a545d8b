// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "messaging/watchdog.h"

#include <gtest/gtest.h>

#include <atomic>

namespace kaopu {
namespace {

using std::chrono::milliseconds;

// Waits up to 5 s for `count` to become 1.
bool BecomesOne(const std::atomic<int>& count) {
  for (int i = 0; i < 5000 && count == 0; ++i) std::this_thread::sleep_for(milliseconds(1));
  return count == 1;
}

TEST(Watchdog, LateWorkIsNoticedOnce) {
  std::atomic<int> late{0};
  Watchdog watchdog([&] { ++late; });
  watchdog.Begin(milliseconds(20));
  EXPECT_TRUE(BecomesOne(late));
  EXPECT_FALSE(watchdog.End());
  watchdog.Begin(milliseconds(1));
  std::this_thread::sleep_for(milliseconds(20));
  EXPECT_EQ(late, 1);
}

TEST(Watchdog, WorkInTimeIsLeftAlone) {
  std::atomic<int> late{0};
  Watchdog watchdog([&] { ++late; });
  for (int i = 0; i < 50; ++i) {
    watchdog.Begin(milliseconds(5000));
    EXPECT_TRUE(watchdog.End());
  }
  EXPECT_EQ(late, 0);
}

// The watchdog sleeps on to the first deadline; a later piece of work must get its whole time, and
// no more.
TEST(Watchdog, EachPieceOfWorkHasItsOwnTime) {
  std::atomic<int> late{0};
  Watchdog watchdog([&] { ++late; });
  watchdog.Begin(milliseconds(100));
  std::this_thread::sleep_for(milliseconds(10));
  EXPECT_TRUE(watchdog.End());
  watchdog.Begin(milliseconds(1000));
  std::this_thread::sleep_for(milliseconds(300));
  EXPECT_EQ(late, 0);
  EXPECT_TRUE(watchdog.End());
  // Now it sleeps up to a far deadline: a nearer one must wake it.
  watchdog.Begin(milliseconds(60'000));
  std::this_thread::sleep_for(milliseconds(10));
  EXPECT_TRUE(watchdog.End());
  watchdog.Begin(milliseconds(20));
  EXPECT_TRUE(BecomesOne(late));
}

TEST(Watchdog, EndsWhileNothingRuns) {
  Watchdog watchdog([] {});
}

}  // namespace
}  // namespace kaopu
