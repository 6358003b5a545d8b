// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "page/price.h"

#include <gtest/gtest.h>

#include <random>

namespace kaopu {
namespace {

struct Row {
  const char* text;
  const char* hint;
  const char* amount;
  const char* currency;
  const char* symbol;
};

std::string Or(const std::optional<std::string>& value) { return value.value_or("-"); }

TEST(ReadPriceText, Rows) {
  constexpr Row kRows[] = {
      {"$19.90", "", "19.90", "-", "$"},
      {"US $19.90", "", "19.90", "USD", "US $"},
      {"19,90 €", "", "19.90", "EUR", "€"},
      {"1.234,50 EUR", "", "1234.50", "EUR", "EUR"},
      {"1 234,50 zł", "", "1234.50", "PLN", "zł"},
      {"CHF 1'234.50", "", "1234.50", "CHF", "CHF"},
      {"12,345", "¥", "12345", "-", "¥"},
      {"3,450円(税込)", "", "3450", "JPY", "円"},
      {"¥１，２３４．５０元", "", "1234.50", "-", "¥"},
      {"45€ 50", "", "45.50", "EUR", "€"},
      {"45€ 500", "", "45", "EUR", "€"},
      {"30% off 12.50", "£", "12.50", "GBP", "£"},
      {"-20 % 39,99 €", "", "39.99", "EUR", "€"},
      {"129,99 $ CA", "", "129.99", "CAD", "$ CA"},
      {"129 $ cash", "", "129", "-", "$"},
      {"NZD $25", "", "25", "NZD", "NZD"},
      {"$25", "USD", "25", "USD", "$"},
      {"9.500 KD", "", "9.500", "KWD", "KD"},
      {"9,500 KD", "", "9500", "KWD", "KD"},
      {"Rp 25.000", "", "25000", "IDR", "Rp"},
      {".99", "", ".99", "-", "-"},
      {"01.02.2026", "", "-", "-", "-"},
      {"Free shipping", "", "0", "-", "-"},
      {"Add all to cart", "ALL", "-", "ALL", "ALL"},
      {"ADD ALL 3 TO CART", "", "3", "ALL", "ALL"},
      {"Kleider 40", "", "40", "-", "-"},
      {"3.5万", "¥", "35000", "-", "¥"},
      {"sold out", "", "-", "-", "-"},
  };
  for (const Row& row : kRows) {
    const PriceText price = ReadPriceText(row.text, row.hint);
    const std::string amount = row.amount[0] == '.' ? "0" + std::string(row.amount) : row.amount;
    EXPECT_EQ(Or(price.amount), amount) << row.text;
    EXPECT_EQ(Or(price.currency), row.currency) << row.text;
    EXPECT_EQ(Or(price.symbol), row.symbol) << row.text;
  }
}

TEST(ReadPriceText, ambiguousMark_isSettledByPlatformThenLanguage) {
  EXPECT_EQ(ReadPriceText("¥99").currency, std::nullopt);
  EXPECT_EQ(ReadPriceText("¥99", "", "zh-CN").currency, "CNY");
  EXPECT_EQ(ReadPriceText("¥99", "", "ja").currency, "JPY");
  EXPECT_EQ(ReadPriceText("¥99", "", "ja", "CNY").currency, "CNY");
  EXPECT_EQ(ReadPriceText("$99", "", "en-AU").currency, "AUD");
  EXPECT_EQ(ReadPriceText("$99", "", "en").currency, std::nullopt);
  EXPECT_EQ(ReadPriceText("99", "", "en", "CNY").currency, "CNY");
  EXPECT_EQ(ReadPriceText("€99", "", "zh-CN", "CNY").currency, "EUR");
}

TEST(ReadPrice, givesMinorUnits) {
  EXPECT_EQ(ReadPrice("¥149.00 - 159.00", "", "", "CNY")->amount_minor, 14900);
  EXPECT_EQ(ReadPrice("4,500円")->amount_minor, 4500);
  EXPECT_EQ(ReadPrice("9.5 KD")->amount_minor, 9500);
  EXPECT_EQ(ReadPrice("4500.00", "JPY")->amount_minor, 4500);
  EXPECT_EQ(ReadPrice("4500.50", "JPY"), std::nullopt);
  EXPECT_EQ(ReadPrice("$5"), std::nullopt);
  EXPECT_EQ(ReadPrice("EUR"), std::nullopt);
  EXPECT_EQ(ReadPrice("99999999999999999999 EUR"), std::nullopt);
}

TEST(MinorDigits, knowsIso4217) {
  EXPECT_EQ(MinorDigits("CNY"), 2);
  EXPECT_EQ(MinorDigits("JPY"), 0);
  EXPECT_EQ(MinorDigits("KWD"), 3);
  EXPECT_EQ(MinorDigits("XYZ"), std::nullopt);
  EXPECT_EQ(MinorDigits("CN"), std::nullopt);
  EXPECT_EQ(MinorDigits("Y B"), std::nullopt);
}

TEST(ReadPriceText, hostileText_isSafe) {
  std::mt19937 random(3);
  const std::string_view pieces[] = {"$",    "1", ",",   ".",   "€",  " ",    "%",  "'",
                                     "\xff", "٣", "USD", "руб", "万", "\xc2", "SGD"};
  for (int i = 0; i < 5000; ++i) {
    std::string text;
    for (int k = 0; k < 14; ++k) text += pieces[random() % std::size(pieces)];
    const PriceText price = ReadPriceText(text, text);
    if (price.amount) {
      EXPECT_EQ(price.amount->find_first_not_of("0123456789."), std::string::npos) << text;
    }
    ReadPrice(text, "", "en-US", "USD");
  }
  EXPECT_FALSE(ReadPrice(std::string(1'000'000, '9'), "USD").has_value());
}

}  // namespace
}  // namespace kaopu
