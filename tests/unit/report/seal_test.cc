// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include <gtest/gtest.h>
#include <sodium.h>

#include "report/seal/envelope.h"
#include "report/seal/log_entry.h"
#include "report/seal/proof_of_work.h"
#include "report/seal/voprf.h"

namespace kaopu::report {
namespace {

constexpr std::string_view kOrigin = "registry.example/log";

template <size_t N>
std::array<uint8_t, N> Hex(std::string_view text) {
  std::array<uint8_t, N> out{};
  size_t size = 0;
  EXPECT_EQ(sodium_hex2bin(out.data(), N, text.data(), text.size(), nullptr, &size, nullptr), 0);
  EXPECT_EQ(size, N);
  return out;
}

Report OneReport() {
  return {.seller = "jd:1000",
          .week = *IsoWeek::Parse("2026-W45"),
          .outcome = OutcomeKind::kNeverShipped,
          .promised_days = 2,
          .known_days = 32,
          .value = ValueBand::kLarge};
}

Envelope OneEnvelope() {
  ReporterSeed seed{};
  seed[0] = 7;
  Expected<Envelope> envelope = Seal(seed, kOrigin, OneReport(), Nullifier{1, 2, 3});
  EXPECT_TRUE(envelope);
  envelope->challenge = "c";
  envelope->solution = 5;
  return *envelope;
}

// RFC 9497, appendix A.1.2.
struct VoprfCase {
  std::string input;
  const char *blinded, *evaluated, *proof, *output;
};
const VoprfCase kVoprfCases[] = {
    {std::string(1, '\0'), "863f330cc1a1259ed5a5998a23acfd37fb4351a793a5b3c090b642ddc439b945",
     "aa8fa048764d5623868679402ff6108d2521884fa138cd7f9c7669a9a014267e",
     "ddef93772692e535d1a53903db24367355cc2cc78de93b3be5a8ffcc6985dd06"
     "6d4346421d17bf5117a2a1ff0fcb2a759f58a539dfbe857a40bce4cf49ec600d",
     "b58cfbe118e0cb94d79b5fd6a6dafb98764dff49c14e1770b566e42402da1a7d"
     "a4d8527693914139caee5bd03903af43a491351d23b430948dd50cde10d32b3c"},
    {std::string(17, '\x5a'), "cc0b2a350101881d8a4cba4c80241d74fb7dcbfde4a61fde2f91443c2bf9ef0c",
     "60a59a57208d48aca71e9e850d22674b611f752bed48b36f7a91b372bd7ad468",
     "401a0da6264f8cf45bb2f5264bc31e109155600babb3cd4e5af7d181a2c9dc0a"
     "67154fabf031fd936051dec80b0b6ae29c9503493dde7393b722eafdf5a50b02",
     "8a9a2f3c7f085b65933594309041fc1898d42d0858e59f90814ae90571a6df60"
     "356f4610bf816f27afdd84f47719e480906d27ecd994985890e5f539e7ea74b6"},
};

TEST(VoprfTest, GivesTheValuesOfTheRfc) {
  const auto seed = Hex<32>("a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3");
  const VoprfKey key =
      VoprfKey::Derive({reinterpret_cast<const char*>(seed.data()), seed.size()}, "test key");
  EXPECT_EQ(key.secret,
            Hex<32>("e6f73f344b79b379f1a0dd37e07ff62e38d9f71345ce62ae3a9bc60b04ccd909"));
  EXPECT_EQ(key.key, Hex<32>("c803e2cc6b05fc15064549b5920659ca4a77b2cca6f04f6b357009335476ad4e"));
  const auto blind = Hex<32>("64d37aed22a27f5191de1c1d69fadb899d8862b58eb4220029e036ec4c1f6706"),
             random = Hex<32>("222a5e897cf59db8145db8d16e597e8facb80ae7d4e26d9881aa6f61d645fc0e");
  for (const VoprfCase& one : kVoprfCases) {
    const Blinded blinded = BlindInput(one.input, blind);
    EXPECT_EQ(blinded.element, Hex<32>(one.blinded));
    const auto evaluation = EvaluateBlinded(key, blinded.element, random);
    ASSERT_TRUE(evaluation);
    EXPECT_EQ(evaluation->element, Hex<32>(one.evaluated));
    EXPECT_EQ(evaluation->proof, Hex<64>(one.proof));
    const auto output = Finalize(one.input, blinded, *evaluation, key.key);
    ASSERT_TRUE(output);
    EXPECT_EQ(*output, Hex<64>(one.output));
    EXPECT_EQ(EvaluateInput(key, one.input), *output);
  }
}

TEST(VoprfTest, ARegistryWithAnotherKeyForOneShopperIsFoundOut) {
  const VoprfKey key = VoprfKey::Generate(), other = VoprfKey::Generate();
  const std::string input = NullifierInput("amazon", "111-2222222-3333333");
  const Blinded blinded = BlindInput(input);
  const auto evaluation = EvaluateBlinded(other, blinded.element);
  ASSERT_TRUE(evaluation);
  const auto value = Finalize(input, blinded, *evaluation, key.key);
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().code, ErrorCode::kForbidden);
}

TEST(VoprfTest, NoElementAndNoScalarAreRefused) {
  const VoprfKey key = VoprfKey::Generate();
  Element bad;
  bad.fill(0xff);
  EXPECT_EQ(EvaluateBlinded(key, bad).error().code, ErrorCode::kBadRequest);
  EXPECT_EQ(EvaluateBlinded(key, Element{}).error().code, ErrorCode::kBadRequest);
  EXPECT_FALSE(VoprfKey::FromSecret(Scalar{}));
  EXPECT_FALSE(VoprfKey::FromSecret(bad));
  EXPECT_EQ(VoprfKey::FromSecret(key.secret)->key, key.key);
}

TEST(ProofOfWorkTest, ASolutionHoldsForItsChallengeAndItsBytesAlone) {
  const ChallengeKey key{1};
  const TimeMs now = *ParseTime("2026-11-26T03:00:00Z");
  const Challenge challenge = MakeChallenge(key, 10, now + std::chrono::minutes{10});
  const auto checked = CheckChallenge(key, challenge.text, now);
  ASSERT_TRUE(checked);
  EXPECT_EQ(checked->bits, 10);
  EXPECT_EQ(checked->id, challenge.id);
  const auto solution = Solve(*checked, "report");
  ASSERT_TRUE(solution);
  EXPECT_TRUE(IsSolution(*checked, "report", *solution));
  int others = 0;
  for (const char* what : {"reporu", "repor", "", "report "}) {
    others += IsSolution(*checked, what, *solution);
  }
  EXPECT_LE(others, 1);  // each by chance, once in 1024
}

TEST(ProofOfWorkTest, ExpiredForgedAndMadeUpChallengesAreToldApart) {
  const ChallengeKey key{1}, other{2};
  const TimeMs now = *ParseTime("2026-11-26T03:00:00Z");
  const std::string text = MakeChallenge(key, 8, now).text;
  EXPECT_EQ(CheckChallenge(key, text, now).error().code, ErrorCode::kTimeout);
  EXPECT_TRUE(CheckChallenge(key, text, now - std::chrono::milliseconds{1}));
  EXPECT_EQ(CheckChallenge(other, text, now).error().code, ErrorCode::kForbidden);
  std::string easier = text;
  easier.replace(easier.find(".8."), 3, ".0.");
  EXPECT_EQ(CheckChallenge(key, easier, TimeMs{}).error().code, ErrorCode::kForbidden);
  for (const char* bad :
       {"", "x", "kaopu-work-1.8.1.a", "kaopu-work-1.99.1.a.b", "kaopu-work-1.8.1..b",
        "kaopu-work-1.8.1.a.b.c", "kaopu-work-2.8.1.a.b"}) {
    EXPECT_EQ(CheckChallenge(key, bad, TimeMs{}).error().code, ErrorCode::kBadRequest) << bad;
  }
}

TEST(ReportKeysTest, KeysOfOneShopperDifferBySellerAndByRegistry) {
  const ReporterSeed seed = NewReporterSeed();
  const PublicKey a = SigningKey::OfSeller(seed, kOrigin, "jd:1").key();
  EXPECT_EQ(SigningKey::OfSeller(seed, kOrigin, "jd:1").key(), a);
  EXPECT_NE(SigningKey::OfSeller(seed, kOrigin, "jd:2").key(), a);
  EXPECT_NE(SigningKey::OfSeller(seed, "other.example/log", "jd:1").key(), a);
  EXPECT_NE(SigningKey::OfReporter(seed, kOrigin).key(), a);
}

TEST(EnvelopeTest, ComesBackAsItWasAndOpens) {
  const Envelope envelope = OneEnvelope();
  const auto parsed = Envelope::Parse(envelope.ToText());
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(parsed->ToText(), envelope.ToText());
  const auto report = OpenEnvelope(*parsed, kOrigin);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(*report, OneReport());
}

TEST(EnvelopeTest, ForAnotherRegistryOrChangedOnTheWayItIsForged) {
  EXPECT_EQ(OpenEnvelope(OneEnvelope(), "other.example/log").error().code, ErrorCode::kForbidden);
  const auto change = [](auto how) {
    Envelope envelope = OneEnvelope();
    how(envelope);
    return OpenEnvelope(envelope, kOrigin);
  };
  Report other = OneReport();
  other.seller = "jd:1001";
  EXPECT_EQ(change([&](Envelope& e) { e.report = other.ToText(); }).error().code,
            ErrorCode::kForbidden);
  EXPECT_EQ(change([](Envelope& e) { e.nullifier[0] ^= 1; }).error().code, ErrorCode::kForbidden);
  EXPECT_EQ(change([](Envelope& e) { e.key = e.reporter; }).error().code, ErrorCode::kForbidden);
  EXPECT_EQ(change([](Envelope& e) { e.reporter_signature[5] ^= 1; }).error().code,
            ErrorCode::kForbidden);
}

TEST(EnvelopeTest, WrongFieldsAreNamed) {
  Json object = *ParseJson(OneEnvelope().ToText(), "envelope");
  const auto message = [](const Json& changed) {
    const auto parsed = Envelope::Parse(DumpJson(changed));
    return parsed ? std::string() : parsed.error().message;
  };
  for (const auto& [name, value] : object.items()) {
    Json without = object;
    without.erase(name);
    EXPECT_NE(message(without), "") << name;
  }
  object["email"] = "a@example.org";
  EXPECT_NE(message(object).find("email"), std::string::npos);
  EXPECT_EQ(Envelope::Parse(std::string(9000, ' ')).error().code, ErrorCode::kTooLarge);
}

TEST(LogEntryTest, AContentIsWhatItsEntryCommitsTo) {
  const Envelope envelope = OneEnvelope();
  const Content content{.report = envelope.report,
                        .key = envelope.key,
                        .signature = envelope.signature,
                        .weight_class = WeightClass::kNewcomer,
                        .weight = kOne / 2,
                        .replaces = 77};
  const auto parsed = Content::Parse(content.ToText());
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(parsed->ToText(), content.ToText());
  const Salt salt{9};
  const std::string entry = ReportEntry(salt, content.ToText());
  EXPECT_EQ(entry.size(), 33u);
  EXPECT_NE(ReportEntry(Salt{}, content.ToText()), entry);
  const ContentLine line{.entry = 300, .salt = salt, .content = content.ToText()};
  const auto read = ContentLine::Parse(line.ToText());
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(ReportEntry(read->salt, read->content), entry);
  EXPECT_EQ(ContentPath(255), "content/000");
  EXPECT_EQ(ContentPath(256 * 1234 + 3), "content/x001/234");
}

TEST(LogEntryTest, AnOperatorsWordIsSignedAndReadable) {
  const auto key = tlog::SignerKey::Generate("registry.example/operator", tlog::KeyKind::kEd25519);
  ASSERT_TRUE(key);
  const OperatorEntry removal{
      .what = "removal", .body = {{"entry", 5}, {"reason", "withdrawn"}, {"on", "2026-11-26"}}};
  std::string entry = removal.ToEntry(*key);
  const auto read = ReadOperatorEntry(entry, key->verifier());
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->what, "removal");
  EXPECT_EQ(read->body, removal.body);
  const auto other =
      tlog::SignerKey::Generate("registry.example/operator", tlog::KeyKind::kEd25519);
  EXPECT_FALSE(ReadOperatorEntry(entry, other->verifier()));
  entry[entry.find("withdrawn")] = 'W';
  EXPECT_FALSE(ReadOperatorEntry(entry, key->verifier()));
}

}  // namespace
}  // namespace kaopu::report
