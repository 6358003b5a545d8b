// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// What was acknowledged survives kill -9 and a full disk; what failed left nothing behind.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <set>
#include <thread>
#include <vector>

#include "store/store.h"
#include "temp_home.h"

namespace kaopu {
namespace {

const SellerRecord kSeller = {"jd:1000", "a shop", {"jd:vender:1"}};

OutcomeRecord Bulky(char fill) {
  OutcomeRecord outcome;
  outcome.outcome = OutcomeKind::kNeverShipped;
  outcome.note = std::string(1500, fill);
  return outcome;
}

struct Child {
  pid_t pid;
  int pipe;  // ids of acknowledged outcomes, int64 each

  std::set<int64_t> ReadAll() const {
    std::set<int64_t> ids;
    int64_t id = 0;
    while (read(pipe, &id, sizeof id) == sizeof id) ids.insert(id);
    close(pipe);
    return ids;
  }
};

// Runs `work(acknowledge)` in a process of its own, which then exits with its result.
template <typename Work>
Child Fork(Work work) {
  int ends[2];
  if (pipe(ends) != 0) throw std::runtime_error("pipe");
  const pid_t pid = fork();
  if (pid == 0) {
    close(ends[0]);
    const int code = work([&](int64_t id) { return write(ends[1], &id, sizeof id) == sizeof id; });
    _exit(code);
  }
  close(ends[1]);
  return {pid, ends[0]};
}

std::set<int64_t> Stored(const std::filesystem::path& home) {
  const Expected<Store> store = Store::Open(home);
  EXPECT_TRUE(store) << store.error().message;
  EXPECT_TRUE(store->Check());
  std::set<int64_t> ids;
  const std::vector<OutcomeRecord> outcomes = store->Outcomes(std::nullopt, 1'000'000).value();
  for (const OutcomeRecord& outcome : outcomes) {
    EXPECT_EQ(outcome.note->size(), 1500u);
    ids.insert(outcome.outcome_id);
  }
  return ids;
}

TEST(Durability, KilledWhileWritingLosesNothingAcknowledged) {
  const TempHome home;
  std::set<int64_t> acknowledged;
  for (int round = 0; round < 12; ++round) {
    const Child child = Fork([&](auto acknowledge) {
      Expected<Store> store = Store::Open(home.path());
      while (store) {
        const Expected<OutcomeRecord> added = store->AddOutcome(kSeller, Bulky('k'), TimeMs{});
        if (!added || !acknowledge(added->outcome_id)) return 1;
      }
      return 2;
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(20 + 17 * round));
    kill(child.pid, SIGKILL);
    waitpid(child.pid, nullptr, 0);
    acknowledged.merge(child.ReadAll());
    const std::set<int64_t> stored = Stored(home.path());
    EXPECT_TRUE(std::ranges::includes(stored, acknowledged)) << "round " << round;
    // At most the one write that was under way when the process died.
    EXPECT_LE(stored.size(), acknowledged.size() + 1);
    acknowledged = stored;
  }
  EXPECT_GT(acknowledged.size(), 10u);
}

// The disk "fills" at every point in turn: a file may not grow beyond a limit that rises from
// nothing.
TEST(Durability, AFullDiskShowsOldOrNewNothingBetween) {
  const TempHome home;
  std::set<int64_t> known;
  {
    Store store = std::move(Store::Open(home.path()).value());
    for (int i = 0; i < 20; ++i)
      known.insert(store.AddOutcome(kSeller, Bulky('a'), TimeMs{})->outcome_id);
  }
  int failures = 0, later_failures = 0;
  for (rlim_t limit = 0; limit <= 160'000; limit += 2'000) {
    const Child child = Fork([&](auto acknowledge) {
      signal(SIGXFSZ, SIG_IGN);
      const rlimit cap = {limit, limit};
      setrlimit(RLIMIT_FSIZE, &cap);
      Expected<Store> store = Store::Open(home.path());
      if (!store) return store.error().code == ErrorCode::kUnavailable ? 10 : 99;
      for (int i = 0; i < 10; ++i) {
        const Expected<OutcomeRecord> added = store->AddOutcome(kSeller, Bulky('b'), TimeMs{});
        if (!added) return added.error().code != ErrorCode::kUnavailable ? 99 : i == 0 ? 11 : 12;
        if (!acknowledge(added->outcome_id)) return 98;
      }
      return 0;
    });
    const std::set<int64_t> acknowledged = child.ReadAll();
    int status = 0;
    waitpid(child.pid, &status, 0);
    ASSERT_TRUE(WIFEXITED(status));
    const int code = WEXITSTATUS(status);
    EXPECT_LT(code, 98) << "limit " << limit;
    failures += code != 0;
    later_failures += code == 12;
    known.insert(acknowledged.begin(), acknowledged.end());
    EXPECT_EQ(Stored(home.path()), known) << "limit " << limit;
  }
  EXPECT_GT(failures, 10);
  EXPECT_GT(later_failures, 3);
}

TEST(Durability, AReadOnlyFolderIsSaid) {
  if (geteuid() == 0) GTEST_SKIP() << "root may write anywhere";
  const TempHome home;
  ASSERT_TRUE(Store::Open(home.path()));
  std::filesystem::permissions(
      home.path(), std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec);
  const Expected<Store> store = Store::Open(home.path());
  std::filesystem::permissions(home.path(), std::filesystem::perms::owner_all);
  EXPECT_TRUE(store || store.error().code == ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace kaopu
