// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Proofs of purchase on the shopper's side: what is taken for one, which reports may have one.
#include "pool/net/prove.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "pool/net/registry_answers.h"
#include "support/child.h"
#include "support/fake_registry.h"

namespace kaopu::pool {
namespace {

using kaopu::testing::FakeRegistry;
using ::testing::HasSubstr;

const TimeMs kNow = ParseTime("2026-11-23T12:00:00Z").value();

class CheckProofTest : public ::testing::Test {
 protected:
  CheckProofTest()
      : attester_(tlog::SignerKey::Generate("attester.example", tlog::KeyKind::kEd25519).value()) {
    request_.seller = "amazon:A1";
    request_.week = {2026, 46};
    request_.key.fill(7);
    nullifier_.fill(5);
    said_ = {report::ProofKind::kDkim, request_.key,  nullifier_,
             request_.seller,          request_.week, "amazon.com"};
  }
  void ExpectRefused(const std::string& proof, ErrorCode code, const std::string& why) const {
    const auto checked = CheckProof(proof, attester_.verifier(), request_, nullifier_);
    ASSERT_FALSE(checked) << proof;
    EXPECT_EQ(checked.error().code, code) << checked.error().message;
    EXPECT_THAT(checked.error().message, HasSubstr(why));
  }
  const tlog::SignerKey attester_;
  report::ProofRequest request_;
  report::Nullifier nullifier_{};
  report::PurchaseProof said_;
};

TEST_F(CheckProofTest, TakesTheAttestersWordOnThisOrderAlone) {
  const auto good = CheckProof(said_.Sign(attester_), attester_.verifier(), request_, nullifier_);
  EXPECT_TRUE(good) << good.error().message;
  const auto other = [&](auto change, const std::string& field) {
    report::PurchaseProof said = said_;
    change(said);
    ExpectRefused(said.Sign(attester_), ErrorCode::kConflict, "for another " + field);
  };
  other([](auto& said) { said.key.fill(8); }, "key");
  other([](auto& said) { said.nullifier.fill(8); }, "nullifier");
  other([](auto& said) { said.seller = "amazon:A2"; }, "seller");
  other([](auto& said) { said.week = {2026, 45}; }, "week");
}

TEST_F(CheckProofTest, TakesNobodyElsesWordAndNoOtherKind) {
  const auto same_name =
      tlog::SignerKey::Generate("attester.example", tlog::KeyKind::kEd25519).value();
  ExpectRefused(said_.Sign(same_name), ErrorCode::kForbidden, "not signed by attester.example");
  report::PurchaseProof vouched = said_;
  vouched.kind = report::ProofKind::kVouched;
  vouched.platform_domain.clear();
  ExpectRefused(vouched.Sign(attester_), ErrorCode::kForbidden, "as a word on a mail");
  std::string forged = said_.Sign(attester_);
  const size_t at = forged.rfind("— ") + 40;
  forged[at] = forged[at] == 'A' ? 'B' : 'A';
  ExpectRefused(forged, ErrorCode::kForbidden, "not signed");
  ExpectRefused("", ErrorCode::kDamaged, "no proof of purchase");
  ExpectRefused("hello\n\n", ErrorCode::kDamaged, "no proof of purchase");
}

TEST(AttesterAnswersTest, AreReadWithinBounds) {
  EXPECT_EQ(ReadProofAnswer(R"({"v":1,"proof":"x"})").value(), "x");
  for (const std::string& bad :
       {std::string(), std::string("[]"), std::string("{}"), std::string(R"({"proof":1})"),
        std::string(R"({"proof":""})"), R"({"proof":")" + std::string(5000, 'x') + "\"}",
        std::string(100'000, ' ')}) {
    EXPECT_EQ(ReadProofAnswer(bad).error().code, ErrorCode::kDamaged);
    EXPECT_EQ(ReadAttesterHealth(bad).error().code, ErrorCode::kDamaged);
    EXPECT_EQ(ReadProofKeysFile(bad).error().code, ErrorCode::kDamaged);
  }
  EXPECT_FALSE(ReadProofKeysFile(R"({"v":1,"entry":-1})"));
  EXPECT_EQ(ReadProofKeysFile(R"({"v":1,"entry":3})").value(), 3u);
  const auto witness = tlog::SignerKey::Generate("w.example", tlog::KeyKind::kCosignature).value();
  EXPECT_FALSE(
      ReadAttesterHealth(DumpJson({{"status", "ok"}, {"key", witness.verifier().ToText()}})));
}

TEST(OrderMailFileTest, MustBearASignatureAmongItsHeaders) {
  const kaopu::testing::TempFolder folder;
  const auto file = folder.path() / "order.eml";
  const auto read = [&](const std::string& bytes) {
    std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
    return ReadOrderMail(file);
  };
  EXPECT_TRUE(read("From: a@b\r\ndkim-SIGNATURE: v=1\r\n\r\ntext\r\n"));
  EXPECT_TRUE(read("DKIM-Signature: v=1\n\ntext\n"));
  for (const char* bad : {"", "\n", "From: a@b\r\n\r\nDKIM-Signature: v=1\r\n", "DKIM-Signatur"}) {
    const auto mail = read(bad);
    ASSERT_FALSE(mail) << bad;
    EXPECT_EQ(mail.error().code, ErrorCode::kBadRequest);
  }
  EXPECT_EQ(read(std::string(kProofMailBytesMax + 1, 'x')).error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(ReadOrderMail(folder.path() / "none").error().code, ErrorCode::kNotFound);
}

class DraftProofTest : public ::testing::Test {
 protected:
  ReportRecord Queue(const std::string& order, uint32_t revision = 0) {
    ReportRecord row;
    row.registry_id = "0123456789abcdef";
    row.seller_key = "amazon:A1";
    row.report = report::Report{.seller = "amazon:A1",
                                .week = {2026, 40},
                                .outcome = OutcomeKind::kNeverShipped,
                                .promised_days = 2,
                                .known_days = 12,
                                .revision = revision}
                     .ToText();
    row.platform = "amazon";
    row.order_id = order;
    row.next_try_at = row.agreed_at = kNow;
    return store_.PutReport(row, kNow).value();
  }
  void ExpectRefused(int64_t id, ErrorCode code, const std::string& why) {
    const auto draft = DraftProof(store_, id, kNow);
    ASSERT_FALSE(draft);
    EXPECT_EQ(draft.error().code, code);
    EXPECT_THAT(draft.error().message, HasSubstr(why));
  }
  kaopu::testing::TempFolder home_;
  Store store_ = Store::Open(home_.path()).value();
};

TEST_F(DraftProofTest, WhatWaitsKeepsItsBytesWhatMayHaveLeftIsSaidAnew) {
  ReportRecord row = Queue("900");
  const auto waiting = DraftProof(store_, row.report_id, kNow);
  ASSERT_TRUE(waiting) << waiting.error().message;
  EXPECT_EQ(waiting->row.report_id, row.report_id);
  EXPECT_EQ(waiting->row.report, row.report);
  row.posted = true;
  row.envelope = "sealed";
  row = store_.PutReport(row, kNow).value();
  const auto posted = DraftProof(store_, row.report_id, kNow);
  ASSERT_TRUE(posted) << posted.error().message;
  EXPECT_EQ(posted->row.report_id, 0);
  EXPECT_EQ(posted->report.revision, 1u);
  EXPECT_FALSE(posted->row.envelope);
  ReportRecord proven = posted->row;
  proven.proof = "note";
  proven.proof_by = "attester.example";
  const auto kept = store_.PutReport(proven, kNow);
  ASSERT_TRUE(kept) << kept.error().message;
  EXPECT_EQ(kept->proof, "note");
  EXPECT_EQ(kept->proof_by, "attester.example");
  ExpectRefused(row.report_id, ErrorCode::kConflict, "a later word");
  ExpectRefused(kept->report_id, ErrorCode::kConflict, "has its proof already");
}

TEST_F(DraftProofTest, RefusesWhatNoProofCanBeFor) {
  ExpectRefused(7, ErrorCode::kNotFound, "no report 7");
  ExpectRefused(Queue("own-0011").report_id, ErrorCode::kBadRequest, "has no number");
  ReportRecord row = Queue("901");
  row.state = ReportState::kWithdrawn;
  ASSERT_TRUE(store_.PutReport(row, kNow));
  ExpectRefused(row.report_id, ErrorCode::kConflict, "taken back");
}

TEST(EvaluateOrderTest, GivesWhatTheAttesterCanTellTheNullifierBy) {
  const kaopu::testing::TempFolder home;
  const FakeClock clock(kNow);
  FakeRegistry fake(clock);
  Store store = Store::Open(home.path()).value();
  ReporterKey key(home.path(), nullptr);
  const Registry registry = fake.AsKnown();
  ReportRecord row;
  row.platform = "amazon";
  row.order_id = "112-1";
  const auto order = EvaluateOrder(registry, fake, store, key, clock, {}, row);
  ASSERT_TRUE(order) << order.error().message;
  const auto seed = key.FindOrMake().value();
  const auto request = MakeProofRequest(registry, *order, seed,
                                        report::Report{.seller = "amazon:A1", .week = {2026, 46}});
  const auto read = report::ProofRequest::Parse(request.ToText());
  ASSERT_TRUE(read) << read.error().message;
  const auto element = report::BytesFromText<32>(registry.info.nullifier_key).value();
  EXPECT_EQ(read->NullifierOfOrder("112-1", element).value(), order->nullifier);
  EXPECT_FALSE(read->NullifierOfOrder("112-2", element));
  for (const std::string& path : fake.asked) EXPECT_THAT(path, ::testing::Not(HasSubstr("112")));
  fake.other_key = true;
  fake.evaluates_with = report::VoprfKey::Generate();
  EXPECT_EQ(EvaluateOrder(registry, fake, store, key, clock, {}, row).error().code,
            ErrorCode::kDamaged);
}

}  // namespace
}  // namespace kaopu::pool
