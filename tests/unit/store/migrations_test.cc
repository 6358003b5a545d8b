// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "store/migrations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "store/store.h"
#include "temp_home.h"

namespace kaopu {
namespace {

class MigrationsTest : public testing::Test {
 protected:
  MigrationsTest() { std::filesystem::create_directories(home_.path()); }
  std::filesystem::path File() const { return home_.path() / "kaopu.db"; }
  Database Raw() { return std::move(Database::Open(File()).value()); }

  TempHome home_;
};

// A database of every older version, with rows in it, opens as the newest with its rows.
TEST_F(MigrationsTest, EveryOlderVersionComesUpToDate) {
  for (size_t version = 0; version <= Migrations().size(); ++version) {
    SCOPED_TRACE(version);
    std::filesystem::remove_all(home_.path());
    std::filesystem::create_directories(home_.path());
    {
      const Database database = Raw();
      ASSERT_TRUE(Migrate(database, version));
      EXPECT_EQ(database.QueryInt("PRAGMA user_version"), static_cast<int64_t>(version));
      if (version >= 1) {
        ASSERT_TRUE(database.RunScript(
            "INSERT INTO sellers VALUES (1, 'jd:1000', 'a shop');"
            "INSERT INTO outcomes (seller_id, outcome, days_late, recorded_at_ms, changed_at_ms)"
            " VALUES (1, 'late', 3, 1, 1)"));
      }
    }
    const Expected<Store> store = Store::Open(home_.path());
    ASSERT_TRUE(store) << store.error().message;
    EXPECT_EQ(store->Outcomes("jd:1000", 10)->size(), version >= 1 ? 1u : 0u);
    EXPECT_TRUE(store->Check());
    EXPECT_EQ(Raw().QueryInt("PRAGMA user_version"), static_cast<int64_t>(Migrations().size()));
  }
}

TEST_F(MigrationsTest, EveryTableIsStrictAndGuardsItsRows) {
  const Database database = Raw();
  ASSERT_TRUE(Migrate(database));
  EXPECT_EQ(database.QueryInt(
                "SELECT count(*) FROM pragma_table_list WHERE schema = 'main' AND type = 'table'"
                " AND name NOT LIKE 'sqlite_%' AND NOT strict"),
            0);
  for (const char* bad : {
           "INSERT INTO sellers VALUES (1, 'x', NULL)",
           "INSERT INTO sellers VALUES ('one', 'jd:1', NULL)",
           "INSERT INTO aliases VALUES ('jd:2', 77)",
           "INSERT INTO outcomes (seller_id, outcome, recorded_at_ms, changed_at_ms) VALUES (77, "
           "'late', 1, 1)",
           "INSERT INTO settings VALUES ('caution', NULL)",
           "INSERT INTO changes VALUES (1, 'order', '1', 'edit', NULL, 1)",
       }) {
    EXPECT_FALSE(database.RunScript(bad)) << bad;
  }
  ASSERT_TRUE(database.RunScript("INSERT INTO sellers VALUES (1, 'jd:1', NULL)"));
  for (const char* bad : {
           "INSERT INTO outcomes (seller_id, outcome, recorded_at_ms, changed_at_ms) VALUES (1, "
           "'tardy', 1, 1)",
           "INSERT INTO outcomes (seller_id, outcome, days_late, recorded_at_ms, changed_at_ms)"
           " VALUES (1, 'on_time', 3, 1, 1)",
           "INSERT INTO outcomes (seller_id, outcome, placed_at, recorded_at_ms, changed_at_ms)"
           " VALUES (1, 'late', 'soon', 1, 1)",
           "INSERT INTO outcomes (seller_id, outcome, price_minor, recorded_at_ms, changed_at_ms)"
           " VALUES (1, 'late', 5, 1, 1)",
       }) {
    EXPECT_FALSE(database.RunScript(bad)) << bad;
  }
}

TEST_F(MigrationsTest, ANewerDatabaseIsRefusedAndLeftAlone) {
  {
    const Database database = Raw();
    ASSERT_TRUE(Migrate(database));
    ASSERT_TRUE(database.RunScript("PRAGMA user_version = 99"));
  }
  const Expected<Store> store = Store::Open(home_.path());
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, ErrorCode::kUnsupported);
  EXPECT_THAT(store.error().message, testing::HasSubstr("99"));
  EXPECT_EQ(Raw().QueryInt("PRAGMA user_version"), 99);
}

TEST_F(MigrationsTest, AnotherProgramsDatabaseIsNotTouched) {
  ASSERT_TRUE(Raw().RunScript("CREATE TABLE bookmarks (url TEXT)"));
  const Expected<Store> store = Store::Open(home_.path());
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, ErrorCode::kDamaged);
}

TEST_F(MigrationsTest, AFileThatIsNoDatabaseIsDamagedAndSaysWhatToDo) {
  std::ofstream(File(), std::ios::binary) << std::string(8192, 'x');
  const Expected<Store> store = Store::Open(home_.path());
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, ErrorCode::kDamaged);
  EXPECT_THAT(store.error().message, testing::HasSubstr("move the file away"));
  EXPECT_EQ(std::filesystem::file_size(File()), 8192u);
}

TEST_F(MigrationsTest, DamageInsideTheFileIsAnErrorNotACrash) {
  {
    Store store = std::move(Store::Open(home_.path()).value());
    OutcomeRecord outcome;
    outcome.outcome = OutcomeKind::kOnTime;
    for (int i = 0; i < 300; ++i)
      ASSERT_TRUE(store.AddOutcome({"jd:1", std::nullopt, {}}, outcome, TimeMs{}));
  }
  const auto size = std::filesystem::file_size(File());
  ASSERT_GT(size, 16'384u);
  int damaged = 0;
  for (std::uintmax_t at = 4096; at < size; at += 4096) {
    std::fstream file(File(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(static_cast<std::streamoff>(at));
    std::string before(512, '\0');
    file.read(before.data(), 512);
    file.seekp(static_cast<std::streamoff>(at));
    file << std::string(512, '\xff');
    file.close();
    const Expected<Store> store = Store::Open(home_.path());
    const bool sound = store && store->Check() && store->Outcomes(std::nullopt, 1000);
    if (!sound) {
      ++damaged;
      const Error& error = !store ? store.error() : store->Check().error();
      EXPECT_EQ(error.code, ErrorCode::kDamaged) << error.message;
    }
    std::fstream repair(File(), std::ios::in | std::ios::out | std::ios::binary);
    repair.seekp(static_cast<std::streamoff>(at));
    repair << before;
  }
  EXPECT_GT(damaged, 3);
}

}  // namespace
}  // namespace kaopu
