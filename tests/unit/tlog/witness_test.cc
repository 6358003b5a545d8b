// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "tlog/witness.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/made_log.h"

namespace kaopu::tlog {
namespace {

using ::testing::HasSubstr;
using testing::MadeLog;

constexpr char kHash[] = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";

// The example of the specification (c2sp.org/tlog-witness).
TEST(AddCheckpoint, ReadsTheSpecificationsExample) {
  const std::string checkpoint =
      "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
      "\xE2\x80\x94 example.com/behind-the-sofa "
      "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/"
      "Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n";
  const std::string body =
      "old 20852014\n"
      "PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n"
      "jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=\n"
      "5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=\n"
      "/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=\n"
      "\n" +
      checkpoint;
  const auto request = AddCheckpoint::Parse(body);
  ASSERT_TRUE(request) << request.error().message;
  EXPECT_EQ(request->old_size, 20852014u);
  EXPECT_EQ(request->proof.size(), 4u);
  EXPECT_EQ(request->checkpoint, checkpoint);
  EXPECT_EQ(request->ToText(), body);
}

TEST(AddCheckpoint, NamesWhatIsWrong) {
  std::string too_long = "old 1\n";
  for (int i = 0; i < 64; ++i) too_long += kHash;
  for (const auto& [body, why] : {
           std::pair<std::string, const char*>{"", "line 1"},
           {"old 01\n\nnote\n", "line 1"},
           {"old -1\n\nnote\n", "line 1"},
           {"old  1\n\nnote\n", "line 1"},
           {"new 1\n\nnote\n", "line 1"},
           {"old 18446744073709551616\n\nnote\n", "line 1"},
           {"old 1", "line 1"},
           {"old 1\n", "no empty line"},
           {StrCat("old 1\n", kHash), "no empty line"},
           {"old 1\nAAAA\n\nnote\n", "line 2"},
           {StrCat("old 1\n", kHash, "x\n\nnote\n"), "line 3"},
           {"old 1\n\n", "no checkpoint"},
           {too_long + "\nnote\n", "more than 63"},
           {StrCat("old 0\n\n", std::string(kAddCheckpointBytesMax, 'x')), "at most"},
       }) {
    const auto request = AddCheckpoint::Parse(body);
    ASSERT_FALSE(request) << body;
    EXPECT_EQ(request.error().code, ErrorCode::kBadRequest);
    EXPECT_THAT(request.error().message, HasSubstr(why)) << body.substr(0, 100);
  }
}

class TakeCosignatureTest : public ::testing::Test {
 protected:
  static SignerKey WitnessKey(const char* name) {
    return std::move(*SignerKey::Generate(name, KeyKind::kCosignature));
  }
  TakeCosignatureTest() { log_.Grow(3); }
  std::string Text() const { return Note::Parse(log_.Checkpoint())->text; }

  MadeLog log_{"log.example"};
  SignerKey ours_ = WitnessKey("witness.example"), other_ = WitnessKey("other.example");
};

TEST_F(TakeCosignatureTest, KeepsTheLineOfThisWitnessAlone) {
  const std::string line = ours_.SignatureLine(Text(), 1'700'000'000);
  const auto note =
      TakeCosignature(log_.Checkpoint(), other_.SignatureLine(Text(), 1'700'000'000) + line,
                      log_.key(), ours_.verifier());
  ASSERT_TRUE(note) << note.error().message;
  EXPECT_EQ(*note, log_.Checkpoint() + line);
  const auto head = VerifyCheckpoint(*note, log_.key(), {&ours_.verifier(), 1});
  ASSERT_TRUE(head);
  ASSERT_EQ(head->cosignatures.size(), 1u);
  EXPECT_EQ(head->cosignatures.front().time_s, 1'700'000'000u);
}

TEST_F(TakeCosignatureTest, RefusesWhatIsNone) {
  const auto taken = [&](const std::string& answer) {
    return TakeCosignature(log_.Checkpoint(), answer, log_.key(), ours_.verifier()).has_value();
  };
  const std::string line = ours_.SignatureLine(Text(), 1'700'000'000);
  EXPECT_TRUE(taken(line));
  EXPECT_FALSE(taken(""));
  EXPECT_FALSE(taken("hello\n"));
  EXPECT_FALSE(taken(line.substr(0, line.size() - 1)));
  EXPECT_FALSE(taken(other_.SignatureLine(Text(), 1'700'000'000)));
  EXPECT_FALSE(taken(ours_.SignatureLine(Text(), 0)));
  EXPECT_FALSE(taken(ours_.SignatureLine(Text() + "more\n", 1'700'000'000)));
}

TEST(CosignedPath, IsAFileOfEachWitness) {
  const auto key = VerifierKey::Parse(
      SignerKey::Generate("witness.example", KeyKind::kCosignature)->verifier().ToText());
  EXPECT_THAT(CosignedPath(*key), ::testing::MatchesRegex("cosigned/[0-9a-f]+"));
  EXPECT_EQ(CosignedPath(*key).size(), 9u + 16u);
}

}  // namespace
}  // namespace kaopu::tlog
