// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// A registry on PostgreSQL whose server crashes, comes back, or is replaced by its standby under
// load: whoever was answered finds the same answer, and every order is there once.
// KAOPU_FAILOVER_ROUNDS sets how often the standby takes over (2).
#include <gmock/gmock.h>

#include "support/postgres_server.h"
#include "support/registry_faults.h"

namespace kaopu::testing {
namespace {

using ::testing::HasSubstr;

class PostgresFault : public RegistryFault {
 protected:
  void SetUp() override {
    if (!PostgresServer::Missing().empty()) GTEST_SKIP() << PostgresServer::Missing();
  }

  // Shoppers who send each report again until it is answered, as their programs do.
  class Crowd {
   public:
    explicit Crowd(uint16_t port) {
      for (int i = 0; i < 4; ++i) shoppers_.emplace_back([this, port, i] { Tell(port, i); });
    }
    ~Crowd() { (void)Stop(); }

    std::vector<Told> Stop() {
      stop_ = true;
      for (std::thread& one : shoppers_) {
        if (one.joinable()) one.join();
      }
      return std::move(told_);
    }
    // False where so many more are not answered within a minute.
    bool Answers(size_t more) {
      const size_t enough = answered_ + more;
      for (int i = 0; i < 12'000 && answered_ < enough; ++i) std::this_thread::sleep_for(Millis(5));
      return answered_ >= enough;
    }
    size_t refused() const { return refused_; }
    std::string refusal() const {
      const std::lock_guard lock(mutex_);
      return refusal_;
    }

   private:
    void Tell(uint16_t port, int thread) {
      HttpClient client(port);
      while (!stop_) {
        Told one;
        one.envelope = Shopper().Seal(Shopper::Order(StrCat("taobao:", thread)));
        while (one.answer.is_null() && !stop_) {
          const auto answer = SendReport(client, one.envelope);
          if (answer && answer->status == 200) {
            one.answer = answer->json();
            ++answered_;
          } else {
            ++refused_;
            if (answer) {
              const std::lock_guard lock(mutex_);
              refusal_ = StrCat(answer->head, answer->body);
            }
            std::this_thread::sleep_for(Millis(20));
          }
        }
        const std::lock_guard lock(mutex_);
        told_.push_back(std::move(one));
      }
    }

    std::atomic<bool> stop_{false};
    std::atomic<size_t> answered_{0}, refused_{0};
    mutable std::mutex mutex_;
    std::vector<Told> told_;
    std::string refusal_;
    std::vector<std::thread> shoppers_;
  };

  // All that was told, once more, then one look at every entry.
  void ExpectAllThereOnce(std::vector<Told> told) {
    HttpClient client(server_.port());
    ExpectSameAnswers(client, told);
    EXPECT_EQ(server_.Stop(), 0);
    ASSERT_GT(told.size(), 0u);
    ExpectEachOnce(told);
    std::printf("%zu reports\n", told.size());
  }
};

TEST_F(PostgresFault, KilledUnderLoadNothingAnsweredIsLostAndNothingDoubled) {
  PostgresServer database;
  Init({"--database", database.Url()});
  KillAndStartAgain(5);
}

TEST_F(PostgresFault, TheServerCrashesAndComesBackUnderLoad) {
  PostgresServer database;
  Init({"--database", database.Url()});
  ASSERT_TRUE(server_.Start()) << server_.Log();
  SplitMix64 random(11);
  Crowd crowd(server_.port());
  for (int round = 0; round < 5; ++round) {
    ASSERT_TRUE(crowd.Answers(20)) << server_.Log();
    std::this_thread::sleep_for(std::chrono::microseconds(random.Next() % 20'000));
    const size_t refused = crowd.refused();
    database.Crash();
    for (int i = 0; i < 2000 && crowd.refused() < refused + 8; ++i) {
      std::this_thread::sleep_for(Millis(5));
    }
    EXPECT_THAT(crowd.refusal(), HasSubstr(" 503 "));
    EXPECT_THAT(crowd.refusal(), HasSubstr("Retry-After"));
    HttpClient client(server_.port());
    const auto health = client.Request("GET", "/health");
    ASSERT_TRUE(health);
    EXPECT_EQ(health->status, 503) << health->body;
    database.Start();
  }
  EXPECT_TRUE(crowd.Answers(20)) << server_.Log();
  auto told = crowd.Stop();
  // Nobody asks meanwhile: it finds the way back by itself.
  database.Crash();
  HttpClient client(server_.port());
  EXPECT_EQ(SendReport(client, told[0].envelope)->status, 503);
  database.Start();
  int status = 0;
  for (int i = 0; i < 300 && status != 200; ++i) {
    std::this_thread::sleep_for(Millis(50));
    status = client.Request("GET", "/health")->status;
  }
  EXPECT_EQ(status, 200) << server_.Log();
  EXPECT_THAT(server_.Log(), HasSubstr("commit_works_again"));
  ExpectAllThereOnce(std::move(told));
}

TEST_F(PostgresFault, TheStandbyTakesOverUnderLoad) {
  const char* asked = std::getenv("KAOPU_FAILOVER_ROUNDS");
  SplitMix64 random(13);
  for (int round = asked != nullptr ? std::max(1, std::atoi(asked)) : 2; round > 0; --round) {
    PostgresServer primary;
    PostgresServer standby(primary);
    std::filesystem::remove_all(server_.data());
    Init({"--database", primary.Url(&standby)});
    ASSERT_TRUE(server_.Start()) << server_.Log();
    Crowd crowd(server_.port());
    ASSERT_TRUE(crowd.Answers(100)) << server_.Log();
    std::this_thread::sleep_for(std::chrono::microseconds(random.Next() % 20'000));
    primary.Crash();
    standby.Promote();
    EXPECT_TRUE(crowd.Answers(100)) << server_.Log() << standby.Log();
    ExpectAllThereOnce(crowd.Stop());
    EXPECT_EQ(standby.Sql("SELECT pg_is_in_recovery()"), "f");
  }
}

// What is committed on the primary alone, as its standby is away, is not done: shown to nobody, not
// signed, and when the standby takes over without it, no receipt misses it.
TEST_F(PostgresFault, WhatTheStandbyDoesNotHaveIsNotAnswered) {
  PostgresServer primary;
  PostgresServer standby(primary);
  Init({"--database", primary.Url(&standby)});
  ASSERT_TRUE(server_.Start()) << server_.Log();
  HttpClient client(server_.port());
  std::vector<Told> told(2);
  for (Told& one : told) one.envelope = Shopper().Seal(Shopper::Order("taobao:1"));
  const auto first = SendReport(client, told[0].envelope);
  ASSERT_TRUE(first);
  ASSERT_EQ(first->status, 200) << first->body;
  told[0].answer = first->json();
  const std::string signed_before = server_.Public("checkpoint");

  standby.End(SIGINT);
  std::thread sender([&] {
    HttpClient patient(server_.port(), 60'000);
    const auto answer = SendReport(patient, told[1].envelope);
    EXPECT_TRUE(!answer || answer->status == 503) << answer->body;
  });
  const std::string waiting = "FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
  for (int i = 0; i < 400 && primary.Sql("SELECT count(*) " + waiting) == "0"; ++i) {
    std::this_thread::sleep_for(Millis(25));
  }
  // After its crash the primary shows what it had committed; the registry must not.
  primary.Crash();
  primary.Start();
  EXPECT_EQ(primary.Sql("SELECT count(*) FROM kaopu_registry.reports"), "2");
  std::this_thread::sleep_for(Millis(1500));
  EXPECT_EQ(server_.Public("checkpoint"), signed_before);
  primary.Crash();
  standby.Start();
  standby.Promote();
  sender.join();
  int status = 0;
  for (int i = 0; i < 600 && status != 200; ++i) {
    std::this_thread::sleep_for(Millis(50));
    status = client.Request("GET", "/health")->status;
  }
  EXPECT_EQ(status, 200) << server_.Log();
  ExpectAllThereOnce(std::move(told));
}

}  // namespace
}  // namespace kaopu::testing
