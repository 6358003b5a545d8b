// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Where an item is bought on a page that says nothing for machines, its name, and the condition
// `text_all`.
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "page/cold/html_snapshot.h"
#include "page/condition.h"
#include "page/generic_title.h"
#include "page/page_reader.h"

namespace kaopu {
namespace {

const PageReader& Reader() {
  static const auto reader =
      PageReader::Load(std::filesystem::path(KAOPU_SOURCE_DIR) / "host/data");
  return *reader;
}

Facts Read(const std::string& body,
           const std::string& head = "<title>Brass lamp | Lamps Co</title>",
           const std::string& url = "https://www.lampsco.com/brass-lamp.html") {
  auto input =
      HtmlToPageInput("<html lang=en-US><head>" + head + "</head><body>" + body + "</body></html>",
                      url, Reader().Plan("x.invalid")["generic"]["snapshot"]);
  return *Reader().Read(std::move(*input), *ParseTime("2026-11-23"));
}

// Kind, then price; "none" without one.
std::string Bought(const std::string& body) {
  const Facts facts = Read("<h1>Brass lamp</h1>" + body);
  std::string out(PageKindName(facts.page_kind));
  if (!facts.item || !facts.item->price) return out + " none";
  return out + " " + std::to_string(facts.item->price->amount_minor) + " " +
         facts.item->price->currency;
}

TEST(BuyBox, a_button_with_an_amount_beside_it_is_a_product) {
  EXPECT_EQ(Bought("<div class=box><p>$49.90</p><button>Add to cart</button></div>"),
            "product 4990 USD");
  EXPECT_EQ(
      Bought(
          "<form action='/cgi/add_to_basket.php'><b>$49.90</b><input type=submit value=Go></form>"),
      "product 4990 USD")
      << "by where its form leads";
  EXPECT_EQ(Bought("<div class=box><p>$49.90</p><a class=btn-buy href=/x>Get it</a></div>"),
            "product 4990 USD")
      << "by its class";
}

TEST(BuyBox, currencies_whose_names_end_in_other_letters_than_ascii_are_amounts) {
  const auto bought = [](const std::string& lang, const std::string& price,
                         const std::string& button) {
    auto input = HtmlToPageInput(
        "<html lang=" + lang + "><head><title>Bravo 15</title></head><body><h1>Bravo 15</h1><div>" +
            price + "</div><form action=/x method=post><button>" + button +
            "</button></form></body></html>",
        "https://www.lampsco.com/bravo", Reader().Plan("x.invalid")["generic"]["snapshot"]);
    const Facts facts = *Reader().Read(std::move(*input), *ParseTime("2026-11-23"));
    if (!facts.item || !facts.item->price) return std::string("none");
    return std::to_string(facts.item->price->amount_minor) + " " + facts.item->price->currency;
  };
  EXPECT_EQ(bought("pl", "1 249,00 zł", "Dodaj do koszyka"), "124900 PLN");
  EXPECT_EQ(bought("pl", "1&nbsp;249,00&nbsp;zł brutto", "Dodaj do koszyka"), "124900 PLN");
  EXPECT_EQ(bought("cs", "1 290 Kč", "Do košíku"), "129000 CZK");
  EXPECT_EQ(bought("ru", "12 990 руб.", "В корзину"), "1299000 RUB");
  EXPECT_EQ(bought("pl", "3 złote gwiazdki", "Dodaj do koszyka"), "none") << "a longer word";
}

TEST(BuyBox, amounts_that_are_not_what_is_paid_are_passed_over) {
  EXPECT_EQ(Bought("<div><p>RRP $80.00</p><p>Our price $49.90</p><p>You save $30.10</p><button>Buy "
                   "now</button></div>"),
            "product 4990 USD");
  EXPECT_EQ(Bought("<div><p><del>$80.00</del> $49.90</p><p>Shipping $5.00</p><button>Buy "
                   "now</button></div>"),
            "product 4990 USD");
  EXPECT_EQ(Bought("<div><p>$4.99 / 100 g</p><p>$49.90</p><button>Buy now</button></div>"),
            "product 4990 USD");
}

TEST(BuyBox, a_heading_ends_where_it_is_closed) {
  EXPECT_EQ(Bought("<div><p>$49.90</p><h3>Gift wrap</h3>$5.00 a box<br><button>Buy "
                   "now</button></div>"),
            "product 4990 USD")
      << "text behind a heading is no heading";
  EXPECT_EQ(Bought("<div><p>$5.00 for wrapping</p><h2><div>Brass</div> $49.90</h2><button>Buy "
                   "now</button></div>"),
            "product 4990 USD")
      << "blocks inside a heading do not end it";
}

TEST(BuyBox, prices_of_before_are_told_by_their_names) {
  const auto price = [](const std::string& old) {
    return Bought("<div>" + old + "<span class=amt>$49.90</span><button>Buy now</button></div>");
  };
  for (const char* name :
       {"was-price", "oldPrice", "price--old", "product__price-old", "rrp", "compare-at-price",
        "price-item--compare", "strikethrough", "line-through text-muted", "listPrice",
        "price-regular", "original-price", "streichpreis", "precio-anterior", "prix-barre"}) {
    EXPECT_EQ(price("<span class='" + std::string(name) + "'>$80.00</span> "), "product 4990 USD")
        << name;
  }
  EXPECT_EQ(price("<span style='color:red; text-decoration: Line-Through'>$80.00</span> "),
            "product 4990 USD");
  for (const char* name : {"gold", "bold", "price-list", "regular-box", "washed"}) {
    EXPECT_EQ(price("<span class='" + std::string(name) + "'>$80.00</span> "), "product 8000 USD")
        << name << " names no price of before";
  }
  EXPECT_EQ(Bought("<div><span class=price-regular>$49.90</span><button>Buy now</button></div>"),
            "product 4990 USD")
      << "the usual price is paid where no other is said";
}

TEST(BuyBox, prices_of_other_goods_are_told_by_their_heading) {
  const std::string box = "<div class=buy><button>Buy now</button></div>";
  EXPECT_EQ(Bought(box + "<h2>Accessories</h2><ul><li>Bulb $4.00</li></ul>"), "product none");
  EXPECT_EQ(Bought(box + "<section><header><h2>You may also like</h2></header><div>Bulb "
                         "<span class=price>$4.00</span></div></section>"),
            "product none");
  EXPECT_EQ(Bought(box + "<h2>Accessories</h2><p>None</p><h2>Price</h2><p>$49.90</p>"),
            "product 4990 USD")
      << "the next heading ends them";
}

TEST(BuyBox, a_price_on_request_is_none) {
  EXPECT_EQ(Bought("<div><p>Price on request</p><p>Mounting kit $12.00</p><button>Buy "
                   "now</button></div>"),
            "product none");
}

TEST(BuyBox, tax_measures_and_sets) {
  const auto price = [](const std::string& text) {
    return Bought("<div>" + text + "<button>Add to cart</button></div>");
  };
  EXPECT_EQ(price("<p>$100.00 excl. VAT</p><p>$119.00</p>"), "product 11900 USD");
  EXPECT_EQ(price("<p>1,000円(税抜)</p><p>1,100円(税込)</p>"), "product 1100 JPY");
  EXPECT_EQ(price("<p>$100.00 ex VAT</p>"), "product 10000 USD") << "there is no other";
  EXPECT_EQ(price("<p>$1.20/kg</p><p>$49.90</p>"), "product 4990 USD");
  EXPECT_EQ(price("<p>100 g = $1.20</p><p>$49.90</p>"), "product 4990 USD");
  EXPECT_EQ(price("<p>2 for $30.00</p><p>$18.00</p>"), "product 1800 USD");
  EXPECT_EQ(price("<p>Bulk: 6 jars for $130.00</p><p>$24.50</p>"), "product 2450 USD");
}

TEST(BuyBox, a_list_of_goods_sells_no_one_thing) {
  std::string cards;
  for (int i = 0; i < 5; ++i)
    cards += "<div class=card><a href=/p>Lamp</a><p>$1" + std::to_string(i) +
             ".00</p><button>Add to cart</button></div>";
  EXPECT_NE(Bought("<div class=grid>" + cards + "</div>").substr(0, 7), "product");
  EXPECT_EQ(
      Bought("<div class=box><p>$49.90</p><button>Add to cart</button></div><div class=related>" +
             cards + "</div>"),
      "product 4990 USD")
      << "goods beside it are others";
}

TEST(BuyBox, a_button_that_leads_to_another_shop_sells_nothing_here) {
  EXPECT_NE(
      Bought("<div class=box><p>$49.90</p><a href='https://other-shop.com/p'>Buy now</a></div>")
          .substr(0, 7),
      "product");
}

TEST(ItemTitle, is_the_heading_without_the_shop) {
  const std::string box = "<div class=box><p>$49.90</p><button>Add to cart</button></div>";
  EXPECT_EQ(Read("<h1>Lamps Co</h1><h2>Brass lamp</h2>" + box).item->title, "Brass lamp")
      << "the first heading is the shop's name";
  EXPECT_EQ(Read("<h1>Brass lamp</h1>" + box).item->title, "Brass lamp");
  EXPECT_EQ(Read("<h1>Brass lamp</h1>" + box,
                 "<title>Lamps Co</title><meta property='og:title' content='Lamps Co'>")
                .item->title,
            "Brass lamp")
      << "a title that is the shop's alone names no item";
}

TEST(ItemTitle, names_made_of_the_domain) {
  EXPECT_TRUE(NameIsDomain("Lamps Co", "lampsco.com"));
  EXPECT_FALSE(NameIsDomain("Lamps & Co", "lampsandco.com"));
  EXPECT_FALSE(NameIsDomain("", "lampsco.com"));
}

TEST(StoreName, is_the_part_of_the_title_that_the_way_home_says) {
  const std::string box = "<h1>Brass lamp</h1><div>$49.90<button>Add to cart</button></div>";
  const auto name = [&](const std::string& home) {
    const Facts facts = Read(home + box, "<title>Brass lamp | Nordlys</title>");
    return facts.seller->name.value_or("none");
  };
  EXPECT_EQ(name("<a href='/'>Nordlys</a>"), "Nordlys");
  EXPECT_EQ(name("<a href='../index.html'><img src=l.gif alt='Nordlys'></a>"), "Nordlys");
  EXPECT_EQ(name("<a href='https://www.lampsco.com/'>NORDLYS</a>"), "Nordlys");
  EXPECT_EQ(name("<a href='/about'>Nordlys</a>"), "none");
  EXPECT_EQ(name("<a href='/'>Home</a>"), "none");
  EXPECT_EQ(Read("<h1>Lamp</h1><div>$49.90<button>Add to cart</button></div>",
                 "<title>Lamp - Nordlys</title>", "https://www.lampsco.com/lamp")
                .seller->name.value_or("none"),
            "none")
      << "an item named like a part of the domain";
}

bool Holds(const std::string& condition, const std::string& text) {
  auto parsed = Condition::Parse(*ParseJson(condition, "condition"), "when");
  EXPECT_TRUE(parsed) << parsed.error().message;
  auto document = Document::Parse("<page v=\"1\"><head/><data/><body>" + text + "</body></page>");
  (*document)->BuildIndex();
  const StateBlobs::Places places;
  PageContext page(**document, places);
  return parsed->Holds(page);
}

TEST(Condition, text_all_wants_every_pattern_and_text_any) {
  const std::string all = R"({"text_all": ["(?m)^Price: ", "(?m)^Ships "]})";
  EXPECT_TRUE(Holds(all, "<p>Price: 5</p><p>Ships today</p>"));
  EXPECT_FALSE(Holds(all, "<p>Price: 5</p>"));
  EXPECT_FALSE(Holds(all, "<p>The Price: 5</p><p>Ships today</p>")) << "lines are blocks";
  EXPECT_TRUE(Holds(R"({"text": ["nothing", "(?m)^Ships "]})", "<p>Ships today</p>"));
  EXPECT_FALSE(
      Holds(R"({"text_all": ["Price"], "text_bytes_max": 10})", "<p>Price: 5 and much more</p>"));
  EXPECT_FALSE(Condition::Parse(*ParseJson(R"({"text_all": ["("]})", "c"), "when"));
}

TEST(Condition, short_line_is_a_notice_and_no_sentence_of_a_long_text) {
  const std::string gone = R"j({"short_line": ["(?i)this item is (gone|下架)"]})j";
  EXPECT_TRUE(Holds(gone, "<p>This item is gone</p>"));
  const auto around = [&](size_t before, size_t after) {
    return "<p>" + std::string(before, 'b') + "THIS ITEM IS 下架" + std::string(after, 'a') +
           "</p>";
  };
  EXPECT_TRUE(Holds(gone, around(60, 80)));
  EXPECT_FALSE(Holds(gone, around(61, 0)));
  EXPECT_FALSE(Holds(gone, around(0, 81)));
  EXPECT_TRUE(Holds(gone, around(61, 81) + "<p>Sorry, this item is gone.</p>")) << "a later one";
  EXPECT_TRUE(Holds(gone, around(61, 0) + around(0, 81) + around(0, 0)));
  std::string wide;
  for (int i = 0; i < 60; ++i) wide += "很";
  EXPECT_TRUE(Holds(gone, "<p>" + wide + "this item is gone</p>")) << "characters, not bytes";
  EXPECT_FALSE(Holds(gone, "<p>" + wide + "很this item is gone</p>"));
  EXPECT_FALSE(Holds(gone, "<p>nothing of the kind</p>"));
}

Expected<std::vector<KindRule>> Rules(const std::string& unless) {
  return ParseKindRules(
      *ParseJson(R"([{"kind": "product", "when": {}, "unless": )" + unless + "}]", "rules"),
      "kinds");
}

bool RulesHold(const std::string& unless, const std::string& title, const std::string& text) {
  const auto rules = Rules(unless);
  EXPECT_TRUE(rules) << rules.error().message;
  auto document = Document::Parse("<page v=\"1\"><head/><data/><body>" + text + "</body></page>");
  (*document)->BuildIndex();
  const StateBlobs::Places places;
  PageContext page(**document, places);
  page.title = title;
  return FirstKind(*rules, page) != nullptr;
}

TEST(KindRule, any_condition_of_unless_rules_the_page_out) {
  const std::string gone = R"([{"title": "^404"}, {"text": "no longer sold"}])";
  EXPECT_TRUE(RulesHold(gone, "Lamp", "a lamp"));
  EXPECT_FALSE(RulesHold(gone, "404", "a lamp"));
  EXPECT_FALSE(RulesHold(gone, "Lamp", "no longer sold"));
  const std::string both = R"([{"title": "^404", "text": "no longer sold"}])";
  EXPECT_TRUE(RulesHold(both, "404", "a lamp")) << "inside one condition all must hold";
  EXPECT_FALSE(RulesHold(both, "404", "no longer sold"));
}

TEST(KindRule, unless_that_is_no_list_is_refused) {
  for (const char* unless : {R"({"title": "^404"})", R"({"title": "^404", "text": "gone"})", "[]",
                             R"(["^404"])", R"([{"tittle": "^404"}])"}) {
    const auto rules = Rules(unless);
    ASSERT_FALSE(rules) << unless;
    EXPECT_NE(rules.error().message.find("kinds[0].unless"), std::string::npos)
        << rules.error().message;
  }
}

}  // namespace
}  // namespace kaopu
