// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "registry/intake/envelope_check.h"

#include <limits>
#include <span>
#include <vector>

#include "base/json.h"
#include "base/str_cat.h"
#include "report/seal/purchase_proof.h"
#include "tlog/note.h"

namespace kaopu {
namespace {

using std::chrono::days;

constexpr size_t kNullifierBytesMax = 1024;
constexpr TimeMs kBeforeAll{std::chrono::milliseconds{std::numeric_limits<int64_t>::min()}};

std::unexpected<Error> Wrong(std::string message) {
  return Fail(ErrorCode::kBadRequest, std::move(message));
}

// Genuine, whether expired or not.
Expected<report::Challenge> OurChallenge(const CheckRules& rules, std::string_view text) {
  return report::CheckChallenge(rules.challenge_key, text, kBeforeAll);
}

Expected<void> CheckWork(const report::Challenge& challenge, std::string_view what,
                         uint64_t solution) {
  if (report::IsSolution(challenge, what, solution)) return {};
  return Fail(ErrorCode::kForbidden,
              StrCat("solution: not the work of ", challenge.bits, " bits for this request"));
}

// Those of the keys that signed the note.
Expected<std::vector<std::string>> SignersOf(const tlog::Note& note,
                                             const std::vector<std::string>& keys) {
  std::vector<std::string> signers;
  for (const std::string& text : keys) {
    const auto key = tlog::VerifierKey::Parse(text);
    if (!key) continue;
    const auto signatures = tlog::VerifyNote(note, std::span(&*key, 1));
    if (!signatures) return std::unexpected(signatures.error());
    if (!signatures->empty()) signers.push_back(text);
  }
  return signers;
}

}  // namespace

Expected<void> CheckDays(const report::Report& report, Date today) {
  constexpr days kElsewhere{1};
  const Date monday = report.week.Thursday() - days{3};
  if (monday > today + kElsewhere) {
    return Wrong(StrCat("week: ", report.week.ToText(), " has not begun on ", FormatDate(today)));
  }
  if (monday + days{6 + report::kDaysMax} < today) {
    return Wrong(
        StrCat("week: ", report.week.ToText(), " is more than ", report::kDaysMax, " days ago"));
  }
  for (const auto& [name, after] : {std::pair("known_days", report.known_days),
                                    std::pair("shipped_days", report.shipped_days)}) {
    if (after && monday + days{*after} > today + kElsewhere) {
      return Wrong(StrCat(name, ": ", *after, " days after the week's first day, ",
                          FormatDate(monday), ", lies in the future"));
    }
  }
  return {};
}

Expected<void> CheckPurchaseProof(std::string_view text, const report::Envelope& envelope,
                                  const report::Report& report, const CheckRules& rules) {
  const auto note = tlog::Note::Parse(text);
  if (!note) return Wrong(StrCat("proof: ", note.error().message));
  const auto proof = report::PurchaseProof::Parse(note->text);
  if (!proof) return Fail(proof.error().code, StrCat("proof: ", proof.error().message));
  const auto other = proof->Mismatch(envelope.key, envelope.nullifier, report.seller, report.week);
  if (other) return Wrong(StrCat("proof: its ", *other, " is not this report's"));
  const bool dkim = proof->kind == report::ProofKind::kDkim;
  const std::string_view platform =
      std::string_view(report.seller).substr(0, report.seller.find(':'));
  if (dkim && !rules.policy.AcceptsDkim(platform, proof->platform_domain)) {
    return Fail(ErrorCode::kForbidden, StrCat("proof: mail of ", proof->platform_domain,
                                              " proves no order at ", platform));
  }
  const auto signers = SignersOf(*note, dkim ? rules.attester_keys : rules.policy.vouched_keys);
  if (!signers) return Fail(ErrorCode::kForbidden, StrCat("proof: ", signers.error().message));
  if (signers->empty()) {
    return Fail(ErrorCode::kForbidden, StrCat("proof: not signed by a key that this registry "
                                              "accepts for ",
                                              dkim ? "mails" : "own words"));
  }
  return {};
}

Expected<CheckedReport> CheckReportRequest(std::string_view body, const CheckRules& rules,
                                           TimeMs now) {
  auto envelope = report::Envelope::Parse(body);
  if (!envelope) return std::unexpected(envelope.error());
  CheckedReport out;
  out.envelope = std::move(*envelope);
  auto challenge = OurChallenge(rules, out.envelope.challenge);
  if (!challenge) return std::unexpected(challenge.error());
  out.challenge = std::move(*challenge);
  out.expired = now >= out.challenge.expires;
  if (const auto work = CheckWork(out.challenge, out.envelope.report, out.envelope.solution);
      !work) {
    return std::unexpected(work.error());
  }
  auto report = report::Report::Parse(out.envelope.report);
  if (!report) return std::unexpected(report.error());
  if (const auto possible = CheckDays(*report, std::chrono::floor<days>(now)); !possible) {
    return std::unexpected(possible.error());
  }
  if (out.envelope.proof) {
    const auto proven = CheckPurchaseProof(*out.envelope.proof, out.envelope, *report, rules);
    if (!proven) return std::unexpected(proven.error());
    out.proven = true;
  }
  report = report::OpenEnvelope(out.envelope, rules.origin);
  if (!report) return std::unexpected(report.error());
  out.report = std::move(*report);
  out.identity = tlog::Sha256({report::BytesToText(out.envelope.key), "\n",
                               report::BytesToText(out.envelope.reporter), "\n",
                               report::BytesToText(out.envelope.nullifier), "\n",
                               out.envelope.report, "\n", out.envelope.proof.value_or("")});
  return out;
}

Expected<report::Withdrawal> CheckWithdrawalRequest(std::string_view body,
                                                    std::string_view origin) {
  auto withdrawal = report::Withdrawal::Parse(body);
  if (!withdrawal) return withdrawal;
  if (!report::IsSignedBy(withdrawal->key, report::WithdrawalSigned(origin, withdrawal->entry),
                          withdrawal->signature)) {
    return Fail(ErrorCode::kForbidden, StrCat("signature: does not hold for entry ",
                                              withdrawal->entry, " at registry ", origin));
  }
  return withdrawal;
}

Expected<report::Element> CheckNullifierRequest(std::string_view body, const CheckRules& rules,
                                                TimeMs now, report::Challenge& challenge) {
  if (body.size() > kNullifierBytesMax) {
    return Fail(ErrorCode::kTooLarge,
                StrCat("request: ", body.size(), " bytes; at most ", kNullifierBytesMax));
  }
  const auto root = ParseJson(body, "request", 4);
  if (!root) return std::unexpected(root.error());
  if (!root->is_object()) return Wrong("request: no JSON object");
  for (const auto& [name, value] : root->items()) {
    if (name != "v" && name != "blinded" && name != "challenge" && name != "solution") {
      return Wrong(StrCat("request: unknown field ", name.substr(0, 40)));
    }
  }
  const auto version = GetInt(*root, "v"), solution = GetInt(*root, "solution");
  if (!version) return std::unexpected(version.error());
  if (*version != 1) {
    return Fail(*version && **version > 1 ? ErrorCode::kUnsupported : ErrorCode::kBadRequest,
                StrCat("v: ", version->value_or(0), "; this side reads version 1"));
  }
  const auto blinded = RequireString(*root, "blinded"), text = RequireString(*root, "challenge");
  if (!blinded) return std::unexpected(blinded.error());
  if (!text) return std::unexpected(text.error());
  if (!solution || !*solution || **solution < 0) {
    return Wrong("solution: a number from 0 on is required");
  }
  const auto element = report::BytesFromText<32>(*blinded);
  if (!element) return Wrong("blinded: not 32 bytes in base64");
  auto ours = report::CheckChallenge(rules.challenge_key, *text, now);
  if (!ours) return std::unexpected(ours.error());
  const auto work = CheckWork(*ours, *blinded, static_cast<uint64_t>(**solution));
  if (!work) return std::unexpected(work.error());
  challenge = std::move(*ours);
  return *element;
}

}  // namespace kaopu
