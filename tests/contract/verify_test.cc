// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// `kaopu verify` proves without a network that the index files on this disk are those that the
// registry's log names: the real programs, synced over HTTP on this machine, then all that can
// become of the files.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>

#include "index/index_file.h"
#include "pool/net/choose.h"
#include "pool/pool_folder.h"
#include "support/registry_server.h"

namespace kaopu::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

using Files = std::map<std::string, std::string>;

class VerifyTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(server_.Init().code, 0);
    Publish();
    ASSERT_TRUE(server_.Start()) << server_.Log();
    const auto info = pool::RegistryInfo::Parse(server_.Public("registry.json"));
    ASSERT_TRUE(info) << info.error().message;
    key_ = info->log_key;
    id_ = pool::RegistryIdOf(key_);
    Add();
    Sync();
    ASSERT_EQ(server_.Stop(), 0);  // nothing of what follows may need it
  }

  // Five orders of a seller that nobody told of before, so that there is something to publish.
  void Publish() {
    ASSERT_TRUE(server_.Start()) << server_.Log();
    HttpClient client(server_.port());
    const std::string seller = StrCat("jd:", 1000 + ++sellers_);
    for (int i = 0; i < 5; ++i) {
      const auto answer = SendReport(client, Shopper().Seal(Shopper::Order(seller)));
      ASSERT_TRUE(answer && answer->status == 200) << (answer ? answer->body : "no answer");
    }
    ASSERT_EQ(server_.Stop(), 0);
    const auto ran = RegistryServer::Run({"publish", "--data", server_.data().string()}, Scratch());
    ASSERT_EQ(ran.code, 0) << ran.err;
    ASSERT_THAT(ran.out, HasSubstr(StrCat("Publish ", sellers_, ","))) << ran.out;
  }
  void Add() {
    const auto ran =
        Kaopu({"registry", "add", StrCat("http://127.0.0.1:", server_.port()), "--key", key_});
    ASSERT_EQ(ran.code, 0) << ran.err;
  }
  void Sync(int code = 0) {
    const auto ran = Kaopu({"sync"});
    EXPECT_EQ(ran.code, code) << ran.out << ran.err;
  }
  void PublishAndStart() {
    Publish();
    Start();
  }
  // On another port: the registry has moved.
  void Start() {
    ASSERT_TRUE(server_.Start()) << server_.Log();
    Add();
  }

  RegistryServer::Ran Kaopu(std::vector<std::string> arguments,
                            const std::string& language = "C") const {
    arguments.insert(arguments.begin(), KAOPU_BINARY_DIR "/kaopu");
    Child child(arguments,
                {{"KAOPU_HOME", Home().string()}, {"KAOPU_KEYRING", "none"}, {"LC_ALL", language}},
                Scratch() / "kaopu.err");
    child.CloseInput();
    RegistryServer::Ran ran;
    ran.out = child.ReadToEnd(Millis(120'000));
    ran.code = child.Wait(Millis(120'000)).value_or(-1);
    ran.err = ReadFile(Scratch() / "kaopu.err", 1 << 20).value_or("");
    return ran;
  }
  // State of each thing of the registry: "index" -> "proven".
  std::map<std::string, std::string> Verify(int code) {
    const auto ran = Kaopu({"verify", "--all", "--json"});
    EXPECT_EQ(ran.code, code) << ran.out << ran.err;
    const Json json = Json::parse(ran.out, nullptr, false);
    std::map<std::string, std::string> states;
    size_t wrong = 0, not_proven = 0;
    if (!json.is_object()) {
      ADD_FAILURE() << ran.out;
      return states;
    }
    for (const Json& one : json["checks"]) {
      const std::string state = one["state"];
      states[one["what"]] = state;
      messages_[one["what"]] = one["message"].is_null() ? "" : one["message"].get<std::string>();
      EXPECT_EQ(one["ok"], state != "wrong");
      wrong += state == "wrong" ? 1 : 0;
      not_proven += state == "not_proven" ? 1 : 0;
    }
    EXPECT_EQ(json["ok"], code == 0);
    EXPECT_EQ(json["wrong"], wrong);
    EXPECT_EQ(json["not_proven"], not_proven);
    return states;
  }
  void ExpectProven() {
    auto states = Verify(0);
    EXPECT_EQ(states["index"], "proven") << messages_["index"];
    EXPECT_EQ(states["details"], "proven") << messages_["details"];
    EXPECT_EQ(states["proof"], "sound") << messages_["proof"];
  }

  fs::path Scratch() const { return folder_.path(); }
  fs::path Home() const { return Scratch() / "home"; }
  fs::path Pool() const { return pool::PoolFolder(Home()) / id_; }
  Files Ours() const {
    Files files;
    for (const auto& entry : fs::directory_iterator(Pool())) {
      if (entry.is_regular_file()) {
        files[entry.path().filename().string()] = ReadFile(entry.path(), 1 << 24).value_or("");
      }
    }
    return files;
  }
  void Put(const Files& files) const {
    fs::remove_all(Pool());
    fs::create_directories(Pool());
    for (const auto& [name, bytes] : files) ASSERT_TRUE(WriteFileAtomic(Pool() / name, bytes));
  }
  // Publishes anew and syncs.
  Files Newer() {
    PublishAndStart();
    Sync();
    EXPECT_EQ(server_.Stop(), 0);
    return Ours();
  }
  void ExpectSyncHeals() {
    Start();
    Sync();
    ExpectProven();
    EXPECT_EQ(server_.Stop(), 0);
  }

  TempFolder folder_;
  RegistryServer server_{folder_.path() / "registry"};
  std::string key_, id_;
  int sellers_ = 0;
  std::map<std::string, std::string> messages_;
};

TEST_F(VerifyTest, WhatASyncTookIsProvenWithoutANetwork) {
  ExpectProven();
  EXPECT_EQ(Ours()["manifest.json"], server_.Public("index/manifest.json"));
  const auto english = Kaopu({"verify"}), chinese = Kaopu({"verify"}, "zh_CN.UTF-8");
  EXPECT_THAT(english.out, HasSubstr("the one that the registry's signed log names"));
  EXPECT_THAT(english.out, HasSubstr("Everything on this computer is sound."));
  EXPECT_THAT(chinese.out, HasSubstr("登记处签名日志所指明的文件"));
  Newer();  // by deltas
  ExpectProven();
}

TEST_F(VerifyTest, FilesThatTheLogDoesNotNameAreWrong) {
  const Files good = Ours();
  const std::map<std::string, std::string> files = {{"sellers.kpi", "index"},
                                                    {"details.kpi", "details"}};
  for (const auto& [name, what] : files) {
    for (const size_t at : {size_t{0}, good.at(name).size() / 2, good.at(name).size() - 1}) {
      Files bad = good;
      bad[name][at] ^= 1;
      Put(bad);
      EXPECT_EQ(Verify(6)[what], "wrong") << name << " byte " << at;
      EXPECT_THAT(messages_[what], HasSubstr("kaopu sync"));
    }
    Files bad = good;
    bad.erase(name);
    Put(bad);
    EXPECT_EQ(Verify(6)[what], "wrong") << name;
  }
  Files swapped = good;
  std::swap(swapped["sellers.kpi"], swapped["details.kpi"]);
  Put(swapped);
  EXPECT_EQ(Verify(6)["index"], "wrong");

  // Of another registry: whole and honest there.
  const std::string other = (Scratch() / "other").string();
  ASSERT_EQ(
      RegistryServer::Run(
          {"init", "--data", other, "--name", "other.example/log", "--work-bits", "0"}, Scratch())
          .code,
      0);
  ASSERT_EQ(RegistryServer::Run({"publish", "--data", other}, Scratch()).code, 0);
  Files foreign = good;
  foreign["sellers.kpi"] =
      ReadFile(fs::path(other) / "public/index/1/sellers.kpi", 1 << 24).value_or("");
  ASSERT_FALSE(foreign["sellers.kpi"].empty());
  Put(foreign);
  EXPECT_EQ(Verify(6)["index"], "wrong");
  EXPECT_THAT(messages_["index"], HasSubstr("another registry"));
  const auto chinese = Kaopu({"verify"}, "zh_CN.UTF-8");
  EXPECT_THAT(chinese.out, HasSubstr("它属于另一个登记处；运行 kaopu sync 会重新获取"));
  // With that registry's proof beside it, too.
  foreign["manifest.json"] =
      ReadFile(fs::path(other) / "public/index/manifest.json", 1 << 20).value_or("");
  Put(foreign);
  auto states = Verify(6);
  EXPECT_EQ(states["index"], "wrong");
  EXPECT_EQ(states["proof"], "wrong");
  ExpectSyncHeals();
}

// Every page whole, right kind, registry and publish: only the log can tell.
TEST_F(VerifyTest, AnIndexThatIsWholeAndMadeUpIsWrong) {
  const Files good = Ours();
  for (const auto& [name, what] : Files{{"sellers.kpi", "index"}, {"details.kpi", "details"}}) {
    Put(good);
    const auto file = index::IndexFile::Open(Pool() / name);
    ASSERT_TRUE(file) << file.error().message;
    index::Header header = file->header();
    header.salt[0] ^= 1;
    const index::PageBytes page = index::EncodeHeader(header);
    Files bad = good;
    bad[name].replace(0, page.size(), reinterpret_cast<const char*>(page.data()), page.size());
    Put(bad);
    EXPECT_EQ(Verify(6)[what], "wrong");
    EXPECT_THAT(messages_[what], HasSubstr("it is not the file that the log names"));
    bad.erase("manifest.json");
    Put(bad);
    EXPECT_EQ(Verify(0)[what], "not_proven");
  }
}

TEST_F(VerifyTest, AnOlderIndexIsNotTakenForTheNewerOne) {
  const Files one = Ours(), two = Newer();
  ASSERT_NE(one.at("sellers.kpi"), two.at("sellers.kpi"));
  Files back = two;
  back["sellers.kpi"] = one.at("sellers.kpi");
  Put(back);
  EXPECT_EQ(Verify(6)["index"], "wrong");
  back["details.kpi"] = one.at("details.kpi");
  back["manifest.json"] = one.at("manifest.json");
  Put(back);
  auto states = Verify(6);
  EXPECT_EQ(states["index"], "wrong");
  EXPECT_EQ(states["details"], "wrong");
  EXPECT_THAT(messages_["index"], HasSubstr("it is publish 1, but publish 2 was here before"));
  back.erase("manifest.json");
  Put(back);
  EXPECT_EQ(Verify(6)["index"], "wrong");
  // An older head under a newer proof.
  Files head = two;
  head["checkpoint"] = one.at("checkpoint");
  Put(head);
  EXPECT_EQ(Verify(6)["proof"], "wrong");
}

TEST_F(VerifyTest, WithoutAProofNothingIsProvenAndNothingIsWrong) {
  const Files good = Ours();
  Files old = good;
  old.erase("manifest.json");  // as an older version left it
  Put(old);
  auto states = Verify(0);
  EXPECT_EQ(states["index"], "not_proven");
  EXPECT_EQ(states["details"], "not_proven");
  EXPECT_FALSE(states.contains("proof"));
  EXPECT_THAT(messages_["index"], HasSubstr("next kaopu sync"));
  const auto english = Kaopu({"verify"}), chinese = Kaopu({"verify"}, "zh_CN.UTF-8");
  EXPECT_THAT(english.out, HasSubstr("not all of it could be proven"));
  EXPECT_THAT(english.out, Not(HasSubstr("Everything on this computer is sound")));
  EXPECT_THAT(chinese.out, HasSubstr("下次 kaopu sync 会保存证明"));
  // The damage that a file shows by itself is told all the same.
  old["sellers.kpi"].back() ^= 1;
  Put(old);
  EXPECT_EQ(Verify(6)["index"], "wrong");
  old["sellers.kpi"] = good.at("sellers.kpi");
  Put(old);
  ExpectSyncHeals();

  // A version without proofs synced in between: the proof is the older one, the files are not.
  const Files two = Newer();
  Files between = two;
  between["manifest.json"] = good.at("manifest.json");
  Put(between);
  states = Verify(0);
  EXPECT_EQ(states["index"], "not_proven");
  EXPECT_EQ(states["proof"], "not_proven");
}

TEST_F(VerifyTest, ADamagedProofIsWrong) {
  const Files good = Ours();
  const auto with = [&](const std::function<void(Json&)>& change) {
    Json json = Json::parse(good.at("manifest.json"));
    change(json);
    Files files = good;
    files["manifest.json"] = json.dump();
    Put(files);
  };
  const auto expect_wrong = [&](const char* how) {
    auto states = Verify(6);
    EXPECT_EQ(states["proof"], "wrong") << how;
    EXPECT_EQ(states["index"], "not_proven") << how;
    EXPECT_THAT(messages_["proof"], HasSubstr("kaopu sync")) << how;
  };
  for (const std::string text : {"", "{}", "not JSON", "\xff\xfe"}) {
    Files files = good;
    files["manifest.json"] = text;
    Put(files);
    expect_wrong(text.c_str());
  }
  Files files = good;
  files["manifest.json"] = std::string(1 << 20, ' ');
  Put(files);
  expect_wrong("too large");
  files["manifest.json"] = good.at("manifest.json").substr(0, 300);
  Put(files);
  expect_wrong("cut off");
  with([](Json& json) { json["proof"] = "c2sp.org/tlog-proof@v1\n"; });
  expect_wrong("no proof");
  with([](Json& json) {
    std::string proof = json["proof"];
    const size_t at = proof.find("\n\n");
    proof[at - 8] = proof[at - 8] == 'A' ? 'B' : 'A';  // in the last hash, or the index
    json["proof"] = proof;
  });
  expect_wrong("a hash");
  with([](Json& json) {
    std::string proof = json["proof"];
    const size_t at = proof.size() - 12;  // in the signature
    proof[at] = proof[at] == 'A' ? 'B' : 'A';
    json["proof"] = proof;
  });
  expect_wrong("the signature");
  with([](Json& json) {
    std::string entry = json["entry"];
    entry[40] = entry[40] == 'A' ? 'B' : 'A';
    json["entry"] = entry;
  });
  expect_wrong("the entry");
  fs::remove(Pool() / "manifest.json");
  fs::create_directory(Pool() / "manifest.json");
  expect_wrong("a folder");
  // What only the manifest says of files is nothing: the entry counts.
  with([](Json& json) {
    for (Json& file : json["files"]) file["sha256"] = json["files"][0]["sha256"];
  });
  ExpectProven();
  with([](Json& json) { json["proof"] = ""; });
  ExpectSyncHeals();
}

TEST_F(VerifyTest, NoPointWhereASyncEndsReadsAsAnAlarm) {
  const Files one = Ours(), two = Newer(), three = Newer();
  const std::string staged = "manifest.0011223344556677.json.next";
  std::vector<std::pair<const char*, std::function<void(Files&)>>> steps = {
      {"the head", [&](Files& now) { now["checkpoint"] = two.at("checkpoint"); }},
      {"the proof, staged", [&](Files& now) { now[staged] = two.at("manifest.json"); }},
      {"sellers", [&](Files& now) { now["sellers.kpi"] = two.at("sellers.kpi"); }},
      {"details", [&](Files& now) { now["details.kpi"] = two.at("details.kpi"); }},
      {"the proof", [&](Files& now) { now["manifest.json"] = two.at("manifest.json"); }},
      {"left-overs", [&](Files& now) { now.erase(staged); }},
      {"sync.json", [&](Files& now) { now["sync.json"] = two.at("sync.json"); }}};
  Files now = one, old = one, late = one;
  old.erase("manifest.json");
  for (const auto& [name, step] : steps) {
    SCOPED_TRACE(name);
    step(now);
    Put(now);
    ExpectProven();
    // The same in a home that never had a proof.
    step(old);
    Put(old);
    Verify(0);
    // A later sync ended as early as it can on top of it.
    step(late);
    Files twice = late;
    twice["checkpoint"] = three.at("checkpoint");
    twice["manifest.8899aabbccddeeff.json.next"] = three.at("manifest.json");
    Put(twice);
    ExpectProven();
    // A file that none of the proofs names is wrong at each of these points.
    Files bad = now;
    bad["sellers.kpi"] = three.at("sellers.kpi");
    Put(bad);
    EXPECT_EQ(Verify(6)["index"], "wrong");
  }
  // The very first sync.
  Files first = one;
  for (const char* name : {"sync.json", "manifest.json", "sellers.kpi", "details.kpi"})
    first.erase(name);
  Put(first);
  EXPECT_FALSE(Verify(0).contains("index"));
  first[staged] = one.at("manifest.json");
  Put(first);
  EXPECT_FALSE(Verify(0).contains("index"));
  first["sellers.kpi"] = one.at("sellers.kpi");
  Put(first);
  EXPECT_EQ(Verify(0)["index"], "proven");
  ExpectSyncHeals();
}

// The order of a real sync that cannot go on: a folder stands where a file must go.
TEST_F(VerifyTest, ASyncThatIsStoppedBetweenItsRenamesLeavesProvenFiles) {
  const Files one = Ours();
  PublishAndStart();
  for (const char* name : {"sellers.kpi", "details.kpi", "manifest.json"}) {
    SCOPED_TRACE(name);
    Files home = one;
    home["registry.json"] = Ours()["registry.json"];  // with the address of now
    Put(home);
    fs::remove(Pool() / name);
    fs::create_directories(Pool() / name / "in the way");
    Sync(5);
    fs::remove_all(Pool() / name);
    ASSERT_TRUE(WriteFileAtomic(Pool() / name, one.at(name)));
    const Files left = Ours();
    const bool sellers_taken = std::string(name) != "sellers.kpi";
    EXPECT_EQ(left.at("sellers.kpi") != one.at("sellers.kpi"), sellers_taken);
    EXPECT_EQ(left.at("sync.json").find("\"publish\": 2"), std::string::npos);
    ExpectProven();
    Sync();
    ExpectProven();
    for (const auto& [left_name, bytes] : Ours()) EXPECT_THAT(left_name, Not(HasSubstr(".next")));
  }
  EXPECT_EQ(server_.Stop(), 0);
}

}  // namespace
}  // namespace kaopu::testing
