// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "pool/net/reporter_key.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <map>
#include <thread>

#include "base/files.h"
#include "support/child.h"

namespace kaopu::pool {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class FakeKeyring : public Keyring {
 public:
  Expected<std::optional<std::string>> Find(const std::string& name) override {
    if (away) return Fail(ErrorCode::kUnavailable, "locked");
    const auto found = secrets.find(name);
    return found == secrets.end() ? std::nullopt : std::optional(found->second);
  }
  Expected<void> Put(const std::string& name, const std::string& secret) override {
    if (away) return Fail(ErrorCode::kUnavailable, "locked");
    secrets[name] = secret;
    return {};
  }
  Expected<bool> Remove(const std::string& name) override {
    if (away) return Fail(ErrorCode::kUnavailable, "locked");
    return secrets.erase(name) > 0;
  }
  bool away = false;
  std::map<std::string, std::string> secrets;
};

class ReporterKeyTest : public ::testing::Test {
 protected:
  std::string Text() const { return ReadFile(home_.path() / "reporter.key", 1000).value_or(""); }
  kaopu::testing::TempFolder home_;
  FakeKeyring keyring_;
};

TEST_F(ReporterKeyTest, WithoutAKeyringItIsAFileOnlyTheShopperReads) {
  ReporterKey key(home_.path(), nullptr);
  EXPECT_FALSE(*key.Find());
  const auto made = key.FindOrMake();
  ASSERT_TRUE(made) << made.error().message;
  struct stat about {};
  ASSERT_EQ(stat((home_.path() / "reporter.key").c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777, 0600u);
  EXPECT_EQ(*ReporterKey(home_.path(), nullptr).FindOrMake(), *made);
  EXPECT_TRUE(*key.Remove());
  EXPECT_FALSE(*key.Remove());
  EXPECT_FALSE(*key.Find());
  EXPECT_NE(*key.FindOrMake(), *made);
}

TEST_F(ReporterKeyTest, WhereThereIsAKeyringTheFileSaysSoAndNoMore) {
  ReporterKey key(home_.path(), &keyring_);
  const auto made = key.FindOrMake();
  ASSERT_TRUE(made);
  ASSERT_EQ(keyring_.secrets.size(), 1u);
  EXPECT_EQ(keyring_.secrets.begin()->second, report::BytesToText(*made));
  EXPECT_THAT(Text(), Not(HasSubstr(report::BytesToText(*made))));
  EXPECT_EQ(*key.FindOrMake(), *made);
  EXPECT_TRUE(*key.Remove());
  EXPECT_TRUE(keyring_.secrets.empty());
  EXPECT_EQ(Text(), "");
}

TEST_F(ReporterKeyTest, AKeyringThatIsAwayIsWaitedForNeverReplaced) {
  ReporterKey key(home_.path(), &keyring_);
  const auto made = *key.FindOrMake();
  keyring_.away = true;
  EXPECT_EQ(key.FindOrMake().error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(ReporterKey(home_.path(), nullptr).FindOrMake().error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(key.Remove().error().code, ErrorCode::kUnavailable);
  keyring_.away = false;
  EXPECT_EQ(*key.FindOrMake(), made);
  keyring_.secrets.clear();
  EXPECT_EQ(key.FindOrMake().error().code, ErrorCode::kDamaged);
}

TEST_F(ReporterKeyTest, AKeyringThatIsAwayAtFirstLeavesTheFile) {
  keyring_.away = true;
  ReporterKey key(home_.path(), &keyring_);
  const auto made = key.FindOrMake();
  ASSERT_TRUE(made);
  keyring_.away = false;
  EXPECT_EQ(*key.FindOrMake(), *made);
  EXPECT_TRUE(keyring_.secrets.empty());
}

TEST_F(ReporterKeyTest, ASecretOfADeletedRecordIsNotUsedAgain) {
  ReporterKey key(home_.path(), &keyring_);
  const auto made = *key.FindOrMake();
  std::filesystem::remove(home_.path() / "reporter.key");  // the host deletes the file alone
  EXPECT_NE(*key.FindOrMake(), made);
}

TEST_F(ReporterKeyTest, ManyAtOnceGetTheSame) {
  std::vector<report::ReporterSeed> seeds(8);
  {
    std::vector<std::jthread> threads;
    for (auto& seed : seeds) {
      threads.emplace_back([&] { seed = ReporterKey(home_.path(), nullptr).FindOrMake().value(); });
    }
  }
  for (const auto& seed : seeds) EXPECT_EQ(seed, seeds[0]);
}

TEST_F(ReporterKeyTest, AFileThatIsNoneIsDamaged) {
  for (const char* text : {"", "kaopu-reporter-1 file \n", "kaopu-reporter-1 file AAAA\n", "x",
                           "kaopu-reporter-1 keyring"}) {
    std::ofstream(home_.path() / "reporter.key") << text;
    EXPECT_EQ(ReporterKey(home_.path(), nullptr).FindOrMake().error().code, ErrorCode::kDamaged)
        << text;
  }
}

}  // namespace
}  // namespace kaopu::pool
