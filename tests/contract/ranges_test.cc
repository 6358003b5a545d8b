// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Ranges of the shared database in place of the whole: the real programs over HTTP on this machine.
// What the server counts is what it sees.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "pool/pool_folder.h"
#include "support/registry_server.h"
#include "support/shopper_home.h"

namespace kaopu::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr int kFetched = 32;

class RangesProgramTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(server_.Init().code, 0);
    Publish({"jd:1001", "jd:1002"}, {"--range-bits", "12"});
    ASSERT_TRUE(server_.Start()) << server_.Log();
  }

  // Five orders of each, so that there is something to publish.
  void Publish(const std::vector<std::string>& sellers, std::vector<std::string> more = {}) {
    ASSERT_TRUE(server_.Start()) << server_.Log();
    HttpClient client(server_.port());
    for (const std::string& seller : sellers) {
      for (int i = 0; i < 5; ++i) {
        const auto answer = SendReport(client, Shopper().Seal(Shopper::Order(seller)));
        ASSERT_TRUE(answer && answer->status == 200) << (answer ? answer->body : "no answer");
      }
    }
    ASSERT_EQ(server_.Stop(), 0);
    more.insert(more.begin(), {"publish", "--data", server_.data().string()});
    const auto ran = RegistryServer::Run(more, folder_.path());
    ASSERT_EQ(ran.code, 0) << ran.err;
    said_ = ran.out;
  }

  // A shopper who knows the registry, also where it has moved to another port since.
  void Add(const std::string& ranges = {}) {
    home_.emplace(folder_.path() / "home", server_);
    const Json info = Json::parse(server_.Public("registry.json"));
    std::vector<std::string> add = {"registry", "add", StrCat("http://127.0.0.1:", server_.port()),
                                    "--key", info.value("log_key", "")};
    if (!ranges.empty()) add.insert(add.end(), {"--ranges", ranges});
    const auto added = home_->Run(add);
    ASSERT_EQ(added.code, 0) << added.err;
  }
  // How many parts of files the server has given so far.
  int Parts() const {
    HttpClient client(server_.port());
    const auto metrics = client.Request("GET", "/metrics");
    const std::string name = "kaopu_requests_total{route=\"files\",status=\"206\"} ";
    const size_t at = metrics ? metrics->body.find(name) : std::string::npos;
    return at == std::string::npos ? 0 : std::stoi(metrics->body.substr(at + name.size()));
  }
  // Of this sync.
  int PartsOf(const std::vector<std::string>& command, int code = 0) {
    const int before = Parts();
    ran_ = home_->Run(command);
    EXPECT_EQ(ran_.code, code) << ran_.out << ran_.err;
    return Parts() - before;
  }
  Json Pooled(const std::string& seller) const {
    return home_->RunJson({"check", seller})["pooled"]["registries"][0];
  }

  TempFolder folder_;
  RegistryServer server_{folder_.path() / "registry"};
  std::optional<ShopperHome> home_;
  std::string said_;
  RegistryServer::Ran ran_;
};

TEST_F(RangesProgramTest, OffUnlessTheShopperSaysSo) {
  EXPECT_THAT(said_, HasSubstr("In ranges: 4096 of "));
  Add();
  EXPECT_EQ(PartsOf({"sync"}), 0);
  EXPECT_EQ(Pooled("jd:1001")["on_this_disk"], true);
  EXPECT_EQ(Pooled("jd:1001")["reports"].size(), 1U);
  EXPECT_EQ(PartsOf({"sync", "--range", "jd:1001", "--yes"}, 4), 0);
  EXPECT_THAT(ran_.err, HasSubstr("kaopu registry set REGISTRY --ranges asked"));
}

TEST_F(RangesProgramTest, AsManyRequestsWhateverIsWanted) {
  Add("scheduled");
  EXPECT_EQ(PartsOf({"sync"}), kFetched);
  EXPECT_EQ(PartsOf({"sync"}), kFetched);
  const std::string seller = Pooled("jd:1001")["on_this_disk"] == true ? "jd:1002" : "jd:1001";
  EXPECT_EQ(Pooled(seller)["on_this_disk"], false);
  EXPECT_EQ(Pooled(seller)["reports"].size(), 0U);
  // Nobody is there to agree.
  EXPECT_EQ(PartsOf({"sync", "--range", seller}, 3), 0);
  EXPECT_THAT(ran_.err, HasSubstr("add --yes"));
  EXPECT_EQ(PartsOf({"sync", "--range", seller, "--yes"}), kFetched);
  EXPECT_THAT(ran_.err, HasSubstr("4 of its 4096 ranges that were not fetched before"));
  EXPECT_EQ(PartsOf({"sync", "--range", seller, "--yes"}), kFetched);
  EXPECT_THAT(ran_.err, HasSubstr("asking shows nothing new"));
  EXPECT_EQ(PartsOf({"sync"}), kFetched);
  EXPECT_EQ(Pooled(seller)["on_this_disk"], true);
  EXPECT_EQ(Pooled(seller)["reports"].size(), 1U);
  const auto verified = home_->Run({"verify"});
  EXPECT_EQ(verified.code, 0);
  EXPECT_THAT(verified.out, HasSubstr("Ranges of "));
  EXPECT_EQ(RegistryServer::Run({"audit", "--from", StrCat("http://127.0.0.1:", server_.port())},
                                folder_.path())
                .code,
            0);
}

TEST_F(RangesProgramTest, NotOnThisDiskIsSaidAndIsNotClean) {
  Add("asked");
  EXPECT_EQ(PartsOf({"sync"}), 0);
  EXPECT_EQ(PartsOf({"sync", "--range", "JD:1001", "--yes"}), kFetched);
  EXPECT_THAT(ran_.err, HasSubstr("32 of its 4096 ranges"));
  EXPECT_EQ(Pooled("jd:1001")["on_this_disk"], true);
  EXPECT_EQ(Pooled("jd:1001")["reports"].size(), 1U);
  // Of 4096 ranges 32 are here: one of these few is surely not.
  for (int i = 1002; i < 1010; ++i) {
    const std::string seller = StrCat("jd:", i);
    if (Pooled(seller)["on_this_disk"] == true) continue;
    const auto check = home_->Run({"check", seller}), why = home_->Run({"why", seller}),
               chinese = home_->Run({"--lang", "zh_CN", "check", seller});
    EXPECT_THAT(check.out, HasSubstr("not the same as no reports"));
    EXPECT_THAT(check.out, HasSubstr("kaopu sync --range"));
    EXPECT_THAT(check.out, Not(HasSubstr("nothing about this seller")));
    EXPECT_THAT(why.out, HasSubstr("not the same as no reports"));
    EXPECT_THAT(chinese.out, HasSubstr("不在这块磁盘上"));
    EXPECT_EQ(home_->RunJson({"check", seller})["verdict"], "unknown");
    return;
  }
  FAIL() << "all of them are here";
}

TEST_F(RangesProgramTest, ALieIsRefusedAndTheLastGoodAnswers) {
  Add("scheduled");
  EXPECT_EQ(PartsOf({"sync", "--range", "jd:1001", "--yes"}), kFetched);
  ASSERT_EQ(server_.Stop(), 0);
  Publish({"jd:1003"});
  const fs::path path = server_.data() / "public/index/2/ranges.kpr";
  const std::string good = ReadFile(path, size_t{1} << 28).value();
  std::string bad = good;
  for (size_t at = 100; at < bad.size(); at += 1000) bad[at] ^= 1;
  ASSERT_TRUE(WriteFileAtomic(path, bad, 0644));
  ASSERT_TRUE(server_.Start()) << server_.Log();
  Add();
  ran_ = home_->Run({"sync"});
  EXPECT_EQ(ran_.code, 6);
  EXPECT_THAT(ran_.err, HasSubstr("it is not the one that the log names"));
  EXPECT_EQ(Pooled("jd:1001")["reports"].size(), 1U);
  const auto audit = RegistryServer::Run({"audit", "--from", (server_.data() / "public").string()},
                                         folder_.path());
  EXPECT_EQ(audit.code, 6);
  EXPECT_THAT(audit.err, HasSubstr("first at byte 100: range 000, sellers, byte 100"));
  ASSERT_TRUE(WriteFileAtomic(path, good, 0644));
  EXPECT_EQ(PartsOf({"sync"}), kFetched);
  EXPECT_THAT(ran_.out, HasSubstr("publish 2"));
}

TEST_F(RangesProgramTest, DeletingEverythingDeletesWhatWasAskedFor) {
  Add("asked");
  EXPECT_EQ(PartsOf({"sync", "--range", "jd:1001", "--yes"}), kFetched);
  const fs::path set =
      pool::PoolFolder(home_->path()) / pool::RegistryIds(home_->path()).front() / "ranges.json";
  EXPECT_THAT(ReadFile(set, 1 << 20).value_or(""), HasSubstr("jd:1001"));
  EXPECT_THAT(home_->Run({"data", "export"}).out, HasSubstr("jd:1001"));
  const auto deleted = home_->Run({"data", "delete", "--yes"});
  EXPECT_EQ(deleted.code, 0) << deleted.err;
  EXPECT_FALSE(fs::exists(set));
}

}  // namespace
}  // namespace kaopu::testing
