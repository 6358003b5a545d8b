// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "page/page_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/files.h"
#include "page/adapter_cases.h"
#include "page/cold/html_snapshot.h"

namespace kaopu {
namespace {

namespace fs = std::filesystem;

const TimeMs kNow = *ParseTime("2026-11-23T08:00:00Z");

// The real promises, terms and generic adapter beside adapters of the test's own.
class PageReaderTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "kaopu-pages-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    data_ = name;
    const fs::path real = fs::path(KAOPU_SOURCE_DIR) / "host/data";
    fs::create_directories(data_ / "adapters/cases");
    fs::create_directory_symlink(real / "promises", data_ / "promises");
    fs::create_directory_symlink(real / "terms", data_ / "terms");
    fs::copy_file(real / "adapters/generic.json", data_ / "adapters/generic.json");
    WriteAdapter("examplemall", GuideExample());
  }
  void TearDown() override { fs::remove_all(data_); }

  void WriteAdapter(const std::string& id, const Json& json) {
    std::ofstream(data_ / "adapters" / (id + ".json")) << DumpJson(json, 1);
  }

  // The worked example of host/docs/adapters.md: what the guide shows is what runs.
  static Json GuideExample() {
    const auto guide = ReadFile(fs::path(KAOPU_SOURCE_DIR) / "host/docs/adapters.md", 1 << 20);
    const size_t begin = guide->find("```json\n") + 8;
    return *ParseJson(guide->substr(begin, guide->find("```", begin) - begin), "guide");
  }

  Facts Read(std::string_view html, std::string url, std::vector<ExplainLine>* explain = nullptr) {
    auto reader = PageReader::Load(data_);
    EXPECT_TRUE(reader) << reader.error().message;
    const Json plan =
        reader->Plan(url.substr(url.find("//") + 2, url.find('/', 8) - url.find("//") - 2));
    auto input =
        HtmlToPageInput(html, std::move(url),
                        (plan["plan"].is_null() ? plan["generic"] : plan["plan"])["snapshot"]);
    EXPECT_TRUE(input) << input.error().message;
    auto facts = reader->Read(*input, kNow, explain);
    EXPECT_TRUE(facts) << facts.error().message;
    return facts.value_or(Facts{});
  }

  // Load's message after one member of the guide's adapter was replaced.
  std::string LoadError(const std::string& pointer, const Json& value) {
    Json json = GuideExample();
    json[Json::json_pointer(pointer)] = value;
    WriteAdapter("examplemall", json);
    const auto reader = PageReader::Load(data_);
    if (reader) return "loaded";
    EXPECT_EQ(reader.error().code, ErrorCode::kDamaged);
    return reader.error().message;
  }

  fs::path data_;
};

constexpr std::string_view kProductPage =
    R"html(<!DOCTYPE html><html lang="zh-CN"><head><title>蓝杯子</title>
<script>var pageConfig = {product: {venderId: '1000', isSelf: false}, serverTime: "1763884800000"};</script>
<script>window.x=1; Mall.Setup({shop:{id:64592671,name:'示例\u5e97',positiveRate:'98.5%'},item:{priceCents:14900}});</script></head>
<body><div id="content"><h1>蓝杯子 <b>大号</b></h1><p class="p-price">¥<span class="price">149.00 - 159.00</span></p>
<a class="shop-name" href="//shop64592671.examplemall.com/">示例店</a><button id="buy-now">立即购买</button>
<div class="delivery"><span class="promise">承诺48小时内发货</span><span class="comp">晚发必赔</span></div>
<ul class="pay"><li>支付宝</li><li>Alipay</li><li>月亮币</li></ul><div id="reviews"><i class="count">(1,204)</i></div>
<textarea class="lazyload">&lt;ul class="dsr"&gt;&lt;li&gt;&lt;i class="label"&gt;物流服务&lt;/i&gt;&lt;b class="score"&gt;4.8&lt;/b&gt;&lt;em class="trend up"&gt;&lt;/em&gt;&lt;/li&gt;
&lt;li&gt;&lt;i class="label"&gt;没有的&lt;/i&gt;&lt;b class="score"&gt;4.1&lt;/b&gt;&lt;/li&gt;&lt;li&gt;&lt;i class="label"&gt;服务&lt;/i&gt;&lt;b class="score"&gt;48&lt;/b&gt;&lt;/li&gt;&lt;/ul&gt;</textarea>
</div></body></html>)html";

TEST_F(PageReaderTest, product_page_of_the_guide) {
  std::vector<ExplainLine> explain;
  const Facts facts = Read(kProductPage, "https://item.examplemall.com/123.html", &explain);
  const Json json = ToJson(facts);
  const std::pair<const char*, Json> expected[] = {
      {"page_kind", "product"},
      {"platform", "examplemall"},
      {"seller.key", "examplemall:64592671"},
      {"seller.id", "1000"},
      {"seller.name", "示例店"},
      {"seller.url", "https://shop64592671.examplemall.com/"},
      {"seller.self_operated", false},
      {"seller.aliases.0", "examplemall:vender:1000"},
      {"item.id", "123"},
      {"item.title", "蓝杯子 大号"},
      {"item.price.amount_minor", 14900},
      {"item.price.currency", "CNY"},
      {"promises.0.kind", "ship"},
      {"promises.0.max_hours", 48},
      {"promises.0.compensation", "晚发必赔"},
      {"payment.escrow", true},
      {"payment.methods", Json::array({"alipay"})},
      {"where.seller.key", "state:mall.shop.id"},
      {"where.item.price", "css:.p-price .price"},
      {"notes", Json::array()}};
  for (const auto& [path, value] : expected) EXPECT_EQ(ValueAt(json, path), value) << path;
  std::map<std::string, Signal> signals;
  for (const Signal& signal : facts.signals) signals[signal.name] = signal;
  EXPECT_EQ(signals["rating_count"].value, 1204);
  EXPECT_EQ(signals["positive_ratio"].value, 0.985);
  EXPECT_EQ(signals["logistics_score"].value, 4.8);
  EXPECT_EQ(signals["logistics_score"].scale_max, 5);
  EXPECT_EQ(signals["logistics_score"].relative, "above");
  EXPECT_FALSE(signals.contains("service_score")) << "48 of 5 is no score";
  EXPECT_EQ(signals.size(), 3u);
  EXPECT_TRUE(std::ranges::any_of(explain, [](const ExplainLine& line) {
    return line.field == "item.price" && line.taken && line.value == "149.00 - 159.00";
  }));
}

TEST_F(PageReaderTest, a_rule_that_finds_nothing_gives_null_and_a_note) {
  const Facts facts =
      Read("<title>x</title><div id=buy-now>b</div>", "https://item.examplemall.com/9.html");
  EXPECT_EQ(facts.page_kind, PageKind::kProduct);
  EXPECT_FALSE(facts.seller);
  EXPECT_FALSE(facts.item->price);
  EXPECT_THAT(facts.notes, testing::Contains("missing: seller.key"));
}

TEST_F(PageReaderTest, the_platform_itself_and_ids_that_are_none) {
  const std::string self =
      "<title>x</title><p id=buy-now></p><script>var pageConfig={product:{venderId:0}}</script>";
  EXPECT_EQ(Read(self, "https://item.examplemall.com/9.html").seller->key, "examplemall:self");
  const std::string bad =
      "<title>x</title><p id=buy-now></p><script>Mall.Setup({shop:{id:'12 OR "
      "1',name:'n'}})</script>";
  const Facts facts = Read(bad, "https://item.examplemall.com/9.html");
  ASSERT_TRUE(facts.seller);
  EXPECT_FALSE(facts.seller->key) << "not what an id looks like";
  EXPECT_EQ(facts.seller->name, "n");
  const std::string forged =
      "<title>x</title><p id=buy-now></p><script>Mall.Setup({shop:{id:'self'}})</script>";
  EXPECT_FALSE(Read(forged, "https://item.examplemall.com/9.html").seller->key);
}

TEST_F(PageReaderTest, another_host_cannot_speak_for_the_platform) {
  const Facts facts =
      Read(kProductPage, "https://examplemall.com.evil.test/item.examplemall.com/123.html");
  EXPECT_NE(facts.platform, "examplemall");
  if (facts.seller && facts.seller->key) EXPECT_EQ(facts.seller->key, "web:evil.test");
}

TEST_F(PageReaderTest, cart_and_order_list) {
  const Facts cart = Read(
      R"html(<title>c</title><div class="cart-shop"><a class="name" href="//shop100.examplemall.com">A</a></div>
    <div class="cart-shop"><a class="name" href="//shop200.examplemall.com">B</a></div>
    <div class="cart-shop"><a class="name" href="//shop100.examplemall.com">A</a></div>)html",
      "https://cart.examplemall.com/");
  EXPECT_EQ(cart.page_kind, PageKind::kCart);
  ASSERT_EQ(cart.sellers.size(), 2u) << "each seller once";
  EXPECT_EQ(cart.sellers[0].key, "examplemall:100");
  EXPECT_EQ(cart.sellers[1].name, "B");

  const Facts list = Read(
      R"html(<title>o</title><table><tbody class="order"><tr><td class="number">订单 1234567</td>
    <td class="date">2026-11-01 12:00</td><td class="status">待收货</td><td class="sum">¥20.50</td><td class="goods"><a>杯子</a></td>
    <td class="shop">示例店</td></tr></tbody><tbody class="order"><tr><td>广告</td></tr></tbody></table>)html",
      "https://order.examplemall.com/list");
  ASSERT_EQ(list.orders.size(), 1u);
  EXPECT_EQ(list.orders[0].order_id, "1234567");
  EXPECT_EQ(FormatDate(*list.orders[0].placed_at), "2026-11-01");
  EXPECT_EQ(list.orders[0].status, "shipped");
  EXPECT_EQ(list.orders[0].total->amount_minor, 2050);
  EXPECT_EQ(list.orders[0].title, "杯子");
  EXPECT_EQ(list.orders[0].seller->name, "示例店");
}

TEST_F(PageReaderTest, captcha_pages_are_challenges_on_every_site) {
  const struct {
    const char* html;
    const char* url;
  } rows[] = {
      {"<title>Captcha Interception</title><body>x", "https://item.examplemall.com/1.html"},
      {"<title>验证码拦截</title><body>x", "https://item.examplemall.com/1.html"},
      {"<title>Amazon.com</title><body><form action='/errors/validateCaptcha'>Type the characters "
       "you see</form>",
       "https://unknown.test/dp/1"},
      {"<title>Robot or human?</title><body>Activate and hold the button",
       "https://www.walmart.com/ip/1"},
      {"<title>Just a moment...</title><body>Checking your browser",
       "https://store.test/products/x"},
      {"<title>x</title><body>请拖动下方滑块完成验证", "https://item.examplemall.com/1.html"}};
  for (const auto& row : rows) {
    const Facts facts = Read(row.html, row.url);
    EXPECT_EQ(facts.page_kind, PageKind::kChallenge) << row.html;
    EXPECT_FALSE(facts.seller);
  }
  const std::string article = "<title>How captchas work</title><body><article>" +
                              std::string(8000, 'x') + " type the characters you see</article>";
  EXPECT_EQ(Read(article, "https://blog.test/captcha").page_kind, PageKind::kOther);
}

TEST_F(PageReaderTest, plan_is_found_by_the_longest_host_and_holds_no_host_side_fields) {
  Json other = GuideExample();
  other["id"] = "sub";
  other["hosts"] = {"item.examplemall.com"};
  WriteAdapter("sub", other);
  const auto reader = PageReader::Load(data_);
  ASSERT_TRUE(reader) << reader.error().message;
  EXPECT_EQ(reader->Plan("item.examplemall.com")["plan"]["adapter"], "sub");
  EXPECT_EQ(reader->Plan("Cart.ExampleMall.com")["plan"]["adapter"], "examplemall");
  EXPECT_EQ(reader->Plan("examplemall.com")["plan"]["adapter"], "examplemall");
  EXPECT_TRUE(reader->Plan("notexamplemall.com")["plan"].is_null());
  EXPECT_TRUE(reader->Plan("")["plan"].is_null());
  const Json plan = reader->Plan("examplemall.com")["plan"];
  for (const Json& keep : plan["snapshot"]["keep"]) EXPECT_FALSE(keep.contains("html"));
  EXPECT_EQ(plan["buttons"][0]["role"], "buy");
  EXPECT_TRUE(plan["buttons"][2]["css"].is_array());
  const Json families = reader->Families();
  ASSERT_EQ(families.size(), 1u);
  EXPECT_THAT(families[0]["matches"].get<std::vector<std::string>>(),
              testing::Contains("*://*.examplemall.de/*"));
}

TEST_F(PageReaderTest, a_bad_adapter_is_refused_by_file_and_field) {
  const struct {
    const char* pointer;
    Json value;
    const char* named;
  } rows[] = {{"/fields/item.price/0", {{"css", ".a["}}, "fields.item.price[0]"},
              {"/fields/item.price/0", {{"xpath", "//a["}}, "fields.item.price[0]"},
              {"/fields/item.price/0", {{"css", ".a"}, {"re", "("}}, "fields.item.price[0].re"},
              {"/fields/item.price/0", {{"css", ".a"}, {"state", "b"}}, "names one source"},
              {"/fields/item.price/0", Json::object(), "names one source"},
              {"/fields/item.price/0", {{"css", ".a"}, {"regex", "b"}}, "regex"},
              {"/fields/item.prize", Json::array(), "item.prize"},
              {"/kinds/0/when", {{"url", "["}}, "kinds[0].when.url"},
              {"/kinds/0/kind", "produce", "kinds[0].kind"},
              {"/seller_key/pattern", "(", "seller_key.pattern"},
              {"/literals/mall/start", "(", "literals.mall.start"},
              {"/signals/0/name", "stars", "signals[0].name"},
              {"/orders/0/block", {{"css", "a["}}, "orders[0].block"},
              {"/checked_on", "yesterday", "checked_on"},
              {"/version", "one", "version"},
              {"/hosts", "x", "hosts"},
              {"/id", "other", "id must be"},
              {"/snapshot/keep", "x", "examplemall.json"}};
  for (const auto& row : rows) {
    const std::string message = LoadError(row.pointer, row.value);
    EXPECT_THAT(message, testing::HasSubstr("examplemall.json")) << row.pointer;
    EXPECT_THAT(message, testing::HasSubstr(row.named)) << row.pointer;
  }
  std::ofstream(data_ / "adapters/examplemall.json") << "{";
  EXPECT_EQ(PageReader::Load(data_).error().code, ErrorCode::kDamaged);
}

TEST_F(PageReaderTest, compiled_when_needed_reads_the_same_and_tells_of_a_bad_rule_then) {
  Json json = GuideExample();
  json["fields"]["item.title"] = {{{"css", "a["}}};
  WriteAdapter("examplemall", json);
  const auto reader = PageReader::Load(data_, PageReader::Compile::kWhenNeeded);
  ASSERT_TRUE(reader) << reader.error().message;
  EXPECT_EQ(reader->Plan("examplemall.com")["plan"]["adapter"], "examplemall");
  const PageInput page{"https://item.examplemall.com/1.html", "", "", "<page v=\"1\"/>"};
  for (int i = 0; i < 2; ++i) {
    const auto facts = reader->Read(page, kNow);
    ASSERT_FALSE(facts);
    EXPECT_EQ(facts.error().code, ErrorCode::kDamaged);
    EXPECT_THAT(facts.error().message, testing::HasSubstr("fields.item.title[0]"));
  }
  EXPECT_TRUE(reader->Read({"https://other.test/", "", "", "<page v=\"1\"/>"}, kNow));
}

TEST_F(PageReaderTest, when_needed_a_broken_file_is_left_out_and_the_others_go_on) {
  WriteAdapter("examplemall", GuideExample());
  std::ofstream(data_ / "adapters/torn.json") << "{";
  const auto reader = PageReader::Load(data_, PageReader::Compile::kWhenNeeded);
  ASSERT_TRUE(reader) << reader.error().message;
  EXPECT_THAT(reader->LeftOut(), testing::ElementsAre(testing::HasSubstr("adapters/torn.json")));
  EXPECT_EQ(reader->Plan("examplemall.com")["plan"]["adapter"], "examplemall");
  std::ofstream(data_ / "adapters/generic.json") << "{";
  EXPECT_FALSE(PageReader::Load(data_, PageReader::Compile::kWhenNeeded));
}

TEST_F(PageReaderTest, cases_are_run_and_a_difference_is_told) {
  std::ofstream(data_ / "adapters/cases/examplemall-product.html") << kProductPage;
  const auto run = [&] {
    const auto reader = PageReader::Load(data_);
    return CheckAdapterCases(*reader, data_,
                             [](std::string_view html, std::string url, const Json& plan) {
                               return HtmlToPageInput(html, std::move(url), plan);
                             });
  };
  const auto good = run();
  ASSERT_TRUE(good) << good.error().message;
  EXPECT_GE(good->cases, 1);
  for (const CaseFailure& f : good->failures)
    EXPECT_NE(f.adapter, "examplemall") << f.path << " " << f.actual;
  Json json = GuideExample();
  json["cases"][0]["expect"] = {
      {"seller.key", "examplemall:1"}, {"item.price", nullptr}, {"orders.0.title", nullptr}};
  json["cases"].push_back({{"file", "cases/none.html"},
                           {"url", "https://a.examplemall.com/"},
                           {"expect", Json::object()}});
  WriteAdapter("examplemall", json);
  const auto bad = run();
  EXPECT_EQ(std::ranges::count(bad->failures, "examplemall", &CaseFailure::adapter), 3);
}

}  // namespace
}  // namespace kaopu
