// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "registry/log/log_writer.h"

#include <gtest/gtest.h>

#include "base/files.h"
#include "tlog/log_audit.h"
#include "tlog/log_proof.h"
#include "unit/registry/scratch_folder.h"

namespace kaopu {
namespace {

namespace fs = std::filesystem;

class LogWriterTest : public testing::Test {
 protected:
  static std::string EntryOf(uint64_t number) { return "entry " + std::to_string(number); }

  LogWriter Writer() {
    return LogWriter(root_, folder_.path() / "log.lock", key_,
                     [this](uint64_t begin, uint64_t end, const LogWriter::SeeEntry& see) {
                       for (uint64_t i = begin; i < std::min(end, stored_); ++i) see(entry_of_(i));
                       return Expected<void>();
                     });
  }
  // What an auditor finds: the number of entries, or -1.
  int64_t Audited() {
    uint64_t seen = 0;
    const auto audit = tlog::AuditLog(
        [&](const std::string& path, size_t max) { return ReadFile(root_ / path, max); },
        key_.verifier(), {},
        [&](uint64_t index, std::string_view entry) {
          EXPECT_EQ(entry, entry_of_(index));
          ++seen;
        });
    if (!audit) ADD_FAILURE() << audit.error().message;
    return audit && audit->head.checkpoint.size == seen ? static_cast<int64_t>(seen) : -1;
  }
  std::string Checkpoint() { return *ReadFile(root_ / "checkpoint", 1 << 16); }

  const ScratchFolder folder_;
  const fs::path root_ = folder_.path() / "public";
  const tlog::SignerKey key_ =
      std::move(*tlog::SignerKey::Generate("registry.example", tlog::KeyKind::kEd25519));
  std::function<std::string(uint64_t)> entry_of_ = EntryOf;
  uint64_t stored_ = 1'000'000;
};

TEST_F(LogWriterTest, EverySizeIsAWholeLog) {
  LogWriter writer = Writer();
  for (const uint64_t size : {1, 2, 255, 256, 257, 300, 511, 512, 1000, 66'000}) {
    ASSERT_TRUE(writer.Integrate(size));
    EXPECT_EQ(Audited(), static_cast<int64_t>(size));
  }
}

TEST_F(LogWriterTest, AnotherProgramGoesOnWhereOneStopped) {
  LogWriter one = Writer(), other = Writer();
  for (uint64_t size = 1; size < 1200; size += 37) {
    ASSERT_TRUE((size % 2 ? one : other).Integrate(size));
  }
  EXPECT_EQ(Audited(), 1185 - 1185 % 37 + 1);
  ASSERT_TRUE(one.Integrate(1));
  EXPECT_EQ(one.size(), 1185u - 1185 % 37 + 1) << "one that is behind catches up";
}

TEST_F(LogWriterTest, ReceiptsHoldAndAreTheSameWheneverMade) {
  LogWriter writer = Writer();
  ASSERT_TRUE(writer.Integrate(300));
  const auto then = writer.Receipt(256, 300);
  ASSERT_TRUE(then);
  ASSERT_TRUE(writer.Integrate(3'000));
  LogWriter later = Writer();
  ASSERT_TRUE(later.Integrate(3'000));
  for (const auto& [entry, size] :
       {std::pair(0, 1), {0, 300}, {256, 300}, {255, 256}, {2'999, 3'000}, {5, 2'600}}) {
    const auto receipt = later.Receipt(entry, size);
    ASSERT_TRUE(receipt) << receipt.error().message;
    EXPECT_EQ(*receipt, *writer.Receipt(entry, size));
    const auto proof = tlog::LogProof::Parse(*receipt);
    ASSERT_TRUE(proof);
    const auto verified =
        tlog::VerifyLogProof(*proof, tlog::LeafHash(EntryOf(entry)), key_.verifier());
    ASSERT_TRUE(verified) << verified.error().message;
    EXPECT_EQ(verified->checkpoint.size, static_cast<uint64_t>(size));
    EXPECT_FALSE(tlog::VerifyLogProof(*proof, tlog::LeafHash("another"), key_.verifier()));
  }
  EXPECT_EQ(*later.Receipt(256, 300), *then);
  EXPECT_FALSE(later.Receipt(300, 300));
  EXPECT_FALSE(later.Receipt(1, 70'001));
}

TEST_F(LogWriterTest, PartsGoOnceTheWholeIsThere) {
  LogWriter writer = Writer();
  ASSERT_TRUE(writer.Integrate(100));
  ASSERT_TRUE(writer.Integrate(200));
  EXPECT_TRUE(fs::exists(root_ / "tile/0/000.p/100"));
  EXPECT_TRUE(fs::exists(root_ / "tile/entries/000.p/200"));
  ASSERT_TRUE(writer.Integrate(256));
  EXPECT_FALSE(fs::exists(root_ / "tile/0/000.p"));
  EXPECT_FALSE(fs::exists(root_ / "tile/entries/000.p"));
  EXPECT_TRUE(fs::exists(root_ / "tile/1/000.p/1"));
}

// Whatever one file became, the next start makes the log whole again.
TEST_F(LogWriterTest, TornAndMissingFilesAreMadeAgain) {
  {
    LogWriter writer = Writer();
    ASSERT_TRUE(writer.Integrate(700));
  }
  const std::string signed_for_700 = Checkpoint();
  std::vector<fs::path> files;
  for (const auto& file : fs::recursive_directory_iterator(root_)) {
    if (file.is_regular_file()) files.push_back(file.path());
  }
  ASSERT_GE(files.size(), 8u);
  for (const fs::path& file : files) {
    // A full tile of level 0 is not read at a start: nothing but a person ever changes it.
    if (file.string().find("tile/0/00") != std::string::npos &&
        file.string().find(".p/") == std::string::npos)
      continue;
    if (file.string().find("tile/entries") != std::string::npos) continue;
    for (const bool torn : {true, false}) {
      if (torn) {
        const auto bytes = ReadFile(file, 1 << 20);
        ASSERT_TRUE(WriteFileAtomic(file, bytes->substr(0, bytes->size() / 2), 0644));
      } else {
        fs::remove(file);
      }
      LogWriter writer = Writer();
      const auto done = writer.Integrate(700);
      ASSERT_TRUE(done) << file << ": " << done.error().message;
      EXPECT_EQ(Audited(), 700) << file;
      EXPECT_EQ(Checkpoint(), signed_for_700);
    }
  }
}

// Killed after the files and before the checkpoint, or in between them.
TEST_F(LogWriterTest, FilesThatNoCheckpointCoversAreWrittenOver) {
  {
    LogWriter writer = Writer();
    ASSERT_TRUE(writer.Integrate(250));
  }
  const std::string before = Checkpoint();
  {
    LogWriter writer = Writer();
    ASSERT_TRUE(writer.Integrate(600));
  }
  ASSERT_TRUE(WriteFileAtomic(root_ / "checkpoint", before, 0644));
  ASSERT_TRUE(WriteFileAtomic(root_ / "tile/entries/001", "torn", 0644));
  LogWriter writer = Writer();
  ASSERT_TRUE(writer.Integrate(600));
  EXPECT_EQ(Audited(), 600);
}

TEST_F(LogWriterTest, NeverSignsAgainstWhatItHasSigned) {
  {
    LogWriter writer = Writer();
    ASSERT_TRUE(writer.Integrate(300));
  }
  const std::string before = Checkpoint();
  stored_ = 299;
  LogWriter behind = Writer();
  EXPECT_EQ(behind.Integrate(299).error().code, ErrorCode::kDamaged) << "an older database";
  stored_ = 301;
  entry_of_ = [](uint64_t number) { return number == 290 ? "changed" : EntryOf(number); };
  LogWriter other = Writer();
  EXPECT_EQ(other.Integrate(301).error().code, ErrorCode::kDamaged) << "another database";
  EXPECT_EQ(Checkpoint(), before);
  entry_of_ = EntryOf;
  const auto stranger = tlog::SignerKey::Generate("registry.example", tlog::KeyKind::kEd25519);
  LogWriter forged(root_, folder_.path() / "log.lock", *stranger,
                   [](uint64_t, uint64_t, const LogWriter::SeeEntry&) { return Expected<void>(); });
  EXPECT_EQ(forged.Integrate(301).error().code, ErrorCode::kDamaged);
  EXPECT_EQ(Checkpoint(), before);
}

TEST_F(LogWriterTest, ADatabaseThatLacksEntriesIsNamed) {
  stored_ = 10;
  LogWriter writer = Writer();
  EXPECT_EQ(writer.Integrate(11).error().code, ErrorCode::kDamaged);
  EXPECT_FALSE(fs::exists(root_ / "checkpoint"));
  ASSERT_TRUE(writer.Integrate(10));
  EXPECT_EQ(Audited(), 10);
}

TEST_F(LogWriterTest, AFolderThatCannotBeWrittenIsTriedAgain) {
  LogWriter writer = Writer();
  ASSERT_TRUE(writer.Integrate(20));
  const fs::path entries = root_ / "tile/entries";
  fs::rename(entries, root_ / "away");
  ASSERT_TRUE(WriteFileAtomic(entries, "in the way", 0644));
  EXPECT_EQ(writer.Integrate(300).error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(tlog::VerifyCheckpoint(Checkpoint(), key_.verifier())->checkpoint.size, 20u);
  fs::remove(entries);
  fs::rename(root_ / "away", entries);
  ASSERT_TRUE(writer.Integrate(300));
  EXPECT_EQ(Audited(), 300);
}

}  // namespace
}  // namespace kaopu
