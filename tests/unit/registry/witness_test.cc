// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "registry/witness/witness.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include <thread>

#include "base/files.h"
#include "support/made_log.h"
#include "unit/registry/scratch_folder.h"

namespace kaopu {
namespace {

using ::testing::HasSubstr;
using testing::MadeLog;

constexpr TimeMs kNow{std::chrono::seconds(1'790'000'000)};

class WitnessTest : public ::testing::Test {
 protected:
  WitnessTest() {
    EXPECT_TRUE(Witness::Create(path(), "witness.example"));
    Reopen();
    EXPECT_TRUE(witness_->Follow(log_.key(), log_.origin()));
  }
  std::filesystem::path path() const { return folder_.path() / "witness"; }
  void Reopen() {
    auto opened = Witness::Open(path());
    ASSERT_TRUE(opened) << opened.error().message;
    witness_ = std::move(*opened);
  }
  HttpReply Ask(const tlog::AddCheckpoint& request, TimeMs now = kNow) const {
    return witness_->AddCheckpoint(request.ToText(), now);
  }
  HttpReply Ask(uint64_t old_size) const { return Ask(log_.Request(old_size)); }
  // The answer is a cosignature of the log's present head.
  void ExpectCosigned(const HttpReply& reply, TimeMs at = kNow) const {
    ASSERT_EQ(reply.status, 200) << reply.body;
    const auto note =
        tlog::TakeCosignature(log_.Checkpoint(), reply.body, log_.key(), witness_->key());
    ASSERT_TRUE(note) << note.error().message;
    const auto head = tlog::VerifyCheckpoint(*note, log_.key(), {&witness_->key(), 1});
    EXPECT_EQ(head->cosignatures.front().time_s,
              static_cast<uint64_t>(at.time_since_epoch() / std::chrono::seconds(1)));
  }
  std::filesystem::path LogFile() const {
    return ListFiles(path() / "logs", ".json").value().front();
  }

  ScratchFolder folder_;
  MadeLog log_{"log.example/a"};
  std::unique_ptr<Witness> witness_;
};

TEST_F(WitnessTest, CosignsALogThatGrows) {
  log_.Grow(5);
  ExpectCosigned(Ask(0));
  log_.Grow(700);
  ExpectCosigned(Ask(5));
  // The same head again, later: the time is new.
  const TimeMs later = kNow + std::chrono::hours(1);
  ExpectCosigned(Ask(log_.Request(700), later), later);
  Reopen();
  log_.Grow(701);
  ExpectCosigned(Ask(700));
}

TEST_F(WitnessTest, ALogWithoutEntriesIsCosignedToo) {
  ExpectCosigned(Ask(0));
  log_.Grow(2);
  ExpectCosigned(Ask(0));
}

TEST_F(WitnessTest, SaysWhatItSawLast) {
  log_.Grow(5);
  ExpectCosigned(Ask(0));
  log_.Grow(9);
  for (const uint64_t wrong : {0, 4, 6}) {
    const HttpReply reply = Ask(wrong);
    EXPECT_EQ(reply.status, 409);
    EXPECT_EQ(reply.type, "text/x.tlog.size");
    EXPECT_EQ(reply.body, "5\n");
  }
  ExpectCosigned(Ask(5));
}

TEST_F(WitnessTest, SignsNoOtherHistory) {
  log_.Grow(5);
  ExpectCosigned(Ask(0));
  // Another log of as many entries, and a longer one.
  log_.Forget(3);
  log_.Grow(5, "other");
  EXPECT_EQ(Ask(5).status, 422);
  log_.Grow(9, "other");
  EXPECT_EQ(Ask(5).status, 422);
  Reopen();
  EXPECT_EQ(Ask(5).status, 422);
  // A shorter one: the old size cannot be both what was seen and no more than the head's.
  log_.Forget(3);
  EXPECT_EQ(Ask(3).status, 409);
  EXPECT_EQ(Ask(5).status, 400);
  // The true one goes on.
  log_.Grow(9);
  ExpectCosigned(Ask(5));
}

TEST_F(WitnessTest, AProofMustHold) {
  log_.Grow(5);
  auto request = log_.Request(0);
  request.proof.push_back({});
  EXPECT_EQ(Ask(request).status, 422);  // from nothing there is nothing to prove
  ExpectCosigned(Ask(0));
  request = log_.Request(5);
  request.proof.push_back({});
  EXPECT_EQ(Ask(request).status, 422);
  log_.Grow(20);
  request = log_.Request(5);
  request.proof.back()[0] ^= 1;
  EXPECT_EQ(Ask(request).status, 422);
  request.proof.pop_back();
  EXPECT_EQ(Ask(request).status, 422);
  ExpectCosigned(Ask(5));
}

TEST_F(WitnessTest, AnEmptyLogHasOneRoot) {
  // Signed by the log's key, so it must be the log's own lie.
  auto key = tlog::SignerKey::Generate("log.example/b", tlog::KeyKind::kEd25519).value();
  ASSERT_TRUE(witness_->Follow(key.verifier(), "log.example/b"));
  const std::string text = tlog::Checkpoint{"log.example/b", 0, {}, {}}.ToText();
  EXPECT_EQ(Ask(tlog::AddCheckpoint{0, {}, StrCat(text, "\n", key.SignatureLine(text, 0))}).status,
            422);
}

TEST_F(WitnessTest, CosignsForTheLogsItFollowsAlone) {
  MadeLog stranger("log.example/other");
  stranger.Grow(3);
  EXPECT_EQ(Ask(stranger.Request(0)).status, 404);
  // The right origin under another key.
  MadeLog forger(log_.origin());
  forger.Grow(3);
  EXPECT_EQ(Ask(forger.Request(0)).status, 403);
  // A second log is a history of its own; a second key of one log is not.
  ASSERT_TRUE(witness_->Follow(stranger.key(), stranger.origin()));
  EXPECT_EQ(Ask(stranger.Request(0)).status, 200);
  log_.Grow(5);
  ExpectCosigned(Ask(0));
  ASSERT_TRUE(witness_->Follow(forger.key(), log_.origin()));
  EXPECT_EQ(Ask(forger.Request(0)).status, 409);
  EXPECT_EQ(witness_->Logs()->size(), 2u);
  EXPECT_EQ(witness_->Follow(forger.key(), log_.origin()).error().code, ErrorCode::kConflict);
}

TEST_F(WitnessTest, ASignatureThatDoesNotHoldIsRefused) {
  log_.Grow(3);
  auto request = log_.Request(0);
  request.checkpoint.replace(request.checkpoint.find("\n3\n"), 3, "\n4\n");
  EXPECT_EQ(Ask(request).status, 403);
  request.checkpoint = "no note";
  EXPECT_EQ(Ask(request).status, 400);
  EXPECT_EQ(witness_->AddCheckpoint("old x\n", kNow).status, 400);
}

TEST_F(WitnessTest, DroppedAndFollowedAgainItGoesOnFromThere) {
  log_.Grow(5);
  ExpectCosigned(Ask(0));
  ASSERT_TRUE(witness_->Drop(log_.origin()));
  EXPECT_EQ(Ask(5).status, 404);
  ASSERT_TRUE(witness_->Follow(log_.key(), log_.origin()));
  log_.Forget(0);
  log_.Grow(5, "other");
  EXPECT_EQ(Ask(0).status, 409);
  EXPECT_EQ(Ask(5).status, 422);
  EXPECT_EQ(witness_->Drop("log.example/none").error().code, ErrorCode::kNotFound);
}

TEST_F(WitnessTest, GivesTheLastHeadToAnybody) {
  const std::string hash = LogFile().stem().string();
  EXPECT_EQ(witness_->Checkpoint(StrCat("/", hash, "/checkpoint")).status, 404);
  log_.Grow(5);
  const HttpReply reply = Ask(0);
  ExpectCosigned(reply);
  const HttpReply shown = witness_->Checkpoint(StrCat("/", hash, "/checkpoint"));
  EXPECT_EQ(shown.status, 200);
  EXPECT_EQ(shown.body, log_.Checkpoint() + reply.body);
  EXPECT_TRUE(tlog::VerifyCheckpoint(shown.body, log_.key(), {&witness_->key(), 1}));
  for (const char* path : {"/checkpoint", "/../witness.key", "/logs/checkpoint", ""}) {
    EXPECT_EQ(witness_->Checkpoint(path).status, 404) << path;
  }
}

// What is damaged is said; it never begins anew.
TEST_F(WitnessTest, SignsNothingOverAFileThatItDidNotWrite) {
  log_.Grow(5);
  ExpectCosigned(Ask(0));
  const std::string before = ReadFile(LogFile(), 1 << 20).value();
  std::string changed = before;
  changed.replace(changed.find("\\n5\\n"), 5, "\\n4\\n");
  for (const std::string& wrong : {changed, before.substr(0, before.size() / 2), std::string()}) {
    ASSERT_TRUE(WriteFileAtomic(LogFile(), wrong));
    EXPECT_EQ(Ask(5).status, 500);
    const auto opened = Witness::Open(path());
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, ErrorCode::kDamaged);
  }
  // Gone: the log is a stranger's.
  ASSERT_TRUE(WriteFileAtomic(LogFile(), before));
  ExpectCosigned(Ask(5));
  std::filesystem::remove(LogFile());
  EXPECT_EQ(Ask(0).status, 404);
}

TEST_F(WitnessTest, NothingIsAnsweredThatIsNotOnTheDisk) {
  log_.Grow(5);
  ExpectCosigned(Ask(0));
  const std::string before = ReadFile(LogFile(), 1 << 20).value();
  log_.Grow(6);
  // As on a full disk.
  rlimit usual{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &usual), 0);
  signal(SIGXFSZ, SIG_IGN);
  const rlimit full{16, usual.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &full), 0);
  const HttpReply reply = Ask(5);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &usual), 0);
  signal(SIGXFSZ, SIG_DFL);
  EXPECT_EQ(reply.status, 503);
  EXPECT_THAT(reply.body, ::testing::Not(HasSubstr("witness.example ")));
  EXPECT_EQ(ReadFile(LogFile(), 1 << 20).value(), before);
  ExpectCosigned(Ask(5));
}

// Of two histories that both go on from what was seen, one alone is cosigned, whoever comes first.
TEST_F(WitnessTest, TwoAtOnceAreOneAfterTheOther) {
  log_.Grow(5);
  ExpectCosigned(Ask(0));
  for (uint64_t size = 5; size < 25; ++size) {
    MadeLog left = log_, right = log_;
    left.Grow(size + 1, "left");
    right.Grow(size + 1, "right");
    int left_status = 0, right_status = 0;
    std::thread one(
        [&] { left_status = witness_->AddCheckpoint(left.Request(size).ToText(), kNow).status; });
    right_status = witness_->AddCheckpoint(right.Request(size).ToText(), kNow).status;
    one.join();
    EXPECT_EQ(std::min(left_status, right_status), 200);
    EXPECT_EQ(std::max(left_status, right_status), 409);
    log_ = left_status == 200 ? left : right;
  }
}

TEST(WitnessFolder, IsMadeOnce) {
  ScratchFolder folder;
  EXPECT_EQ(Witness::Open(folder.path()).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(Witness::Create(folder.path(), "with space").error().code, ErrorCode::kBadRequest);
  ASSERT_TRUE(Witness::Create(folder.path(), "witness.example"));
  EXPECT_EQ(Witness::Create(folder.path(), "witness.example").error().code, ErrorCode::kConflict);
  const auto witness = Witness::Open(folder.path());
  ASSERT_TRUE(witness);
  EXPECT_EQ((*witness)->key().kind, tlog::KeyKind::kCosignature);
  EXPECT_EQ((*witness)->Follow((*witness)->key(), "x").error().code, ErrorCode::kBadRequest);
}

}  // namespace
}  // namespace kaopu
