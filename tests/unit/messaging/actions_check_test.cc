// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// From a page to a verdict, with the shipped policy.
#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>

#include "actions_fixture.h"

namespace kaopu {
namespace {

using testing::HasSubstr;

constexpr char kItem[] =
    R"(<h1>耳机</h1><span id="seller" data-id="1" data-shop="77">小店</span><span class="price">¥149.00</span>)"
    R"(<span class="promise">承诺48小时内发货</span>)";

std::vector<std::string> Keys(const Json& list) {
  std::vector<std::string> keys;
  for (const Json& entry : list) keys.push_back(entry["key"]);
  return keys;
}

TEST_F(ActionsTest, APageOfAnUnknownSellerIsUnknownAndLeavesNoTrace) {
  const Json reply = CheckItem(kItem);
  EXPECT_EQ(reply["verdict"], "unknown");
  EXPECT_EQ(reply["seller"]["key"], "testmall:1");
  EXPECT_EQ(Keys(reply["reasons"]), std::vector<std::string>{"reason_no_history"});
  EXPECT_EQ(reply["hold"], (Json{{"ask", false}, {"roles", Json::array()}, {"why", nullptr}}));
  EXPECT_EQ(reply["history"]["orders"], 0);
  EXPECT_NEAR(reply["estimate"]["bad"]["mean"].get<double>(), 0.1, 1e-6);
  EXPECT_EQ(reply["facts"]["page_kind"], "product");
  EXPECT_EQ(reply["sellers"].size(), 1u);
  EXPECT_TRUE(store_->Sellers()->empty());
  EXPECT_TRUE(store_->Changes()->empty());
}

TEST_F(ActionsTest, EveryReasonSaysWhichWayItPoints) {
  const auto directions = [](const Json& list) {
    std::map<std::string, std::string> found;
    for (const Json& entry : list) found[entry["key"]] = entry.value("direction", "none");
    return found;
  };
  EXPECT_EQ(directions(CheckItem(kItem)["reasons"]).at("reason_no_history"), "neutral");
  for (const char* outcome : {"on_time", "never_shipped"}) {
    Run("outcome_add", {{"seller_key", "testmall:1"}, {"outcome", outcome}});
  }
  const Json reply = CheckItem(kItem);
  const std::map<std::string, std::string> found = directions(reply["reasons"]);
  EXPECT_EQ(found.at("reason_own_never"), "against");
  EXPECT_EQ(found.at("reason_own_on_time"), "for");
  ASSERT_FALSE(reply["advice"].empty());
  EXPECT_FALSE(reply["advice"][0].contains("direction"));
}

TEST_F(ActionsTest, APageOfAPrivateWindowIsNotEvenCounted) {
  Json request = {{"url", "https://www.testmall.test/item/1"},
                  {"snapshot_version", 1},
                  {"snapshot", "<page v=\"1\"><head/><data/><body><h1>x</h1></body></page>"},
                  {"private", true}};
  const Json reply = Run("check_page", request);
  ASSERT_FALSE(reply["stale"].empty());
  EXPECT_EQ(reply["stale_pages"], 0);
  EXPECT_TRUE(store_->Lacks()->empty());
  request["private"] = false;
  EXPECT_EQ(Run("check_page", request)["stale_pages"], 1);
  EXPECT_EQ(store_->Lacks()->size(), 1u);
  request["private"] = "yes";
  EXPECT_THAT(Refused("check_page", request), HasSubstr("private"));
}

TEST_F(ActionsTest, OneOwnExperienceChangesTheVerdictAtOnceAndUndoTakesItBack) {
  Run("outcome_add",
      {{"seller_key", "testmall:1"}, {"seller_name", "小店"}, {"outcome", "never_shipped"}});
  Json reply = CheckItem(kItem);
  EXPECT_EQ(reply["verdict"], "danger");
  EXPECT_EQ(reply["hold"]["ask"], true);
  EXPECT_EQ(reply["hold"]["why"], "danger");
  EXPECT_EQ(reply["reasons"][0]["key"], "reason_own_never");
  EXPECT_EQ(reply["reasons"][0]["args"]["bad"], 1);
  EXPECT_EQ(reply["history"]["never"], 1);
  EXPECT_THAT(Keys(reply["advice"]), testing::Contains("advice_other_seller"));
  Run("outcome_undo", Json::object());
  EXPECT_EQ(CheckItem(kItem)["verdict"], "unknown");

  Run("outcome_add", {{"seller_key", "testmall:1"}, {"outcome", "late"}, {"days_late", 4}});
  EXPECT_EQ(CheckItem(kItem)["verdict"], "watch_out");
  EXPECT_EQ(CheckItem(kItem)["hold"]["ask"], false);
  Run("outcome_undo", Json::object());
  for (int i = 0; i < 3; ++i)
    Run("outcome_add", {{"seller_key", "testmall:1"}, {"outcome", "on_time"}});
  EXPECT_EQ(CheckItem(kItem)["verdict"], "dependable");
}

TEST_F(ActionsTest, OneExperienceCountsInEveryCautionAndWithEscrow) {
  Run("outcome_add", {{"seller_key", "testmall:1"}, {"outcome", "never_shipped"}});
  for (const char* caution : {"low", "normal", "high"}) {
    Run("settings_set", {{"settings", {{"caution", caution}}}});
    EXPECT_EQ(CheckItem(kItem)["verdict"], "danger") << caution;
    EXPECT_EQ(CheckItem(std::string(kItem) + R"(<b id="escrow">yes</b>)")["verdict"], "danger")
        << caution;
  }
}

TEST_F(ActionsTest, TheSellerIsKnownByAliasesOfItsPlatform) {
  Run("outcome_add", {{"seller_key", "testmall:shop:77"}, {"outcome", "never_shipped"}});
  EXPECT_EQ(CheckItem(kItem)["verdict"], "danger");
  EXPECT_EQ(CheckItem(R"(<span id="seller" data-id="2" data-shop="78">other</span>)")["verdict"],
            "unknown");
}

TEST_F(ActionsTest, AShopThatReopensUnderItsLicenceIsShownAsLinked) {
  Run("outcome_add", {{"seller_key", "web:oldshop.example"},
                      {"seller_name", "旧店"},
                      {"aliases", {"licence:91330100MA2ABCDE1R"}},
                      {"outcome", "never_shipped"}});
  const std::string licence = "<p>统一社会信用代码：91330100MA2ABCDE1R</p>";
  const Json reply = CheckItem(kItem + licence);
  EXPECT_EQ(reply["reasons"][0]["key"], "reason_same_licence");
  EXPECT_EQ(reply["reasons"][0]["args"], (Json{{"name", "旧店"}, {"bad", 1}, {"total", 1}}));
  // A claim moves no number, and a wrong check digit is no licence.
  EXPECT_EQ(reply["verdict"], "unknown");
  EXPECT_EQ(reply["estimate"], CheckItem(kItem)["estimate"]);
  EXPECT_EQ(CheckItem(std::string(kItem) +
                      "<p>统一社会信用代码：91330100MA2ABCDE11</p>")["reasons"][0]["key"],
            "reason_no_history");

  Run("outcome_add", {{"seller_key", "testmall:1"},
                      {"aliases", reply["seller"]["aliases"]},
                      {"outcome", "on_time"}});
  const Json why = Run("why", {{"seller_key", "web:oldshop.example"}})["explanation"];
  EXPECT_EQ(why["reasons"][0]["key"], "reason_same_licence");
  EXPECT_EQ(why["reasons"][0]["args"]["bad"], 0);
}

TEST_F(ActionsTest, AnOrderSeenUnshippedAMonthAfterItsLimitNeverShipped) {
  Run("order_add", {{"order_id", "A1"},
                    {"seller_key", "testmall:1"},
                    {"status", "paid"},
                    {"placed_at", "2026-08-01"},
                    {"promised_by", "2026-08-05"}});
  Json reply = CheckItem(kItem);
  EXPECT_EQ(reply["verdict"], "danger");
  EXPECT_EQ(reply["history"]["never"], 1);
  EXPECT_EQ(reply["reasons"][0]["key"], "reason_own_never");
  Run("order_set", {{"order_id", "A1"}, {"status", "delivered"}});
  EXPECT_EQ(CheckItem(kItem)["verdict"], "unknown");
  // Not known to be unpaid or unshipped: nothing but overdue.
  Run("order_set", {{"order_id", "A1"}, {"status", "unknown"}});
  EXPECT_EQ(CheckItem(kItem)["verdict"], "watch_out");
}

TEST_F(ActionsTest, TheAnswerHoldsDaysTrendAndSources) {
  for (const char* shipped : {"2026-10-03", "2026-10-04", "2026-11-05"}) {
    Run("outcome_add", {{"seller_key", "testmall:1"},
                        {"outcome", "on_time"},
                        {"placed_at", std::string(shipped).substr(0, 8) + "01"},
                        {"shipped_at", shipped}});
  }
  const Json reply = CheckItem(std::string(kItem) + R"(<i class="positive">81.5%</i>)");
  const Json& days = reply["estimate"]["days_to_ship"];
  EXPECT_EQ(days["orders"], 3);
  EXPECT_GT(days["p90"]["mean"].get<double>(), days["median"]["mean"].get<double>());
  ASSERT_EQ(reply["history"]["months"].size(), 12u);
  EXPECT_EQ(reply["history"]["months"][10],
            (Json{{"month", "2026-10"}, {"on_time", 2}, {"late", 0}, {"never", 0}}));
  ASSERT_EQ(reply["history"]["shipped"].size(), 3u);
  EXPECT_EQ(reply["history"]["shipped"][2],
            (Json{{"placed_at", "2026-11-01"}, {"days", 4}, {"promised_days", nullptr}}));
  EXPECT_EQ(reply["estimate"]["sources"].size(), 3u);
  EXPECT_EQ(reply["estimate"]["sources"][1], (Json{{"source", "page"}, {"weight", 0.5}}));
  for (const Json& reason : reply["reasons"])
    EXPECT_EQ(reason["direction"], reason["key"] == "reason_own_on_time" ? "for" : "against");
}

TEST_F(ActionsTest, ShippedOrdersStandBesideWhatWasPromisedOldestFirstAndNoMoreThanTwelve) {
  const Json order = {{"seller_key", "testmall:1"},
                      {"outcome", "late"},
                      {"placed_at", "2026-10-01"},
                      {"promised_by", "2026-10-03"},
                      {"days_late", 4}};
  Run("outcome_add", order);
  Json shipped = CheckItem(kItem)["history"]["shipped"];
  ASSERT_EQ(shipped.size(), 1u);
  EXPECT_EQ(shipped[0], (Json{{"placed_at", "2026-10-01"}, {"days", 6}, {"promised_days", 2}}));
  Run("outcome_add", {{"seller_key", "testmall:1"}, {"outcome", "never_shipped"}});
  for (int day = 1; day <= 12; ++day) {
    const std::string placed = "2026-09-" + std::string(day < 10 ? "0" : "") + std::to_string(day);
    Run("outcome_add", {{"seller_key", "testmall:1"},
                        {"outcome", "on_time"},
                        {"placed_at", placed},
                        {"shipped_at", "2026-09-14"}});
  }
  shipped = CheckItem(kItem)["history"]["shipped"];
  ASSERT_EQ(shipped.size(), 12u);  // the twelve recorded last
  EXPECT_EQ(shipped[0]["placed_at"], "2026-09-01");
  EXPECT_EQ(shipped[11],
            (Json{{"placed_at", "2026-09-12"}, {"days", 2}, {"promised_days", nullptr}}));
}

TEST_F(ActionsTest, WatchOutAsksAboveTheShoppersValue) {
  Run("outcome_add", {{"seller_key", "testmall:1"}, {"outcome", "late"}, {"days_late", 4}});
  const auto ask_above = [&](int64_t minor, const char* currency) {
    Run("settings_set",
        {{"settings", {{"ask_above", {{"amount_minor", minor}, {"currency", currency}}}}}});
    return CheckItem(kItem)["hold"];
  };
  EXPECT_EQ(ask_above(14900, "CNY")["why"], "watch_out_value");
  EXPECT_EQ(ask_above(14901, "CNY")["ask"], false);
  EXPECT_EQ(ask_above(1, "USD")["ask"], false);
}

TEST_F(ActionsTest, PraiseOnThePageMakesNobodyDependable) {
  const Json reply = CheckItem(
      std::string(kItem) +
      R"(<i class="positive">100%</i><i class="logistics">5.0</i><b id="escrow">yes</b>)");
  EXPECT_EQ(reply["verdict"], "unknown");
}

TEST_F(ActionsTest, PageSignalsAreReadAsCaution) {
  const Json reply = CheckItem(std::string(kItem) +
                               R"(<i class="positive">81.5%</i><i class="logistics">4.2</i>)");
  EXPECT_EQ(reply["verdict"], "unknown");
  EXPECT_THAT(Keys(reply["reasons"]),
              testing::IsSupersetOf({"reason_page_positive_low", "reason_page_logistics_low"}));
  EXPECT_EQ(reply["reasons"][0]["key"], "reason_no_history");
}

TEST_F(ActionsTest, APageWithoutASellerSaysSo) {
  const Json reply = CheckItem("<h1>耳机</h1>");
  EXPECT_EQ(reply["verdict"], "unknown");
  EXPECT_EQ(reply["seller"], nullptr);
  EXPECT_EQ(Keys(reply["reasons"]), std::vector<std::string>{"reason_no_seller"});
}

TEST_F(ActionsTest, ThePlatformItselfIsSaidToBe) {
  const Json reply = CheckItem(std::string(kItem) + R"(<b id="self">自营</b>)");
  EXPECT_EQ(reply["seller"]["key"], "testmall:self");
  EXPECT_EQ(reply["verdict"], "unknown");
  EXPECT_THAT(Keys(reply["reasons"]), testing::Contains("reason_self_operated"));
}

TEST_F(ActionsTest, InACartTheWorstSellerSpeaks) {
  Run("outcome_add", {{"seller_key", "testmall:3"}, {"outcome", "never_shipped"}});
  for (int i = 0; i < 3; ++i)
    Run("outcome_add", {{"seller_key", "testmall:1"}, {"outcome", "on_time"}});
  std::string body;
  for (int id = 1; id <= 4; ++id) {
    const std::string text = std::to_string(id);
    body += "<div class=\"cart-shop\"><span class=\"shop\" data-id=\"" + text + "\">shop " + text +
            "</span></div>";
  }
  const Json reply = Run(
      "check_page", {{"url", "https://www.testmall.test/cart"},
                     {"snapshot", "<page v=\"1\"><head/><data/><body>" + body + "</body></page>"}});
  EXPECT_EQ(reply["facts"]["page_kind"], "cart");
  EXPECT_EQ(reply["verdict"], "danger");
  EXPECT_EQ(reply["seller"]["key"], "testmall:3");
  ASSERT_EQ(reply["sellers"].size(), 4u);
  EXPECT_EQ(reply["sellers"][0]["verdict"], "dependable");
  EXPECT_EQ(reply["sellers"][1]["verdict"], "unknown");
}

TEST_F(ActionsTest, PagesThatSellNothingGetNoVerdict) {
  for (const char* url : {"https://www.testmall.test/orders", "https://www.testmall.test/about",
                          "https://elsewhere.test/"}) {
    const Json reply =
        Run("check_page",
            {{"url", url}, {"snapshot", "<page v=\"1\"><head/><data/><body>hello</body></page>"}});
    EXPECT_EQ(reply["verdict"], "unknown") << url;
    EXPECT_EQ(reply["seller"], nullptr) << url;
    EXPECT_TRUE(reply["reasons"].empty()) << url;
    EXPECT_EQ(reply["hold"]["ask"], false) << url;
  }
}

TEST_F(ActionsTest, MalformedRequestsAreRefused) {
  Refused("check_page", Json::object());
  Refused("check_page", {{"url", "https://www.testmall.test/item/1"}});
  Refused("check_page", {{"url", "https://www.testmall.test/item/1"}, {"snapshot", "<page"}});
  Refused("check_page", {{"url", 5}, {"snapshot", "<page v=\"1\"/>"}});
  Refused("check_page",
          {{"url", "https://a.test/"}, {"snapshot", "<page v=\"1\"/>"}, {"snapshot_version", 2}},
          ErrorCode::kUnsupported);
  Refused("plan", Json::object());
  EXPECT_EQ(Run("plan", {{"host", "www.testmall.test"}})["plan"]["adapter"], "testmall");
}

TEST_F(ActionsTest, CheckSellerJudgesFromHistoryAlone) {
  Run("outcome_add",
      {{"seller_key", "testmall:1"}, {"seller_name", "小店"}, {"outcome", "fake_shipment"}});
  const Json reply = Run("check_seller", {{"seller_key", "testmall:1"}});
  EXPECT_EQ(reply["verdict"], "danger");
  EXPECT_EQ(reply["seller"]["name"], "小店");
  EXPECT_EQ(reply["facts"], nullptr);
  EXPECT_EQ(reply["reasons"][0]["key"], "reason_own_fake");
  Refused("check_seller", {{"seller_key", "nonsense"}});
}

TEST_F(ActionsTest, WhyExplainsEveryNumber) {
  Run("outcome_add", {{"seller_key", "testmall:1"},
                      {"outcome", "late"},
                      {"days_late", 4},
                      {"shipped_at", "2025-11-23"}});
  const Json why = Run("why", {{"seller_key", "testmall:1"}})["explanation"];
  EXPECT_EQ(why["outcomes"][0]["age_days"], 365);
  const double weight = why["outcomes"][0]["weight"].get<double>();
  EXPECT_NEAR(weight, std::exp2(-365.0 / 480), 1e-3);
  std::map<std::string, Json> lines;
  for (const Json& line : why["lines"]) lines[line["key"]] = line;
  EXPECT_NEAR(lines["why_weight_late"]["value"].get<double>(), weight, 1e-3);
  EXPECT_NEAR(lines["why_p_late"]["value"].get<double>(), (weight + 0.14) / (weight + 2), 1e-3);
  EXPECT_EQ(lines["why_p_late"]["formula"], "(0.590 + 2.000 * 0.070) / (0.590 + 2.000)");
  EXPECT_EQ(why["policy"]["version"], (*rules_->GetPolicy())->version);
  EXPECT_EQ(why["verdict"], Run("check_seller", {{"seller_key", "testmall:1"}})["verdict"]);
}

// Every key a verdict can speak with has words in both languages.
TEST_F(ActionsTest, EveryPolicyReasonHasWords) {
  Run("outcome_add", {{"seller_key", "testmall:1"},
                      {"outcome", "on_time"},
                      {"placed_at", "2026-11-01"},
                      {"shipped_at", "2026-11-02"}});
  for (const char* language : {"en", "zh_CN"}) {
    std::ifstream file(std::filesystem::path(KAOPU_SOURCE_DIR) / "extension" / "_locales" /
                       language / "messages.json");
    const Json words = Json::parse(file);
    for (const SignalRule& rule : (*rules_->GetPolicy())->signals)
      EXPECT_TRUE(words.contains(rule.reason)) << rule.reason;
    for (const char* key :
         {"reason_own_never",     "reason_own_fake",         "reason_own_cancelled",
          "reason_own_late",      "reason_own_late_days",    "reason_own_on_time",
          "reason_own_overdue",   "reason_own_turned_bad",   "reason_no_history",
          "reason_only_open",     "reason_little_history",   "reason_old_history",
          "reason_no_seller",     "reason_self_operated",    "reason_same_licence",
          "advice_use_escrow",    "advice_stay_on_platform", "advice_other_seller",
          "advice_ask_ship_date", "advice_keep_evidence"}) {
      EXPECT_TRUE(words.contains(key)) << key;
    }
    for (const char* key :  // of a dependable seller
         {"reason_own_never", "reason_own_fake", "reason_own_cancelled", "reason_own_late",
          "reason_own_late_days", "reason_pooled_bad", "reason_pooled_never"}) {
      EXPECT_TRUE(words.contains(std::string(key) + "_still")) << key;
    }
    const Json why = Run("why", {{"seller_key", "testmall:1"}})["explanation"];
    EXPECT_TRUE(std::ranges::any_of(
        why["lines"], [](const Json& line) { return line["key"] == "why_ship_p90_high"; }));
    for (const Json& line : why["lines"]) {
      EXPECT_TRUE(words.contains(line["key"].get<std::string>())) << line["key"];
      for (const Json& source : line["source_keys"])
        EXPECT_TRUE(words.contains(source.get<std::string>())) << source;
      if (line["note"].is_object()) {
        EXPECT_TRUE(words.contains(line["note"]["key"].get<std::string>())) << line["note"];
      }
    }
  }
}

}  // namespace
}  // namespace kaopu
