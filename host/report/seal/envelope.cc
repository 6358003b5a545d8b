// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "report/seal/envelope.h"

#include <algorithm>
#include <initializer_list>

#include "base/json.h"
#include "base/str_cat.h"

namespace kaopu::report {
namespace {

constexpr int kEnvelopeVersion = 1;  // WIRE

// An object of version 1 with these fields and no others (values not looked at).
Expected<Json> ReadObject(std::string_view text, std::string_view what, size_t bytes_max,
                          std::initializer_list<std::string_view> fields) {
  if (text.size() > bytes_max) {
    return Fail(ErrorCode::kTooLarge,
                StrCat(what, ": ", text.size(), " bytes; at most ", bytes_max));
  }
  Expected<Json> object = ParseJson(text, what, 4);
  if (!object) return object;
  if (!object->is_object()) {
    return Fail(ErrorCode::kBadRequest, StrCat(what, ": no JSON object"));
  }
  const Expected<std::optional<int64_t>> version = GetInt(*object, "v");
  if (!version) return std::unexpected(version.error());
  if (*version != kEnvelopeVersion) {
    return Fail(
        *version && **version > kEnvelopeVersion ? ErrorCode::kUnsupported : ErrorCode::kBadRequest,
        StrCat(what, ": version ", version->value_or(0), "; this side reads version ",
               kEnvelopeVersion));
  }
  for (const auto& [name, value] : object->items()) {
    if (name != "v" && std::ranges::find(fields, name) == fields.end()) {
      return Fail(ErrorCode::kBadRequest, StrCat(what, ": unknown field ", name.substr(0, 40)));
    }
  }
  return object;
}

template <size_t N>
Expected<void> ReadBytes(const Json& object, const char* field, std::array<uint8_t, N>& out) {
  const Expected<std::string> text = RequireString(object, field);
  if (!text) return std::unexpected(text.error());
  const auto bytes = BytesFromText<N>(*text);
  if (!bytes) {
    return Fail(ErrorCode::kBadRequest, StrCat(field, ": not ", N, " bytes in base64"));
  }
  out = *bytes;
  return {};
}

Expected<uint64_t> ReadNumber(const Json& object, const char* field) {
  const Expected<std::optional<int64_t>> number = GetInt(object, field);
  if (!number) return std::unexpected(number.error());
  if (!*number || **number < 0) {
    return Fail(ErrorCode::kBadRequest, StrCat(field, ": a number from 0 on is required"));
  }
  return static_cast<uint64_t>(**number);
}

}  // namespace

std::string Envelope::ToText() const {
  Json object = {{"v", kEnvelopeVersion},
                 {"report", report},
                 {"key", BytesToText(key)},
                 {"signature", BytesToText(signature)},
                 {"reporter", BytesToText(reporter)},
                 {"reporter_signature", BytesToText(reporter_signature)},
                 {"nullifier", BytesToText(nullifier)},
                 {"challenge", challenge},
                 {"solution", solution}};
  if (proof) object["proof"] = *proof;
  return DumpJson(object);
}

Expected<Envelope> Envelope::Parse(std::string_view text) {
  const Expected<Json> object =
      ReadObject(text, "envelope", kEnvelopeBytesMax,
                 {"report", "key", "signature", "reporter", "reporter_signature", "nullifier",
                  "challenge", "solution", "proof"});
  if (!object) return std::unexpected(object.error());
  Envelope out;
  const Expected<std::string> report = RequireString(*object, "report"),
                              challenge = RequireString(*object, "challenge");
  if (!report) return std::unexpected(report.error());
  if (!challenge) return std::unexpected(challenge.error());
  out.report = *report;
  out.challenge = *challenge;
  for (const Expected<void>& read :
       {ReadBytes(*object, "key", out.key), ReadBytes(*object, "signature", out.signature),
        ReadBytes(*object, "reporter", out.reporter),
        ReadBytes(*object, "reporter_signature", out.reporter_signature),
        ReadBytes(*object, "nullifier", out.nullifier)}) {
    if (!read) return std::unexpected(read.error());
  }
  const Expected<uint64_t> solution = ReadNumber(*object, "solution");
  if (!solution) return std::unexpected(solution.error());
  out.solution = *solution;
  Expected<std::optional<std::string>> proof = GetString(*object, "proof");
  if (!proof) return std::unexpected(proof.error());
  if (*proof && (*proof)->size() > kProofBytesMax) {
    return Fail(ErrorCode::kTooLarge,
                StrCat("proof: ", (*proof)->size(), " bytes; at most ", kProofBytesMax));
  }
  out.proof = std::move(*proof);
  return out;
}

std::string SellerSigned(std::string_view origin, std::string_view report) {
  return StrCat("kaopu-report-1\n", origin, "\n", report);  // WIRE
}

std::string ReporterSigned(std::string_view origin, const PublicKey& key,
                           const Nullifier& nullifier, std::string_view report) {
  return StrCat("kaopu-reporter-1\n", origin, "\n", BytesToText(key), "\n",  // WIRE
                BytesToText(nullifier), "\n", report);
}

Expected<Envelope> Seal(const ReporterSeed& seed, std::string_view origin, const Report& report,
                        const Nullifier& nullifier) {
  if (const Expected<void> right = CheckReport(report); !right) {
    return std::unexpected(right.error());
  }
  const SigningKey seller = SigningKey::OfSeller(seed, origin, report.seller),
                   reporter = SigningKey::OfReporter(seed, origin);
  Envelope out;
  out.report = report.ToText();
  out.key = seller.key();
  out.signature = seller.Sign(SellerSigned(origin, out.report));
  out.reporter = reporter.key();
  out.nullifier = nullifier;
  out.reporter_signature =
      reporter.Sign(ReporterSigned(origin, out.key, out.nullifier, out.report));
  return out;
}

Expected<Report> OpenEnvelope(const Envelope& envelope, std::string_view origin) {
  Expected<Report> report = Report::Parse(envelope.report);
  if (!report) return report;
  if (!IsSignedBy(envelope.key, SellerSigned(origin, envelope.report), envelope.signature)) {
    return Fail(ErrorCode::kForbidden,
                StrCat("signature: does not hold for this report at registry ", origin));
  }
  if (!IsSignedBy(envelope.reporter,
                  ReporterSigned(origin, envelope.key, envelope.nullifier, envelope.report),
                  envelope.reporter_signature)) {
    return Fail(ErrorCode::kForbidden,
                StrCat("reporter_signature: does not hold for this report at registry ", origin));
  }
  return report;
}

std::string WithdrawalSigned(std::string_view origin, uint64_t entry) {
  return StrCat("kaopu-withdrawal-1\n", origin, "\n", entry, "\n");  // WIRE
}

std::string Withdrawal::ToText() const {
  return DumpJson({{"v", kEnvelopeVersion},
                   {"entry", entry},
                   {"key", BytesToText(key)},
                   {"signature", BytesToText(signature)}});
}

Expected<Withdrawal> Withdrawal::Parse(std::string_view text) {
  const Expected<Json> object =
      ReadObject(text, "withdrawal", kEnvelopeBytesMax, {"entry", "key", "signature"});
  if (!object) return std::unexpected(object.error());
  Withdrawal out;
  const Expected<uint64_t> entry = ReadNumber(*object, "entry");
  if (!entry) return std::unexpected(entry.error());
  out.entry = *entry;
  for (const Expected<void>& read :
       {ReadBytes(*object, "key", out.key), ReadBytes(*object, "signature", out.signature)}) {
    if (!read) return std::unexpected(read.error());
  }
  return out;
}

}  // namespace kaopu::report
