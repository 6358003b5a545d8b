// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Stores without an adapter: the traps of real pages, each with a page of our own making.
#include <gtest/gtest.h>

#include <cmath>

#include "base/files.h"
#include "page/cold/html_snapshot.h"
#include "page/generic_price.h"
#include "page/page_reader.h"

namespace kaopu {
namespace {

class GenericPageTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_NE(reader_, nullptr) << "the data does not load"; }

  static void SetUpTestSuite() {
    auto loaded = PageReader::Load(std::filesystem::path(KAOPU_SOURCE_DIR) / "host/data");
    ASSERT_TRUE(loaded) << loaded.error().message;
    reader_ = new PageReader(std::move(*loaded));
  }
  static void TearDownTestSuite() { delete reader_; }

  static Facts Read(std::string_view html,
                    std::string url = "https://www.lampsandco.com/products/lamp") {
    auto input =
        HtmlToPageInput(html, std::move(url), reader_->Plan("x.invalid")["generic"]["snapshot"]);
    return *reader_->Read(*input, *ParseTime("2026-11-23"));
  }
  // Minor units and currency of the price of a product page with these parts; "null" for none.
  static std::string Price(std::string_view head, std::string_view body) {
    const Facts facts = Read("<html lang=en-US><head><title>Lamp | Lamps and Co</title>" +
                             std::string(head) + "</head><body><h1>Lamp</h1>" + std::string(body) +
                             "<button class=add-to-cart-btn>Add to cart</button></body></html>");
    EXPECT_EQ(facts.page_kind, PageKind::kProduct);
    if (!facts.item || !facts.item->price) return "null";
    return std::to_string(facts.item->price->amount_minor) + " " + facts.item->price->currency;
  }
  static std::string JsonLd(std::string_view offers) {
    return "<script "
           "type='application/ld+json'>{\"@context\":\"https://"
           "schema.org\",\"@type\":\"Product\",\"name\":\"Lamp\",\"offers\":" +
           std::string(offers) + "}</script>";
  }
  static PageReader* reader_;
};
PageReader* GenericPageTest::reader_ = nullptr;

TEST_F(GenericPageTest, prices) {
  const std::string offer = R"({"@type":"Offer","price":"49.90","priceCurrency":"EUR"})";
  EXPECT_EQ(Price(JsonLd(offer), ""), "4990 EUR");
  EXPECT_EQ(Price(JsonLd("[" + offer + "]"), ""), "4990 EUR");
  EXPECT_EQ(Price(JsonLd(R"({"@type":"Offer","price":{},"priceCurrency":"USD"})"), ""), "null")
      << "an empty object is no price";
  EXPECT_EQ(Price(JsonLd(R"({"@type":"Offer","price":0,"priceCurrency":"USD"})"), ""), "null")
      << "0 is no price";
  EXPECT_EQ(Price(JsonLd(R"({"@type":"Offer","price":150.00,"priceCurrency":"USD"})") +
                      "<meta property='product:price:amount' content='120.00'><meta "
                      "property='product:price:currency' content='USD'>",
                  ""),
            "12000 USD")
      << "list price in JSON-LD, sale price in meta";
  EXPECT_EQ(Price(JsonLd(R"({"@type":"Offer","price":24.96,"priceCurrency":"USD"})"),
                  "<p>$24.96 per month</p><p>Full price $599</p>"),
            "null")
      << "an instalment is no price";
  EXPECT_EQ(
      Price(
          JsonLd(
              R"({"@type":"AggregateOffer","lowPrice":"12","highPrice":"20","priceCurrency":"USD"},"sku":"L1")"),
          ""),
      "1200 USD");
  EXPECT_EQ(
      Price(
          JsonLd(
              R"({"@type":"Offer","priceCurrency":"USD","priceSpecification":[{"priceType":"https://schema.org/ListPrice","price":"80"},{"price":"60"}]})"),
          ""),
      "6000 USD");
  EXPECT_EQ(
      Price("<meta property='og:type' content='product'><meta property='product:price:amount' "
            "content='49,90'><meta property='product:price:currency' content='EUR'>",
            ""),
      "4990 EUR")
      << "decimal comma";
  EXPECT_EQ(Price("",
                  "<span class='price'><del class='old'>$160.00</del></span><span class='price "
                  "price-sale'>$80.00</span>"),
            "8000 USD");
  EXPECT_EQ(Price("", "<div class='related-products'><span class=price>$9.99</span></div>"), "null")
      << "prices of other goods";
  EXPECT_EQ(
      Price("",
            "<div itemscope itemtype='https://schema.org/Product'><b itemprop=name>Lamp</b><div "
            "itemprop=offers itemscope itemtype='http://schema.org/Offer'>"
            "<span itemprop=price>$75.50</span><meta itemprop=priceCurrency "
            "content=USD></div></div>"),
      "7550 USD");
  EXPECT_EQ(
      Price(
          "",
          "<div itemscope itemtype='https://schema.org/Product'><b itemprop=name>Lamp</b>"
          "<meta itemprop=price content='549.99'><meta itemprop=priceCurrency content=USD></div>"),
      "54999 USD")
      << "only in meta";
}

TEST_F(GenericPageTest, what_machines_are_told_must_be_what_is_shown) {
  const std::string told = JsonLd(R"({"@type":"Offer","price":"24.00","priceCurrency":"USD"})");
  EXPECT_EQ(Price(told, "<p class=price>$19.20</p>"), "1920 USD") << "a stale price";
  EXPECT_EQ(Price(told, "<p class=price><del>$24.00</del> <ins>$19.20</ins></p>"), "1920 USD")
      << "shown, but struck out";
  EXPECT_EQ(Price(told, "<p>RRP $24.00</p><p class=price>$19.20</p>"), "1920 USD")
      << "shown, but as a list price";
  EXPECT_EQ(Price(told, "<p class=price>$24.00</p><p>Lid $3.00</p>"), "2400 USD");
  EXPECT_EQ(Price(told, "<p class=price>$<b>24</b><sup>00</sup></p><p>Lid $3.00</p>"), "2400 USD");
  EXPECT_EQ(Price(told, "<p>A lamp of brass</p>"), "2400 USD") << "no price is shown at all";
  EXPECT_EQ(Price(told, "<p>Free shipping over $50</p>"), "2400 USD");
  EXPECT_EQ(Price(told, "<p>Gift wrap $4.00</p>"), "2400 USD") << "too far off to be its price";
  EXPECT_EQ(Price(told, "<p>$21.00</p><p>$26.00</p>"), "null") << "which one is not clear";
  EXPECT_EQ(Price(told, "<p class=price>€19.20</p>"), "1920 EUR") << "and in this currency";
  const std::string meta =
      "<meta property='og:type' content='product'><meta property='product:price:amount' "
      "content='24.00'><meta property='product:price:currency' content='USD'>";
  EXPECT_EQ(Price(meta, "<p class=price>$19.20</p>"), "1920 USD");

  const Facts facts = Read("<html lang=en-US><head><title>Lamp</title>" + told +
                           "</head><body><h1>Lamp</h1><p class=price>$19.20</p><button>Add to "
                           "cart</button></body></html>");
  ASSERT_EQ(facts.notes.size(), 1u);
  EXPECT_EQ(facts.notes[0],
            "differs: item.price: jsonld:Product.offers.price says 24.00, the page shows $19.20");
}

TEST_F(GenericPageTest, prices_of_other_goods_fill_no_gap) {
  EXPECT_EQ(Price("", "<h2>Accessories</h2><div><span class=price>$9.99</span></div>"), "null");
  EXPECT_EQ(Price("", "<a href='/products/bulb'>Bulb <span class=price>$9.99</span></a>"), "null");
  EXPECT_EQ(Price("", "<p>Price on request</p><p>Kit <span class=price>$9.99</span></p>"), "null");
}

TEST_F(GenericPageTest, offers_that_differ_give_no_price_unless_the_page_says_which) {
  const std::string offers = JsonLd(R"([{"price":"10.00","priceCurrency":"USD","url":"/p?v=1"},
    {"price":"20.00","priceCurrency":"USD","url":"/p?v=2"},{"price":"30.00","priceCurrency":"USD","url":"/p?v=3"}])");
  EXPECT_EQ(Price(offers, "<p>Choose a size</p>"), "null");
  EXPECT_EQ(Price(offers, "<p>$20.00</p>"), "2000 USD") << "the only one shown";
  EXPECT_EQ(Price(offers, "<ul><li>S $10.00<li>M $20.00<li>L $30.00</ul>"), "null");
  EXPECT_EQ(Price(offers, "<p class=price>$20.00</p><ul><li>S $10.00<li>M $20.00<li>L $30.00</ul>"),
            "2000 USD")
      << "the selected one";
  EXPECT_EQ(Price(offers, "<p>$10.00 – $30.00</p>"), "1000 USD") << "a range gives its lower end";
  EXPECT_EQ(Price(offers + "<meta property='product:price:amount' content='20'><meta "
                           "property='product:price:currency' content='USD'>",
                  ""),
            "2000 USD");
  EXPECT_EQ(
      Price(
          JsonLd(
              R"([{"price":"10.00","priceCurrency":"USD"},{"price":"10","priceCurrency":"USD"}])"),
          ""),
      "1000 USD");
  EXPECT_EQ(Price("<script "
                  "type='application/"
                  "ld+json'>{\"@type\":\"ProductGroup\",\"name\":\"Lamp\",\"hasVariant\":["
                  "{\"@type\":\"Product\",\"offers\":{\"price\":\"11\",\"priceCurrency\":\"EUR\"}},"
                  "{\"@type\":\"Product\",\"offers\":{\"price\":\"12\",\"priceCurrency\":\"EUR\"}}]"
                  "}</script>",
                  ""),
            "null");
}

TEST_F(GenericPageTest, json_ld_in_a_graph_broken_and_escaped_twice) {
  const Facts facts = Read(R"html(<html><head><title>x</title><script type="application/ld+json">
    {"@context":"https://schema.org","@graph":[{"@type":"Organization","name":"Lamps &amp;amp; Co"},
    {"@type":["Product","Thing"],"name":"Tom&amp;#39;s 6" lamp","sku":"L-1","offers":{"@id":"#o"},},
    {"@type":"Offer","@id":"#o","price":"10.50","priceCurrency":"GBP"}]} // end
    </script></head><body><h1>x</h1></body></html>)html");
  EXPECT_EQ(facts.page_kind, PageKind::kProduct);
  EXPECT_EQ(facts.platform, "generic");
  EXPECT_EQ(facts.item->title, "Tom's 6\" lamp");
  EXPECT_EQ(facts.item->id, "L-1");
  EXPECT_EQ(facts.item->price->amount_minor, 1050);
  EXPECT_EQ(facts.seller->name, "Lamps & Co");
}

TEST_F(GenericPageTest, seller_keys_of_stores) {
  const std::string html =
      "<title>Lamp</title>" + JsonLd(R"({"@type":"Offer","price":"1","priceCurrency":"USD"})");
  const std::pair<const char*, const char*> rows[] = {
      {"https://www.lampsandco.com/p", "web:lampsandco.com"},
      {"https://foo.myshopify.com/p", "web:foo.myshopify.com"},
      {"https://shop.lamps.co.uk/p", "web:lamps.co.uk"},
      {"https://kinari.thebase.in/p", "web:kinari.thebase.in"},
      {"https://m.kinari.thebase.in/p", "web:kinari.thebase.in"},
      {"https://thebase.in/p", "null"},
      {"https://www.thebase.in/p", "null"},
      {"https://10.0.0.1/p", "null"},
      {"https://myshopify.com/p", "null"},
      {"https://localhost/p", "null"},
      {"https://www.walmart.com/ip/1", "null"},
      {"https://web.archive.org/web/2016/http://lamps.test/p", "web:lamps.test"}};
  for (const auto& [url, key] : rows) {
    const Facts facts = Read(html, url);
    EXPECT_EQ(facts.seller ? facts.seller->key.value_or("null") : "null", key) << url;
  }
}

TEST_F(GenericPageTest, marketplace_sells_itself_or_for_others) {
  const auto html = [](const char* seller) {
    return "<title>x</title>" +
           JsonLd(std::string(
                      R"({"@type":"Offer","price":"1","priceCurrency":"USD","seller":{"name":")") +
                  seller + "\"}}");
  };
  const Facts own = Read(html("Overstock.com"), "https://www.overstock.com/ip/1");
  EXPECT_EQ(own.seller->key, "web:overstock.com");
  EXPECT_TRUE(own.seller->self_operated);
  const Facts other = Read(html("Lamps4U"), "https://www.overstock.com/ip/1");
  EXPECT_FALSE(other.seller->key);
  EXPECT_EQ(other.seller->name, "Lamps4U");
}

TEST_F(GenericPageTest, page_kinds) {
  const struct {
    const char* html;
    const char* url;
    PageKind kind;
    const char* platform;
  } rows[] = {
      {"<a href='/cart'>Cart</a>", "https://s.test/cart", PageKind::kCart, "generic"},
      {"<a href='/cart'>Cart</a>", "https://s.test/de/warenkorb?x", PageKind::kCart, "generic"},
      {"x", "https://s.test/checkouts/cn/abc", PageKind::kCheckout, "generic"},
      {"<a href='/cart'>Cart</a>", "https://s.test/search?q=lamp", PageKind::kSearch, "generic"},
      {"<a href='/cart'>Cart</a>", "https://s.test/", PageKind::kShop, "generic"},
      {"<a href='/cart'>Cart</a>", "https://s.test/my-account/orders/", PageKind::kOrderList,
       "generic"},
      {"<a href='/cart'>Cart</a>", "https://s.test/about", PageKind::kOther, "generic"},
      {"<title>404 Not Found</title><button class='single_add_to_cart_button'>b</button>",
       "https://s.test/p/1", PageKind::kOther, "generic"},
      {"<h1>What to ask for a lamp?</h1><p>Mine is $38.00</p><a href='/buy'>Buy</a>",
       "https://forum.lamps.test/t/1", PageKind::kOther, "generic"},
      {"<article>Robots are old.</article>", "https://blog.test/robots", PageKind::kOther, "none"},
      {"<meta property='og:type' content='article'><p>news</p>", "https://news.test/1",
       PageKind::kOther, "none"}};
  for (const auto& row : rows) {
    const Facts facts = Read(row.html, row.url);
    EXPECT_EQ(PageKindName(facts.page_kind), PageKindName(row.kind)) << row.url;
    EXPECT_EQ(facts.platform, row.platform) << row.url;
  }
}

TEST_F(GenericPageTest, a_list_of_products_is_no_product) {
  std::string html = "<title>Lamps</title><a href='/cart'>Cart</a>";
  for (const char* name : {"A lamp", "B lamp", "C lamp"}) {
    html += std::string("<script type='application/ld+json'>{\"@type\":\"Product\",\"name\":\"") +
            name + "\",\"offers\":{\"price\":1,\"priceCurrency\":\"USD\"}}</script>";
  }
  const Facts facts = Read(html, "https://s.test/collections/lamps");
  EXPECT_EQ(facts.page_kind, PageKind::kSearch);
  EXPECT_FALSE(facts.item);
}

TEST_F(GenericPageTest, promises_from_schema_and_prose_but_not_from_reviews) {
  const Facts schema = Read(
      "<title>x</title>" +
      JsonLd(
          R"({"price":"5","priceCurrency":"USD","shippingDetails":{"@type":"OfferShippingDetails",
    "deliveryTime":{"@type":"ShippingDeliveryTime","handlingTime":{"minValue":0,"maxValue":1,"unitCode":"DAY"},"transitTime":{"minValue":2,"maxValue":5,"unitCode":"DAY"}}}})"));
  ASSERT_EQ(schema.promises.size(), 2u);
  EXPECT_EQ(schema.promises[0].kind, PromiseKind::kShip);
  EXPECT_EQ(schema.promises[0].max_hours, 24);
  EXPECT_EQ(schema.promises[1].kind, PromiseKind::kDeliver);
  EXPECT_EQ(schema.promises[1].min_hours, 48);
  EXPECT_EQ(schema.promises[1].max_hours, 144);

  const std::string product = JsonLd(R"({"price":"5","priceCurrency":"USD"})");
  const Facts prose =
      Read("<html lang=en><title>x</title>" + product + "<p>Usually ships within 24 hours.</p>");
  ASSERT_EQ(prose.promises.size(), 1u);
  EXPECT_EQ(prose.promises[0].max_hours, 24);
  EXPECT_TRUE(Read("<html lang=en><title>x</title>" + product +
                   "<div class=product-reviews><p>Ships within 24 hours.</p></div>")
                  .promises.empty());
}

// Promises of a product whose offer has these members, as "kind min-max h" each.
std::string SchemaPromisesOf(const Facts& facts) {
  std::string out;
  for (const Promise& one : facts.promises) {
    if (!out.empty()) out += "; ";
    out += PromiseKindName(one.kind);
    if (one.max_hours) {
      out += " " + std::to_string(std::lround(one.min_hours.value_or(0))) + "-" +
             std::to_string(std::lround(*one.max_hours)) + " h";
    }
    if (one.business_days) out += " business";
    if (one.earliest) out += " from " + FormatDate(*one.earliest);
  }
  return out;
}

TEST_F(GenericPageTest, words_that_style_alone_sets_apart_are_apart_in_promises) {
  const auto text = [](std::string_view html) {
    const Facts facts = Read("<html lang=en><title>Lamp</title><h1>Lamp</h1><p>$5</p>" +
                             std::string(html) + "<button>Add to cart</button>");
    return facts.promises.empty() ? "" : facts.promises[0].text;
  };
  EXPECT_EQ(text("<p><b>Estimated delivery</b><b>Dec 3</b></p>"), "Estimated delivery Dec 3");
  EXPECT_EQ(text("<p><i>Ships in</i><i>2</i><i>days</i></p>"), "Ships in 2 days");
  EXPECT_EQ(text("<p><i>2-4 days</i><i>standard delivery</i><i>free</i></p>"),
            "2-4 days standard delivery free");
  EXPECT_EQ(text("<p><b>S</b><b>h</b><b>ips in 2 days</b></p>"), "Ships in 2 days");
}

TEST_F(GenericPageTest, shipping_as_schema_org_tells_it) {
  const auto read = [](std::string_view offer, std::string_view lang = "en-US") {
    return SchemaPromisesOf(
        Read("<html lang=" + std::string(lang) + "><title>x</title>" +
             JsonLd(R"({"price":"5","priceCurrency":"USD",)" + std::string(offer) + "}")));
  };
  const auto details = [](std::string_view times, std::string_view country = "") {
    std::string out = "{\"@type\":\"OfferShippingDetails\",";
    if (!country.empty())
      out += R"("shippingDestination":{"addressCountry":")" + std::string(country) + "\"},";
    return out + "\"deliveryTime\":{" + std::string(times) + "}}";
  };
  const auto days = [](int min, int max) {
    return R"({"minValue":)" + std::to_string(min) + ",\"maxValue\":" + std::to_string(max) +
           ",\"unitCode\":\"DAY\"}";
  };
  const std::string shipping = "\"shippingDetails\":";
  EXPECT_EQ(read(shipping + details("\"handlingTime\":" + days(0, 0))), "ship 0-24 h");
  EXPECT_EQ(
      read(shipping + details("\"handlingTime\":" + days(1, 2) + ",\"transitTime\":" + days(1, 5))),
      "ship 24-48 h; deliver 48-168 h");
  EXPECT_EQ(
      read(
          shipping +
          details(
              "\"handlingTime\":" + days(1, 2) +
              R"(,"cutoffTime":"14:30:00-08:00","businessDays":{"@type":"OpeningHoursSpecification","dayOfWeek":["https://schema.org/Monday","https://schema.org/Friday"]})")),
      "ship 24-48 h business");
  EXPECT_EQ(read(shipping + details(R"("handlingTime":{"value":"36","unitCode":"HUR"})")),
            "ship 0-36 h");
  EXPECT_EQ(read(shipping + details(R"("handlingTime":"P1DT12H","transitTime":"P1W")")),
            "ship 0-36 h; deliver 0-204 h");
  EXPECT_EQ(
      read(shipping + details(R"("handlingTime":{"minValue":1,"maxValue":2,"unitCode":"MTR"})")),
      "");
  EXPECT_EQ(read(shipping + details("\"handlingTime\":" + days(5, 2))), "") << "from more to less";
  EXPECT_EQ(read(shipping + details("\"handlingTime\":" + days(1, 9000))), "");
  // Ways of shipping side by side; countries only where the page's is among them.
  const std::string slow = "\"transitTime\":" + days(5, 7), fast = "\"transitTime\":" + days(1, 2);
  EXPECT_EQ(read(shipping + "[" + details(slow) + "," + details(fast) + "]"),
            "deliver 120-168 h; deliver 24-48 h");
  EXPECT_EQ(read(shipping + "[" + details(slow, "CA") + "," + details(fast, "US") + "]"),
            "deliver 24-48 h");
  EXPECT_EQ(read(shipping + "[" + details(slow, "CA") + "," + details(fast, "DE") + "]"), "");
  EXPECT_EQ(read(shipping + "[" + details("\"handlingTime\":" + days(1, 2)) + "," +
                 details("\"handlingTime\":" + days(7, 9)) + "]"),
            "")
      << "two that differ are no promise";
  EXPECT_EQ(
      read(
          R"("shippingDetails":{"hasShippingService":{"handlingTime":{"@type":"ServicePeriod","cutoffTime":"11:00",
    "duration":{"maxValue":"1","unitCode":"DAY"}},"shippingConditions":[{"transitTime":{"duration":{"minValue":2,"maxValue":3,"unitCode":"d"},
    "businessDays":["Monday","Tuesday"]}},{"doesNotShip":true,"transitTime":{"duration":"P9D"}}]}})"),
      "ship 0-24 h; deliver 48-96 h business");
}

TEST_F(GenericPageTest, what_is_only_announced_is_presale) {
  const auto read = [](std::string_view offers, std::string_view head = "") {
    return SchemaPromisesOf(Read("<title>x</title>" + std::string(head) + JsonLd(offers)));
  };
  EXPECT_EQ(read(R"({"price":"5","availability":"https://schema.org/PreOrder"})"), "presale");
  EXPECT_EQ(
      read(
          R"({"price":"5","availability":"PreSale","availabilityStarts":"2027-02-01T00:00:00+01:00"})"),
      "presale from 2027-02-01");
  EXPECT_EQ(read(R"({"price":"5","availability":"PreOrder","availabilityStarts":"2020-02-01"})"),
            "presale")
      << "a day gone by says nothing";
  EXPECT_EQ(
      read(R"([{"price":"5","availability":"PreOrder"},{"price":"5","availability":"InStock"}])"),
      "");
  EXPECT_EQ(read(R"({"price":"5","availability":"BackOrder"})"), "");
  EXPECT_EQ(read(R"({"price":"5"})", "<meta property='product:availability' content='preorder'>"),
            "presale");
  EXPECT_EQ(read(R"({"price":"5"})", "<meta property='product:availability' content='instock'>"),
            "");
}

TEST_F(GenericPageTest, a_return_policy_without_returns_is_a_term) {
  const auto read = [](const char* category) {
    return Read(
        "<title>x</title>" +
        JsonLd(
            std::string(
                R"({"price":"5","hasMerchantReturnPolicy":{"returnPolicyCategory":"https://schema.org/)") +
            category + "\"}}"));
  };
  ASSERT_EQ(read("MerchantReturnNotPermitted").terms.size(), 1u);
  EXPECT_EQ(read("MerchantReturnNotPermitted").terms[0].kind, "no_refund");
  EXPECT_TRUE(read("MerchantReturnFiniteReturnWindow").terms.empty());
}

TEST_F(GenericPageTest, a_seller_may_be_a_name_alone_a_reference_or_an_item) {
  const auto seller = [](const std::string& html) {
    return Read("<title>x</title>" + html, "https://www.overstock.com/ip/1")
        .seller->name.value_or("");
  };
  EXPECT_EQ(seller(JsonLd(R"({"price":"1","seller":"Lamps4U"})")), "Lamps4U");
  EXPECT_EQ(
      seller(JsonLd(R"({"price":"1","offeredBy":{"@type":"Organization","name":"Lamps4U"}})")),
      "Lamps4U");
  EXPECT_EQ(
      seller("<div itemscope itemtype='https://schema.org/Product'><b itemprop=name>Lamp</b><div "
             "itemprop=offers itemscope "
             "itemtype='https://schema.org/Offer' itemref=s><b itemprop=price>1</b></div></div>"
             "<div id=s itemprop=seller itemscope "
             "itemtype='https://schema.org/Organization'>Lamps4U</div>"),
      "Lamps4U");
  EXPECT_EQ(seller(JsonLd(R"({"price":"1","brand":"Lamps4U"})")), "")
      << "who makes it does not sell it";
}

TEST_F(GenericPageTest, rdfa_objects_are_found_by_reference) {
  const Facts facts = Read(
      "<html lang=en><title>Lamp</title><div vocab='https://schema.org/' typeof=Product "
      "resource='#p'><h1 property=name>Lamp</h1><link property=offers href='#o'></div>"
      "<div vocab='https://schema.org/' typeof=Offer resource='#o'><meta property=price "
      "content='49.90'><meta property=priceCurrency content=EUR><span property=seller "
      "resource='#s'></span></div><div typeof=Organization resource='#s'><b property=name>Rd "
      "Lamps</b></div></html>",
      "https://www.overstock.com/ip/1");
  ASSERT_TRUE(facts.item && facts.item->price);
  EXPECT_EQ(facts.item->price->amount_minor, 4990);
  EXPECT_EQ(facts.seller->name, "Rd Lamps");
}

TEST_F(GenericPageTest, rdfa_items_take_their_name_from_rel) {
  for (const char* offer :
       {"<div rel=offers><p><b typeof=Offer>", "<p><b rel=offers typeof=Offer>"}) {
    const Facts facts = Read(
        "<html lang=en><title>Lamp</title><div vocab='https://schema.org/' typeof=Product>"
        "<h1 property=name>Lamp</h1>" +
        std::string(offer) +
        "<meta property=price content='49.90'><meta property=priceCurrency content=EUR></b></p>");
    ASSERT_TRUE(facts.item && facts.item->price) << offer;
    EXPECT_EQ(facts.item->price->text, "49.90") << offer;
    EXPECT_EQ(facts.where.at("item.price"), "microdata:Product.offers.price");
  }
}

TEST_F(GenericPageTest, a_currency_of_the_shown_amount_beats_another_one_told) {
  const std::string told = JsonLd(R"({"@type":"Offer","price":"45.00","priceCurrency":"USD"})");
  EXPECT_EQ(Price(told, "<p>£45.00</p>"), "null") << "which of the two it is nobody knows";
  EXPECT_EQ(Price(told, "<p>$45.00</p>"), "4500 USD");
  EXPECT_EQ(Price(told, "<p>45.00</p><p>£45.00 gift card</p>"), "4500 USD")
      << "not wherever it stands";
  const Facts facts = Read("<html lang=en-GB><title>Lamp</title>" + told +
                               "<h1>Lamp</h1><p>£45.00</p><button>Add to basket</button>",
                           "https://www.lampsandco.co.uk/lamp");
  ASSERT_TRUE(facts.item && facts.item->price);
  EXPECT_EQ(facts.item->price->currency, "GBP") << "the shop's own currency is the one shown";
}

TEST_F(GenericPageTest, a_category_with_a_range_of_prices_is_no_product) {
  const std::string range =
      R"({"@type":"AggregateOffer","lowPrice":"12","highPrice":"90","priceCurrency":"USD"})";
  const auto kind = [](const std::string& head) {
    return Read("<html lang=en><head><title>Lamps</title>" + head +
                    "</head><h1>Lamps</h1><a href='/cart'>Cart</a>",
                "https://www.lampsandco.com/lamps")
        .page_kind;
  };
  EXPECT_EQ(kind(JsonLd(range)), PageKind::kOther);
  EXPECT_EQ(kind(JsonLd(range + R"(,"image":"/lamp.jpg")")), PageKind::kProduct);
}

TEST_F(GenericPageTest, a_logo_or_a_slogan_is_no_part_of_a_name) {
  const auto name = [](const std::string& html) {
    const Facts facts = Read("<html lang=en><title>Oak</title><a href='/cart'>Cart</a>" + html);
    return facts.seller && facts.seller->name ? *facts.seller->name : "";
  };
  EXPECT_EQ(name("<img alt='Logo Lamps and Co'>"), "Lamps and Co");
  EXPECT_EQ(name("<img alt='Lamps and Co logo'>"), "Lamps and Co");
  const std::string slogan = "everything that shines, burns or glows, sent from our own workshop";
  EXPECT_EQ(name("<meta property=og:site_name content='Lamps and Co - " + slogan + "'>"),
            "Lamps and Co");
  EXPECT_EQ(name("<meta property=og:site_name content='" + slogan + "'>"), "");
}

TEST_F(GenericPageTest, what_members_pay_is_no_price) {
  EXPECT_EQ(Price("", "<p>Members pay $39.00</p><p>$49.00</p>"), "4900 USD");
}

TEST_F(GenericPageTest, ratings_of_structured_data) {
  const Facts facts = Read(
      R"html(<title>x</title><script type="application/ld+json">{"@type":"Product","name":"L","offers":{"price":"5","priceCurrency":"USD"},
    "aggregateRating":{"ratingValue":"4.956","reviewCount":"1,238"}}</script>)html");
  ASSERT_EQ(facts.signals.size(), 2u);
  EXPECT_EQ(facts.signals[0].value, 4.956);
  EXPECT_EQ(facts.signals[1].value, 1238);
}

TEST_F(GenericPageTest, a_snapshot_that_is_none_is_bad_request) {
  for (const char* xml : {"", "{}", "<html/>", "<page v=\"1\"><body>", "<page v=\"9\"/>"}) {
    const auto facts = reader_->Read({"https://s.test/", "", "", xml}, *ParseTime("2026-11-23"));
    ASSERT_FALSE(facts) << xml;
    EXPECT_EQ(facts.error().code, ErrorCode::kBadRequest);
  }
  EXPECT_TRUE(reader_->Read({"", "", "", "<page v=\"1\"/>"}, *ParseTime("2026-11-23")));
  EXPECT_TRUE(
      reader_->Read({"\xff\xfe not a url", "", "", "<page v=\"1\"/>"}, *ParseTime("2026-11-23")));
}

TEST_F(GenericPageTest, hostile_pages_take_no_longer_than_their_size_allows) {
  std::string nested = "<page v=\"1\"><head/><data/><body>";
  for (int i = 0; i < 500; ++i) nested += "<div class=\"price related\">";
  for (int i = 0; i < 9000; ++i) nested += "<p itemscope=\"\" itemprop=\"x\">$1.00</p>";
  for (int i = 0; i < 500; ++i) nested += "</div>";
  nested += "</body></page>";
  std::string json = "<page v=\"1\"><head/><data><script type=\"application/ld+json\">[";
  for (int i = 0; i < 12000; ++i) json += "{\"@type\":\"Product\"},";
  json += "]</script></data><body>add to cart</body></page>";
  std::string digits = "<page v=\"1\"><head/><data/><body>add to cart ";
  for (int i = 0; i < 80000; ++i) digits += "1,11 ";
  digits += "</body></page>";
  for (const std::string& xml : {nested, json, digits}) {
    const auto start = std::chrono::steady_clock::now();
    EXPECT_TRUE(
        reader_->Read({"https://s.test/product/12345", "", "", xml}, *ParseTime("2026-11-23")));
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(2));
  }
}

TEST(MachineAmount, plain_digits_only) {
  EXPECT_EQ(MachineAmount("149.00", 2), 14900);
  EXPECT_EQ(MachineAmount("165.950", 2), 16595);
  EXPECT_EQ(MachineAmount("4500", 0), 4500);
  EXPECT_EQ(MachineAmount("4500.00", 0), 4500);
  EXPECT_FALSE(MachineAmount("1.234", 2));
  EXPECT_FALSE(MachineAmount("1,234", 2));
  EXPECT_FALSE(MachineAmount("", 2));
  EXPECT_FALSE(MachineAmount("-1", 2));
  EXPECT_FALSE(MachineAmount("9999999999999", 2));
}

}  // namespace
}  // namespace kaopu
