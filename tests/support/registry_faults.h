// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// A registry that is told of orders while something goes wrong, and what must hold afterwards:
// what was answered is there, once, and the log says so.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <mutex>
#include <set>
#include <thread>

#include "registry/folder/registry_folder.h"
#include "support/registry_server.h"
#include "support/split_mix.h"

namespace kaopu::testing {

struct Told {
  report::Envelope envelope;
  Json answer;  // null where none came
};

class RegistryFault : public ::testing::Test {
 protected:
  RegistryFault() : server_(folder_.path() / "registry") {}
  void SetUp() override { Init({}); }
  void Init(const std::vector<std::string>& more) {
    const auto made = server_.Init(more);
    ASSERT_EQ(made.code, 0) << made.err;
  }

  // Tells of orders, each by a shopper of its own, until the registry answers no more.
  static void TellUntilItEnds(uint16_t port, int thread, std::vector<Told>& told, std::mutex& mutex,
                              int most) {
    HttpClient client(port);
    for (int i = 0; i < most; ++i) {
      Told one;
      one.envelope = Shopper().Seal(Shopper::Order(StrCat("taobao:", thread, i % 3)));
      if (!AddWork(client, one.envelope)) return;
      const auto answer = client.Request("POST", "/v1/reports", one.envelope.ToText());
      const bool ended = !answer || answer->status != 200;
      if (!ended) one.answer = answer->json();
      const std::lock_guard lock(mutex);
      told.push_back(std::move(one));
      if (ended) return;
    }
  }
  // Sent again: those that were answered get the same answer, the others one now.
  static void ExpectSameAnswers(HttpClient& client, std::vector<Told>& told) {
    for (Told& one : told) {
      const auto again = SendReport(client, one.envelope);
      ASSERT_TRUE(again);
      ASSERT_EQ(again->status, 200) << again->body;
      if (!one.answer.is_null()) {
        EXPECT_EQ(again->json(), one.answer);
      }
      one.answer = again->json();
    }
  }
  // Every order is there once, and the log is what its checkpoint says.
  void ExpectEachOnce(const std::vector<Told>& told) {
    const auto folder = RegistryFolder::Open(server_.data());
    ASSERT_TRUE(folder) << folder.error().message;
    auto store = folder->OpenStore();
    ASSERT_TRUE(store);
    std::map<std::string, int> seen;
    const uint64_t size = *(*store)->Size();
    const auto read = (*store)->EachReport(
        0, size, [&](const StoredReport& one) { ++seen[report::BytesToText(one.nullifier)]; });
    ASSERT_TRUE(read);
    for (const auto& [nullifier, count] : seen) EXPECT_EQ(count, 1);
    std::set<uint64_t> entries;
    for (const Told& one : told) {
      ASSERT_FALSE(one.answer.is_null());
      EXPECT_EQ(seen.count(report::BytesToText(one.envelope.nullifier)), 1u);
      EXPECT_TRUE(entries.insert(one.answer.value("entry", uint64_t{0})).second);
    }
    const auto audit =
        RegistryServer::Run({"audit", "--log-only", "--from", server_.data() / "public", "--key",
                             Json::parse(server_.Public("registry.json")).value("log_key", "")},
                            folder_.path());
    EXPECT_EQ(audit.code, 0) << audit.out << audit.err;
  }
  // kill -9 at random moments under load, and a start after each.
  void KillAndStartAgain(int rounds_if_not_asked) {
    const char* asked = std::getenv("KAOPU_KILL_ROUNDS");
    const int rounds = asked != nullptr ? std::max(1, std::atoi(asked)) : rounds_if_not_asked;
    SplitMix64 random(7);
    std::vector<Told> told;
    for (int round = 0; round < rounds; ++round) {
      ASSERT_TRUE(server_.Start()) << server_.Log();
      std::vector<Told> now;
      std::mutex mutex;
      std::vector<std::thread> shoppers;
      for (int i = 0; i < 4; ++i) {
        shoppers.emplace_back([&, i] { TellUntilItEnds(server_.port(), i, now, mutex, 1 << 20); });
      }
      // At a random moment after some were answered, whatever the machine's speed.
      const size_t enough = random.Next() % 40;
      for (int waited = 0; waited < 10'000; ++waited) {
        {
          const std::lock_guard lock(mutex);
          if (now.size() >= enough) break;
        }
        std::this_thread::sleep_for(Millis(1));
      }
      std::this_thread::sleep_for(std::chrono::microseconds(random.Next() % 10'000));
      server_.Kill();
      for (std::thread& one : shoppers) one.join();
      ASSERT_TRUE(server_.Start()) << server_.Log();
      HttpClient client(server_.port());
      ExpectSameAnswers(client, now);
      std::move(now.begin(), now.end(), std::back_inserter(told));
      server_.Kill();
    }
    ASSERT_TRUE(server_.Start()) << server_.Log();
    EXPECT_EQ(server_.Stop(), 0);
    ASSERT_GT(told.size(), 0u);
    ExpectEachOnce(told);
    std::printf("%d rounds, %zu reports\n", rounds, told.size());
  }

  TempFolder folder_;
  RegistryServer server_;
};

}  // namespace kaopu::testing
