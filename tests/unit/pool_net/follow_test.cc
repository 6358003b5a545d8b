// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// A real registry, followed; then every lie it could tell.
#include "pool/net/follow.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "follow_fixture.h"
#include "index/index_file.h"
#include "report/seal/published_index.h"
#include "tlog/witness.h"

namespace kaopu::pool {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

TEST_F(FollowTest, PutsTheIndexOnThisDiskAndThenItsDeltas) {
  Choose();
  EXPECT_FALSE(Knows("taobao:1"));
  const auto first = GoodSync();
  EXPECT_TRUE(first.updated);
  EXPECT_EQ(first.registry.state.publish, 1u);
  EXPECT_EQ(first.registry.state.sellers, 1u);
  EXPECT_EQ(FormatDate(*first.registry.state.as_of), "2026-09-04");
  EXPECT_TRUE(Knows("taobao:1"));
  ExpectSame(1);
  EXPECT_FALSE(GoodSync().updated);

  GoOn("jd:2");
  client_.asked.clear();
  EXPECT_TRUE(GoodSync().updated);
  ExpectSame(2);
  EXPECT_TRUE(Knows("jd:2"));
  EXPECT_THAT(client_.asked, Contains("index/2/sellers.delta"));
  EXPECT_THAT(client_.asked, Not(Contains("index/2/sellers.kpi")));

  // Two publishes later, one step after another.
  GoOn("jd:3");
  GoOn("jd:4");
  EXPECT_TRUE(GoodSync().updated);
  ExpectSame(4);
  EXPECT_THAT(client_.asked, Contains("index/3/sellers.delta"));
  EXPECT_EQ(Ours("checkpoint"), registry_.Bytes("checkpoint"));
  for (const auto& entry : fs::directory_iterator(Folder())) {
    EXPECT_THAT(entry.path().filename().string(), Not(HasSubstr(".next")));
    EXPECT_THAT(entry.path().filename().string(), Not(HasSubstr(".part")));
  }
}

TEST_F(FollowTest, IsChosenByItsKeyAlone) {
  const auto other =
      AskRegistry(client_, FolderClient::kAddress,
                  tlog::SignerKey::Generate("registry.example/log", tlog::KeyKind::kEd25519)
                      ->verifier()
                      .ToText(),
                  {});
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, ErrorCode::kConflict);
  for (const char* field : {"operator_key", "nullifier_key", "origin"}) {
    client_.lies["registry.json"] = [&](const std::string& truth) {
      Json json = Json::parse(truth);
      json[field] = "another+12345678+AAAA";
      return json.dump();
    };
    const auto offer = AskRegistry(client_, FolderClient::kAddress, Key(), {});
    ASSERT_FALSE(offer) << field;
    EXPECT_EQ(offer.error().code, ErrorCode::kDamaged) << offer.error().message;
    EXPECT_THAT(offer.error().message, HasSubstr(field));
  }
  client_.lies.clear();
  for (const char* path : {"checkpoint", "registry.json", "tile/entries/000"}) {
    for (const bool gone : {false, true}) {
      client_.lies[path] = [&](const std::string&) {
        return gone ? std::nullopt : std::optional<std::string>("no such thing");
      };
      if (std::string_view(path).starts_with("tile")) {
        for (const auto& entry : fs::directory_iterator(registry_.root() / "tile/entries")) {
          for (const auto& one : fs::directory_iterator(entry)) {
            client_.lies[fs::relative(one, registry_.root()).string()] = client_.lies[path];
          }
        }
      }
      EXPECT_FALSE(AskRegistry(client_, FolderClient::kAddress, Key(), {})) << path;
      client_.lies.clear();
    }
  }
  EXPECT_FALSE(fs::exists(PoolFolder(home())));  // nothing of it was kept
}

TEST_F(FollowTest, AShorterLogIsARollback) {
  Choose();
  const std::string before = registry_.Bytes("checkpoint"),
                    manifest = registry_.Bytes("index/manifest.json");
  GoOn("jd:2");
  GoodSync();
  client_.lies["checkpoint"] = [&](const std::string&) { return before; };
  client_.lies["index/manifest.json"] = [&](const std::string&) { return manifest; };
  EXPECT_EQ(AlarmOf(Sync()), "rollback");
  ExpectSame(2);
  // The log of now with the index of before.
  client_.lies.erase("checkpoint");
  EXPECT_EQ(AlarmOf(Sync()), "rollback");
  client_.lies["index/manifest.json"] = [](const std::string&) { return std::nullopt; };
  EXPECT_EQ(AlarmOf(Sync()), "rollback");
  // While it cannot be reached, nothing is taken back.
  client_.away = true;
  const auto away = Sync();
  EXPECT_EQ(AlarmOf(away), "rollback");
  EXPECT_EQ(away.problems.size(), 1u);
  client_.away = false;
  client_.lies.clear();
  GoodSync();
  ExpectSame(2);
}

// The same key signs another history: its operator shows different people different logs.
TEST_F(FollowTest, AnotherHistoryUnderTheSameKeyIsAFork) {
  const fs::path copy = home_.path() / "before";
  fs::copy(registry_.data(), copy, fs::copy_options::recursive);
  GoOn("jd:2");
  Choose();
  GoodSync();
  const std::string seen = Ours("checkpoint");
  fs::remove_all(registry_.data());
  fs::copy(copy, registry_.data(), fs::copy_options::recursive);
  fs::remove_all(copy);
  GoOn("jd:3");
  EXPECT_EQ(AlarmOf(Sync()), "fork");  // of the same length
  GoOn("jd:4");
  const auto longer = Sync();
  EXPECT_EQ(AlarmOf(longer), "fork");
  EXPECT_EQ(Ours("checkpoint"), seen);
  EXPECT_FALSE(Ours("conflict.checkpoint").empty());
  EXPECT_TRUE(Knows("jd:2"));
  EXPECT_FALSE(Knows("jd:3"));
}

TEST_F(FollowTest, AnIndexThatIsTooOldIsAFreeze) {
  Choose();
  GoodSync();
  registry_.clock.Advance(std::chrono::days(31));
  const auto frozen = Sync();
  EXPECT_EQ(AlarmOf(frozen), "freeze");
  const auto since = frozen.registry.state.alarm->since;
  registry_.clock.Advance(std::chrono::days(1));
  EXPECT_EQ(Sync().registry.state.alarm->since, since);
  EXPECT_TRUE(Knows("taobao:1"));
  GoOn("jd:2");
  GoodSync();
  // From the future.
  registry_.clock.Advance(std::chrono::days(10));
  GoOn("jd:3");
  registry_.clock.Advance(-std::chrono::days(10));
  EXPECT_EQ(AlarmOf(Sync()), "freeze");
  ExpectSame(2);
}

TEST_F(FollowTest, OtherKeysAreAnAlarm) {
  Choose();
  GoodSync();
  const auto stranger = tlog::SignerKey::Generate("registry.example/log", tlog::KeyKind::kEd25519);
  for (const char* field : {"log_key", "operator_key", "nullifier_key"}) {
    client_.lies["registry.json"] = [&](const std::string& truth) {
      Json json = Json::parse(truth);
      json[field] = stranger->verifier().ToText();
      return json.dump();
    };
    EXPECT_EQ(AlarmOf(Sync()), "key") << field;
  }
  client_.lies.clear();
  client_.lies["checkpoint"] = [&](const std::string& truth) {
    const std::string text = truth.substr(0, truth.find("\n\n") + 1);
    return text + "\n" + stranger->SignatureLine(text, 0);
  };
  EXPECT_EQ(AlarmOf(Sync()), "key");
  client_.lies.clear();
  GoodSync();
}

TEST_F(FollowTest, IndexFilesThatTheLogDoesNotNameAreNotTaken) {
  Choose();
  const std::vector<FolderClient::Lie> lies = {
      [](const std::string& truth) { return truth.substr(0, truth.size() - 4096); },
      [](std::string truth) {
        truth[truth.size() / 2] ^= 1;
        return truth;
      },
      [](const std::string& truth) { return truth + truth; },
      [](const std::string&) { return std::string(); },
  };
  for (const char* name : {"index/1/sellers.kpi", "index/1/details.kpi"}) {
    for (const auto& lie : lies) {
      client_.lies = {{name, lie}};
      EXPECT_EQ(AlarmOf(Sync()), "index") << name;
      EXPECT_FALSE(Knows("taobao:1"));
    }
  }
  client_.lies.clear();
  client_.endless = true;
  EXPECT_EQ(AlarmOf(Sync()), "index");
  client_.endless = false;
  GoodSync();
  ExpectSame(1);
}

TEST_F(FollowTest, ABadDeltaIsMadeUpForByTheWholeFile) {
  Choose();
  GoodSync();
  GoOn("jd:2");
  client_.lies["index/2/sellers.delta"] = [](std::string truth) {
    truth.back() ^= 1;
    return truth;
  };
  const auto synced = GoodSync();
  EXPECT_TRUE(synced.note);
  ExpectSame(2);
  // The manifest lies about the delta, too: it leads nowhere.
  GoOn("jd:3");
  client_.lies["index/3/sellers.delta"] = [&](const std::string&) {
    return registry_.Bytes("index/2/sellers.delta");
  };
  client_.lies["index/manifest.json"] = [&](const std::string& truth) {
    Json json = Json::parse(truth);
    const std::string other = registry_.Bytes("index/2/sellers.delta");
    for (Json& one : json["deltas"]) {
      if (one["path"] != "index/3/sellers.delta") continue;
      one["bytes"] = other.size();
      one["sha256"] = tlog::ToBase64(tlog::AsText(tlog::Sha256({other})));
    }
    return json.dump();
  };
  EXPECT_TRUE(GoodSync().note);
  ExpectSame(3);
}

TEST_F(FollowTest, AManifestThatTheLogDoesNotHoldIsNotBelieved) {
  Choose();
  GoodSync();
  GoOn("jd:2");
  const auto change = [&](const std::function<void(Json&)>& how) {
    client_.lies["index/manifest.json"] = [how](const std::string& truth) {
      Json json = Json::parse(truth);
      how(json);
      return json.dump();
    };
  };
  change([](Json& json) { json["publish"] = 3; });
  EXPECT_EQ(AlarmOf(Sync()), "index");
  change([](Json& json) { json["proof"] = "c2sp.org/tlog-proof@v1\n"; });
  EXPECT_EQ(AlarmOf(Sync()), "index");
  change([](Json& json) { json["entry"] = "AAAA"; });
  EXPECT_EQ(AlarmOf(Sync()), "index");
  client_.lies["index/manifest.json"] = [](const std::string&) { return "{}"; };
  EXPECT_EQ(AlarmOf(Sync()), "index");
  client_.lies["index/manifest.json"] = [](const std::string&) {
    return std::string(kPublicJsonBytesMax + 1, ' ');
  };
  EXPECT_EQ(AlarmOf(Sync()), "index");
  ExpectSame(1);
  // What only the manifest says of files is not even looked at.
  change([](Json& json) {
    for (Json& file : json["files"]) file["sha256"] = json["files"][0]["sha256"];
  });
  GoodSync();
  ExpectSame(2);
}

TEST_F(FollowTest, TilesThatDoNotLeadToTheHeadAreTold) {
  Choose();
  GoodSync();
  GoOn("jd:2");
  for (const auto& one : fs::recursive_directory_iterator(registry_.root() / "tile")) {
    if (!one.is_regular_file()) continue;
    client_.lies[fs::relative(one, registry_.root()).string()] = [](std::string truth) {
      for (char& c : truth) c ^= 1;
      return truth;
    };
  }
  EXPECT_EQ(AlarmOf(Sync()), "index");  // no proof of a fork
  for (auto& [path, lie] : client_.lies) lie = [](const std::string&) { return std::nullopt; };
  const auto gone = Sync();
  EXPECT_EQ(AlarmOf(gone), "index");  // still: nothing showed that it was taken back
  EXPECT_EQ(gone.problems.size(), 1u);
  ExpectSame(1);
  client_.lies.clear();
  GoodSync();
}

TEST_F(FollowTest, GoesOnWhereItWasCutOff) {
  Choose();
  client_.cut_after = 3000;
  const auto cut = Sync();
  ASSERT_EQ(cut.problems.size(), 1u);
  EXPECT_EQ(cut.problems.front().code, ErrorCode::kUnavailable);
  EXPECT_FALSE(cut.registry.state.alarm);
  EXPECT_FALSE(Knows("taobao:1"));
  client_.cut_after.reset();
  client_.asked.clear();
  GoodSync();
  ExpectSame(1);
  EXPECT_THAT(client_.asked, Contains(HasSubstr("sellers.kpi@")));
}

TEST_F(FollowTest, AServerWithoutRangesStartsOver) {
  Choose();
  client_.knows_ranges = false;
  client_.cut_after = 3000;
  EXPECT_EQ(Sync().problems.size(), 1u);
  client_.cut_after.reset();
  GoodSync();
  ExpectSame(1);
}

// A crash between the two renames: the older file and the newer one side by side.
TEST_F(FollowTest, WhatACrashLeftIsFinished) {
  Choose();
  GoodSync();
  const std::string old_details = Ours("details.kpi");
  GoOn("jd:2");
  GoodSync();
  ASSERT_TRUE(WriteFileAtomic(Folder() / "details.kpi.next", Ours("details.kpi")));
  ASSERT_TRUE(WriteFileAtomic(Folder() / "details.kpi", old_details));
  EXPECT_TRUE(Knows("jd:2"));
  client_.asked.clear();
  GoodSync();
  ExpectSame(2);
  EXPECT_THAT(client_.asked, Not(Contains(HasSubstr("details"))));
}

TEST_F(FollowTest, SellersLeaveOnlyWithWhatWasRemoved) {
  registry_.clock.Advance(std::chrono::days(1));
  const auto entries = registry_.Tell("jd:2", OutcomeKind::kLate, 5);
  Publish();
  Choose();
  GoodSync();
  EXPECT_TRUE(Knows("jd:2"));
  for (const uint64_t entry : entries) {
    const auto removed = registry_.Run(
        {"remove", "--data", registry_.data(), "--entry", StrCat(entry), "--reason", "made up"});
    ASSERT_EQ(removed.code, 0) << removed.err;
  }
  registry_.clock.Advance(std::chrono::days(1));
  Publish();
  GoodSync();
  EXPECT_FALSE(Knows("jd:2"));
}

TEST_F(FollowTest, ARegistryCountsAsFarAsTheShopperTrustsIt) {
  registry_.clock.Advance(std::chrono::days(1));
  registry_.Tell("jd:9", OutcomeKind::kLate, 6);
  Publish();
  Choose();
  GoodSync();
  LookUp look_up(home());
  const std::vector<std::string> keys = {"jd:9"};
  const auto answers = [&] { return look_up.Find(keys, registry_.clock.Now()).registries; };
  ASSERT_EQ(answers().size(), 1u);
  EXPECT_EQ(answers().front().source.trust, 100);
  RegistrySettings settings;
  settings.trust = 50;
  ASSERT_TRUE(SaveSettings(home(), id_, settings));
  ASSERT_EQ(answers().size(), 1u);
  const Source halved = answers().front().source;
  EXPECT_EQ(halved.trust, 50);
  // Told afterwards alone, jd:9 has no weight of its own to halve.
  index::SellerAnswer said;
  said.evidence.counts[kLong] = {.bad = 8 * kOne, .good = 20 * kOne};
  said.evidence.never = 2 * kOne;
  const PooledReports reports = ReportsOf(halved, said);
  EXPECT_EQ(reports.counts[kLong].bad, 4 * kOne);
  EXPECT_EQ(reports.counts[kLong].good, 10 * kOne);
  EXPECT_EQ(reports.never, kOne);
  settings.trust = 0;
  ASSERT_TRUE(SaveSettings(home(), id_, settings));
  EXPECT_TRUE(answers().empty());
  GoodSync();  // followed all the same
}

class WitnessedTest : public FollowTest {
 protected:
  WitnessedTest() { asked_.witnesses = {witness_.verifier().ToText()}; }
  std::string Signed(const std::string& note) const {
    return note +
           witness_.SignatureLine(
               tlog::Note::Parse(note)->text,
               static_cast<uint64_t>(registry_.clock.Now().time_since_epoch().count() / 1000));
  }
  // What the registry keeps of this witness: the head of now, cosigned now.
  void Cosign() const {
    const fs::path path = registry_.root() / tlog::CosignedPath(witness_.verifier());
    fs::create_directories(path.parent_path());
    ASSERT_TRUE(WriteFileAtomic(path, Signed(registry_.Bytes("checkpoint"))));
  }

  const tlog::SignerKey witness_ =
      tlog::SignerKey::Generate("witness.example", tlog::KeyKind::kCosignature).value();
  RegistrySettings asked_;
};

TEST_F(WitnessedTest, OneThatIsAskedForMustHaveCosigned) {
  EXPECT_FALSE(AskRegistry(client_, FolderClient::kAddress, Key(), asked_));
  // Another log's registry may write the line into the checkpoint itself.
  client_.lies["checkpoint"] = [this](const std::string& truth) { return Signed(truth); };
  Choose(asked_);
  GoodSync();
  client_.lies.clear();
  const auto missing = Sync();
  EXPECT_EQ(AlarmOf(missing), "key");
  EXPECT_THAT(missing.registry.state.alarm->message, HasSubstr("witness.example"));
  Cosign();
  GoodSync();
  // A line that is another's, or of something else.
  for (const auto& [from, to] :
       {std::pair("witness.example ", "another.example "), {"\n", "\nx"}}) {
    client_.lies[tlog::CosignedPath(witness_.verifier())] = [&](std::string truth) {
      return truth.replace(truth.rfind(from), strlen(from), to);
    };
    EXPECT_FALSE(AlarmOf(Sync()).empty());
  }
}

TEST_F(WitnessedTest, AnIndexIsTakenOnceItIsCosigned) {
  Cosign();
  Choose(asked_);
  GoodSync();
  ExpectSame(1);
  // More came in: the head is newer than what was cosigned, which is no reason for an alarm.
  Tell("jd:2", 1);
  EXPECT_FALSE(GoodSync().note);
  GoOn("jd:2");
  const auto waiting = GoodSync();
  ASSERT_TRUE(waiting.note);
  EXPECT_THAT(*waiting.note, HasSubstr("publish 2"));
  ExpectSame(1);
  Cosign();
  EXPECT_FALSE(GoodSync().note);
  ExpectSame(2);
}

TEST_F(WitnessedTest, OneThatStoppedIsAFreezeInTheEnd) {
  Cosign();
  Choose(asked_);
  GoodSync();
  for (int day = 0; day < 31; ++day) {
    EXPECT_EQ(AlarmOf(Sync()), "") << day;
    if (day % 10 == 0) {
      GoOn(StrCat("jd:", day));
    } else {
      registry_.clock.Advance(std::chrono::days(1));
    }
  }
  const auto frozen = Sync();
  EXPECT_EQ(AlarmOf(frozen), "freeze");
  EXPECT_THAT(frozen.registry.state.alarm->message, HasSubstr("cosigned"));
  EXPECT_EQ(frozen.registry.state.publish, 1u);  // the last good one
  Cosign();
  GoodSync();
  // The same head, cosigned by a clock that is ahead.
  registry_.clock.Advance(std::chrono::days(10));
  Cosign();
  registry_.clock.Advance(-std::chrono::days(10));
  EXPECT_EQ(AlarmOf(Sync()), "freeze");
}

TEST_F(WitnessedTest, AnotherHistoryThanTheCosignedOneIsAFork) {
  const fs::path copy = home_.path() / "before";
  fs::copy(registry_.data(), copy, fs::copy_options::recursive);
  GoOn("jd:2");
  Cosign();
  const std::string path = tlog::CosignedPath(witness_.verifier()),
                    cosigned = registry_.Bytes(path);
  fs::remove_all(registry_.data());
  fs::copy(copy, registry_.data(), fs::copy_options::recursive);
  fs::remove_all(copy);
  GoOn("jd:3");
  client_.lies[path] = [&](const std::string&) { return cosigned; };
  // Who comes anew has seen nothing: the witness has.
  EXPECT_FALSE(AskRegistry(client_, FolderClient::kAddress, Key(), asked_));
  Choose();
  ASSERT_TRUE(SaveSettings(home(), id_, asked_));
  EXPECT_EQ(AlarmOf(Sync()), "fork");
  EXPECT_EQ(Ours("conflict.checkpoint"), cosigned);
  EXPECT_FALSE(Knows("jd:3"));
}

TEST_F(FollowTest, WithoutWhatWasSeenItDoesNotStartAnew) {
  Choose();
  GoodSync();
  fs::remove(Folder() / "checkpoint");
  const auto synced = Sync();
  ASSERT_EQ(synced.problems.size(), 1u);
  EXPECT_EQ(synced.problems.front().code, ErrorCode::kDamaged);
  EXPECT_TRUE(Knows("taobao:1"));
}

TEST_F(FollowTest, ARegistryIsForgottenWhole) {
  Choose();
  GoodSync();
  EXPECT_TRUE(FindRegistry(home(), "Fair shops"));
  EXPECT_FALSE(FindRegistry(home(), "Fair"));
  ASSERT_TRUE(ForgetRegistry(home(), id_));
  EXPECT_FALSE(fs::exists(Folder()));
  EXPECT_FALSE(Knows("taobao:1"));
  EXPECT_EQ(ForgetRegistry(home(), id_).error().code, ErrorCode::kNotFound);
}

struct Partner : SyncPartner {
  Expected<void> Before(const Registry&, HttpClient&) override {
    ++before;
    return {};
  }
  Expected<std::optional<Alarm>> After(const Registry&, HttpClient&, VerifiedLog& log) override {
    ++after;
    entry = log.Entry(0).value_or("");
    return alarm;
  }
  int before = 0, after = 0;
  std::string entry;
  std::optional<Alarm> alarm;
};

TEST_F(FollowTest, APartnerSeesTheProvedLogAndItsAlarmIsKept) {
  Choose();
  Partner partner;
  partner.alarm = Alarm{"vanished", "a report vanished", registry_.clock.Now()};
  EXPECT_EQ(AlarmOf(Sync(&partner)), "vanished");
  EXPECT_EQ(partner.entry.substr(0, 1), "\x02");
  EXPECT_EQ(AlarmOf(Sync()), "vanished");  // nobody looked
  client_.away = true;
  EXPECT_EQ(AlarmOf(Sync(&partner)), "vanished");
  EXPECT_EQ(partner.before, 2);
  EXPECT_EQ(partner.after, 1);
  client_.away = false;
  partner.alarm.reset();
  EXPECT_EQ(AlarmOf(Sync(&partner)), "");
}

}  // namespace
}  // namespace kaopu::pool
