// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// A real registry and a shopper's home that follows it through a client that can lie.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "../registry/running_registry.h"
#include "folder_client.h"
#include "pool/look_up.h"
#include "pool/net/choose.h"
#include "pool/net/sync.h"

namespace kaopu::pool {

namespace fs = std::filesystem;
using testing::FolderClient;

class FollowTest : public ::testing::Test {
 protected:
  FollowTest() : client_(registry_.root()) {
    Tell("taobao:1", 6);
    Publish();
  }
  void Tell(const std::string& seller, int orders) {
    registry_.Tell(seller, OutcomeKind::kOnTime, orders);
  }
  void Publish() {
    const auto published = registry_.Publish();
    ASSERT_EQ(published.code, 0) << published.err;
  }
  // A day later, more is told and published.
  void GoOn(const std::string& seller) {
    registry_.clock.Advance(std::chrono::days(1));
    Tell(seller, 6);
    Publish();
  }
  fs::path home() const { return home_.path(); }
  std::string Key() const {
    return Json::parse(registry_.Bytes("registry.json")).value("log_key", "");
  }
  void Choose(const RegistrySettings& settings = {}) {
    const auto offer = AskRegistry(client_, FolderClient::kAddress, Key(), settings);
    ASSERT_TRUE(offer) << offer.error().message;
    const auto kept = KeepRegistry(home(), *offer, settings, registry_.clock);
    ASSERT_TRUE(kept) << kept.error().message;
    id_ = kept->id;
  }
  SyncedRegistry Sync(SyncPartner* partner = nullptr, FollowOptions follow = {}) {
    SyncOptions options;
    options.partner = partner;
    options.follow = std::move(follow);
    options.make_client = [&](const std::string&) -> Expected<std::unique_ptr<HttpClient>> {
      return std::make_unique<Through>(client_);
    };
    auto synced = SyncRegistries(home(), registry_.clock, options);
    if (!synced || synced->size() != 1) {
      ADD_FAILURE() << (synced ? "" : synced.error().message);
      return {};
    }
    return std::move(synced->front());
  }
  SyncedRegistry GoodSync(FollowOptions follow = {}) {
    auto synced = Sync(nullptr, std::move(follow));
    EXPECT_FALSE(synced.registry.state.alarm)
        << synced.registry.state.alarm->kind << ": " << synced.registry.state.alarm->message;
    for (const Error& problem : synced.problems) ADD_FAILURE() << problem.message;
    return synced;
  }
  std::string AlarmOf(const SyncedRegistry& synced) const {
    const auto& alarm = synced.registry.state.alarm;
    // What is on the disk says the same.
    const auto known = ReadRegistry(home(), id_);
    EXPECT_TRUE(known && known->state.alarm == alarm);
    return alarm ? alarm->kind : "";
  }
  fs::path Folder() const { return PoolFolder(home()) / id_; }
  std::string Ours(const std::string& name) const {
    return ReadFile(Folder() / name, size_t{1} << 24).value_or("");
  }
  bool Knows(const std::string& seller) const {
    LookUp look_up(home());
    const std::vector<std::string> keys = {seller};
    const Answers answers = look_up.Find(keys, registry_.clock.Now());
    EXPECT_TRUE(answers.left_out.empty());
    return !answers.registries.empty() && !answers.registries.front().said.empty();
  }
  void ExpectSame(uint64_t publish) const {
    for (const char* name : {"sellers.kpi", "details.kpi"}) {
      EXPECT_EQ(Ours(name), registry_.Bytes(StrCat("index/", publish, "/", name))) << name;
    }
  }

  struct Through : HttpClient {
    explicit Through(HttpClient& to) : to(to) {}
    Expected<HttpResponse> Send(const HttpRequest& request) override { return to.Send(request); }
    HttpClient& to;
  };

  ScratchFolder home_;
  RunningRegistry registry_;
  FolderClient client_;
  std::string id_;
};

}  // namespace kaopu::pool
