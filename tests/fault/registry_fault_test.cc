// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// A registry under faults and attacks: what was answered stays, once; what should not come in does
// not. KAOPU_KILL_ROUNDS sets how often it is killed (20).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <future>

#include "registry/intake/intake.h"
#include "support/registry_faults.h"

namespace kaopu::testing {
namespace {

using ::testing::HasSubstr;

TEST_F(RegistryFault, KilledUnderLoadNothingAnsweredIsLostAndNothingDoubled) {
  KillAndStartAgain(20);
}

TEST_F(RegistryFault, AFullDiskLosesNothingAndPasses) {
  // No file may grow beyond 400 KiB: the database meets it first.
  ASSERT_TRUE(server_.Start({}, "ulimit -f 800; trap '' XFSZ")) << server_.Log();
  std::vector<Told> told;
  std::mutex mutex;
  TellUntilItEnds(server_.port(), 0, told, mutex, 20'000);
  ASSERT_FALSE(told.empty());
  ASSERT_TRUE(told.back().answer.is_null()) << "the disk never was full";
  HttpClient client(server_.port());
  const auto health = client.Request("GET", "/health");
  ASSERT_TRUE(health);
  EXPECT_EQ(health->status, 503);
  const auto refused = SendReport(client, told.back().envelope);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 503) << refused->body;
  EXPECT_THAT(refused->head, HasSubstr("Retry-After"));
  EXPECT_THAT(server_.Log(), HasSubstr("commit_failed"));
  server_.Stop();
  ASSERT_TRUE(server_.Start()) << server_.Log();  // there is room again
  HttpClient again(server_.port());
  ExpectSameAnswers(again, told);
  EXPECT_EQ(server_.Stop(), 0);
  ExpectEachOnce(told);
}

TEST_F(RegistryFault, TornWritesAreMadeWholeAgain) {
  ASSERT_TRUE(server_.Start()) << server_.Log();
  std::vector<Told> told;
  std::mutex mutex;
  TellUntilItEnds(server_.port(), 0, told, mutex, 12);
  ASSERT_EQ(told.size(), 12u);
  server_.Kill();
  // What a crash or a bad disk can leave: a transaction begun in the database's journal, a file
  // beside the one it was to replace, each kind of tile cut short.
  std::ofstream(server_.data() / "registry.db-wal", std::ios::app | std::ios::binary)
      << std::string(5000, '\x5a');
  std::ofstream(server_.data() / "public" / "checkpoint.tmp") << "half";
  for (const char* torn : {"public/tile/0/000.p/13", "public/tile/entries/000.p/13"}) {
    const auto path = server_.data() / torn;
    ASSERT_TRUE(std::filesystem::exists(path)) << torn;
    std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
    ASSERT_TRUE(server_.Start()) << server_.Log();
    HttpClient client(server_.port());
    ExpectSameAnswers(client, told);
    EXPECT_EQ(server_.Stop(), 0);
    ExpectEachOnce(told);
  }
}

TEST_F(RegistryFault, AClockThatJumps) {
  const auto folder = RegistryFolder::Open(server_.data());
  ASSERT_TRUE(folder);
  const TimeMs real = SystemClock().Now();
  FakeClock clock(real);
  const auto intake = Intake::Start(*folder, *LoadTrustPolicy(*DataFolder()), clock, {});
  ASSERT_TRUE(intake) << intake.error().message;
  const auto challenge = [&] {
    return *report::ParseChallenge((*intake)->Challenge()["challenge"].get<std::string>());
  };
  const auto send = [&](report::Envelope envelope, const report::Challenge& given) {
    envelope.challenge = given.text;
    envelope.solution = *report::Solve(given, envelope.report);
    std::promise<Expected<Json>> answered;
    (*intake)->SubmitReport(envelope.ToText(),
                            [&](Expected<Json> answer) { answered.set_value(std::move(answer)); });
    return answered.get_future().get();
  };
  const auto order = [&] { return Shopper().Seal(Shopper::Order("taobao:1")); };
  const auto first = order();
  const auto answer = send(first, challenge());
  ASSERT_TRUE(answer) << answer.error().message;
  const auto before = challenge();
  clock.Advance(std::chrono::hours(30));
  const auto late = send(order(), before);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, ErrorCode::kTimeout);
  EXPECT_TRUE(send(order(), challenge()));
  const auto future = challenge();
  clock.Advance(-std::chrono::hours(60));  // behind where it began
  EXPECT_TRUE(send(order(), challenge()));
  EXPECT_TRUE(send(order(), future));  // ours, and not expired yet by any clock
  const auto used = send(order(), future);
  ASSERT_FALSE(used);
  EXPECT_EQ(used.error().code, ErrorCode::kTimeout);
  const auto same = send(first, challenge());
  ASSERT_TRUE(same) << same.error().message;
  EXPECT_EQ(*same, *answer);
  (*intake)->Drain();
  EXPECT_EQ((*intake)->counts().entries.load(), 5u);  // the first entry and four reports
}

TEST_F(RegistryFault, SlowAskersKeepNobodyWaiting) {
  ASSERT_TRUE(server_.Start({"--request-timeout-s", "1", "--connections", "64"})) << server_.Log();
  std::vector<HttpClient> slow;
  for (int i = 0; i < 40; ++i) {
    slow.emplace_back(server_.port());
    ASSERT_TRUE(slow.back().Connect());
    slow.back().Send("POST /v1/reports HTTP/1.1\r\nHost: registry\r\nContent-Length: 2000\r\n");
    if (i % 2 == 0) slow.back().Send("\r\n{");
  }
  HttpClient client(server_.port());
  for (int i = 0; i < 20; ++i) {
    const auto answer = SendReport(client, Shopper().Seal(Shopper::Order("taobao:1")));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 200) << answer->body;
    for (HttpClient& one : slow) one.Send("X");
  }
  for (HttpClient& one : slow) {  // sent away, with or without a word
    const auto answer = one.Receive();
    if (answer) {
      EXPECT_EQ(answer->status, 408);
    }
    EXPECT_FALSE(one.Receive());
  }
  EXPECT_EQ(server_.Stop(), 0);
}

// Nothing of this comes in, and the registry goes on.
TEST_F(RegistryFault, WhatShouldNotComeInDoesNot) {
  ASSERT_TRUE(server_.Start()) << server_.Log();
  HttpClient client(server_.port());
  const auto post = [&](const std::string& body) {
    const auto answer = client.Request("POST", "/v1/reports", body);
    return answer ? answer->status : 0;
  };
  const auto worked = [&](report::Envelope envelope) {
    EXPECT_TRUE(AddWork(client, envelope));
    return envelope;
  };
  const Shopper shopper;
  const report::Envelope good = worked(shopper.Seal(Shopper::Order("taobao:1")));
  const std::string text = good.ToText();

  // Oversized.
  EXPECT_EQ(post(std::string(report::kEnvelopeBytesMax + 1, ' ')), 413);
  // Closed before all of it was read: then the answer may be lost on the way.
  EXPECT_THAT(post(std::string(1 << 20, '{')), ::testing::AnyOf(413, 0));
  HttpClient headers(server_.port(), 5000);
  ASSERT_TRUE(headers.Connect());
  headers.Send(StrCat("GET /health HTTP/1.1\r\nX: ", std::string(1 << 20, 'x'), "\r\n\r\n"));
  if (const auto answer = headers.Receive()) {
    EXPECT_GE(answer->status, 400);
  }
  // Malformed.
  for (const std::string& body :
       {std::string(), std::string("{"), std::string("[]"), std::string("null"),
        std::string("\xff\xfe"), std::string(4000, '['), text.substr(0, text.size() / 2),
        text + "x"}) {
    EXPECT_EQ(post(body), 400) << body.substr(0, 60);
  }
  for (const char* field : {"report", "key", "signature", "reporter", "reporter_signature",
                            "nullifier", "challenge", "solution", "v"}) {
    Json one = Json::parse(text);
    one.erase(field);
    EXPECT_EQ(post(one.dump()), 400) << field;
    one[field] = Json::object();
    EXPECT_EQ(post(one.dump()), 400) << field;
  }
  Json more = Json::parse(text);
  more["ip"] = "192.0.2.1";
  EXPECT_EQ(post(more.dump()), 400);
  // Dated where nothing can have happened.
  for (const int days : {-30, 20 + report::kDaysMax + 30}) {
    auto order = Shopper::Order("taobao:1");
    order.week = report::IsoWeek::Of(std::chrono::floor<std::chrono::days>(SystemClock().Now()) -
                                     std::chrono::days(days));
    EXPECT_EQ(post(worked(shopper.Seal(order)).ToText()), 400) << days;
  }
  auto early = Shopper::Order("taobao:1");
  early.known_days = 100;  // has not come yet
  EXPECT_EQ(post(worked(shopper.Seal(early)).ToText()), 400);
  // Forged: each signature, and each thing that is signed.
  for (const int what : {0, 1, 2, 3, 4}) {
    report::Envelope forged = good;
    if (what == 0) forged.signature[5] ^= 1;
    if (what == 1) forged.reporter_signature[5] ^= 1;
    if (what == 2) forged.nullifier[5] ^= 1;
    if (what == 3) forged.key = Shopper().Seal(Shopper::Order("taobao:1")).key;
    if (what == 4) forged.report = Shopper::Order("taobao:2").ToText();
    EXPECT_EQ(post(worked(forged).ToText()), 403) << what;
  }
  // Another registry's, and a challenge of nobody's.
  EXPECT_EQ(post(worked(Shopper("other.example/log").Seal(Shopper::Order("taobao:1"))).ToText()),
            403);
  report::Envelope other = good;
  report::ChallengeKey own{};
  own.fill(1);
  const auto theirs = report::MakeChallenge(own, 0, SystemClock().Now() + std::chrono::minutes(5));
  other.challenge = theirs.text;
  EXPECT_EQ(post(other.ToText()), 403);

  const auto health = client.Request("GET", "/health");
  ASSERT_TRUE(health);
  EXPECT_EQ(health->json().value("entries", 0), 1) << health->body;
  // The good one comes in, once; its work is good for no other.
  EXPECT_EQ(post(text), 200);
  report::Envelope replayed = shopper.Seal(Shopper::Order("taobao:1"));
  replayed.challenge = good.challenge;
  replayed.solution = good.solution;
  EXPECT_EQ(post(replayed.ToText()), 408);
  EXPECT_EQ(post(text), 200);
  EXPECT_EQ(client.Request("GET", "/health")->json().value("entries", 0), 2);
  EXPECT_EQ(server_.Stop(), 0);
}

}  // namespace
}  // namespace kaopu::testing
