// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include <gtest/gtest.h>
#include <iconv.h>

#include <string>

#include "page/cold/html_snapshot.h"

namespace kaopu {
namespace {

std::string Encode(std::string utf8, const char* encoding) {
  const iconv_t converter = iconv_open(encoding, "UTF-8");
  std::string bytes(utf8.size() * 3 + 8, '\0');
  char* in = utf8.data();
  size_t left = utf8.size();
  char* out = bytes.data();
  size_t room = bytes.size();
  EXPECT_NE(iconv(converter, &in, &left, &out, &room), static_cast<size_t>(-1)) << encoding;
  iconv_close(converter);
  bytes.resize(bytes.size() - room);
  return bytes;
}

std::string Page(const std::string& head, const std::string& text) {
  return "<html><head>" + head + "</head><body>" + text + "</body></html>";
}

struct Sample {
  const char* encoding;
  const char* label;
  const char* text;
};

const Sample kSamples[] = {
    {"gb18030", "gb2312",
     "店铺承诺四十八小时内发货，超时未发货按照平台规则赔付，请您放心购买本店商品。"},
    {"big5-hkscs", "big5",
     "賣家承諾四十八小時內出貨，逾期未出貨依照平台規則賠付，請您放心購買本店商品。"},
    {"euc-jp", "euc-jp",
     "ご注文から四十八時間以内に発送いたします。お届けまで今しばらくお待ちください。"},
    {"cp932", "shift_jis",
     "ご注文から四十八時間以内に発送いたします。お届けまで今しばらくお待ちください。"},
    {"cp949", "euc-kr", "주문 후 사십팔 시간 이내에 발송합니다. 배송까지 조금만 기다려 주세요."},
    {"cp1251", "windows-1251", "Мы отправим ваш заказ в течение сорока восьми часов после оплаты."},
    {"cp1252", "windows-1252",
     "Livré sous quarante-huit heures, garanti à réception d’une commande passée à l’été."},
};

class DecodesSample : public testing::TestWithParam<Sample> {};

TEST_P(DecodesSample, DeclaredInMeta) {
  const Sample& sample = GetParam();
  const std::string page = Page(std::string("<meta charset='") + sample.label + "'>", sample.text);
  EXPECT_EQ(DecodeHtml(Encode(page, sample.encoding)), page);
}

TEST_P(DecodesSample, DeclaredInHeader) {
  const Sample& sample = GetParam();
  const std::string page = Page("", sample.text);
  EXPECT_EQ(DecodeHtml(Encode(page, sample.encoding),
                       std::string("text/html; charset=\"") + sample.label + "\""),
            page);
}

TEST_P(DecodesSample, Detected) {
  const Sample& sample = GetParam();
  const std::string page = Page("", std::string(sample.text) + sample.text + sample.text);
  EXPECT_EQ(DecodeHtml(Encode(page, sample.encoding)), page);
}

TEST_P(DecodesSample, DeclaredAsUtf8ByMistake) {
  const Sample& sample = GetParam();
  const std::string page =
      Page("<meta charset=utf-8>", std::string(sample.text) + sample.text + sample.text);
  EXPECT_EQ(DecodeHtml(Encode(page, sample.encoding)), page);
}

TEST_P(DecodesSample, Utf8BeatsEveryDeclaration) {
  const Sample& sample = GetParam();
  const std::string page = Page(std::string("<meta charset='") + sample.label + "'>", sample.text);
  std::string used;
  EXPECT_EQ(DecodeHtml(page, std::string("text/html; charset=") + sample.label, &used), page);
  EXPECT_EQ(used, "utf-8");
}

INSTANTIATE_TEST_SUITE_P(Samples, DecodesSample, testing::ValuesIn(kSamples), [](const auto& info) {
  std::string name = info.param.encoding;
  for (char& c : name) c = c == '-' ? '_' : c;
  return name;
});

TEST(DecodeHtml, ByteOrderMarks) {
  EXPECT_EQ(DecodeHtml("\xEF\xBB\xBF<p>\xC3\xA9"), "<p>\xC3\xA9");
  EXPECT_EQ(DecodeHtml(std::string("\xFF\xFEh\0i\0", 6)), "hi");
  EXPECT_EQ(DecodeHtml(std::string("\xFE\xFF\0h\0i", 6)), "hi");
}

TEST(DecodeHtml, OnlyRealMetaElementsDeclare) {
  const std::string text =
      "Prix : 12\xE9 pi\xE8"
      "ces";  // windows-1252
  for (const char* head :
       {"<!-- <meta charset=gbk> -->", "<script>var a='<meta charset=gbk>';</script>",
        "<style>/*<meta charset=gbk>*/</style>", "<meta name=x content='text/html; charset=gbk'>",
        "<script charset=gbk></script>", "<title><meta charset=gbk></title>"}) {
    const std::string page = std::string(head) + "<meta charset=iso-8859-1>" + text;
    std::string used;
    DecodeHtml(page, {}, &used);
    EXPECT_EQ(used, "windows-1252") << head;
  }
}

TEST(DecodeHtml, HttpEquivDeclares) {
  std::string used;
  DecodeHtml("<meta http-equiv=Content-Type content='text/html; charset = \"GB2312\"'>" +
                 Encode("靠谱的店铺", "gb18030"),
             {}, &used);
  EXPECT_EQ(used, "gb18030");
}

TEST(DecodeHtml, BrokenBytesInAUtf8PageAreReplaced) {
  std::string page = "<meta charset=utf-8>";
  for (int i = 0; i < 60; ++i) page += "靠谱";
  EXPECT_EQ(DecodeHtml(page + "\xFF x"), page + "\xEF\xBF\xBD x");
}

TEST(DecodeHtml, AnyBytesGiveUtf8) {
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  for (const char* type : {"", "text/html; charset=gbk", "text/html; charset=utf-16",
                           "text/html; charset=nonsense", "charset", "charset="}) {
    for (const std::string& bytes : {all, all + all, std::string("\xC3"), std::string("\x81")}) {
      const std::string text = DecodeHtml(bytes, type);
      std::string again;
      EXPECT_EQ(DecodeHtml(text, {}, &again), text);
    }
  }
}

}  // namespace
}  // namespace kaopu
