// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "pool/pool_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "base/json.h"
#include "support/child.h"

namespace kaopu::pool {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

constexpr char kInfo[] =
    R"({"v":1,"origin":"r.example/log","name":"R","log_key":"k","operator_key":"o","nullifier_key":"n","work_bits":18,"policy":{"trust":1},"api":"/v1"})";

TEST(RegistryInfoTest, ReadsWhatARegistryServesAndWritesItBack) {
  auto info = RegistryInfo::Parse(kInfo);
  ASSERT_TRUE(info) << info.error().message;
  EXPECT_EQ(info->origin, "r.example/log");
  EXPECT_EQ(info->work_bits, 18);
  EXPECT_EQ(info->url, "");
  info->url = "https://r.example";
  const auto again = RegistryInfo::Parse(info->ToText());
  ASSERT_TRUE(again);
  EXPECT_EQ(again->url, "https://r.example");
  EXPECT_EQ(again->ToText(), info->ToText());
}

TEST(RegistryInfoTest, NamesWhatIsWrong) {
  const auto with = [](const char* field, Json value) {
    Json object = Json::parse(kInfo);
    object[field] = std::move(value);
    return RegistryInfo::Parse(object.dump());
  };
  EXPECT_EQ(with("v", 2).error().code, ErrorCode::kUnsupported);
  for (const auto& [field, value] : {std::pair<const char*, Json>{"name", ""},
                                     {"name", 1},
                                     {"origin", std::string(129, 'x')},
                                     {"log_key", "a\nb"},
                                     {"work_bits", 65},
                                     {"work_bits", "1"},
                                     {"api", "https://evil"},
                                     {"api", "//evil/v1"},
                                     {"api", "/v1?x"},
                                     {"url", "a\nb"}}) {
    const auto info = with(field, value);
    ASSERT_FALSE(info) << field << value;
    EXPECT_EQ(info.error().code, ErrorCode::kBadRequest) << info.error().message;
    EXPECT_THAT(info.error().message, HasSubstr(field));
  }
  EXPECT_EQ(RegistryInfo::Parse(std::string(20'000, ' ')).error().code, ErrorCode::kTooLarge);
}

TEST(SyncStateTest, ComesBackAsWritten) {
  SyncState state{.checked_at = TimeMs(std::chrono::milliseconds(5)),
                  .publish = 3,
                  .as_of = ParseDate("2026-11-01"),
                  .entries = 10,
                  .sellers = 7,
                  .alarm = Alarm{"fork", "two heads", TimeMs(std::chrono::milliseconds(4))}};
  auto again = SyncState::Parse(state.ToText());
  ASSERT_TRUE(again);
  EXPECT_EQ(again->ToText(), state.ToText());
  EXPECT_EQ(again->alarm, state.alarm);
  state.alarm.reset();
  state.as_of.reset();
  again = SyncState::Parse(state.ToText());
  ASSERT_TRUE(again);
  EXPECT_EQ(again->alarm, std::nullopt);
  EXPECT_EQ(again->as_of, std::nullopt);
  EXPECT_FALSE(SyncState::Parse(R"({"v":1,"publish":-1})"));
  EXPECT_FALSE(SyncState::Parse(R"({"v":1,"alarm":3})"));
}

TEST(PoolFolderTest, ListsWhatCanBeReadAndSaysWhatCannot) {
  std::string name = (std::filesystem::temp_directory_path() / "kaopu-pool-XXXXXX").string();
  ASSERT_NE(mkdtemp(name.data()), nullptr);
  const std::filesystem::path home = name;
  EXPECT_TRUE(ListRegistries(home).empty());
  for (const char* id : {"0000000000000001", "0000000000000002", "0000000000000003", "incoming"}) {
    std::filesystem::create_directories(PoolFolder(home) / id);
  }
  std::ofstream(PoolFolder(home) / "0000000000000001" / "registry.json") << kInfo;
  std::ofstream(PoolFolder(home) / "0000000000000002" / "registry.json") << "{";
  std::string problem;
  const auto list = ListRegistries(home, &problem);
  ASSERT_EQ(list.size(), 1u);
  EXPECT_EQ(list[0].id, "0000000000000001");
  EXPECT_EQ(list[0].state.publish, 0u);
  EXPECT_THAT(problem, HasSubstr("0000000000000002"));
  EXPECT_EQ(ReadRegistry(home, "0000000000000003").error().code, ErrorCode::kNotFound);
  EXPECT_EQ(ReadRegistry(home, "../0000000000001").error().code, ErrorCode::kNotFound);
  std::filesystem::remove_all(home);
}

// The mark alone is no timer: what starts it is the link that it names.
TEST(TimerMarkTest, HoldsAsLongAsTheLinkThatItNames) {
  const kaopu::testing::TempFolder temp;
  const fs::path home = temp.path() / "home", link = temp.path() / "wants";
  EXPECT_FALSE(HasTimer(home));
  fs::create_directories(TimerMark(home).parent_path());
  std::ofstream(TimerMark(home)) << link.string();
  EXPECT_FALSE(HasTimer(home)) << "no link";
  fs::create_symlink("/nowhere", link);
  EXPECT_TRUE(HasTimer(home)) << "where the link leads is systemd's affair";
  fs::remove(link);
  EXPECT_FALSE(HasTimer(home));
  for (const std::string& text : {std::string(), std::string(5000, 'x'), std::string("\0/", 2)}) {
    std::ofstream(TimerMark(home)) << text;
    EXPECT_FALSE(HasTimer(home)) << text;
  }
}

}  // namespace
}  // namespace kaopu::pool
