// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "messaging/actions/seller_key.h"

#include <gmock/gmock.h>

#include <fstream>

#include "actions_fixture.h"

namespace kaopu {
namespace {

using ::testing::HasSubstr;

const std::vector<KeyPlatform> kPlatforms = {{"jd", "jd", false},
                                             {"taobao", "taobao", false},
                                             {"tmall", "taobao", false},
                                             {"ebay", "ebay", true}};

std::string Normal(std::string_view typed) {
  const auto key = NormalSellerKey(typed, kPlatforms);
  return key ? *key : "refused: " + key.error().message;
}

TEST(SellerKeyTest, AsPagesGiveThem) {
  for (const auto& [typed, kept] : std::vector<std::pair<const char*, const char*>>{
           {"jd:12345", "jd:12345"},
           {"JD:12345", "jd:12345"},
           {"jd：12345", "jd:12345"},  // the colon of a Chinese keyboard
           {"tmall:134583372", "taobao:134583372"},
           {"taobao:shop:77", "taobao:shop:77"},
           {"ebay:Some_Name", "ebay:some_name"},
           {"web:example.com", "web:example.com"},
           {"web:www.example.com", "web:example.com"},
           {"WEB:WWW.Example.COM", "web:example.com"},
           {"web:www.example.com.", "web:example.com"},
           {"web:a.b.example.co.uk", "web:example.co.uk"},
           {"web:foo.myshopify.com", "web:foo.myshopify.com"},  // of the list's private section
           {"web:www.Bücher.example", "web:xn--bcher-kva.example"},
           {"web:xn--bcher-kva.example", "web:xn--bcher-kva.example"},
           {"web:商店.中国", "web:xn--czrs0t.xn--fiqs8s"},
       }) {
    EXPECT_EQ(Normal(typed), kept) << typed;
  }
}

TEST(SellerKeyTest, WhatIsNoKeyIsRefusedWithWhatToType) {
  for (const char* typed : {"", "jd", "jd:", ":1", "jd:a b", "jd:a/b", "jd:a\nb", "web:",
                            "web:localhost", "web:co.uk", "web:192.168.0.1", "web:a..b", "web:-",
                            "web:exa mple.com", "web:\xff\xfe.com", "j\u202ed:1", "jd:\u2066x"}) {
    EXPECT_THAT(Normal(typed), HasSubstr("is no seller key")) << typed;
  }
  EXPECT_THAT(Normal("jd:" + std::string(300, '1')), HasSubstr("at most 200"));
  EXPECT_THAT(Normal("taobo:5"), HasSubstr("did you mean taobao:5?"));
  EXPECT_THAT(Normal("ebya:x"), HasSubstr("did you mean ebay:x?"));
  EXPECT_THAT(Normal("wbe:x.com"), HasSubstr("did you mean web:x.com?"));
  EXPECT_THAT(Normal("shopping:5"), HasSubstr("known are ebay, jd, taobao, web"));
}

TEST(SellerKeyTest, WithoutRulesEveryPlatformPasses) {
  EXPECT_EQ(NormalSellerKey("later:5", {}).value(), "later:5");
  EXPECT_FALSE(NormalSellerKey("later", {}));
}

class KeysOfRecordTest : public ActionsTest {};

TEST_F(KeysOfRecordTest, ATypedStoreMeetsItsPage) {
  const Json added =
      Run("outcome_add",
          {{"seller_key", "web:www.example.com"}, {"outcome", "late"}, {"days_late", 2}});
  EXPECT_EQ(added["outcome"]["seller_key"], "web:example.com");
  EXPECT_EQ(Run("check_seller", {{"seller_key", "web:example.com"}})["history"]["late"], 1);
  EXPECT_EQ(Run("why", {{"seller_key", "WEB:shop.example.com"}})["explanation"]["seller_key"],
            "web:example.com");
}

TEST_F(KeysOfRecordTest, AnUnknownPlatformIsRefused) {
  EXPECT_THAT(Refused("outcome_add", {{"seller_key", "testmal:1"}, {"outcome", "late"}}),
              HasSubstr("did you mean testmall:1?"));
  EXPECT_THAT(Refused("why", {{"seller_key", "nowhere:1"}}), HasSubstr("known are testmall, web"));
}

// Keys for ever: what an older Kaopu took stays reachable, and can be moved.
TEST_F(KeysOfRecordTest, KeysOfAnOlderRecordStayReachable) {
  for (const char* key : {"gone:7", "web:www.example.com"}) {
    OutcomeRecord outcome;
    outcome.seller_key = key;
    outcome.outcome = OutcomeKind::kNeverShipped;
    ASSERT_TRUE(store_->AddOutcome({.seller_key = key}, outcome, clock_.Now()));
    EXPECT_EQ(Run("outcome_list", {{"seller_key", key}})["outcomes"].size(), 1u) << key;
    EXPECT_EQ(Run("why", {{"seller_key", key}})["explanation"]["seller_key"], key);
  }
  EXPECT_EQ(Run("outcome_add",
                {{"seller_key", "gone:7"}, {"outcome", "on_time"}})["outcome"]["seller_key"],
            "gone:7");
  const Json old = Run("outcome_list", {{"seller_key", "web:www.example.com"}})["outcomes"][0];
  const Json moved = Run(
      "outcome_edit", {{"outcome_id", old["outcome_id"]}, {"seller_key", "web:www.example.com"}});
  EXPECT_EQ(moved["outcome"]["seller_key"], "web:example.com");
}

TEST_F(KeysOfRecordTest, WhileARuleFileIsBrokenItsSellersAreStillThere) {
  std::ofstream(root_ / "data/adapters/other.json") << "{";
  Rules rules(root_ / "data");
  ActionContext context{rules, *store_, clock_, *pool_};
  EXPECT_TRUE(
      RunAction(context, "outcome_add", {{"seller_key", "other:7"}, {"outcome", "on_time"}}));
}

// One damaged rule file stops what needs it and nothing else.
class DamagedRulesTest : public ActionsTest {
 protected:
  void Damage(const char* file) {
    std::ofstream(root_ / "data" / file) << "{\"version\": ";
    rules_ = std::make_unique<Rules>(root_ / "data");
    context_ = std::make_unique<ActionContext>(ActionContext{*rules_, *store_, clock_, *pool_});
  }
  // The record, in and out.
  void ExpectRecordWorks() {
    const Json outcome =
        Run("outcome_add", {{"seller_key", "testmall:5"}, {"outcome", "on_time"}})["outcome"];
    Run("outcome_edit", {{"outcome_id", outcome["outcome_id"]}, {"note", "x"}});
    Run("outcome_undo", Json::object());
    EXPECT_EQ(Run("outcome_list", Json::object())["outcomes"].size(), 1u);
    Run("order_add", {{"order_id", "A1"}, {"seller_key", "web:example.com"}});
    Run("order_set", {{"order_id", "A1"}, {"status", "shipped"}});
    EXPECT_EQ(Run("order_list", Json::object())["orders"].size(), 1u);
    EXPECT_EQ(Run("data_export", Json::object())["data"]["outcomes"].size(), 1u);
    Run("settings_set", {{"settings", {{"caution", "high"}}}});
    EXPECT_EQ(Run("settings_get", Json::object())["settings"]["caution"], "high");
    EXPECT_EQ(Run("data_delete", {{"confirm", "delete everything"}})["deleted"]["orders"], 1);
  }
  void ExpectRefused(std::string_view op, const Json& request, const char* file) {
    const std::string message = Refused(op, request, ErrorCode::kDamaged);
    EXPECT_THAT(message, HasSubstr(file)) << op;
    EXPECT_THAT(message, HasSubstr("kaopu data check")) << op;
  }
  Json Page() const {
    return {{"url", "https://www.testmall.test/item/1"},
            {"snapshot", "<page v=\"1\"><head><title>t</title></head><data/><body/></page>"}};
  }
  Json Seller() const { return {{"seller_key", "testmall:5"}}; }
};

TEST_F(DamagedRulesTest, Policy) {
  Damage("policy/policy.json");
  ExpectRecordWorks();
  EXPECT_TRUE(Run("plan", {{"host", "www.testmall.test"}})["plan"].is_object());
  for (const char* op : {"check_seller", "why"}) ExpectRefused(op, Seller(), "policy.json");
  ExpectRefused("check_page", Page(), "policy.json");
  std::filesystem::copy_file(
      std::filesystem::path(KAOPU_SOURCE_DIR) / "host/data/policy/policy.json",
      root_ / "data/policy/policy.json", std::filesystem::copy_options::overwrite_existing);
  Run("why", Seller());  // mended: no restart is needed
}

TEST_F(DamagedRulesTest, Terms) {
  Damage("terms/zh.json");
  ExpectRecordWorks();
  Run("check_seller", Seller());
  Run("why", Seller());
  ExpectRefused("check_page", Page(), "zh.json");
}

TEST_F(DamagedRulesTest, Promises) {
  Damage("promises/zh.json");
  ExpectRecordWorks();
  Run("check_seller", Seller());
  ExpectRefused("check_page", Page(), "zh.json");
}

TEST_F(DamagedRulesTest, OneAdapter) {
  Damage("adapters/testmall.json");
  ExpectRecordWorks();
  Run("check_seller", Seller());
  EXPECT_TRUE(Run("plan", {{"host", "www.testmall.test"}})["plan"].is_null());
  Run("check_page", Page());
}

TEST_F(DamagedRulesTest, PolicyThatIsNotThere) {
  std::filesystem::remove(root_ / "data/policy/policy.json");
  rules_ = std::make_unique<Rules>(root_ / "data");
  context_ = std::make_unique<ActionContext>(ActionContext{*rules_, *store_, clock_, *pool_});
  ExpectRecordWorks();
  ExpectRefused("why", Seller(), "policy.json");
}

}  // namespace
}  // namespace kaopu
