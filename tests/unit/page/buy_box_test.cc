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

}  // namespace
}  // namespace kaopu
