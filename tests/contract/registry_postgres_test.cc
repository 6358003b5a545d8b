// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// kaopu-registry with its database in PostgreSQL, as an operator has it: each command finds it, and
// a registry moves from one database to another and back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "support/postgres_server.h"
#include "support/registry_server.h"

namespace kaopu::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class RegistryOnPostgres : public ::testing::Test {
 protected:
  RegistryOnPostgres() : server_(folder_.path() / "registry") {}
  void SetUp() override {
    if (!PostgresServer::Missing().empty()) GTEST_SKIP() << PostgresServer::Missing();
    database_.emplace();
    const auto made = server_.Init({"--database", database_->Url()});
    ASSERT_EQ(made.code, 0) << made.err;
  }
  RegistryServer::Ran Run(std::vector<std::string> arguments) const {
    return RegistryServer::Run(std::move(arguments), folder_.path());
  }
  std::string Path(const std::string& name) const { return folder_.path() / name; }

  TempFolder folder_;
  std::optional<PostgresServer> database_;
  RegistryServer server_;
  Shopper shopper_;
};

TEST_F(RegistryOnPostgres, EachCommandFindsItByTheSettings) {
  EXPECT_FALSE(std::filesystem::exists(server_.data() / "registry.db"));
  ASSERT_TRUE(server_.Start()) << server_.Log();
  EXPECT_THAT(server_.Log(), HasSubstr("\"store\":\"PostgreSQL\""));
  HttpClient client(server_.port());
  std::vector<uint64_t> entries;
  for (int i = 0; i < 6; ++i) {
    const auto told = SendReport(client, shopper_.Seal(Shopper::Order("ebay:unmistakable")));
    ASSERT_TRUE(told);
    ASSERT_EQ(told->status, 200) << told->body;
    entries.push_back(told->json().value("entry", uint64_t{0}));
  }
  const auto health = client.Request("GET", "/health");
  ASSERT_TRUE(health);
  EXPECT_EQ(health->json().value("store", ""), "PostgreSQL");
  const auto metrics = client.Request("GET", "/metrics");
  ASSERT_TRUE(metrics);
  EXPECT_THAT(metrics->body, HasSubstr("kaopu_store{kind=\"PostgreSQL\"} 1"));
  EXPECT_THAT(metrics->body, HasSubstr("kaopu_writing 1"));

  // Beside the server that runs.
  const std::string data = server_.data();
  const auto published = Run({"publish", "--data", data});
  EXPECT_EQ(published.code, 0) << published.err;
  EXPECT_THAT(published.out, HasSubstr("6 contents released"));
  const auto removed =
      Run({"remove", "--data", data, "--entry", std::to_string(entries[0]), "--reason", "wrong"});
  EXPECT_EQ(removed.code, 0) << removed.err;
  const auto reply = Run({"reply", "--data", data, "--seller", "ebay:unmistakable", "--text",
                          "Sorry.", "--shown-by", "its page"});
  EXPECT_EQ(reply.code, 0) << reply.err;
  EXPECT_EQ(Run({"publish", "--data", data}).code, 0);
  std::ofstream(Path("cases.csv")) << "seller,week,outcome,known_days,promised_days,order\n";
  const auto imported = Run({"import", "--data", data, Path("cases.csv"), "--source", "nobody"});
  EXPECT_THAT(imported.err, Not(HasSubstr("registry.db"))) << imported.err;
  EXPECT_EQ(server_.Stop(), 0);
  const auto audit = Run({"audit", "--from", data + "/public"});
  EXPECT_EQ(audit.code, 0) << audit.out << audit.err;
  EXPECT_EQ(database_->Sql(StrCat("SELECT seller = '' AND content = '' AND removal IS NOT NULL "
                                  "FROM kaopu_registry.reports WHERE entry = ",
                                  entries[0])),
            "t");
}

TEST_F(RegistryOnPostgres, OneServesOneDatabase) {
  ASSERT_TRUE(server_.Start()) << server_.Log();
  // A copy of the folder, as on another machine: its own lock does not see this one.
  std::filesystem::copy(server_.data(), Path("copy"), std::filesystem::copy_options::recursive);
  const auto second = Run({"serve", "--data", Path("copy"), "--listen", "127.0.0.1:0"});
  EXPECT_EQ(second.code, 5);
  EXPECT_THAT(second.err, HasSubstr("served already by another kaopu-registry"));
  EXPECT_EQ(server_.Stop(), 0);
}

TEST_F(RegistryOnPostgres, RefusesPasswordsAndOtherRegistriesDatabases) {
  const auto password = Run({"publish", "--data", server_.data(), "--database",
                             "postgresql://kaopu:hunter2@127.0.0.1/kaopu"});
  EXPECT_EQ(password.code, 3);
  EXPECT_THAT(password.err, HasSubstr("~/.pgpass"));
  EXPECT_THAT(password.err, Not(HasSubstr("hunter2")));
  RegistryServer other(folder_.path() / "other");
  const auto taken = other.Init({"--database", database_->Url()});
  EXPECT_EQ(taken.code, 3);
  EXPECT_THAT(taken.err, HasSubstr("holds a registry already"));
  EXPECT_FALSE(std::filesystem::exists(other.data())) << "nothing half made";
  ASSERT_EQ(other.Init().code, 0);
  const auto wrong = Run({"publish", "--data", other.data(), "--database", database_->Url()});
  EXPECT_EQ(wrong.code, 3);
  EXPECT_THAT(wrong.err, HasSubstr("another registry than this folder"));
}

// Copied while it is served; put back into another PostgreSQL, into SQLite, and from there back
// again: the same registry each time, to the last byte of a receipt.
TEST_F(RegistryOnPostgres, ABackupPutBackAnywhereIsTheSameRegistry) {
  ASSERT_TRUE(server_.Start()) << server_.Log();
  std::vector<std::pair<report::Envelope, std::string>> told;
  {
    HttpClient client(server_.port());
    for (int i = 0; i < 5; ++i) {
      const auto envelope = shopper_.Seal(Shopper::Order(StrCat("taobao:", i)));
      const auto answer = SendReport(client, envelope);
      ASSERT_TRUE(answer);
      ASSERT_EQ(answer->status, 200) << answer->body;
      told.emplace_back(envelope, answer->body);
    }
  }
  ASSERT_EQ(Run({"publish", "--data", server_.data()}).code, 0);
  const std::string checkpoint = server_.Public("checkpoint");
  const auto backed = Run({"backup", "--data", server_.data(), "--to", Path("copy")});
  ASSERT_EQ(backed.code, 0) << backed.err;
  ASSERT_EQ(server_.Stop(), 0);

  // Its settings name the database that is there still.
  const auto there = Run({"restore", "--from", Path("copy"), "--data", Path("there")});
  EXPECT_EQ(there.code, 3);
  EXPECT_THAT(there.err, HasSubstr("holds a registry already"));

  database_->Sql("CREATE DATABASE second");
  database_->Sql("CREATE DATABASE third");
  std::string from = Path("copy");
  for (const std::string& database : {database_->Url(nullptr, "second"), std::string("sqlite"),
                                      database_->Url(nullptr, "third")}) {
    SCOPED_TRACE(database);
    const std::string put = StrCat(from, "-put");
    ASSERT_TRUE(WriteFileAtomic(Path("seen"), checkpoint));
    const auto restored = Run(
        {"restore", "--from", from, "--data", put, "--database", database, "--seen", Path("seen")});
    ASSERT_EQ(restored.code, 0) << restored.err;
    EXPECT_EQ(std::filesystem::exists(put + "/registry.db"), database == "sqlite");
    RegistryServer again(put);
    EXPECT_EQ(again.Public("checkpoint"), checkpoint);
    ASSERT_TRUE(again.Start()) << again.Log();
    HttpClient client(again.port());
    for (const auto& [envelope, body] : told) {
      const auto answer = SendReport(client, envelope);
      ASSERT_TRUE(answer);
      EXPECT_EQ(answer->body, body);
    }
    EXPECT_EQ(again.Stop(), 0);
    const auto audit = Run({"audit", "--from", put + "/public"});
    EXPECT_EQ(audit.code, 0) << audit.out << audit.err;
    const auto next = Run({"backup", "--data", put, "--to", StrCat(from, "-next")});
    ASSERT_EQ(next.code, 0) << next.err;
    from += "-next";
  }
}

}  // namespace
}  // namespace kaopu::testing
