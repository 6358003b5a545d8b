// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// An operator's day: publish, audit, remove, reply, each as the command line has it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "base/files.h"
#include "registry/record/public_files.h"
#include "registry/serve/serve.h"
#include "report/seal/log_entry.h"
#include "running_registry.h"

namespace kaopu {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using Result = RunningRegistry::Result;

std::string LogKey(const RunningRegistry& registry) {
  return ParseJson(registry.Bytes("registry.json"), "registry.json")->value("log_key", "");
}

TEST(PublishCommand, PublishesWhatTheAuditFindsWhole) {
  RunningRegistry registry;
  registry.Tell("taobao:1", OutcomeKind::kOnTime, 6);
  registry.Tell("taobao:2", OutcomeKind::kNeverShipped, 2);
  const Result published = registry.Publish();
  ASSERT_EQ(published.code, 0) << published.err;
  EXPECT_THAT(published.out, HasSubstr("Publish 1, as of 2026-09-04: 6 contents released"));
  const Result audit = registry.Run(
      {"audit", "--from", registry.root().string(), "--key", LogKey(registry), "--json"});
  ASSERT_EQ(audit.code, 0) << audit.err;
  const Json found = *ParseJson(audit.out, "audit");
  EXPECT_EQ(found["ok"], true);
  EXPECT_EQ(found["contents"], 6);
  EXPECT_EQ(found["waiting"], 2);
  EXPECT_EQ(found["recomputed"], true);
  EXPECT_EQ(found["signatures"], true);
  EXPECT_THAT(registry.Publish().out, HasSubstr("Nothing new"));
}

TEST(PublishCommand, SaysAsJsonWhatItDid) {
  RunningRegistry registry;
  registry.Tell("taobao:1", OutcomeKind::kOnTime, 5);
  const Json first =
      *ParseJson(registry.Run({"publish", "--data", registry.data(), "--json"}).out, "publish");
  EXPECT_EQ(first["publish"], 1);
  EXPECT_EQ(first["released"], 5);
  EXPECT_GT(first["bytes"], 0);
  EXPECT_EQ(ParseJson(registry.Run({"publish", "--data", registry.data(), "--json"}).out, "again")
                ->at("publish"),
            nullptr);
}

TEST(PublishCommand, NeedsARegistry) {
  const RunningRegistry registry;
  const Result result = registry.Run({"publish", "--data", registry.data() + "/none"});
  EXPECT_EQ(result.code, 4);
  EXPECT_THAT(result.err, HasSubstr("kaopu-registry init"));
}

TEST(RegistryAuditCommand, NamesWhatWasTamperedWith) {
  RunningRegistry registry;
  registry.Tell("taobao:1", OutcomeKind::kNeverShipped, 6);
  ASSERT_EQ(registry.Publish().code, 0);
  ASSERT_EQ(registry.Audit().code, 0);
  const std::string name = report::ContentPath(1);
  std::string bytes = registry.Bytes(name);
  const size_t at = bytes.find("never_shipped");
  ASSERT_NE(at, std::string::npos);
  ASSERT_TRUE(
      WriteFileAtomic(registry.root() / name, bytes.replace(at, 13, "fake_shipment"), 0644));
  const Result audit = registry.Audit();
  EXPECT_EQ(audit.code, 6);
  EXPECT_THAT(audit.err, HasSubstr("entry 1: content and salt"));
}

TEST(RegistryAuditCommand, AnotherKeyIsNotThisLog) {
  RunningRegistry registry;
  registry.Tell("taobao:1", OutcomeKind::kOnTime, 6);
  ASSERT_EQ(registry.Publish().code, 0);
  const RunningRegistry other;
  const Result audit =
      registry.Run({"audit", "--from", registry.root().string(), "--key", LogKey(other), "--json"});
  EXPECT_EQ(audit.code, 6) << audit.err;
  EXPECT_EQ(ParseJson(audit.out, "audit")->at("ok"), false);
  EXPECT_EQ(registry.Run({"audit", "--from", registry.data() + "/none"}).code, 3);
}

TEST(RemoveCommand, TakesTheContentOutAtOnceAndSaysWhy) {
  RunningRegistry registry;
  const auto told = registry.Tell("taobao:1", OutcomeKind::kOnTime, 7);
  ASSERT_EQ(registry.Publish().code, 0);
  ASSERT_THAT(registry.Bytes(report::ContentPath(told[2])), HasSubstr("\"entry\":3,"));
  const Result removed =
      registry.Run({"remove", "--data", registry.data(), "--entry", std::to_string(told[2]),
                    "--reason", "objection upheld: not this shop"});
  ASSERT_EQ(removed.code, 0) << removed.err;
  EXPECT_THAT(registry.Bytes(report::ContentPath(told[2])), Not(HasSubstr("\"entry\":3,")));
  // Before the next publish and after it.
  const Result between = registry.Audit();
  ASSERT_EQ(between.code, 0) << between.err;
  EXPECT_THAT(between.out, HasSubstr("Contents were removed since"));
  ASSERT_EQ(registry.Publish().code, 0);
  const Result after = registry.Audit();
  ASSERT_EQ(after.code, 0) << after.err;
  EXPECT_THAT(after.out, HasSubstr("computed again from the contents"));
  EXPECT_THAT(after.out, HasSubstr("1 were removed"));
  // Once, and reports alone.
  const auto again = [&](const std::string& entry, const std::string& reason) {
    return registry.Run(
        {"remove", "--data", registry.data(), "--entry", entry, "--reason", reason});
  };
  const Result twice = again(std::to_string(told[2]), "again");
  EXPECT_EQ(twice.code, 3);
  EXPECT_THAT(twice.err, HasSubstr("objection upheld: not this shop"));
  EXPECT_EQ(again("0", "the first entry").code, 4);
  EXPECT_EQ(again("9999", "none").code, 4);
  EXPECT_EQ(again(std::to_string(told[3]), "").code, 3);
  EXPECT_EQ(again(std::to_string(told[3]), "a\x1b[31mred").code, 3);
}

TEST(ReplyCommand, StandsInTheLogAndOnTheSellersPage) {
  RunningRegistry registry;
  registry.Tell("taobao:1", OutcomeKind::kNeverShipped, 5);
  ASSERT_EQ(registry.Publish().code, 0);
  const auto reply = [&](std::vector<std::string> more) {
    std::vector<std::string> arguments = {"reply", "--data", registry.data(), "--seller",
                                          "taobao:1"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return registry.Run(arguments);
  };
  const Result token = reply({"--token"});
  EXPECT_EQ(token.code, 0);
  EXPECT_EQ(token.out, reply({"--token"}).out);
  EXPECT_THAT(token.out, ::testing::MatchesRegex("kaopu-[0-9a-f]+\n"));
  EXPECT_NE(
      token.out,
      registry.Run({"reply", "--data", registry.data(), "--seller", "taobao:2", "--token"}).out);
  EXPECT_EQ(registry.Publish().out.find("Publish"), std::string::npos);  // nothing was logged
  const Result done = reply(
      {"--text", "仓库失火，已全额退款。", "--shown-by", "token on the shop page, 2026-09-04"});
  ASSERT_EQ(done.code, 0) << done.err;
  ASSERT_EQ(registry.Publish().code, 0);
  EXPECT_THAT(registry.Bytes("pages/sellers/0/all.json"), HasSubstr("仓库失火，已全额退款。"));
  EXPECT_EQ(registry.Audit().code, 0) << registry.Audit().err;
  EXPECT_EQ(reply({"--text", "no proof"}).code, 3);
  EXPECT_EQ(reply({"--shown-by", "no text"}).code, 3);
  EXPECT_EQ(registry
                .Run({"reply", "--data", registry.data(), "--seller", "taobao", "--text", "x",
                      "--shown-by", "y"})
                .code,
            3);
}

TEST(Serve, PublishesOnItsOwnClock) {
  RunningRegistry registry;
  registry.Tell("taobao:1", OutcomeKind::kOnTime, 6);
  std::atomic<bool> stop{false};
  std::ostringstream events;
  Expected<void> served;
  std::thread server([&] {
    served = Serve({.data = registry.data(),
                    .http = {.address = "127.0.0.1", .port = 0},
                    .publish_every = std::chrono::minutes(60)},
                   registry.clock, events, [&] { return stop.load(); });
  });
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (registry.Bytes(kManifestPath).empty() && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  stop = true;
  server.join();
  EXPECT_TRUE(served) << served.error().message;
  EXPECT_EQ(Manifest::Parse(registry.Bytes(kManifestPath))->index.publish, 1u);
  EXPECT_EQ(registry.Audit().code, 0) << registry.Audit().err;
  EXPECT_FALSE(registry.Bytes("index.html").empty());
}

}  // namespace
}  // namespace kaopu
