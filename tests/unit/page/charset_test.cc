// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include <gtest/gtest.h>
#include <iconv.h>

#include <string>

#include "page/cold/encoding_labels.h"
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

// An encoding, the label pages declare it by, and sentences that shops write in the language that
// was written in it.
struct Sample {
  const char* encoding;
  const char* label;
  const char* lang;
  std::string text;
};

const char* const kSimplified =
    "店铺承诺四十八小时内发货，超时未发货按照平台规则赔付，请您放心购买本店商品。付款后两个工作日内"
    "发出，"
    "默认发顺丰快递，偏远地区需要补运费，签收后七天内可以退换。";
const char* const kTraditional =
    "賣家承諾四十八小時內出貨，逾期未出貨依照平台規則賠付，請您放心購買本店商品。付款後兩個工作天內"
    "寄出，"
    "預購商品約十天後到貨，離島地區需補運費，收到後七天內可以退換。";
const char* const kJapanese =
    "ご注文から四十八時間以内に発送いたします。お届けまで今しばらくお待ちください。在庫切れの場合は"
    "メールにて"
    "ご連絡します。送料は全国一律で、代金引換もご利用いただけます。";
const char* const kKorean =
    "주문 후 사십팔 시간 이내에 발송합니다. 배송까지 조금만 기다려 주세요. 재고가 없는 상품은 따로 "
    "연락드리며, "
    "교환과 반품은 칠 일 안에 신청하실 수 있습니다.";
const char* const kRussian =
    "Мы отправим ваш заказ в течение сорока восьми часов после оплаты. Товар есть в наличии, "
    "доставка курьером по "
    "всей стране, возврат в течение четырнадцати дней.";
const char* const kThai =
    "เราจะจัดส่งสินค้าภายในสองวันทำการหลังจากชำระเงิน กรุณารอสินค้าสักครู่ สินค้าพร้อมส่ง และเปลี่ยนคืนได้ภายในเจ็ดวัน";
const char* const kHebrew =
    "אנו שולחים את ההזמנה תוך שני ימי עסקים מרגע התשלום. המוצר במלאי, משלוח עד הבית, והחזרה אפשרית "
    "בתוך ארבעה עשר ימים.";
const char* const kGreek =
    "Αποστέλλουμε την παραγγελία σας εντός δύο εργάσιμων ημερών από την πληρωμή. Το προϊόν είναι "
    "διαθέσιμο και η "
    "επιστροφή γίνεται εντός δεκατεσσάρων ημερών.";
const char* const kPolish =
    "Wysyłamy zamówienie w ciągu dwóch dni roboczych od zapłaty. Towar jest dostępny, a zwrot "
    "możliwy w ciągu "
    "czternastu dni; za każdą przesyłkę płaci kupujący.";
const char* const kTurkish =
    "Siparişiniz ödemeden sonra iki iş günü içinde gönderilir. Ürün stoktadır, ücretsiz kargo ve "
    "on dört gün içinde "
    "değişim ya da iade hakkınız vardır.";
const char* const kFrench =
    "Livré sous quarante-huit heures, garanti à réception d’une commande passée à l’été. Le "
    "vendeur expédie dès "
    "aujourd’hui, et reprend l’article non déballé.";
const char* const kGerman =
    "Wir versenden für gewöhnlich am nächsten Werktag nach Zahlungseingang. Rückgabe innerhalb von "
    "vierzehn Tagen "
    "möglich, größere Stücke holt die Spedition.";
const char* const kPortuguese =
    "Enviamos o seu pedido em até dois dias úteis após a confirmação do pagamento. Produto "
    "disponível, devolução "
    "possível em catorze dias.";

const Sample kSamples[] = {{"gbk", "gb2312", "zh-CN", kSimplified},
                           {"gb18030", "gb18030", "zh", std::string(kSimplified) + "㐂𠀀"},
                           {"big5-hkscs", "big5", "zh-TW", kTraditional},
                           {"euc-jp-ms", "EUC-JP", "ja", kJapanese},
                           {"cp932", "x-sjis", "ja", kJapanese},
                           {"cp949", "ks_c_5601-1987", "ko", kKorean},
                           {"cp1251", "windows-1251", "ru", kRussian},
                           {"koi8-r", "koi8-r", "ru", kRussian},
                           {"cp874", "tis-620", "th", kThai},
                           {"cp1255", "windows-1255", "he", kHebrew},
                           {"cp1253", "windows-1253", "el", kGreek},
                           {"cp1250", "windows-1250", "pl", kPolish},
                           {"iso-8859-2", "latin2", "pl", kPolish},
                           {"cp1254", "iso-8859-9", "tr", kTurkish},
                           {"cp1252", "iso-8859-1", "fr", kFrench},
                           {"cp1252", "windows-1252", "de", kGerman},
                           {"cp1252", "l1", "pt-BR", kPortuguese}};

class DecodesSample : public testing::TestWithParam<Sample> {
 protected:
  // The page comes out as it was, whole and cut anywhere (a character cut in two is one mark at
  // most a byte).
  static void ExpectDecoded(const std::string& page, std::string_view content_type = {}) {
    const std::string bytes = Encode(page, GetParam().encoding);
    EXPECT_EQ(DecodeHtml(bytes, content_type), page);
    for (const size_t less : {1, 2, 3, 4, 5, 6, 7}) {
      const std::string cut = DecodeHtml(bytes.substr(0, bytes.size() - 14 - less), content_type);
      const size_t good = std::min(cut.find("\xEF\xBF\xBD"), cut.size());
      EXPECT_EQ(cut.substr(0, good), page.substr(0, good)) << less;
      EXPECT_LE(cut.size() - good, 12u) << less;
    }
  }
};

TEST_P(DecodesSample, DeclaredInMeta) {
  const Sample& sample = GetParam();
  ExpectDecoded(Page(std::string("<meta charset='") + sample.label + "'>", sample.text));
  ExpectDecoded(Page("<title>a</title><META HTTP-EQUIV=Content-type CONTENT=\"text/html;charset=" +
                         std::string(sample.label) + "\">",
                     sample.text));
}

TEST_P(DecodesSample, DeclaredInHeader) {
  const Sample& sample = GetParam();
  ExpectDecoded(Page("", sample.text), std::string("text/html; charset=\"") + sample.label + "\"");
  ExpectDecoded(Page("<meta charset=nonsense>", sample.text),
                std::string("Text/HTML;Charset=") + sample.label + " ; x=y");
}

TEST_P(DecodesSample, HeaderBeatsMeta) {
  const Sample& sample = GetParam();
  const char* other = sample.encoding == std::string("cp1251") ? "koi8-r" : "windows-1251";
  ExpectDecoded(Page(std::string("<meta charset=") + other + ">", sample.text),
                std::string("text/html; charset=") + sample.label);
}

TEST_P(DecodesSample, DeclaredInXml) {
  const Sample& sample = GetParam();
  ExpectDecoded(std::string("<?xml version='1.0' encoding='") + sample.label + "'?>" +
                Page("", sample.text));
}

TEST_P(DecodesSample, Detected) {
  const Sample& sample = GetParam();
  const std::string page = Page("", sample.text);
  ExpectDecoded("<html lang=" + std::string(sample.lang) + page.substr(5));
  ExpectDecoded(page + sample.text + sample.text + "<p class=footer>");
}

TEST_P(DecodesSample, DeclaredAsUtf8ByMistake) {
  const Sample& sample = GetParam();
  const std::string page = Page("<meta charset=utf-8>", sample.text);
  ExpectDecoded("<html lang=" + std::string(sample.lang) + page.substr(5),
                "text/html; charset=utf-8");
}

TEST_P(DecodesSample, Utf8BeatsEveryDeclaration) {
  const Sample& sample = GetParam();
  const std::string page = Page(std::string("<meta charset='") + sample.label + "'>", sample.text);
  std::string used;
  EXPECT_EQ(DecodeHtml(page, std::string("text/html; charset=") + sample.label, &used), page);
  EXPECT_EQ(used, "utf-8");
  // Cut in the middle of a character it is UTF-8 still.
  const size_t at = page.find(sample.text) + sample.text.size();
  for (size_t less = 1; less < 4; ++less) {
    DecodeHtml(page.substr(0, at - less), std::string("text/html; charset=") + sample.label, &used);
    EXPECT_EQ(used, "utf-8");
  }
}

INSTANTIATE_TEST_SUITE_P(Samples, DecodesSample, testing::ValuesIn(kSamples), [](const auto& info) {
  std::string name = std::string(info.param.encoding) + "_" + info.param.lang;
  for (char& c : name) c = c == '-' ? '_' : c;
  return name;
});

TEST(DecodeHtml, ByteOrderMarks) {
  EXPECT_EQ(DecodeHtml("\xEF\xBB\xBF<p>\xC3\xA9"), "<p>\xC3\xA9");
  EXPECT_EQ(DecodeHtml(std::string("\xFF\xFEh\0i\0", 6)), "hi");
  EXPECT_EQ(DecodeHtml(std::string("\xFE\xFF\0h\0i", 6)), "hi");
}

TEST(DecodeHtml, Utf16WithoutAMark) {
  const std::string page = Page("", kSimplified);
  for (const char* encoding : {"utf-16le", "utf-16be"}) {
    EXPECT_EQ(DecodeHtml(Encode(page, encoding)), page) << encoding;
    EXPECT_EQ(DecodeHtml(Encode(page, encoding), std::string("text/html; charset=") + encoding),
              page);
  }
  EXPECT_EQ(DecodeHtml("<p>plain", "text/html; charset=utf-16"), "<p>plain")
      << "a header that is wrong";
  const std::string declared = Page("<meta charset=utf-16>", kSimplified);
  EXPECT_EQ(DecodeHtml(declared), declared);
}

TEST(DecodeHtml, EscapeCodedJapanese) {
  const std::string page = Page("", kJapanese);
  EXPECT_EQ(DecodeHtml(Encode(page, "iso-2022-jp")), page);
  const std::string declared = Page("<meta charset=iso-2022-jp>", kJapanese);
  EXPECT_EQ(DecodeHtml(Encode(declared, "iso-2022-jp")), declared);
}

TEST(DecodeHtml, EuroSignOfWindowsInChinesePages) {
  EXPECT_EQ(DecodeHtml(Encode("价格：", "gbk") + "\x80" + "12.50", "text/html; charset=gbk"),
            "价格：€12.50");
}

TEST(DecodeHtml, EuroAndQuotesOfWindowsInLatin1Pages) {
  EXPECT_EQ(DecodeHtml("<meta charset=iso-8859-1>\x80 12 \x96 \x93pr\xEAt\x94"),
            "<meta charset=iso-8859-1>€ 12 – “prêt”");
}

TEST(DecodeHtml, LabelsAsBrowsersReadThem) {
  const std::pair<const char*, const char*> rows[] = {{"gb2312", "gb18030"},
                                                      {" GBK\t", "gb18030"},
                                                      {"chinese", "gb18030"},
                                                      {"x-x-big5", "big5-hkscs"},
                                                      {"Shift_JIS", "cp932"},
                                                      {"sjis", "cp932"},
                                                      {"windows-31j", "cp932"},
                                                      {"x-euc-jp", "euc-jp-ms"},
                                                      {"korean", "cp949"},
                                                      {"latin1", "cp1252"},
                                                      {"US-ASCII", "cp1252"},
                                                      {"iso-8859-11", "cp874"},
                                                      {"iso-8859-9", "cp1254"},
                                                      {"koi", "koi8-r"},
                                                      {"koi8-ru", "koi8-u"},
                                                      {"logical", "iso-8859-8"},
                                                      {"unicode", "utf-16le"},
                                                      {"utf8", "utf-8"},
                                                      {"utf-7", ""},
                                                      {"x-nonsense", ""},
                                                      {"", ""},
                                                      {"utf-32", ""},
                                                      {"iso-2022-kr", ""}};
  for (const auto& [label, encoding] : rows) EXPECT_EQ(EncodingOfLabel(label), encoding) << label;
}

TEST(DecodeHtml, EveryLabelHasAConverter) {
  for (const char* encoding :
       {"cp866", "iso-8859-3", "iso-8859-4", "iso-8859-5", "iso-8859-6", "iso-8859-7", "iso-8859-8",
        "iso-8859-10", "iso-8859-13", "iso-8859-14", "iso-8859-15", "iso-8859-16", "koi8-u",
        "macintosh", "x-mac-cyrillic", "windows-1256", "windows-1257", "windows-1258"}) {
    const std::string name(EncodingOfLabel(encoding));
    const iconv_t converter = iconv_open("UTF-8", name.c_str());
    ASSERT_NE(converter, reinterpret_cast<iconv_t>(-1)) << encoding;
    iconv_close(converter);
  }
}

TEST(DecodeHtml, TheLastLetterOfEncodingsWithMarksIsKept) {
  EXPECT_EQ(DecodeHtml(Encode("<p>shalom שלום", "cp1255"), "text/html; charset=windows-1255"),
            "<p>shalom שלום");
}

TEST(DecodeHtml, OnlyRealMetaElementsDeclare) {
  const std::string text =
      "Prix : 12\xE9 pi\xE8"
      "ces";  // windows-1252
  for (const char* head :
       {"<!-- <meta charset=gbk> -->", "<script>var a='<meta charset=gbk>';</script>",
        "<style>/*<meta charset=gbk>*/</style>", "<meta name=x content='text/html; charset=gbk'>",
        "<script charset=gbk></script>", "<title><meta charset=gbk></title>",
        "<textarea><meta charset=gbk></textarea>", "<noscript><meta charset=gbk></noscript>",
        "<link title='<meta charset=gbk>'>", "<meta charset=x-nonsense>",
        "<meta http-equiv=refresh content='0;charset=gbk'>", "<metacharset=gbk>",
        "<script><!-- </script> --><meta charset=iso-8859-1><!--"}) {
    const std::string page = std::string(head) + "<meta charset=iso-8859-1>" + text;
    std::string used;
    DecodeHtml(page, {}, &used);
    EXPECT_EQ(used, "cp1252") << head;
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
