// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "registry/folder/registry_backup.h"

#include <gtest/gtest.h>

#include <map>

#include "base/files.h"
#include "base/str_cat.h"
#include "registry/folder/registry_folder.h"
#include "registry/publish/publisher.h"
#include "report/report.h"
#include "unit/registry/scratch_folder.h"

namespace kaopu {
namespace {

namespace fs = std::filesystem;

// A published registry: seven reports on one seller, one of them removed afterwards, one duplicate.
class RegistryBackup : public testing::Test {
 protected:
  RegistryBackup() : clock_(TimeMs{Date{std::chrono::days{20'700}}}) {
    auto made = RegistryFolder::Create(data(), {"registry.example", "Example", 0}, clock_.Now());
    EXPECT_TRUE(made);
    folder_.emplace(std::move(*made));
    store_ = std::move(*folder_->OpenStore());
    EXPECT_TRUE(store_->Write([&](RegistryBatch& batch) -> Expected<void> {
      for (uint8_t i = 0; i < 7; ++i) {
        report::Report report;
        report.seller = "taobao:1";
        report.week = report::IsoWeek::Of(std::chrono::floor<std::chrono::days>(clock_.Now()) -
                                          std::chrono::days(20));
        report.outcome = OutcomeKind::kOnTime;
        report.known_days = 5;
        report::Content content;
        content.report = report.ToText();
        StoredReport stored;
        stored.received_at = clock_.Now();
        stored.seller = report.seller;
        stored.content = content.ToText();
        stored.salt[0] = stored.nullifier[0] = stored.identity[0] = i;
        stored.duplicate = i == 6;
        const auto at =
            batch.Append(report::ReportEntry(stored.salt, stored.content), clock_.Now());
        if (!at) return std::unexpected(at.error());
        stored.entry = *at;
        if (auto added = batch.AddReport(stored); !added) return added;
      }
      return {};
    }));
    Publish();
    EXPECT_TRUE(store_->Write([&](RegistryBatch& batch) -> Expected<void> {
      const auto at = batch.Append(
          report::OperatorEntry{"removal",
                                {{"entry", 3}, {"reason", "withdrawn"}, {"on", "2026-09-04"}}}
              .ToEntry(folder_->keys().operator_key),
          clock_.Now());
      return batch.Remove(3, *at, "withdrawn");
    }));
    Publish();
  }
  void Publish() {
    PublishOptions options;
    options.root = folder_->Public();
    options.policy = fs::path(KAOPU_SOURCE_DIR) / "host/data/policy/trust.json";
    const auto log = folder_->OpenLog(*store_);
    const auto published =
        PublishOnce(*store_, *log, folder_->keys().operator_key, options, clock_);
    ASSERT_TRUE(published) << published.error().message;
    EXPECT_GT(published->publish, 0u);
  }

  fs::path data() const { return scratch_.path() / "data"; }
  fs::path copy() const { return scratch_.path() / "copy"; }
  fs::path put() const { return scratch_.path() / "put"; }
  // Every file below a folder.
  static std::map<std::string, std::string> Files(const fs::path& root) {
    std::map<std::string, std::string> files;
    for (const auto& one : fs::recursive_directory_iterator(root)) {
      if (one.is_regular_file()) {
        files[fs::relative(one.path(), root).string()] =
            ReadFile(one.path(), size_t{1} << 28).value_or("?");
      }
    }
    return files;
  }

  ScratchFolder scratch_;
  FakeClock clock_;
  std::optional<RegistryFolder> folder_;
  std::unique_ptr<RegistryStore> store_;
};

TEST_F(RegistryBackup, EveryPublicFileComesBackByteForByte) {
  const auto facts = BackUpRegistry(data(), copy(), clock_.Now());
  ASSERT_TRUE(facts) << facts.error().message;
  EXPECT_FALSE(fs::exists(copy() / "public" / "content"));
  const auto restored = RestoreRegistry(copy(), put(), std::nullopt);
  ASSERT_TRUE(restored) << restored.error().message;
  EXPECT_EQ(restored->root, facts->root);
  const auto before = Files(data() / "public"), after = Files(put() / "public");
  ASSERT_TRUE(before.contains("index/manifest.json"));
  ASSERT_TRUE(before.contains(report::ContentPath(1)));
  for (const auto& [name, bytes] : after) {
    ASSERT_TRUE(before.contains(name)) << name;
    EXPECT_EQ(before.at(name), bytes) << name;
  }
  // Partial tiles of smaller trees are in the one of the last; nothing else is missing.
  for (const auto& [name, bytes] : before) {
    EXPECT_TRUE(after.contains(name) || name.contains(".p/")) << name;
  }
  EXPECT_TRUE(after.contains(StrCat("tile/0/000.p/", facts->entries)));
  EXPECT_TRUE(after.contains("checkpoint"));
  // Nobody but the operator reads the keys.
  EXPECT_EQ(fs::status(put() / "keys").permissions(), fs::perms{0700});
  EXPECT_EQ(fs::status(put() / "keys" / "log.key").permissions(), fs::perms{0600});
}

TEST_F(RegistryBackup, WhatIsNotWhatWasSignedIsNotCopied) {
  ASSERT_TRUE(
      RestoreRegistry((BackUpRegistry(data(), copy(), clock_.Now()), copy()), put(), std::nullopt));
  // An older database under a newer checkpoint.
  ASSERT_TRUE(store_->Write([&](RegistryBatch& batch) -> Expected<void> {
    EXPECT_TRUE(batch.Append("one more", clock_.Now()));
    return {};
  }));
  ASSERT_TRUE(folder_->OpenLog(*store_)->Integrate(*store_->Size()));
  fs::copy_file(data() / "public" / "checkpoint", put() / "public" / "checkpoint",
                fs::copy_options::overwrite_existing);
  const auto refused = BackUpRegistry(put(), scratch_.path() / "second", clock_.Now());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kConflict) << refused.error().message;
  EXPECT_FALSE(fs::exists(scratch_.path() / "second"));
  EXPECT_FALSE(fs::exists(scratch_.path() / "second.part"));
}

TEST_F(RegistryBackup, SaysWhatIsMissing) {
  EXPECT_EQ(BackUpRegistry(scratch_.path() / "none", copy(), clock_.Now()).error().code,
            ErrorCode::kNotFound);
  EXPECT_EQ(RestoreRegistry(scratch_.path() / "none", put(), {}).error().code,
            ErrorCode::kNotFound);
  ASSERT_TRUE(BackUpRegistry(data(), copy(), clock_.Now()));
  EXPECT_EQ(RestoreRegistry(copy(), data(), {}).error().code, ErrorCode::kConflict);
  fs::remove(copy() / "keys" / "log.key");
  EXPECT_FALSE(RestoreRegistry(copy(), put(), {}));
  EXPECT_FALSE(fs::exists(put() / "public" / "registry.json"));
}

}  // namespace
}  // namespace kaopu
