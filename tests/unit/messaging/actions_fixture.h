// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Actions over a store of the test's own, the shipped policy, promises and terms, and a tiny
// adapter of a mall that does not exist.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>

#include "base/clock.h"
#include "messaging/action.h"
#include "messaging/rules.h"

namespace kaopu {

inline constexpr char kTestMall[] = R"json({
 "id": "testmall", "platform": "testmall", "family": "testmall", "version": 1, "checked_on": "2026-11-23",
 "source": "made up", "names": {"en": "Test Mall", "zh_CN": "测试商城"},
 "hosts": ["*.testmall.test"], "locale": {"currency": "CNY", "lang": "zh-CN"},
 "kinds": [{"kind": "product", "when": {"url": "/item/"}}, {"kind": "cart", "when": {"url": "/cart"}},
           {"kind": "order_list", "when": {"url": "/orders"}}],
 "snapshot": {"state": [], "keep": [], "main": []},
 "buttons": [{"role": "buy", "css": ["#buy"]}], "badge": {"near": ["#buy"]},
 "seller_key": {"from": "id", "pattern": "[0-9]+", "self": "self", "aliases": {"shop_id": "testmall:shop:"}},
 "generic": [],
 "fields": {
  "seller.id": [{"css": "#seller", "attr": "data-id"}],
  "seller.shop_id": [{"css": "#seller", "attr": "data-shop"}],
  "seller.name": [{"css": "#seller"}],
  "seller.self_operated": [{"css": "#self", "map": [["自营", true]]}],
  "item.title": [{"css": "h1"}],
  "item.price": [{"css": ".price"}],
  "promises": [{"css": ".promise"}],
  "payment.escrow": [{"css": "#escrow", "map": [["yes", true]]}]
 },
 "signals": [{"name": "positive_ratio", "value": [{"css": ".positive", "re": "([0-9.]+)%", "scale": 0.01}]},
             {"name": "logistics_score", "value": [{"css": ".logistics"}], "scale_max": 5}],
 "sellers": [{"block": {"css": ".cart-shop"}, "fields": {"id": [{"css": ".shop", "attr": "data-id"}], "name": [{"css": ".shop"}]}}]
})json";

class ActionsTest : public testing::Test {
 protected:
  ActionsTest() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "kaopu-actions-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp");
    root_ = pattern;
    const std::filesystem::path shipped = std::filesystem::path(KAOPU_SOURCE_DIR) / "host" / "data";
    const auto all = std::filesystem::copy_options::recursive;
    std::filesystem::create_directories(root_ / "data" / "adapters");
    for (const char* folder : {"promises", "terms", "policy"}) {
      std::filesystem::copy(shipped / folder, root_ / "data" / folder, all);
    }
    std::filesystem::copy(shipped / "adapters" / "generic.json", root_ / "data" / "adapters");
    std::ofstream(root_ / "data" / "adapters" / "testmall.json") << kTestMall;
    rules_ = std::make_unique<Rules>(root_ / "data");
    if (auto pages = rules_->Pages(); !pages) throw std::runtime_error(pages.error().message);
    if (auto policy = rules_->GetPolicy(); !policy)
      throw std::runtime_error(policy.error().message);
    store_ = std::make_unique<Store>(std::move(Store::Open(root_ / "home").value()));
    pool_ = std::make_unique<pool::LookUp>(root_ / "home");
    context_ = std::make_unique<ActionContext>(
        ActionContext{*rules_, *store_, clock_, *pool_, root_ / "home", {}});
  }
  ~ActionsTest() override {
    store_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(root_, ignored);
  }

  Json Run(std::string_view op, const Json& request) {
    const Expected<Json> reply = RunAction(*context_, op, request);
    EXPECT_TRUE(reply) << op << ": " << (reply ? "" : reply.error().message);
    return reply.value_or(Json::object());
  }
  // The message of a request that must be refused with `code`.
  std::string Refused(std::string_view op, const Json& request,
                      ErrorCode code = ErrorCode::kBadRequest) {
    const Expected<Json> reply = RunAction(*context_, op, request);
    EXPECT_FALSE(reply) << op << " took " << request.dump();
    if (reply) return {};
    EXPECT_EQ(reply.error().code, code) << reply.error().message;
    return reply.error().message;
  }

  Json CheckItem(const std::string& body) {
    return Run(
        "check_page",
        {{"url", "https://www.testmall.test/item/1"},
         {"title", "t"},
         {"lang", "zh-CN"},
         {"snapshot_version", 1},
         {"cut", false},
         {"snapshot", "<page v=\"1\" lang=\"zh-CN\"><head><title>t</title></head><data/><body>" +
                          body + "</body></page>"}});
  }

  std::filesystem::path root_;
  FakeClock clock_{ParseTime("2026-11-23T12:00:00Z").value()};
  std::unique_ptr<Rules> rules_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<pool::LookUp> pool_;
  std::unique_ptr<ActionContext> context_;
};

}  // namespace kaopu
