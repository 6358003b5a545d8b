// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Shoppers tell a running registry of their orders: the real programs over HTTP on this machine.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "support/registry_server.h"
#include "support/shopper_home.h"

namespace kaopu::testing {
namespace {

using ::testing::HasSubstr;

class SharingTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(server_.Init().code, 0);
    ASSERT_TRUE(server_.Start()) << server_.Log();
  }

  using Home = ShopperHome;
  Home NewHome(const std::string& name) { return Home(folder_.path() / name, server_); }

  uint64_t Entries() {
    HttpClient client(server_.port());
    const auto health = client.Request("GET", "/health");
    return health ? health->json().value("entries", uint64_t{0}) : 0;
  }

  TempFolder folder_;
  RegistryServer server_{folder_.path() / "registry"};
};

TEST_F(SharingTest, SentRevisedAndTakenBack) {
  const Home home = NewHome("one");
  const uint64_t before = Entries();
  home.Report("900");
  EXPECT_EQ(home.Send()["sent"], 1);
  EXPECT_EQ(Entries(), before + 1);
  Json report = home.Reports()[0];
  EXPECT_EQ(report["state"], "sent");
  EXPECT_EQ(report["entry"], before);
  EXPECT_EQ(home.Send(), (Json{{"sent", 0}, {"withdrawn", 0}, {"refused", 0}, {"later", 0}}));

  // It did ship after all.
  home.Report("900", "late");
  EXPECT_EQ(home.Send()["sent"], 1);
  const Json both = home.Reports();
  ASSERT_EQ(both.size(), 2U);
  EXPECT_EQ(both[1]["replaced_by"], both[0]["report_id"]);
  EXPECT_EQ(home.RunJson({"verify", "--all"})["ok"], true);

  home.RunJson({"report", "withdraw", both[0]["report_id"].dump()});
  EXPECT_EQ(home.Send()["withdrawn"], 2);
  for (const Json& one : home.Reports()) EXPECT_EQ(one["state"], "withdrawn");
  EXPECT_EQ(Entries(), before + 4);  // two reports, two removals
}

TEST_F(SharingTest, AnotherShoppersWordOnTheSameOrderIsAnsweredAlike) {
  const Home one = NewHome("one"), two = NewHome("two");
  one.Report("900");
  two.Report("900");
  EXPECT_EQ(one.Send()["sent"], 1);
  EXPECT_EQ(two.Send()["sent"], 1);
  EXPECT_EQ(two.Reports()[0]["state"], "sent");
  EXPECT_EQ(two.RunJson({"verify", "--all"})["ok"], true);
}

TEST_F(SharingTest, ARegistryThatIsDownIsTriedAgain) {
  const Home home = NewHome("one");
  ASSERT_EQ(server_.Stop(), 0);
  home.Report("900");
  EXPECT_EQ(home.Send()["later"], 1);
  const auto outbox = home.Run({"outbox"});
  EXPECT_THAT(outbox.out, HasSubstr("Tried once without success"));
  EXPECT_THAT(outbox.out, HasSubstr("cannot fetch"));
  ASSERT_TRUE(server_.Start()) << server_.Log();
  const Home moved = NewHome("one");  // another port
  EXPECT_EQ(moved.Send()["sent"], 1);
}

TEST_F(SharingTest, NothingGoesPastTheProxyThatWasSetForTheRegistry) {
  const Home home = NewHome("one");
  const uint64_t before = Entries();
  home.Report("900");
  ASSERT_EQ(home.Run({"registry", "set", kRegistryOrigin, "--proxy", "http://127.0.0.1:1"}).code,
            0);
  EXPECT_EQ(home.Send()["later"], 1);
  EXPECT_EQ(Entries(), before);
  EXPECT_EQ(home.Run({"outbox", "--send", "--proxy", "tor"}).code, 3);
  EXPECT_EQ(home.RunJson({"outbox", "--send", "--proxy", "none"})["sent"], 1);
  EXPECT_EQ(Entries(), before + 1);
}

TEST_F(SharingTest, KilledAtAnyPointNothingIsLostOrDoubled) {
  const Home home = NewHome("one");
  const uint64_t before = Entries();
  constexpr int kReports = 12;
  for (int i = 0; i < kReports; ++i) home.Report(std::to_string(900 + i));
  std::mt19937 random(20261126);
  for (int round = 0; round < 25; ++round) {
    Child child = home.Start({"outbox", "--send"});
    std::this_thread::sleep_for(Millis(random() % 150));
    kill(child.pid(), SIGKILL);
    child.Wait(Millis(20'000));
  }
  home.Send();
  std::set<int64_t> entries;
  for (const Json& one : home.Reports()) {
    EXPECT_EQ(one["state"], "sent") << one;
    entries.insert(one["entry"].get<int64_t>());
  }
  EXPECT_EQ(entries.size(), size_t{kReports});
  EXPECT_EQ(Entries(), before + kReports);
}

}  // namespace
}  // namespace kaopu::testing
