// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Proofs of purchase: what an attester takes for the platform's word, and what it says of it.
#include "registry/attest/attester.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/files.h"
#include "base/json.h"
#include "registry/intake/envelope_check.h"
#include "scratch_folder.h"
#include "support/dkim_mail.h"

namespace kaopu {
namespace {

using testing::DkimSigner;
using ::testing::HasSubstr;
using testing::kMailOrder;
using testing::kMailSeller;
using testing::OrderMailBody;
using testing::OrderMailFields;

constexpr const char* kOrigin = "registry.example/log";
const TimeMs kNow{Date{std::chrono::year(2026) / 11 / 26}};

class AttestTest : public ::testing::Test {
 protected:
  AttestTest() : registry_(report::VoprfKey::Generate()), platform_("amazon.com") {
    const auto made = Attester::Create(
        folder_.path() / "attester", "attester.example",
        DumpJson({{"origin", kOrigin}, {"nullifier_key", report::BytesToText(registry_.key)}}));
    EXPECT_TRUE(made) << made.error().message;
    Reopen();
  }
  void Reopen(const std::string& more_keys = {}) {
    attester_.reset();
    auto opened = Attester::Open(folder_.path() / "attester", *DataFolder());
    ASSERT_TRUE(opened) << opened.error().message;
    attester_ = std::move(*opened);
    attester_->UseKeys(*ParseDkimKeys(platform_.KeyLine() + more_keys));
  }
  // As a shopper asks: the registry evaluates what it cannot see.
  report::ProofRequest Request(const std::string& order = kMailOrder) const {
    const auto blinded = report::BlindInput(report::NullifierInput("amazon", order));
    report::ProofRequest request;
    request.origin = kOrigin;
    request.seller = kMailSeller;
    request.week = {2026, 46};
    request.key.fill(7);
    request.blind = blinded.blind;
    request.evaluation = *report::EvaluateBlinded(registry_, blinded.element);
    return request;
  }
  std::string Mail(const DkimSigner::How& how = {}) const {
    return platform_.Sign(OrderMailFields(), OrderMailBody(), how);
  }
  Expected<std::string> Attest(const report::ProofRequest& request, const std::string& mail) const {
    return attester_->AttestMail(request.ToText(), mail, kNow);
  }
  void ExpectRefused(const std::string& mail, const std::string& why,
                     ErrorCode code = ErrorCode::kForbidden) const {
    const auto proof = Attest(Request(), mail);
    ASSERT_FALSE(proof) << *proof;
    EXPECT_THAT(proof.error().message, HasSubstr(why));
    EXPECT_EQ(proof.error().code, code) << proof.error().message;
  }

  ScratchFolder folder_;
  report::VoprfKey registry_;
  DkimSigner platform_;
  std::unique_ptr<Attester> attester_;
};

TEST_F(AttestTest, SaysWhatTheMailShowsAndNothingElse) {
  const auto request = Request();
  const auto proof = Attest(request, Mail());
  ASSERT_TRUE(proof) << proof.error().message;
  const auto note = tlog::Note::Parse(*proof);
  ASSERT_TRUE(note);
  const auto key = attester_->key();
  EXPECT_EQ(tlog::VerifyNote(*note, {&key, 1})->size(), 1u);
  const auto said = report::PurchaseProof::Parse(note->text);
  ASSERT_TRUE(said) << said.error().message;
  EXPECT_EQ(said->seller, kMailSeller);
  EXPECT_EQ(said->week, (report::IsoWeek{2026, 46}));
  EXPECT_EQ(said->platform_domain, "amazon.com");
  EXPECT_EQ(said->key, request.key);
  EXPECT_EQ(said->nullifier, report::NullifierOf(report::EvaluateInput(
                                 registry_, report::NullifierInput("amazon", kMailOrder))));
  EXPECT_EQ(proof->find(kMailOrder), std::string::npos);
  // Mails that were saved with bare line feeds are the same mails.
  std::string saved;
  for (const char c : Mail()) {
    if (c != '\r') saved += c;
  }
  EXPECT_TRUE(Attest(request, saved));
}

TEST_F(AttestTest, NothingOfAMailIsWritten) {
  ASSERT_TRUE(Attest(Request(), Mail()));
  attester_.reset();
  for (const auto& file : std::filesystem::recursive_directory_iterator(folder_.path())) {
    if (!file.is_regular_file()) continue;
    const auto bytes = ReadFile(file.path(), 1 << 24);
    ASSERT_TRUE(bytes);
    for (const char* word : {"Unmistakable", kMailOrder, "shopper@example.org", kMailSeller}) {
      EXPECT_EQ(bytes->find(word), std::string::npos) << file.path() << " holds " << word;
    }
  }
}

TEST_F(AttestTest, OneOrderIsProvenForOneShopperOnce) {
  const auto first = Attest(Request(), Mail());
  ASSERT_TRUE(first);
  Reopen();
  const auto again = Attest(Request(), Mail());  // another blinding, the same words
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(*again, *first);
  auto other = Request();
  other.key.fill(8);
  const auto refused = Attest(other, Mail());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kConflict);
  // In the same way by an organisation's word.
  EXPECT_FALSE(attester_->Vouch(other.ToText(), kMailOrder));
}

TEST_F(AttestTest, TamperedMailsAreRefused) {
  const std::string mail = Mail();
  for (const auto& [from, to] :
       {std::pair("112-7654321", "112-7654322"), std::pair("A1B2C3D4", "A9B2C3D4"),
        std::pair("10 Nov 2026", "11 Nov 2026")}) {
    std::string other = mail;
    const size_t at = other.find(from);
    ASSERT_NE(at, std::string::npos);
    other.replace(at, std::string_view(from).size(), to);
    auto request =
        Request(from == std::string_view("112-7654321") ? "112-7654322-1234567" : kMailOrder);
    if (from == std::string_view("A1B2C3D4")) request.seller = "amazon:A9B2C3D4E5F6G7";
    const auto proof = Attest(request, other);
    ASSERT_FALSE(proof) << from;
    EXPECT_EQ(proof.error().code, ErrorCode::kForbidden) << proof.error().message;
    EXPECT_THAT(proof.error().message, HasSubstr("no signature is good enough"));
  }
  ExpectRefused(mail + "one line more\r\n", "no signature is good enough");
  ExpectRefused(mail.substr(mail.find("\r\nFrom: ") + 2), "not signed");
}

TEST_F(AttestTest, SignaturesThatLeaveSomethingOpenAreRefused) {
  const std::string partly = Mail({.length_tag = true});
  ASSERT_THAT(partly, HasSubstr("l="));
  ExpectRefused(partly, "l=");
  ExpectRefused(partly + "Order # 112-0000000-0000000\r\n", "l=");
  ExpectRefused(Mail({.headers = {"From", "To", "Subject", "MIME-Version", "Content-Type"}}),
                "does not sign Date");
  ExpectRefused(Mail({.headers = {"From", "To", "Date", "MIME-Version", "Content-Type"}}),
                "does not sign Subject");
  ExpectRefused(Mail({.headers = {"From", "To", "Date", "Subject", "MIME-Version"}}),
                "does not sign Content-Type");
  // Put in afterwards: it would change how the signed bytes are read.
  std::string encoded = Mail();
  encoded.insert(encoded.find("\r\nMIME-Version: ") + 2, "Content-Transfer-Encoding: 8bit\r\n");
  ExpectRefused(encoded, "does not sign Content-Transfer-Encoding");
  ExpectRefused(Mail({.algorithm = DKIM_SIGN_RSASHA1}), "SHA-1");
  ExpectRefused(Mail({.holds_s = 86'400}), "expired");
  ExpectRefused(Mail({.signed_at = 1'900'000'000}), "future");
}

TEST_F(AttestTest, SeveralFromAreRefused) {
  const std::string mail = Mail();
  ExpectRefused("From: Amazon.com <auto-confirm@amazon.com>\r\n" + mail, "sender");
  auto fields = OrderMailFields();
  fields.insert(fields.begin(), "From: someone@example.org");
  ExpectRefused(platform_.Sign(fields, OrderMailBody(), {}), "sender");
  auto twice = OrderMailFields();
  twice.push_back(twice[3]);
  ExpectRefused(platform_.Sign(twice, OrderMailBody(), {}), "Date");
  fields = OrderMailFields();
  fields[0] = "From: auto-confirm@amazon.com, someone@example.org";
  ExpectRefused(platform_.Sign(fields, OrderMailBody(), {}), "sender");
}

TEST_F(AttestTest, WeakTestAndMissingKeysAreRefused) {
  DkimSigner weak("amazon.com", 768);
  weak.selector = "weak";
  DkimSigner tests("amazon.com");
  tests.selector = "tests";
  tests.record.replace(0, 8, "v=DKIM1; t=y;");
  DkimSigner missing("amazon.com");
  missing.selector = "missing";
  Reopen(weak.KeyLine() + tests.KeyLine());
  ExpectRefused(weak.Sign(OrderMailFields(), OrderMailBody(), {}), "key");
  ExpectRefused(tests.Sign(OrderMailFields(), OrderMailBody(), {}), "t=y");
  ExpectRefused(missing.Sign(OrderMailFields(), OrderMailBody(), {}), "key");
}

TEST_F(AttestTest, OnlyThePlatformsOwnWordCounts) {
  const DkimSigner stranger("example.org"), lookalike("notamazon.com");
  Reopen(stranger.KeyLine() + lookalike.KeyLine());
  ExpectRefused(stranger.Sign(OrderMailFields(), OrderMailBody(), {}), "not amazon's own word");
  ExpectRefused(lookalike.Sign(OrderMailFields(), OrderMailBody(), {}), "not amazon's own word");
  auto fields = OrderMailFields();
  fields[0] = "From: seller@marketplace.amazon.com";  // passes on what members write
  ExpectRefused(platform_.Sign(fields, OrderMailBody(), {}), "sender");
  std::string body = OrderMailBody();
  body.insert(body.find("Sold by"), "https://www.amazon.com/sp?seller=A0000000000000\r\n");
  ExpectRefused(platform_.Sign(OrderMailFields(), body, {}), "more than one seller");
}

TEST_F(AttestTest, TheRequestMustBeAboutThisMail) {
  const auto refused = [&](const report::ProofRequest& request, const std::string& why) {
    const auto proof = Attest(request, Mail());
    ASSERT_FALSE(proof);
    EXPECT_THAT(proof.error().message, HasSubstr(why));
    EXPECT_EQ(proof.error().code, ErrorCode::kForbidden);
  };
  refused(Request("112-1111111-1111111"), "did not evaluate");
  auto request = Request();
  request.week = {2026, 44};
  refused(request, "another week");
  request = Request();
  request.seller = "amazon:A0000000000000";
  refused(request, "another seller");
  request = Request();
  request.origin = "other.example";
  refused(request, "is for the registry");
  // Another key than the registry gives to everybody.
  const auto own = report::VoprfKey::Generate();
  const auto blinded = report::BlindInput(report::NullifierInput("amazon", kMailOrder));
  request = Request();
  request.blind = blinded.blind;
  request.evaluation = *report::EvaluateBlinded(own, blinded.element);
  refused(request, "did not evaluate");
}

TEST_F(AttestTest, RequestsHaveOneForm) {
  const std::string good = Request().ToText();
  ASSERT_TRUE(report::ProofRequest::Parse(good));
  for (const char* field :
       {"v", "origin", "seller", "week", "key", "blind", "evaluated", "proof"}) {
    Json json = Json::parse(good);
    json.erase(field);
    EXPECT_FALSE(report::ProofRequest::Parse(json.dump())) << field;
    json[field] = Json::array();
    EXPECT_FALSE(report::ProofRequest::Parse(json.dump())) << field;
  }
  Json more = Json::parse(good);
  more["more"] = 1;
  EXPECT_FALSE(report::ProofRequest::Parse(more.dump()));
  more = Json::parse(good);
  more["blind"] = report::BytesToText(report::Scalar{});
  EXPECT_FALSE(report::ProofRequest::Parse(more.dump()));
  more["v"] = 2;
  EXPECT_EQ(report::ProofRequest::Parse(more.dump()).error().code, ErrorCode::kUnsupported);
}

// What the registry makes of a proof.
class PurchaseProofTest : public AttestTest {
 protected:
  PurchaseProofTest() {
    report_.seller = kMailSeller;
    report_.week = {2026, 46};
    const auto request = Request();
    envelope_.key = request.key;
    envelope_.nullifier = *request.NullifierOfOrder(kMailOrder, registry_.key);
    mailed_ = *Attest(request, Mail());
    rules_.policy = *LoadTrustPolicy(*DataFolder());
    rules_.attester_keys = {attester_->key().ToText()};
  }
  void ExpectRefused(const std::string& proof, const std::string& why) const {
    const auto checked = CheckPurchaseProof(proof, envelope_, report_, rules_);
    ASSERT_FALSE(checked);
    EXPECT_THAT(checked.error().message, HasSubstr(why));
  }
  report::Report report_;
  report::Envelope envelope_;
  std::string mailed_;
  CheckRules rules_;
};

TEST_F(PurchaseProofTest, IsGoodForItsOwnReportAlone) {
  const auto checked = CheckPurchaseProof(mailed_, envelope_, report_, rules_);
  EXPECT_TRUE(checked) << checked.error().message;
  auto envelope = envelope_;
  envelope.key.fill(9);
  EXPECT_FALSE(CheckPurchaseProof(mailed_, envelope, report_, rules_));
  envelope = envelope_;
  envelope.nullifier.fill(9);
  EXPECT_FALSE(CheckPurchaseProof(mailed_, envelope, report_, rules_));
  auto report = report_;
  report.week = {2026, 45};
  EXPECT_FALSE(CheckPurchaseProof(mailed_, envelope_, report, rules_));
  report = report_;
  report.seller = "amazon:A0000000000000";
  EXPECT_FALSE(CheckPurchaseProof(mailed_, envelope_, report, rules_));
}

TEST_F(PurchaseProofTest, ForgedOnesAndKeysThatAreNotAcceptedAreRefused) {
  std::string forged = mailed_;
  const size_t at = forged.rfind("— ") + 40;
  forged[at] = forged[at] == 'A' ? 'B' : 'A';
  ExpectRefused(forged, "proof");
  rules_.policy.vouched_keys = rules_.attester_keys;  // may vouch, but not for mails
  rules_.attester_keys.clear();
  ExpectRefused(mailed_, "not signed by a key");
}

TEST_F(PurchaseProofTest, AnOrganisationsWordNeedsAKeyThatMayVouch) {
  const auto other = Attester::Create(
      folder_.path() / "mediator", "mediator.example",
      DumpJson({{"origin", kOrigin}, {"nullifier_key", report::BytesToText(registry_.key)}}));
  ASSERT_TRUE(other);
  const auto mediator = Attester::Open(folder_.path() / "mediator", *DataFolder());
  ASSERT_TRUE(mediator);
  const auto vouched = (*mediator)->Vouch(Request().ToText(), kMailOrder);
  ASSERT_TRUE(vouched) << vouched.error().message;
  ExpectRefused(*vouched, "not signed by a key");
  rules_.policy.vouched_keys = {(*mediator)->key().ToText()};
  const auto checked = CheckPurchaseProof(*vouched, envelope_, report_, rules_);
  EXPECT_TRUE(checked) << checked.error().message;
  EXPECT_FALSE((*mediator)->Vouch(Request().ToText(), "112-0000000-0000000"));
}

}  // namespace
}  // namespace kaopu
