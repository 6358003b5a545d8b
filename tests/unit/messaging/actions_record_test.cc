// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Outcomes, orders, settings, export and delete: what is taken, what is refused and in which words.
#include <gmock/gmock.h>

#include "actions_fixture.h"

namespace kaopu {
namespace {

using testing::HasSubstr;

TEST_F(ActionsTest, TheTableNamesEveryOperationOnce) {
  std::set<std::string_view> ops;
  for (const ActionRow& row : Actions()) EXPECT_TRUE(ops.insert(row.op).second) << row.op;
  for (const char* op : {"plan", "check_page", "outcome_add", "outcome_list", "outcome_edit",
                         "outcome_undo", "order_add", "order_set", "order_list", "order_show",
                         "settings_get", "settings_set", "why", "data_export", "data_delete"}) {
    EXPECT_TRUE(ops.contains(op)) << op;
  }
  EXPECT_THAT(Refused("make_coffee", Json::object(), ErrorCode::kUnsupported),
              HasSubstr("make_coffee"));
}

TEST_F(ActionsTest, AnOutcomeIsKeptEditedAndUndone) {
  Json reply = Run("outcome_add", {{"seller_key", "testmall:1"},
                                   {"seller_name", "小店"},
                                   {"outcome", "late"},
                                   {"placed_at", "2026-10-01"},
                                   {"promised_by", "2026-10-03"},
                                   {"shipped_at", "2026-10-09"},
                                   {"item_price", {{"amount_minor", 14900}, {"currency", "CNY"}}},
                                   {"note", "  two\nlines "}});
  const Json& outcome = reply["outcome"];
  EXPECT_EQ(outcome["days_late"], 6);  // told by the dates
  EXPECT_EQ(outcome["note"], "two\nlines");
  const int64_t id = outcome["outcome_id"];
  reply = Run("outcome_edit",
              {{"outcome_id", id}, {"outcome", "never_shipped"}, {"shipped_at", nullptr}});
  EXPECT_EQ(reply["outcome"]["outcome"], "never_shipped");
  EXPECT_EQ(reply["outcome"]["days_late"], nullptr);
  EXPECT_EQ(reply["outcome"]["placed_at"], "2026-10-01");
  reply = Run("outcome_undo", {{"outcome_id", id}});
  EXPECT_EQ(reply["undone"], "edit");
  EXPECT_EQ(reply["outcome"]["days_late"], 6);
  reply = Run("outcome_remove", {{"outcome_id", id}});
  EXPECT_EQ(Run("outcome_list", Json::object())["outcomes"].size(), 0u);
  Run("outcome_undo", Json::object());
  EXPECT_EQ(Run("outcome_list", {{"seller_key", "testmall:1"}})["outcomes"].size(), 1u);
  reply = Run("outcome_undo", Json::object());
  EXPECT_EQ(reply["undone"], "add");
  EXPECT_EQ(reply["outcome"], nullptr);
  Refused("outcome_undo", Json::object(), ErrorCode::kNotFound);
}

TEST_F(ActionsTest, WhatCannotBeIsRefusedInExactWords) {
  const auto refused = [&](Json fields) {
    Json request = {{"seller_key", "testmall:1"}, {"outcome", "late"}};
    request.update(fields);
    return Refused("outcome_add", request);
  };
  EXPECT_THAT(refused({{"outcome", "tardy"}}),
              HasSubstr("outcome: \"tardy\" is no outcome; expected one of on_time, late"));
  EXPECT_THAT(refused({{"outcome", nullptr}}), HasSubstr("outcome: is missing"));
  EXPECT_THAT(refused({{"outcome", 7}}), HasSubstr("\"outcome\" must be a string"));
  EXPECT_THAT(refused({{"placed_at", "2026-10-05"}, {"promised_by", "2026-10-03"}}),
              HasSubstr("promised_by: 2026-10-03 is before placed_at 2026-10-05"));
  EXPECT_THAT(refused({{"placed_at", "2026-10-05"}, {"delivered_at", "2026-10-04"}}),
              HasSubstr("delivered_at: 2026-10-04 is before placed_at 2026-10-05"));
  EXPECT_THAT(refused({{"placed_at", "2026-11-30"}}),
              HasSubstr("placed_at: 2026-11-30 lies in the future; today is 2026-11-23"));
  EXPECT_THAT(refused({{"placed_at", "2026-02-30"}}),
              HasSubstr("placed_at: \"2026-02-30\" is no date"));
  EXPECT_THAT(refused({{"placed_at", "1970-01-01"}}), HasSubstr("before 2000-01-01"));
  EXPECT_THAT(refused({{"promised_by", "2099-01-01"}}), HasSubstr("more than ten years ahead"));
  EXPECT_THAT(refused({{"days_late", 0}}), HasSubstr("days_late: 0 is not between 1 and 3650"));
  EXPECT_THAT(refused({{"outcome", "on_time"}, {"days_late", 3}}),
              HasSubstr("only an order that was late has it"));
  EXPECT_THAT(
      refused(
          {{"outcome", "on_time"}, {"promised_by", "2026-10-01"}, {"shipped_at", "2026-10-04"}}),
      HasSubstr("on_time, yet shipped_at is 3 days after promised_by"));
  EXPECT_THAT(refused({{"note", std::string(2001, 'x')}}),
              HasSubstr("note: 2001 characters, at most 2000 allowed"));
  EXPECT_THAT(refused({{"order_id", std::string("a\0b", 3)}}),
              HasSubstr("order_id: holds control characters"));
  EXPECT_THAT(refused({{"item_price", {{"amount_minor", -1}, {"currency", "CNY"}}}}),
              HasSubstr("not between 0"));
  EXPECT_THAT(refused({{"item_price", {{"amount_minor", 1}, {"currency", "yuan"}}}}),
              HasSubstr("no ISO 4217 code"));
  EXPECT_THAT(refused({{"aliases", Json::array({1})}}), HasSubstr("aliases"));
  EXPECT_TRUE(store_->Sellers()->empty());
  // A Chinese note of 2,000 characters is 6,000 bytes and fine.
  std::string note;
  for (int i = 0; i < 2000; ++i) note += "慢";
  Run("outcome_add", {{"seller_key", "testmall:1"}, {"outcome", "late"}, {"note", note}});
}

TEST_F(ActionsTest, SellerKeysAreChecked) {
  for (const char* bad : {"", "taobao", ":1", "taobao:", "Taobao:1", "taobao:1 2", "web:localhost",
                          "tao bao:1", "web:a.b/c", "taobao:1\n", "taobao:\u202e1"}) {
    const std::string message = Refused("outcome_add", {{"seller_key", bad}, {"outcome", "late"}});
    EXPECT_THAT(message, HasSubstr("seller_key: ")) << bad;
  }
  Refused("outcome_add", {{"seller_key", "taobao:" + std::string(300, '1')}, {"outcome", "late"}});
  Refused("outcome_add", {{"outcome", "late"}});
  for (const char* good : {"testmall:134583372", "web:Example.COM", "testmall:b2b-221",
                           "testmall:self", "testmall:某人"}) {
    Run("outcome_add", {{"seller_key", good}, {"outcome", "late"}});
  }
  EXPECT_EQ(Run("outcome_list", {{"seller_key", "web:example.com"}})["outcomes"].size(), 1u);
}

TEST_F(ActionsTest, OnlyAliasesOfTheSamePlatformAreBelieved) {
  Run("outcome_add",
      {{"seller_key", "testmall:1"},
       {"outcome", "never_shipped"},
       {"aliases", {"testmall:shop:9", "web:good.example", "licence:913", "testmall:1"}}});
  EXPECT_EQ(store_->Sellers()->front().aliases, std::vector<std::string>{"testmall:shop:9"});
  Run("outcome_add",
      {{"seller_key", "web:bad.example"}, {"outcome", "late"}, {"aliases", {"web:good.example"}}});
  EXPECT_EQ(Run("check_seller", {{"seller_key", "web:good.example"}})["verdict"], "unknown");
}

TEST_F(ActionsTest, OrdersShowWhatIsOverdue) {
  Json reply = Run("order_add", {{"order_id", "A-1"},
                                 {"seller_key", "testmall:1"},
                                 {"status", "paid"},
                                 {"placed_at", "2026-11-10"},
                                 {"promised_by", "2026-11-18"}});
  EXPECT_EQ(reply["order"]["overdue_days"], 5);
  EXPECT_EQ(Run("check_seller", {{"seller_key", "testmall:1"}})["verdict"], "watch_out");
  Refused("order_add", {{"order_id", "A-1"}, {"seller_key", "testmall:2"}}, ErrorCode::kConflict);
  reply = Run("order_set", {{"order_id", "A-1"}, {"status", "shipped"}});
  EXPECT_EQ(reply["order"]["overdue_days"], nullptr);
  EXPECT_EQ(Run("order_undo", Json::object())["order"]["overdue_days"], 5);
  // An outcome recorded for the order decides it, and takes over what is known of it.
  const Json outcome =
      Run("outcome_add",
          {{"seller_key", "testmall:1"}, {"outcome", "never_shipped"}, {"order_id", "A-1"}});
  EXPECT_EQ(outcome["outcome"]["promised_by"], "2026-11-18");
  reply = Run("order_show", {{"order_id", "A-1"}});
  EXPECT_EQ(reply["order"]["overdue_days"], nullptr);
  EXPECT_EQ(reply["order"]["outcomes"].size(), 1u);
  EXPECT_EQ(Run("order_list", Json::object())["orders"].size(), 1u);
  Refused("order_show", {{"order_id", "A-2"}}, ErrorCode::kNotFound);
  Refused("order_add", {{"order_id", "A-3"}, {"seller_key", "testmall:1"}, {"status", "lost"}});
  Refused("order_add", {{"seller_key", "testmall:1"}});
}

TEST_F(ActionsTest, SettingsAreCheckedAndKept) {
  EXPECT_EQ(Run("settings_get", Json::object())["settings"],
            (Json{{"caution", "normal"}, {"ask_above", nullptr}, {"language", "auto"}}));
  Run("settings_set",
      {{"settings",
        {{"caution", "high"}, {"ask_above", {{"amount_minor", 50000}, {"currency", "CNY"}}}}}});
  Run("settings_set", {{"settings", {{"language", "zh_CN"}}}});
  const Json settings = Run("settings_get", Json::object())["settings"];
  EXPECT_EQ(settings["caution"], "high");
  EXPECT_EQ(settings["ask_above"]["amount_minor"], 50000);
  Run("settings_set", {{"settings", {{"ask_above", nullptr}}}});
  EXPECT_EQ(Run("settings_get", Json::object())["settings"]["ask_above"], nullptr);
  EXPECT_THAT(Refused("settings_set", {{"settings", {{"caution", "extreme"}}}}),
              HasSubstr("expected low, normal or high"));
  EXPECT_THAT(Refused("settings_set", {{"settings", {{"telemetry", true}}}}),
              HasSubstr("telemetry"));
  Refused("settings_set", {{"settings", {{"caution", nullptr}}}});
  Refused("settings_set", Json::object());
}

TEST_F(ActionsTest, ExportHoldsEverythingAndDeleteLeavesNothing) {
  Run("outcome_add", {{"seller_key", "testmall:1"}, {"seller_name", "小店"}, {"outcome", "late"}});
  Run("outcome_edit", {{"outcome_id", 1}, {"outcome", "on_time"}});
  Run("order_add", {{"order_id", "A-1"}, {"seller_key", "testmall:1"}});
  const Json data = Run("data_export", Json::object())["data"];
  EXPECT_EQ(data["sellers"][0]["name"], "小店");
  EXPECT_EQ(data["outcomes"].size(), 1u);
  EXPECT_EQ(data["orders"].size(), 1u);
  EXPECT_EQ(data["changes"].size(), 3u);
  EXPECT_EQ(data["changes"][1]["before"]["outcome"], "late");
  Refused("data_delete", Json::object());
  Refused("data_delete", {{"confirm", "yes"}});
  EXPECT_EQ(Run("data_delete", {{"confirm", "delete everything"}})["deleted"]["outcomes"], 1);
  EXPECT_TRUE(Run("data_export", Json::object())["data"]["sellers"].empty());
}

}  // namespace
}  // namespace kaopu
