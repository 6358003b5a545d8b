// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include <gmock/gmock.h>

#include <fstream>

#include "actions_fixture.h"
#include "pool/pool_folder.h"
#include "pool/range_set.h"
#include "report/report.h"
#include "support/known_registry.h"

namespace kaopu {
namespace {

using ::testing::HasSubstr;

constexpr char kOne[] = "0011223344556677", kTwo[] = "8899aabbccddeeff";

class ReportActionsTest : public ActionsTest {
 protected:
  ReportActionsTest() {
    for (const auto& [id, name] : {std::pair{kOne, "One"}, {kTwo, "Two"}}) {
      testing::PutRegistry(root_ / "home", id,
                           testing::MadeRegistryInfo(std::string(name) + ".example/log", name));
    }
  }
  Json AddLate() {
    return Run("outcome_add",
               {{"seller_key", "testmall:1"},
                {"outcome", "late"},
                {"order_id", "A-1"},
                {"placed_at", "2026-11-02"},
                {"promised_by", "2026-11-04"},
                {"shipped_at", "2026-11-09"},
                {"item_price", {{"amount_minor", 14900}, {"currency", "CNY"}}}})["outcome"];
  }
  // Agrees to what the preview shows.
  Json Agree(Json request, const std::vector<std::string>& registries,
             const std::string& op = "report_add") {
    request["text"] = Run("report_preview", request)["report"];
    request["registry_ids"] = registries;
    return Run(op, request);
  }
  ReportRecord Row(int64_t id) { return store_->GetReport(id).value(); }
};

TEST_F(ReportActionsTest, PreviewShowsTheBytesAndNothingOfTheOrder) {
  const Json preview = Run("report_preview",
                           {{"seller_key", "testmall:1"}, {"outcome_id", AddLate()["outcome_id"]}});
  const std::string text = preview["report"];
  EXPECT_EQ(
      text,
      R"({"days_late":5,"enrolled":false,"known_days":7,"outcome":"late","promised_days":2,)"
      R"("revision":0,"seller":"testmall:1","shipped_days":7,"v":1,"value":"small","week":"2026-W45"})");
  EXPECT_EQ(text.find("A-1"), std::string::npos);
  EXPECT_TRUE(report::Report::Parse(text));
  EXPECT_EQ(preview["registries"].size(), 2u);
  EXPECT_EQ(preview["reveals"][0], "report_reveals_seller");
  EXPECT_TRUE(store_->Reports()->empty());  // looking writes nothing
}

TEST_F(ReportActionsTest, OnlyTheAgreedBytesAreQueuedAndOnce) {
  Json request = {{"outcome_id", AddLate()["outcome_id"]}};
  request["text"] = Run("report_preview", request)["report"];
  request["registry_ids"] = {kOne};
  Json other = request;
  other["text"] = request["text"].get<std::string>() + " ";
  EXPECT_THAT(Refused("report_add", other, ErrorCode::kConflict), HasSubstr("look at it again"));
  EXPECT_TRUE(store_->Reports()->empty());
  const Json row = Run("report_add", request)["reports"][0];
  EXPECT_EQ(row["state"], "waiting");
  EXPECT_EQ(row["registry"], (Json{{"id", kOne}, {"name", "One"}}));
  EXPECT_EQ(row["entry"], nullptr);
  EXPECT_EQ(Row(row["report_id"]).order_id, "A-1");
  // Again: the bytes would be a revision that says nothing new.
  EXPECT_THAT(
      Refused("report_add",
              {{"outcome_id", request["outcome_id"]},
               {"text", Run("report_preview", {{"outcome_id", request["outcome_id"]}})["report"]},
               {"registry_ids", {kOne}}},
              ErrorCode::kConflict),
      HasSubstr("says the same"));
  EXPECT_EQ(Agree({{"outcome_id", request["outcome_id"]}}, {kTwo})["reports"][0]["state"],
            "waiting");
  EXPECT_EQ(store_->Reports()->size(), 2u);
}

TEST_F(ReportActionsTest, NamesARegistryThatIsKnown) {
  const Json request = {{"outcome_id", AddLate()["outcome_id"]}};
  Json add = request;
  add["text"] = Run("report_preview", request)["report"];
  EXPECT_THAT(Refused("report_add", add), HasSubstr("registry add"));
  add["registry_ids"] = {"0000000000000000"};
  Refused("report_add", add, ErrorCode::kNotFound);
  add["registry_ids"] = {"../../etc"};
  Refused("report_add", add, ErrorCode::kNotFound);
}

TEST_F(ReportActionsTest, EnrolledOrderIsRevisedWhenItsOutcomeIsKnown) {
  Run("order_add", {{"order_id", "B-2"},
                    {"seller_key", "testmall:2"},
                    {"placed_at", "2026-11-10"},
                    {"promised_by", "2026-11-12"},
                    {"status", "paid"}});
  EXPECT_THAT(Refused("report_preview", {{"order_id", "B-2"}}), HasSubstr("still open"));
  const Json first = Agree({{"order_id", "B-2"}, {"enrol", true}}, {kOne})["reports"][0];
  EXPECT_THAT(first["text"].get<std::string>(), HasSubstr(R"("outcome":"open")"));
  ReportRecord sent = Row(first["report_id"]);
  sent.state = ReportState::kSent;
  sent.posted = true;
  sent.entry = 7;
  sent.receipt = "proof";
  ASSERT_TRUE(store_->PutReport(sent, clock_.Now()));
  Run("outcome_add", {{"seller_key", "testmall:2"},
                      {"order_id", "B-2"},
                      {"outcome", "on_time"},
                      {"shipped_at", "2026-11-11"}});
  Json revise = {{"report_id", first["report_id"]}, {"order_id", "B-2"}};
  revise["text"] = Run("report_preview", revise)["report"];
  const Json second = Run("report_revise", revise)["report"];
  EXPECT_NE(second["report_id"], first["report_id"]);
  const auto report = report::Report::Parse(second["text"].get<std::string>());
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_TRUE(report->enrolled);
  EXPECT_EQ(report->revision, 1u);
  EXPECT_EQ(report->outcome, OutcomeKind::kOnTime);
  EXPECT_EQ(Row(second["report_id"]).order_id, "B-2");
  // What is known already cannot be enrolled.
  EXPECT_THAT(Refused("report_preview", {{"outcome_id", AddLate()["outcome_id"]}, {"enrol", true}}),
              HasSubstr("known already"));
}

TEST_F(ReportActionsTest, RevisingWhatWaitsChangesIt) {
  const Json outcome = AddLate();
  const Json first = Agree({{"outcome_id", outcome["outcome_id"]}}, {kOne})["reports"][0];
  Run("outcome_edit", {{"outcome_id", outcome["outcome_id"]}, {"item_price", nullptr}});
  Json revise = {{"report_id", first["report_id"]}};
  revise["text"] = Run("report_preview", revise)["report"];
  const Json second = Run("report_revise", revise)["report"];
  EXPECT_EQ(second["report_id"], first["report_id"]);
  EXPECT_THAT(second["text"].get<std::string>(), HasSubstr(R"("value":"unknown")"));
  EXPECT_EQ(store_->Reports()->size(), 1u);
}

TEST_F(ReportActionsTest, RevisingWhatMayHaveArrivedKeepsItsBytes) {
  const Json outcome = AddLate();
  const int64_t first =
      Agree({{"outcome_id", outcome["outcome_id"]}}, {kOne})["reports"][0]["report_id"];
  ReportRecord posted = Row(first);
  posted.posted = true;
  posted.envelope = "sealed";
  ASSERT_TRUE(store_->PutReport(posted, clock_.Now()));
  Run("outcome_edit", {{"outcome_id", outcome["outcome_id"]}, {"item_price", nullptr}});
  Json revise = {{"report_id", first}};
  revise["text"] = Run("report_preview", revise)["report"];
  const int64_t second = Run("report_revise", revise)["report"]["report_id"];
  EXPECT_NE(second, first);
  EXPECT_EQ(Row(first).envelope, "sealed");
  EXPECT_EQ(Row(first).report, posted.report);
  EXPECT_FALSE(Row(second).posted);
  EXPECT_EQ(Row(second).state, ReportState::kWaiting);
}

TEST_F(ReportActionsTest, WithdrawingCancelsWhatNeverLeftAndAsksForTheRest) {
  const int64_t id =
      Agree({{"outcome_id", AddLate()["outcome_id"]}}, {kOne})["reports"][0]["report_id"];
  EXPECT_EQ(Run("report_withdraw", {{"report_id", id}})["report"]["state"], "withdrawn");
  EXPECT_EQ(Run("report_withdraw", {{"report_id", id}})["report"]["state"], "withdrawn");
  const int64_t again =
      Agree({{"outcome_id", *Row(id).outcome_id}}, {kOne})["reports"][0]["report_id"];
  EXPECT_NE(again, id);
  ReportRecord posted = Row(again);
  posted.posted = true;  // it may have arrived, though nothing was heard
  ASSERT_TRUE(store_->PutReport(posted, clock_.Now()));
  const Json row = Run("report_withdraw", {{"report_id", again}})["report"];
  EXPECT_EQ(row["state"], "withdrawing");
  EXPECT_NE(row["withdrawn_at_ms"], nullptr);
}

TEST_F(ReportActionsTest, ByHandWithoutAnOrderNumber) {
  const Json by_hand = {{"seller_key", "web:shop.example"},
                        {"outcome", "never_shipped"},
                        {"placed_at", "2026-09-01"},
                        {"promised_by", "2026-09-05"}};
  const Json row = Agree(by_hand, {kOne})["reports"][0];
  EXPECT_THAT(row["order_id"].get<std::string>(), ::testing::StartsWith("own-"));
  EXPECT_EQ(row["text"].get<std::string>().find("own-"), std::string::npos);
  EXPECT_THAT(Refused("report_preview", {{"seller_key", "web:shop.example"}, {"outcome", "late"}}),
              HasSubstr("day of the order"));
  EXPECT_THAT(Refused("report_preview", {{"seller_key", "web:shop.example"},
                                         {"outcome", "late"},
                                         {"placed_at", "2024-01-01"}}),
              HasSubstr("that old"));
  Refused("report_preview", Json::object());
}

TEST_F(ReportActionsTest, SellerWhoCancelledInTimeBrokeNothing) {
  EXPECT_THAT(Refused("report_preview", {{"seller_key", "testmall:1"},
                                         {"outcome", "seller_cancelled"},
                                         {"placed_at", "2026-11-20"},
                                         {"promised_by", "2026-12-20"}}),
              HasSubstr("broke no promise"));
}

TEST_F(ReportActionsTest, ExportHoldsReportsAndDeleteTakesKeyAndAll) {
  Agree({{"outcome_id", AddLate()["outcome_id"]}}, {kOne});
  std::ofstream(root_ / "home" / "reporter.key") << "secret";
  EXPECT_EQ(Run("data_export", Json::object())["data"]["reports"].size(), 1u);
  const Json deleted = Run("data_delete", {{"confirm", "delete everything"}})["deleted"];
  EXPECT_EQ(deleted["reports"], 1);
  EXPECT_EQ(deleted["reporter_key"], 1);
  EXPECT_FALSE(std::filesystem::exists(root_ / "home" / "reporter.key"));
  EXPECT_TRUE(store_->Reports()->empty());
}

TEST_F(ReportActionsTest, StatusTellsWhatTheLastSyncFound) {
  pool::SyncState state{.checked_at = clock_.Now(),
                        .publish = 4,
                        .as_of = ParseDate("2026-11-20"),
                        .entries = 10,
                        .sellers = 3,
                        .alarm = pool::Alarm{"fork", "two heads", clock_.Now()}};
  std::ofstream(pool::PoolFolder(root_ / "home") / kOne / "sync.json") << state.ToText();
  std::ofstream(pool::PoolFolder(root_ / "home") / kOne / "settings.json")
      << pool::RegistrySettings{.trust = 40}.ToText();
  const Json status = Run("pool_status", Json::object());
  EXPECT_EQ(status["timer"], false);
  const Json one = status["registries"][0], two = status["registries"][1];
  EXPECT_EQ(one["as_of"], "2026-11-20");
  EXPECT_EQ(one["alarm"]["kind"], "fork");
  EXPECT_EQ(one["trust"], 40);
  EXPECT_EQ(two["trust"], 100);
  EXPECT_EQ(two["checked_at_ms"], nullptr);
  EXPECT_EQ(two["alarm"], nullptr);
  EXPECT_EQ(status["run"], nullptr);
  EXPECT_EQ(Run("pool_sync", Json::object())["started"], false);
  context_->ask_launcher = [](const SyncAsk& ask) -> SyncRun {
    EXPECT_EQ(ask.seller, "");
    if (ask.only_look) return {SyncRun::State::kEnded, 5};
    return {SyncRun::State::kRunning};
  };
  EXPECT_EQ(Run("pool_sync", Json::object())["started"], true);
  EXPECT_EQ(Run("pool_status", Json::object())["run"],
            Json({{"running", false}, {"exit_code", 5}}));
}

// What asking for a seller's range reveals, and the asking.
class RangeActionsTest : public ReportActionsTest {
 protected:
  void Take(pool::RangeUse ranges) {
    std::ofstream(Folder() / "settings.json") << pool::RegistrySettings{.ranges = ranges}.ToText();
  }
  std::filesystem::path Folder() const { return pool::PoolFolder(root_ / "home") / kOne; }
  const Json ask_ = {{"registry_id", kOne}, {"seller_key", "testmall:1"}};
};

TEST_F(RangeActionsTest, PreviewSaysWhatTheRegistryWouldSee) {
  EXPECT_THAT(Refused("range_preview", ask_, ErrorCode::kConflict), HasSubstr("no ranges"));
  Take(pool::RangeUse::kAsked);
  const Json first = Run("range_preview", ask_);
  EXPECT_EQ(first["registry"], Json({{"id", kOne}, {"name", "One"}}));
  EXPECT_EQ(first["fetched"], 32);
  EXPECT_EQ(first["fresh"], 32);
  EXPECT_EQ(first["ranges"], nullptr);
  EXPECT_EQ(first["sellers"], nullptr);
  pool::RangeSet set = pool::RangeSet::Draw(12, {});
  std::ofstream(pool::RangeSetPath(Folder())) << set.ToText();
  std::ofstream(Folder() / "sync.json") << pool::SyncState{.sellers = 4097}.ToText();
  // Drawn by lot, one of 128 is covered by chance: two sellers in a row hardly ever.
  Json asked = ask_;
  for (int i = 1; i < 100 && set.Want(asked["seller_key"], Date{}) == 0; ++i) {
    asked["seller_key"] = "testmall:" + std::to_string(i);
  }
  const Json later = Run("range_preview", asked);
  EXPECT_EQ(later["fetched"], 32);
  EXPECT_EQ(later["fresh"], 4);
  EXPECT_EQ(later["ranges"], 4096);
  EXPECT_EQ(later["sellers"], 2);
  // It was only asked what it would be.
  EXPECT_TRUE(pool::ReadRangeSet(Folder())->wanted.empty());
  std::ofstream(pool::RangeSetPath(Folder())) << set.ToText();
  EXPECT_EQ(Run("range_preview", asked)["fresh"], 0);
  std::ofstream(pool::RangeSetPath(Folder())) << "{";
  Refused("range_preview", asked, ErrorCode::kDamaged);
}

TEST_F(RangeActionsTest, AsksForOneSellerAtOneRegistryAndForNothingElse) {
  Take(pool::RangeUse::kScheduled);
  EXPECT_EQ(Run("range_fetch", ask_)["state"], "none");
  std::vector<std::string> asked;
  SyncRun run{SyncRun::State::kRunning};
  context_->ask_launcher = [&](const SyncAsk& ask) {
    EXPECT_FALSE(ask.only_look);
    asked.push_back(ask.registry + " " + ask.seller);
    return run;
  };
  EXPECT_EQ(Run("range_fetch", {{"registry_id", kOne}, {"seller_key", "TestMall：1"}})["state"],
            "running");
  run.state = SyncRun::State::kBusy;
  EXPECT_EQ(Run("range_fetch", ask_)["state"], "busy");
  const std::vector<std::string> once(2, std::string(kOne) + " testmall:1");
  EXPECT_EQ(asked, once);
  for (const char* key : {"", "1", "nomall:1", "testmall:1 --yes", "testmall:\n1", "--proxy"}) {
    Refused("range_fetch", {{"registry_id", kOne}, {"seller_key", key}});
  }
  for (const char* id : {"", "One", "../0011223344556", "--registry"}) {
    Refused("range_fetch", {{"registry_id", id}, {"seller_key", "testmall:1"}});
  }
  Refused("range_fetch", {{"registry_id", "ffffffffffffffff"}, {"seller_key", "testmall:1"}},
          ErrorCode::kNotFound);
  Refused("range_fetch", {{"registry_id", kTwo}, {"seller_key", "testmall:1"}},
          ErrorCode::kConflict);
  EXPECT_EQ(asked, once);
}

TEST_F(RangeActionsTest, ACheckNamesTheKeyToAskFor) {
  EXPECT_TRUE(Run("check_seller", {{"seller_key", "testmall:1"}})["pooled"]["registries"].empty());
  Take(pool::RangeUse::kAsked);
  const Json first = Run("check_seller", {{"seller_key", "testmall:1"}})["pooled"]["registries"];
  ASSERT_EQ(first.size(), 1u);
  EXPECT_EQ(first[0]["on_this_disk"], false);
  EXPECT_EQ(first[0]["ask_for"], "testmall:1");
  EXPECT_EQ(first[0]["as_of"], nullptr);
  EXPECT_EQ(first[0]["age_days"], 0);
  // Of a page's seller with two names, the one that is not here.
  pool::RangeSet set = pool::RangeSet::Draw(4, {});
  set.folder = 1;
  set.as_of = *ParseDate("2026-11-20");
  std::ofstream(pool::RangeSetPath(Folder())) << set.ToText();
  const Json page = CheckItem("<a id=\"seller\" data-id=\"1\" data-shop=\"2\">Shop</a>");
  const Json of_page = page["pooled"]["registries"][0];
  EXPECT_EQ(of_page["ask_for"], page["seller"]["key"]);
  EXPECT_EQ(of_page["as_of"], "2026-11-20");
}

}  // namespace
}  // namespace kaopu
