// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// A witness that is killed at any moment: what it has signed it remembers, and no other history of
// a log is signed after it.
#include <gtest/gtest.h>

#include <atomic>
#include <random>
#include <thread>

#include "support/made_log.h"
#include "support/witness_server.h"

namespace kaopu::testing {
namespace {

constexpr int kRounds = 30;

TEST(WitnessFault, KilledAtAnyMomentItGoesOnFromWhatItSigned) {
  TempFolder folder;
  WitnessServer witness(folder.path() / "witness", "witness.example");
  MadeLog log("log.example");
  witness.Follow(log.key());
  std::mt19937 random(7);
  uint64_t signed_size = 0;  // that an answer was received for
  for (int round = 0; round < kRounds; ++round) {
    ASSERT_TRUE(witness.Start()) << witness.Log();
    std::atomic<bool> killed = false;
    std::thread killer([&, after = Millis(random() % 60)] {
      std::this_thread::sleep_for(after);
      witness.Kill();
      killed = true;
    });
    HttpClient client(witness.port());
    uint64_t known = signed_size;
    for (int asked = 0; asked < 100'000 && !killed; ++asked) {
      if (log.size() == known) log.Grow(known + 1 + random() % 3);
      const auto answer = client.Request("POST", "/add-checkpoint", log.Request(known).ToText());
      if (!answer) continue;
      if (answer->status == 200) {
        known = signed_size = log.size();
      } else {
        // One head more may have been signed whose answer was cut off, never fewer.
        EXPECT_EQ(answer->status, 409) << answer->body;
        known = std::strtoull(answer->body.c_str(), nullptr, 10);
        EXPECT_GE(known, signed_size);
        EXPECT_LE(known, log.size());
      }
    }
    killer.join();
    // Another history from before what was signed.
    ASSERT_TRUE(witness.Start()) << witness.Log();
    if (signed_size > 0) {
      MadeLog other = log;
      other.Forget(signed_size - 1);
      other.Grow(log.size() + 1, "other");
      HttpClient asking(witness.port());
      const auto told = asking.Request("POST", "/add-checkpoint", other.Request(0).ToText());
      ASSERT_TRUE(told && told->status == 409);
      const uint64_t last = std::strtoull(told->body.c_str(), nullptr, 10);
      EXPECT_GE(last, signed_size);
      const auto answer = asking.Request("POST", "/add-checkpoint", other.Request(last).ToText());
      ASSERT_TRUE(answer);
      EXPECT_EQ(answer->status, 422);
    }
    witness.Kill();
  }
  EXPECT_GT(signed_size, 5u);
}

}  // namespace
}  // namespace kaopu::testing
