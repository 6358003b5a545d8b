// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "page/terms.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

namespace kaopu {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TermsReader Shipped() {
  auto reader = TermsReader::Load(KAOPU_SOURCE_DIR "/host/data/terms");
  EXPECT_TRUE(reader.has_value()) << (reader ? "" : reader.error().message);
  return *std::move(reader);
}

std::vector<std::string> Kinds(const TermsReader::Marks& marks) {
  std::vector<std::string> kinds;
  for (const Term& term : marks.terms) kinds.push_back(term.kind);
  return kinds;
}

TEST(TermsReader, Check_shippedData_passesItsOwnCases) {
  EXPECT_THAT(Shipped().Check(), IsEmpty());
}

TEST(TermsReader, Read_severalClauses_givesEachInTextOrder) {
  const auto marks = Shipped().Read(
      "欢迎光临！签收即视为认可商品质量合格。特价商品概不退换。本活动最终解释权归本店所有。");
  EXPECT_THAT(Kinds(marks), ElementsAre("deemed_accepted", "no_refund", "final_interpretation"));
  EXPECT_EQ(marks.terms[1].text, "特价商品概不退换");
  EXPECT_FALSE(marks.off_platform);
}

TEST(TermsReader, Read_warningAgainstOffPlatformPayment_isNoMark) {
  const TermsReader reader = Shipped();
  EXPECT_FALSE(reader.Read("安全提示：请勿加微信付款，谨防诈骗。").off_platform);
  EXPECT_TRUE(reader.Read("安全提示：请勿加微信付款。本店：加微信付款更优惠。").off_platform);
  EXPECT_FALSE(reader.Read("Never pay outside the platform.").off_platform);
  EXPECT_TRUE(reader.Read("Hello. Please pay by PayPal friends and family. Thanks").off_platform);
}

TEST(TermsReader, Read_cleanPage_marksNothing) {
  const auto marks = Shipped().Read(
      "Free returns within 30 days. We accept PayPal and Visa. 支持7天无理由退货 48小时内发货 "
      "运费险 假一赔三 "
      "请在签收前验货。商家承诺正品保障。Refunds are issued to your card. Sale ends Sunday.");
  EXPECT_THAT(marks.terms, IsEmpty());
  EXPECT_FALSE(marks.off_platform);
}

TEST(TermsReader, Read_hostileText_isCheapAndSafe) {
  const TermsReader reader = Shipped();
  EXPECT_THAT(reader.Read(std::string(2 << 20, '\xff')).terms, IsEmpty());
  std::string warnings;
  while (warnings.size() < (1 << 19)) warnings += "请勿私下交易更便宜。";
  EXPECT_FALSE(reader.Read(warnings).off_platform);
  EXPECT_THAT(reader.Read(std::string_view("\0\0概不退换", 14)).terms, testing::SizeIs(1));
}

std::filesystem::path FolderWith(const std::string& name, const std::string& rule) {
  const auto dir = std::filesystem::path(testing::TempDir()) / name;
  std::filesystem::create_directories(dir);
  std::ofstream(dir / "xx.json") << R"({"rules":[{"kind":"no_refund","source":"s",)" << rule
                                 << "}]}";
  return dir;
}

TEST(TermsReader, Read_with_wantsEachOfThemInTheClauseWhateverTheOrder) {
  const auto reader = TermsReader::Load(FolderWith(
      "kaopu_terms_with", R"("pattern":"refund","with":["never","shop"],"except":"joke",)"
                          R"("cases":{"marked":["Never a refund in this shop"],)"
                          R"("clean":["A refund"]})"));
  ASSERT_TRUE(reader);
  EXPECT_THAT(reader->Check(), IsEmpty());
  EXPECT_THAT(Kinds(reader->Read("The shop will never refund.")), ElementsAre("no_refund"));
  EXPECT_THAT(Kinds(reader->Read("This shop refunds. Never here. Refund, never, shop")),
              ElementsAre("no_refund"))
      << "a later clause";
  EXPECT_THAT(reader->Read("This shop gives a refund. Never pay elsewhere.").terms, IsEmpty())
      << "the next clause is another";
  EXPECT_THAT(reader->Read("A joke: the shop will never refund.").terms, IsEmpty());
}

TEST(TermsReader, Load_withThatIsNoList_isSaid) {
  const auto reader = TermsReader::Load(FolderWith(
      "kaopu_terms_no_list", R"("pattern":"a","with":"b","cases":{"marked":["a"],"clean":["b"]})"));
  ASSERT_FALSE(reader);
  EXPECT_THAT(reader.error().message, HasSubstr("xx.json: rule 1: with is not a list"));
  const auto broken = TermsReader::Load(
      FolderWith("kaopu_terms_with_broken",
                 R"("pattern":"a","with":["("],"cases":{"marked":["a"],"clean":["b"]})"));
  ASSERT_TRUE(broken);
  EXPECT_THAT(broken->Prepare().error().message, HasSubstr("xx.json: no_refund"));
}

TEST(TermsReader, Prepare_badPattern_isSaidAndMarksNothing) {
  EXPECT_TRUE(Shipped().Prepare());
  const auto dir = std::filesystem::path(testing::TempDir()) / "kaopu_terms_pattern";
  std::filesystem::create_directories(dir);
  std::ofstream(dir / "xx.json")
      << R"({"rules":[{"kind":"no_refund","pattern":"(","source":"s","cases":{"marked":["("],"clean":["a"]}}]})";
  const auto reader = TermsReader::Load(dir);
  ASSERT_TRUE(reader);
  const auto ready = reader->Prepare();
  ASSERT_FALSE(ready);
  EXPECT_EQ(ready.error().code, ErrorCode::kDamaged);
  EXPECT_THAT(ready.error().message, HasSubstr("xx.json: no_refund"));
  EXPECT_THAT(reader->Read("(").terms, IsEmpty());
  EXPECT_THAT(reader->Check(), ElementsAre(ready.error().message));
  std::filesystem::remove_all(dir);
}

TEST(TermsReader, Load_brokenFile_namesFileAndRule) {
  const auto dir = std::filesystem::path(testing::TempDir()) / "kaopu_terms";
  std::filesystem::create_directories(dir);
  std::ofstream(dir / "xx.json") << R"({"rules":[{"kind":"no_refund","source":"s","cases":{}}]})";
  const auto reader = TermsReader::Load(dir);
  ASSERT_FALSE(reader);
  EXPECT_EQ(reader.error().code, ErrorCode::kDamaged);
  EXPECT_THAT(reader.error().message, HasSubstr("xx.json: rule 1"));
  std::filesystem::remove_all(dir);
}

}  // namespace
}  // namespace kaopu
