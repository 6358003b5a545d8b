// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "registry/store/postgres_store.h"

#include <gmock/gmock.h>

#include <future>

#include "support/postgres_server.h"

namespace kaopu {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using testing::PostgresServer;

constexpr std::string_view kLogKey = "registry.example+1234+key";

PostgresAddress AddressOf(const std::string& url) {
  auto address = PostgresAddress::Parse(url);
  EXPECT_TRUE(address) << address.error().message;
  return *address;
}

TEST(PostgresAddress, HoldsNoPasswordAndSaysNone) {
  for (const char* text :
       {"postgresql://kaopu:hunter2@db/kaopu", "postgresql:///kaopu?password=hunter2",
        "postgresql://kaopu:hunter2/x@db/kaopu", "postgresql://kaopu:%hunter2@db/kaopu",
        "postgresql://kaopu:hunter2 @db/kaopu", "postgresql://kaopu@db/kaopu?hunter2=1",
        "mysql://kaopu:hunter2@db", "hunter2"}) {
    const auto address = PostgresAddress::Parse(text);
    ASSERT_FALSE(address) << text;
    EXPECT_EQ(address.error().code, ErrorCode::kBadRequest);
    EXPECT_THAT(address.error().message, Not(HasSubstr("hunter2")));
  }
  EXPECT_THAT(PostgresAddress::Parse("postgresql://a:b@c/d").error().message,
              HasSubstr("~/.pgpass"));
  EXPECT_EQ(AddressOf("postgresql://kaopu@db1,db2:5433/kaopu?sslmode=verify-full").shown,
            "PostgreSQL database kaopu at db1,db2:,5433");
  EXPECT_EQ(AddressOf("postgresql:///?service=kaopu").shown, "PostgreSQL service kaopu");
}

TEST(PostgresAddress, SaysWhereNobodyIsThere) {
  const auto store = OpenPostgresStore(AddressOf("postgresql:///kaopu?host=/nowhere"), kLogKey);
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(store.error().message, HasSubstr("is the server running"));
}

class PostgresStore : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!PostgresServer::Missing().empty()) GTEST_SKIP() << PostgresServer::Missing();
    server_.emplace();
  }
  std::unique_ptr<RegistryStore> Create() {
    auto store = CreatePostgresStore(AddressOf(server_->Url()), kLogKey);
    EXPECT_TRUE(store) << store.error().message;
    return store ? std::move(*store) : nullptr;
  }
  Error OpenError(std::string_view key = kLogKey) {
    const auto store = OpenPostgresStore(AddressOf(server_->Url()), key);
    EXPECT_FALSE(store);
    return store ? Error{} : store.error();
  }
  static Expected<void> AppendOne(RegistryStore& store) {
    return store.Write([](RegistryBatch& batch) -> Expected<void> {
      const auto entry = batch.Append("entry", TimeMs{});
      return entry ? Expected<void>() : std::unexpected(entry.error());
    });
  }
  // Runs `wait` until it holds.
  template <typename Holds>
  static bool Until(const Holds& holds) {
    for (int i = 0; i < 400; ++i) {
      if (holds()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(25));
    }
    return false;
  }

  std::optional<PostgresServer> server_;
};

TEST_F(PostgresStore, OpensWhatIsItsOwnAlone) {
  EXPECT_EQ(OpenError().code, ErrorCode::kNotFound);
  EXPECT_THAT(OpenError().message, HasSubstr("kaopu-registry init"));
  auto store = Create();
  store = Create();  // begun and not finished: taken over
  ASSERT_TRUE(AppendOne(*store));
  EXPECT_EQ(OpenError("another.example+1234+key").code, ErrorCode::kConflict);
  EXPECT_EQ(CreatePostgresStore(AddressOf(server_->Url()), kLogKey).error().code,
            ErrorCode::kConflict);
  server_->Sql("UPDATE kaopu_registry.registry SET version = 99");
  EXPECT_EQ(OpenError().code, ErrorCode::kUnsupported);
}

TEST_F(PostgresStore, WantsAServerThatKeepsWhatItCommits) {
  auto store = Create();
  server_->Sql("ALTER SYSTEM SET synchronous_commit = off");
  server_->Sql("ALTER SYSTEM SET fsync = off");
  server_->End(SIGINT);
  server_->Start();
  EXPECT_EQ(OpenError().code, ErrorCode::kUnsupported);
  EXPECT_THAT(OpenError().message, HasSubstr("fsync"));
  EXPECT_EQ(AppendOne(*store).error().code, ErrorCode::kUnsupported) << "nor after a restart";
}

TEST_F(PostgresStore, OneServesAtATime) {
  auto first = Create();
  auto second = OpenPostgresStore(AddressOf(server_->Url()), kLogKey);
  ASSERT_TRUE(second);
  ASSERT_TRUE(first->ServeAlone());
  const auto refused = (*second)->ServeAlone();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(refused.error().message, HasSubstr("served already"));
  EXPECT_TRUE(AppendOne(*first));
  first.reset();
  EXPECT_TRUE((*second)->ServeAlone());
}

TEST_F(PostgresStore, GoesOnAfterACrashOfTheServer) {
  auto store = Create();
  ASSERT_TRUE(store->ServeAlone());
  ASSERT_TRUE(AppendOne(*store));
  server_->Crash();
  const auto away = AppendOne(*store);
  ASSERT_FALSE(away);
  EXPECT_EQ(away.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(store->Size().error().code, ErrorCode::kUnavailable);
  server_->Start();
  EXPECT_TRUE(Until([&] { return AppendOne(*store).has_value(); }));
  EXPECT_EQ(*store->Size(), 2u);
  server_->Crash();
  server_->Start();
  EXPECT_EQ(*store->Size(), 2u) << "what can be asked again is, without a word";
  server_->Crash();
  server_->Start();
  EXPECT_TRUE(AppendOne(*store)) << "as nothing was done yet";
}

// The session ends while COMMIT waits for a standby: it is here, and nobody knows whether there.
TEST_F(PostgresStore, AsksAboutACommitThatWasCutOff) {
  for (const char* end : {"pg_terminate_backend", "pg_cancel_backend"}) {
    SCOPED_TRACE(end);
    if (server_->Sql("SELECT to_regnamespace('kaopu_registry') IS NOT NULL") == "t") {
      server_->Sql("DROP SCHEMA kaopu_registry CASCADE");
    }
    auto store = Create();
    server_->Sql("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
    server_->Sql("SELECT pg_reload_conf()");
    ASSERT_TRUE(Until([&] { return server_->Sql("SHOW synchronous_standby_names") == "nobody"; }));
    auto written = std::async(std::launch::async, [&] { return AppendOne(*store); });
    const std::string waiting =
        "FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND query = 'COMMIT'";
    ASSERT_TRUE(Until([&] { return server_->Sql("SELECT count(*) " + waiting) == "1"; }));
    server_->Sql(StrCat("SELECT ", end, "(pid) ", waiting));
    EXPECT_EQ(written.wait_for(std::chrono::seconds(1)), std::future_status::timeout)
        << "not acknowledged while no standby has it";
    server_->Sql("ALTER SYSTEM RESET synchronous_standby_names");
    server_->Sql("SELECT pg_reload_conf()");
    const auto done = written.get();
    EXPECT_TRUE(done) << done.error().message;
    EXPECT_EQ(*store->Size(), 1u);
    EXPECT_TRUE(AppendOne(*store));
  }
}

}  // namespace
}  // namespace kaopu
