// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "pool/look_up.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "index/index_writer.h"
#include "index/key_hash.h"
#include "index/seller_detail.h"
#include "support/child.h"

namespace kaopu::pool {
namespace {

namespace fs = std::filesystem;
using std::chrono::days;

constexpr Date kAsOf{days{20'000}};
constexpr TimeMs kNow{days{20'002}};

class LookUpTest : public ::testing::Test {
 protected:
  static index::Header Frame(const std::string& origin, uint64_t publish) {
    index::Header frame;
    frame.publish = publish;
    frame.salt.fill(7);
    frame.origin = origin;
    frame.base_day = 19'000;
    for (size_t h = 0; h < kHalfLives; ++h)
      frame.half_life[h] = static_cast<uint32_t>(kHalfLife[h]);
    frame.weights = index::StandardWeights();
    frame.epoch.at = Minute{kAsOf.time_since_epoch().count()} * kMinutesADay;
    frame.epoch.mixture[CandidateOf(kLong, 0, 0)] = kFixOne;
    frame.epoch.prior_bad.fill(FixOf(1, 10));
    frame.epoch.prior_never.fill(FixOf(1, 100));
    frame.epoch.prior_ship.fill(kFixOne / kShipBands);
    return frame;
  }

  // An index in which each of these sellers has so many bad orders, told on the as-of day.
  void Write(const std::string& id, const std::vector<std::pair<std::string, int>>& sellers,
             uint64_t publish = 1, const std::string& origin = "pool.test/log") {
    const fs::path folder = home() / "pool" / id;
    fs::create_directories(folder);
    std::ofstream(folder / "registry.json")
        << R"({"v":1,"name":"Registry )" << id
        << R"(","origin":"pool.test/log","log_key":"k","operator_key":"k","nullifier_key":"k"})";
    const index::Header frame = Frame(origin, publish);
    std::vector<Outcome> outcomes;
    std::vector<index::Entry> rows, details;
    for (const auto& [seller, bad] : sellers) {
      const index::SellerHash hash = index::HashSeller(frame.salt, seller);
      SellerEvidence evidence;
      outcomes.clear();
      for (int i = 0; i < bad; ++i) {
        evidence.Add(frame.epoch.at, {.bad = true});
        evidence.AddNever(frame.epoch.at);
        outcomes.push_back({.kind = OutcomeKind::kNeverShipped, .known_on = kAsOf});
      }
      rows.push_back({hash.key, index::PackRow(**index::RowOf(frame, evidence))});
      const auto detail = index::DetailOf(frame, hash.check, outcomes);
      if (*detail) details.push_back({hash.key, index::PackDetail(**detail)});
    }
    WriteFile(folder / "sellers.kpi", index::Kind::kSellers, frame, rows);
    WriteFile(folder / "details.kpi", index::Kind::kDetails, frame, details);
  }

  static void WriteFile(const fs::path& path, index::Kind kind, index::Header frame,
                        std::vector<index::Entry> entries) {
    std::ranges::sort(entries, {}, &index::Entry::key);
    frame.kind = kind;
    frame.count = entries.size();
    frame.layout = index::LayoutFor(kind, frame.count, 0, 0);
    auto writer = index::IndexWriter::Create(path, frame);
    ASSERT_TRUE(writer) << writer.error().message;
    for (const index::Entry& entry : entries) ASSERT_TRUE(writer->Add(entry));
    ASSERT_TRUE(writer->Finish());
    ASSERT_TRUE(writer->Publish());
  }

  fs::path home() const { return temp_.path(); }
  Answers Ask(LookUp& look_up, std::vector<std::string> keys) { return look_up.Find(keys, kNow); }

 private:
  testing::TempFolder temp_;
};

TEST_F(LookUpTest, NoRegistriesSayNothing) {
  LookUp nowhere("");
  EXPECT_TRUE(Ask(nowhere, {"a:1"}).registries.empty());
  LookUp none(home());
  EXPECT_TRUE(Ask(none, {"a:1"}).registries.empty());
}

TEST_F(LookUpTest, SeveralRegistriesAnswerSideBySide) {
  Write("0000000000000001", {{"a:1", 7}});
  Write("0000000000000002", {{"a:1", 2}, {"a:2", 1}});
  LookUp look_up(home());
  const Answers answers = Ask(look_up, {"a:1"});
  ASSERT_EQ(answers.registries.size(), 2u);
  EXPECT_EQ(answers.registries[0].source.name, "Registry 0000000000000001");
  EXPECT_EQ(answers.registries[0].source.as_of, kAsOf);
  const std::vector<PooledReports> reports = answers.Reports();
  ASSERT_EQ(reports.size(), 2u);
  EXPECT_EQ(reports[0].counted->windows[1].bad, 7);
  EXPECT_EQ(reports[0].counted->never, 7);
  EXPECT_FALSE(reports[1].counted);
  EXPECT_NEAR(static_cast<double>(reports[1].never) / kFixOne, 2, .07);
  // Asked, and it knows nothing.
  const Answers other = Ask(look_up, {"a:2"});
  EXPECT_TRUE(other.registries[0].said.empty());
  EXPECT_EQ(other.Reports().size(), 1u);
}

TEST_F(LookUpTest, EveryNameOfTheSellerIsAsked) {
  Write("0000000000000001", {{"a:1", 1}, {"a:shop:1", 6}});
  LookUp look_up(home());
  const Answers answers = Ask(look_up, {"a:1", "a:shop:1", "a:3"});
  ASSERT_EQ(answers.registries[0].said.size(), 2u);
  EXPECT_TRUE(answers.registries[0].said[0].detail);  // the one of most weight first
}

TEST_F(LookUpTest, EvidenceFadesToTheDayOfLooking) {
  Write("0000000000000001", {{"a:1", 4}});
  LookUp look_up(home());
  const auto never = [&](TimeMs now) {
    return static_cast<double>(
               look_up.Find(std::vector<std::string>{"a:1"}, now).Reports()[0].never) /
           kFixOne;
  };
  EXPECT_NEAR(never(TimeMs(days{20'480})), never(TimeMs(days{20'000})) / 2, .01);
}

TEST_F(LookUpTest, AFileSwappedMeanwhileIsOpenedAnew) {
  Write("0000000000000001", {{"a:1", 7}});
  LookUp look_up(home());
  EXPECT_EQ(Ask(look_up, {"a:1"}).Reports()[0].counted->never, 7);
  Write("0000000000000001", {{"a:1", 9}}, 2);
  EXPECT_EQ(Ask(look_up, {"a:1"}).Reports()[0].counted->never, 9);
  fs::remove_all(home() / "pool");
  EXPECT_TRUE(Ask(look_up, {"a:1"}).registries.empty());
}

TEST_F(LookUpTest, BetweenTwoSwapsTheWeightsCountWithoutTheCounts) {
  Write("0000000000000001", {{"a:1", 7}});
  const fs::path folder = home() / "pool/0000000000000001";
  fs::rename(folder / "details.kpi", home() / "older");
  Write("0000000000000001", {{"a:1", 9}}, 2);
  fs::rename(home() / "older", folder / "details.kpi");
  LookUp look_up(home());
  const std::vector<PooledReports> reports = Ask(look_up, {"a:1"}).Reports();
  ASSERT_EQ(reports.size(), 1u);
  EXPECT_FALSE(reports[0].counted);
}

TEST_F(LookUpTest, ADamagedTooNewOrForeignIndexIsLeftOutAndNamed) {
  Write("0000000000000001", {{"a:1", 7}});
  Write("0000000000000002", {{"a:1", 7}});
  Write("0000000000000003", {{"a:1", 7}}, 1, "other.test/log");
  Write("0000000000000004", {{"a:1", 7}});
  Write("0000000000000005", {{"a:1", 7}});
  Write("0000000000000006", {{"a:1", 7}});
  const auto file = [&](int id, const char* name) {
    return home() / "pool" / ("000000000000000" + std::to_string(id)) / name;
  };
  const auto poke = [](const fs::path& path, std::streamoff at, char byte) {
    std::fstream(path, std::ios::in | std::ios::out | std::ios::binary).seekp(at).put(byte);
  };
  poke(file(2, "sellers.kpi"), 4096 + 20, '\x55');         // its only page of entries
  fs::resize_file(file(4, "sellers.kpi"), 5000);           // cut short
  std::ofstream(file(5, "registry.json")) << "{\"name\"";  // no JSON
  fs::remove(file(6, "sellers.kpi"));                      // nothing synced yet: no fault
  LookUp look_up(home());
  const Answers answers = Ask(look_up, {"a:1"});
  ASSERT_EQ(answers.registries.size(), 1u);
  EXPECT_EQ(answers.registries[0].source.id, "0000000000000001");
  ASSERT_EQ(answers.left_out.size(), 4u);
  EXPECT_EQ(answers.left_out[0].error.code, ErrorCode::kDamaged);
  EXPECT_EQ(answers.left_out[0].name, "Registry 0000000000000002");
  EXPECT_EQ(answers.left_out[1].error.code, ErrorCode::kConflict);
  EXPECT_EQ(answers.left_out[2].error.code, ErrorCode::kDamaged);
  EXPECT_EQ(answers.left_out[3].error.code, ErrorCode::kDamaged);
  // Mended by the next sync: no restart is needed.
  Write("0000000000000002", {{"a:1", 7}}, 2);
  EXPECT_EQ(Ask(look_up, {"a:1"}).registries.size(), 2u);
}

}  // namespace
}  // namespace kaopu::pool
