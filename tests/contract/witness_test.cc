// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Witness, registry and shopper as real programs over HTTP on this machine: what a witness answers
// (c2sp.org/tlog-witness), and what a shopper who asks for it is kept from.
#include "tlog/witness.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "support/made_log.h"
#include "support/shopper_home.h"
#include "support/witness_server.h"
#include "tlog/checkpoint.h"

namespace kaopu::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

tlog::VerifierKey KeyOf(const std::string& text) { return tlog::VerifierKey::Parse(text).value(); }

class WitnessProgram : public ::testing::Test {
 protected:
  WitnessProgram() : witness_(folder_.path() / "witness", "witness.example") {
    EXPECT_TRUE(witness_.Start()) << witness_.Log();
    witness_.Follow(log_.key());  // beside the running one
    client_.emplace(witness_.port());
  }
  HttpResponse Ask(const std::string& body) {
    const auto response = client_->Request("POST", "/add-checkpoint", body);
    EXPECT_TRUE(response);
    return response.value_or(HttpResponse{});
  }
  int StatusOf(const std::string& body) { return Ask(body).status; }

  TempFolder folder_;
  WitnessServer witness_;
  MadeLog log_{"log.example/a"};
  std::optional<HttpClient> client_;
};

TEST_F(WitnessProgram, AnswersAsTheSpecificationSays) {
  log_.Grow(5);
  const auto first = Ask(log_.Request(0).ToText());
  ASSERT_EQ(first.status, 200) << first.body;
  EXPECT_TRUE(
      tlog::TakeCosignature(log_.Checkpoint(), first.body, log_.key(), KeyOf(witness_.key())));
  log_.Grow(300);
  const auto conflict = Ask(log_.Request(0).ToText());
  EXPECT_EQ(conflict.status, 409);
  EXPECT_THAT(conflict.head, HasSubstr("Content-Type: text/x.tlog.size\r\n"));
  EXPECT_EQ(conflict.body, "5\n");
  EXPECT_EQ(StatusOf(log_.Request(5).ToText()), 200);

  EXPECT_EQ(StatusOf("old 5\n"), 400);
  EXPECT_EQ(StatusOf(log_.Request(301).ToText()), 400);
  MadeLog stranger("log.example/b"), forger(log_.origin()), other(log_.origin());
  EXPECT_EQ(StatusOf(stranger.Request(0).ToText()), 404);
  EXPECT_EQ(StatusOf(forger.Request(0).ToText()), 403);
  auto request = log_.Request(300);
  request.proof.push_back({});
  EXPECT_EQ(StatusOf(request.ToText()), 422);
  EXPECT_EQ(StatusOf(std::string(tlog::kAddCheckpointBytesMax + 1, 'x')), 413);
  EXPECT_EQ(client_->Request("GET", "/add-checkpoint")->status, 405);
  EXPECT_THAT(witness_.Log(), HasSubstr("not_cosigned"));

  const auto files = ListFiles(witness_.data() / "logs", ".json").value();
  const auto shown = client_->Request("GET", StrCat("/", files[0].stem().string(), "/checkpoint"));
  ASSERT_EQ(shown->status, 200);
  const auto key = KeyOf(witness_.key());
  const auto head = tlog::VerifyCheckpoint(shown->body, log_.key(), {&key, 1});
  ASSERT_TRUE(head);
  EXPECT_EQ(head->checkpoint.size, 300u);
  EXPECT_EQ(head->cosignatures.size(), 1u);

  EXPECT_THAT(client_->Request("GET", "/")->body, HasSubstr(witness_.key()));
  EXPECT_THAT(client_->Request("GET", "/health")->body, HasSubstr("\"status\":\"ok\""));
  const std::string metrics = client_->Request("GET", "/metrics")->body;
  EXPECT_THAT(metrics, HasSubstr("kaopu_cosigned_entries{log=\"log.example/a\"} 300\n"));
  EXPECT_THAT(metrics, HasSubstr("route=\"add-checkpoint\",status=\"200\"} 2\n"));

  EXPECT_EQ(witness_.Run({"drop", log_.origin()}).code, 0);
  EXPECT_EQ(StatusOf(log_.Request(300).ToText()), 404);
  EXPECT_THAT(witness_.Run({"about"}).out, HasSubstr("300 entries were cosigned last; dropped"));
}

class WitnessCircle : public ::testing::Test {
 protected:
  WitnessCircle() : witness_(folder_.path() / "witness", "witness.example") {}
  void SetUp() override {
    ASSERT_EQ(registry_.Init().code, 0);
    witness_.Follow(LogKey());
    ASSERT_TRUE(witness_.Start()) << witness_.Log();
    WriteSettings();
    ASSERT_TRUE(registry_.Start()) << registry_.Log();
  }
  tlog::VerifierKey LogKey() const {
    return KeyOf(Json::parse(registry_.Public("registry.json")).value("log_key", ""));
  }
  void WriteSettings(const std::string& more = {}) const {
    std::ofstream(registry_.data() / "registry.toml")
        << "witness = \"" << witness_.AddressAndKey() << "\"\n"
        << more;
  }
  // Five reports on a seller, who is then in the index.
  void Tell(const RegistryServer& to, const std::string& seller) {
    HttpClient client(to.port());
    for (int i = 0; i < 5; ++i) {
      const auto sent = SendReport(client, Shopper().Seal(Shopper::Order(seller)));
      ASSERT_TRUE(sent && sent->status == 200);
    }
  }
  RegistryServer::Ran Publish(const RegistryServer& registry) const {
    return RegistryServer::Run({"publish", "--data", registry.data().string()}, folder_.path());
  }
  RegistryServer::Ran Audit(const RegistryServer& registry) const {
    return RegistryServer::Run({"audit", "--log-only", "--from", registry.data() / "public",
                                "--key", LogKey().ToText(), "--witness", witness_.key()},
                               folder_.path());
  }
  ShopperHome Following(const RegistryServer& registry, const std::string& name,
                        const std::vector<std::string>& more = {}) const {
    ShopperHome home(folder_.path() / name, registry);
    std::vector<std::string> arguments = {"registry", "add",
                                          StrCat("http://127.0.0.1:", registry.port()), "--key",
                                          LogKey().ToText()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const auto added = home.Run(arguments);
    EXPECT_EQ(added.code, 0) << added.err;
    return home;
  }
  ShopperHome Asking(const RegistryServer& registry, const std::string& name) const {
    return Following(registry, name, {"--witness", witness_.key()});
  }
  static Json StateOf(const Json& synced) { return synced["registries"][0]; }
  static Json Sync(const ShopperHome& home, int code = 0) {
    const auto ran = home.Run({"sync", "--json"});
    EXPECT_EQ(ran.code, code) << ran.out << ran.err;
    return StateOf(Json::parse(ran.out, nullptr, false));
  }
  static std::string AlarmOf(const Json& synced) {
    return synced["alarm"].is_null() ? "" : synced["alarm"].value("kind", "");
  }
  std::filesystem::path CosignedFile(const RegistryServer& registry) const {
    return registry.data() / "public" / tlog::CosignedPath(KeyOf(witness_.key()));
  }
  uint64_t CosignedSize(const RegistryServer& registry) const {
    const auto key = KeyOf(witness_.key());
    const auto note = ReadFile(CosignedFile(registry), 1 << 20);
    if (!note) return 0;
    const auto head = tlog::VerifyCheckpoint(*note, LogKey(), {&key, 1});
    EXPECT_TRUE(head && head->cosignatures.size() == 1);
    return head ? head->checkpoint.size : 0;
  }

  TempFolder folder_;
  RegistryServer registry_{folder_.path() / "registry"};
  WitnessServer witness_;
};

TEST_F(WitnessCircle, AShopperWhoAsksForItFollowsWhatItCosigned) {
  Tell(registry_, "taobao:1");
  const auto published = Publish(registry_);
  EXPECT_EQ(published.code, 0);
  EXPECT_THAT(published.err, Not(HasSubstr("cosigned")));
  EXPECT_GT(CosignedSize(registry_), 6u);
  const ShopperHome home = Asking(registry_, "home");
  EXPECT_EQ(AlarmOf(Sync(home)), "");
  EXPECT_EQ(Sync(home)["publish"], 1);
  // Reports come in, and with them heads that nobody has cosigned yet.
  Tell(registry_, "taobao:2");
  EXPECT_EQ(AlarmOf(Sync(home)), "");
  EXPECT_EQ(Publish(registry_).code, 0);
  EXPECT_EQ(Sync(home)["publish"], 2);
  // Whoever audits the log is told, whatever came in since.
  Tell(registry_, "taobao:3");
  EXPECT_THAT(Audit(registry_).out, HasSubstr("cosigned by 1 of 1 witnesses"));
  EXPECT_EQ(Publish(registry_).code, 0);
  // Nothing new: the cosignature's time is, though, a second later.
  const std::string before = ReadFile(CosignedFile(registry_), 1 << 20).value();
  std::this_thread::sleep_for(Millis(1100));
  EXPECT_THAT(Publish(registry_).out, HasSubstr("Nothing new"));
  EXPECT_NE(ReadFile(CosignedFile(registry_), 1 << 20).value(), before);
  EXPECT_EQ(AlarmOf(Sync(home)), "");
}

TEST_F(WitnessCircle, OneThatIsAwayStopsPublishingOnlyWhereItIsRequired) {
  Tell(registry_, "taobao:1");
  EXPECT_EQ(Publish(registry_).code, 0);
  const ShopperHome home = Asking(registry_, "home");
  EXPECT_EQ(Sync(home)["publish"], 1);
  const uint64_t cosigned = CosignedSize(registry_);
  witness_.Stop();
  Tell(registry_, "taobao:2");
  const auto published = Publish(registry_);
  EXPECT_EQ(published.code, 0);
  EXPECT_THAT(published.err, HasSubstr("not cosigned by witness.example"));
  EXPECT_EQ(CosignedSize(registry_), cosigned);
  const Json waiting = Sync(home);
  EXPECT_EQ(AlarmOf(waiting), "");
  EXPECT_EQ(waiting["publish"], 1);
  EXPECT_THAT(waiting["note"].dump(), HasSubstr("publish 2"));
  // Who asks for no witness goes on.
  EXPECT_EQ(Sync(Following(registry_, "other"))["publish"], 2);

  WriteSettings("witnesses-required = 1\n");
  Tell(registry_, "taobao:3");
  const auto held = Publish(registry_);
  EXPECT_EQ(held.code, 5);
  EXPECT_THAT(held.err, HasSubstr("0 of 1 witnesses"));
  EXPECT_EQ(Json::parse(registry_.Public("index/manifest.json")).value("publish", 0), 2);
  ASSERT_TRUE(witness_.Start());
  EXPECT_EQ(Publish(registry_).code, 0);
  EXPECT_GT(CosignedSize(registry_), cosigned);
  EXPECT_EQ(Sync(home)["publish"], 3);
}

TEST_F(WitnessCircle, AMissingCosignatureAndAnOldOneAreAlarms) {
  Tell(registry_, "taobao:1");
  EXPECT_EQ(Publish(registry_).code, 0);
  const ShopperHome home = Asking(registry_, "home");
  EXPECT_EQ(AlarmOf(Sync(home)), "");
  const std::string good = ReadFile(CosignedFile(registry_), 1 << 20).value();
  std::filesystem::remove(CosignedFile(registry_));
  EXPECT_EQ(AlarmOf(Sync(home, 6)), "key");
  // As a witness leaves it that stopped 31 days ago.
  std::string key = ReadFile(witness_.data() / "witness.key", 4096).value();
  key.pop_back();
  const auto signer = tlog::SignerKey::Parse(key).value();
  const std::string text = tlog::Note::Parse(good)->text;
  const auto then =
      std::chrono::floor<std::chrono::seconds>(SystemClock().Now()) - std::chrono::days(31);
  ASSERT_TRUE(WriteFileAtomic(
      CosignedFile(registry_),
      StrCat(good.substr(0, good.rfind("\n", good.size() - 2) + 1),
             signer.SignatureLine(text, static_cast<uint64_t>(then.time_since_epoch().count()))),
      0644));
  EXPECT_EQ(AlarmOf(Sync(home, 6)), "freeze");
  // It is asked again with the next publish, new or not.
  EXPECT_EQ(Publish(registry_).code, 0);
  EXPECT_EQ(AlarmOf(Sync(home)), "");
}

TEST_F(WitnessCircle, AForkedRegistryIsRefusedByTheWitnessAndByTheShopper) {
  Tell(registry_, "taobao:1");
  EXPECT_EQ(Publish(registry_).code, 0);
  const ShopperHome home = Asking(registry_, "home");
  EXPECT_EQ(Sync(home)["publish"], 1);
  // The same keys with two histories.
  ASSERT_EQ(registry_.Stop(), 0);
  std::filesystem::copy(registry_.data(), folder_.path() / "fork",
                        std::filesystem::copy_options::recursive);
  RegistryServer fork(folder_.path() / "fork");
  ASSERT_TRUE(registry_.Start());
  ASSERT_TRUE(fork.Start());
  const uint64_t common = CosignedSize(fork);
  Tell(registry_, "taobao:2");
  EXPECT_EQ(Publish(registry_).code, 0);
  Tell(fork, "taobao:3");
  const auto refused = Publish(fork);
  EXPECT_THAT(refused.err, HasSubstr("not cosigned by witness.example"));
  Tell(fork, "taobao:4");
  EXPECT_THAT(Publish(fork).err, HasSubstr("status 422"));
  EXPECT_EQ(CosignedSize(fork), common);
  EXPECT_GT(CosignedSize(registry_), common);
  EXPECT_THAT(witness_.Log(), HasSubstr("\"status\":422"));
  // Somebody new, to whom the fork is shown, gets none of its indexes.
  const ShopperHome deceived = Asking(fork, "deceived");
  const Json shown = Sync(deceived);
  EXPECT_EQ(shown["publish"], 0) << shown;
  EXPECT_THAT(shown["note"].dump(), HasSubstr("cosigned"));
  // With the true one's cosignature in its folder it contradicts itself.
  std::filesystem::copy_file(CosignedFile(registry_), CosignedFile(fork),
                             std::filesystem::copy_options::overwrite_existing);
  EXPECT_EQ(AlarmOf(Sync(deceived, 6)), "fork");
  const auto audit = Audit(fork);
  EXPECT_EQ(audit.code, 6);
  EXPECT_THAT(audit.err, HasSubstr("that witness.example cosigned"));
}

TEST_F(WitnessCircle, AServedRegistryAsksByItselfAndSaysWhoDidNotAnswer) {
  ASSERT_EQ(registry_.Stop(), 0);
  std::ofstream(registry_.data() / "registry.toml")
      << "witness = [\"" << witness_.AddressAndKey() << "\", \"http://127.0.0.1:1="
      << tlog::SignerKey::Generate("away.example", tlog::KeyKind::kCosignature)->verifier().ToText()
      << "\"]\n";
  ListeningProgram served;
  const auto log = folder_.path() / "served.log";
  ASSERT_TRUE(served.Start({RegistryServer::kProgram, "serve", "--data", registry_.data(),
                            "--listen", "127.0.0.1:0", "--publish-minutes", "60"},
                           log));
  HttpClient client(served.port());
  std::string metrics;
  for (int i = 0; i < 300 && metrics.find("witness_answered{witness=\"away") == metrics.npos; ++i) {
    std::this_thread::sleep_for(Millis(100));
    metrics = client.Request("GET", "/metrics")->body;
  }
  EXPECT_THAT(metrics, HasSubstr("kaopu_witness_answered{witness=\"away.example\"} 0\n"));
  EXPECT_THAT(metrics, HasSubstr("kaopu_witness_answered{witness=\"witness.example\"} 1\n"));
  EXPECT_THAT(ReadFile(log, 1 << 20).value(), HasSubstr("\"event\":\"not_cosigned\""));
  const auto note = client.Request("GET", StrCat("/", tlog::CosignedPath(KeyOf(witness_.key()))));
  EXPECT_EQ(note->status, 200);
  EXPECT_THAT(note->head, HasSubstr("Cache-Control: no-cache"));
  EXPECT_THAT(note->body, HasSubstr("witness.example"));
  EXPECT_EQ(served.Stop(), 0);
}

}  // namespace
}  // namespace kaopu::testing
