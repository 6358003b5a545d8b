// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "registry/store/sqlite_store.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include "base/files.h"
#include "unit/registry/scratch_folder.h"
#include "unit/registry/stored_reports.h"

namespace kaopu {
namespace {

TEST(SqliteStore, WhatWasRemovedIsNotInTheFile) {
  const ScratchFolder folder;
  const auto path = folder.path() / "registry.db";
  {
    auto store = OpenSqliteStore(path);
    ASSERT_TRUE(store);
    ASSERT_TRUE((*store)->Write([&](RegistryBatch& batch) -> Expected<void> {
      StoredReport report = ReportAt(0, 1, "jd:unmistakable-seller", 1);
      if (const auto entry = batch.Append("e", report.received_at); !entry) {
        return std::unexpected(entry.error());
      }
      return batch.AddReport(report);
    }));
    ASSERT_TRUE((*store)->Write([&](RegistryBatch& batch) -> Expected<void> {
      const auto removal = batch.Append("r", TimeMs{});
      return batch.Remove(0, *removal, "withdrawn");
    }));
  }  // closing folds the write-ahead log into the file
  const auto bytes = ReadFile(path, 1 << 24);
  ASSERT_TRUE(bytes);
  EXPECT_EQ(bytes->find("unmistakable-seller"), std::string::npos);
}

TEST(SqliteStore, RefusesWhatIsNoneOfItsOwn) {
  const ScratchFolder folder;
  const auto newer = folder.path() / "newer.db", other = folder.path() / "other.db";
  for (const auto& [path, setup] :
       {std::pair(newer, "PRAGMA user_version=99"), std::pair(other, "PRAGMA user_version=1")}) {
    sqlite3* raw = nullptr;
    ASSERT_EQ(sqlite3_open(path.c_str(), &raw), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(raw, setup, nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(raw);
  }
  EXPECT_EQ(OpenSqliteStore(newer).error().code, ErrorCode::kUnsupported);
  EXPECT_EQ(OpenSqliteStore(other).error().code, ErrorCode::kDamaged);
  ASSERT_TRUE(WriteFileAtomic(folder.path() / "no.db", std::string(5000, 'x')));
  EXPECT_EQ(OpenSqliteStore(folder.path() / "no.db").error().code, ErrorCode::kDamaged);
}

TEST(SqliteStore, ACopyHoldsWhatWasThere) {
  const ScratchFolder folder;
  auto store = OpenSqliteStore(folder.path() / "registry.db");
  ASSERT_TRUE(store);
  ASSERT_TRUE((*store)->Write([&](RegistryBatch& batch) -> Expected<void> {
    EXPECT_TRUE(batch.Append("e", TimeMs{}));
    return {};
  }));
  const auto copy = folder.path() / "copy.db";
  ASSERT_TRUE(CopySqliteStore(folder.path() / "registry.db", copy));
  EXPECT_EQ(CopySqliteStore(folder.path() / "registry.db", copy).error().code,
            ErrorCode::kConflict);
  EXPECT_EQ(CopySqliteStore(folder.path() / "none.db", folder.path() / "x").error().code,
            ErrorCode::kNotFound);
  auto copied = OpenSqliteStore(copy);
  ASSERT_TRUE(copied);
  EXPECT_EQ(*(*copied)->Size(), 1u);
}

}  // namespace
}  // namespace kaopu
