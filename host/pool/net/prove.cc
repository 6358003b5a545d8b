// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "pool/net/prove.h"

#include <sodium.h>

#include <algorithm>
#include <utility>

#include "base/files.h"
#include "base/json.h"
#include "base/str_cat.h"
#include "pool/net/choose.h"
#include "pool/net/registry_address.h"
#include "pool/net/registry_answers.h"
#include "pool/net/verified_log.h"
#include "report/seal/published_index.h"
#include "tlog/digest.h"

namespace kaopu::pool {
namespace {

constexpr std::chrono::milliseconds kProofTime = std::chrono::minutes(2);  // it may wait for DNS
constexpr std::string_view kOwnOrder = "own-";                             // OwnOrderId

// A mail's header lines end with the first empty one.
bool HasSignatureField(std::string_view mail) {
  constexpr std::string_view kField = "dkim-signature:";
  while (!mail.empty()) {
    const size_t end = std::min(mail.find('\n'), mail.size());
    std::string_view line = mail.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) return false;
    if (line.size() >= kField.size() &&
        std::ranges::equal(line.substr(0, kField.size()), kField, [](char a, char b) {
          return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b;
        })) {
      return true;
    }
    mail.remove_prefix(std::min(end + 1, mail.size()));
  }
  return false;
}

Expected<std::vector<tlog::VerifierKey>> KeysOf(const Json& body) {
  const auto wrong = [] {
    return Fail(ErrorCode::kDamaged,
                "the log's entry on whose proofs count cannot be read: the registry is at fault");
  };
  const auto list = body.is_object() ? body.find("attesters") : body.end();
  if (!body.is_object() || list == body.end() || !list->is_array()) return wrong();
  std::vector<tlog::VerifierKey> keys;
  for (const Json& one : *list) {
    if (!one.is_string()) return wrong();
    auto key = tlog::VerifierKey::Parse(one.get_ref<const std::string&>());
    if (!key || key->kind != tlog::KeyKind::kEd25519) return wrong();
    keys.push_back(std::move(*key));
  }
  return keys;
}

std::string NamesOf(std::span<const tlog::VerifierKey> keys) {
  std::string names;
  for (const tlog::VerifierKey& key : keys) {
    names += StrCat(names.empty() ? "" : ", ", key.name);
  }
  return names;
}

bool IsSameKey(const tlog::VerifierKey& a, const tlog::VerifierKey& b) {
  return a.ToText() == b.ToText();
}

}  // namespace

Expected<ProofDraft> DraftProof(const Store& store, int64_t report_id, TimeMs now) {
  Expected<ReportRecord> found = store.GetReport(report_id);
  if (!found) return std::unexpected(found.error());
  const auto conflict = [&](std::string_view why) {
    return Fail(ErrorCode::kConflict, StrCat("report ", report_id, ": ", why));
  };
  if (found->state != ReportState::kWaiting && found->state != ReportState::kSent) {
    return conflict("it was taken back, refused or removed; share the order anew first");
  }
  if (found->order_id.starts_with(kOwnOrder)) {
    return Fail(ErrorCode::kBadRequest,
                StrCat("report ", report_id,
                       ": its order has no number, so that no mail can be known to be about it; "
                       "share it anew with --order"));
  }
  Expected<report::Report> report = report::Report::Parse(found->report);
  if (!report) return std::unexpected(report.error());
  const Expected<std::vector<ReportRecord>> all = store.Reports();
  if (!all) return std::unexpected(all.error());
  for (const ReportRecord& one : *all) {
    if (one.registry_id != found->registry_id || one.platform != found->platform ||
        one.order_id != found->order_id) {
      continue;
    }
    const bool live = one.state == ReportState::kWaiting || one.state == ReportState::kSent;
    if (live && one.report_id > report_id) {
      return Fail(ErrorCode::kConflict,
                  StrCat("report ", report_id, ": a later word of yours takes its place: report ",
                         one.report_id));
    }
    if (live && one.proof) return conflict("the order has its proof already");
    const Expected<report::Report> said = report::Report::Parse(one.report);
    if (said && (found->posted || found->entry)) {
      report->revision = std::max(report->revision, said->revision + 1);
    }
  }
  ProofDraft out{.row = {}, .report = *report};
  if (found->state == ReportState::kWaiting && !found->posted) {
    out.row = std::move(*found);
  } else {
    out.row.registry_id = found->registry_id;
    out.row.seller_key = found->seller_key;
    out.row.platform = found->platform;
    out.row.order_id = found->order_id;
    out.row.outcome_id = found->outcome_id;
  }
  out.row.report = report->ToText();
  out.row.tries = 0;
  out.row.next_try_at = now;
  out.row.last_error.reset();
  out.row.agreed_at = now;
  return out;
}

Expected<std::string> ReadOrderMail(const std::filesystem::path& file) {
  Expected<std::string> mail = ReadFile(file, kProofMailBytesMax);
  if (!mail) return mail;
  if (HasSignatureField(*mail)) return mail;
  sodium_memzero(mail->data(), mail->size());
  return Fail(ErrorCode::kBadRequest,
              StrCat(file.string(), ": ",
                     "no DKIM signature in it; save the mail as it came, headers and all (\"show "
                     "original\" or \"download\" in most mail programs)"));
}

Expected<std::vector<tlog::VerifierKey>> AcceptedAttesters(HttpClient& client,
                                                           const std::filesystem::path& home,
                                                           const Registry& registry) {
  const auto log_key = tlog::VerifierKey::Parse(registry.info.log_key);
  if (!log_key) return std::unexpected(log_key.error());
  const auto operator_key = tlog::VerifierKey::Parse(registry.info.operator_key);
  if (!operator_key) return std::unexpected(operator_key.error());
  const tlog::ReadLogFile read = RegistryReader(client, registry.info.url);
  const auto file = read(kProofKeysPath, kAnswerBytesMax);
  if (!file && file.error().code == ErrorCode::kNotFound) return std::vector<tlog::VerifierKey>{};
  if (!file) return std::unexpected(file.error());
  const auto number = ReadProofKeysFile(*file);
  if (!number) return std::unexpected(number.error());
  const auto note = read("checkpoint", tlog::kNoteBytesMax);
  if (!note) return std::unexpected(note.error());
  const auto head = CheckHead(*note, *log_key);
  if (!head) return std::unexpected(head.error());
  VerifiedLog log(read, head->checkpoint);
  const auto cosigned = CheckCosigned(read, *log_key, registry.settings, log);
  if (!cosigned) return std::unexpected(cosigned.error());
  const auto seen = ReadFile(PoolFolder(home) / registry.id / "checkpoint", tlog::kNoteBytesMax);
  if (!seen && seen.error().code != ErrorCode::kNotFound) return std::unexpected(seen.error());
  if (seen) {
    const auto before = tlog::VerifyCheckpoint(*seen, *log_key);
    if (!before) return std::unexpected(before.error());
    if (const auto goes_on = log.Continues(before->checkpoint); !goes_on) {
      return std::unexpected(goes_on.error());
    }
  }
  if (*number >= std::min(log.head().size, cosigned->entries)) {
    return Fail(ErrorCode::kUnavailable,
                "the registry's log does not yet say whose proofs count; try again in a minute");
  }
  const auto entry = log.Entry(*number);
  if (!entry) return std::unexpected(entry.error());
  const auto said = report::ReadOperatorEntry(*entry, *operator_key);
  if (!said) return std::unexpected(said.error());
  if (said->what != "proofkeys") {
    return Fail(ErrorCode::kDamaged,
                StrCat("entry ", *number, " of the log does not say whose proofs count"));
  }
  return KeysOf(said->body);
}

Expected<KnownAttester> FindAttester(HttpClient& client, std::string_view said,
                                     std::string_view proxy,
                                     std::span<const tlog::VerifierKey> accepted) {
  if (accepted.empty()) {
    return Fail(ErrorCode::kForbidden,
                "the registry takes nobody's word for order mails: nothing can be proven there");
  }
  std::string url(said);
  if (said.empty() && accepted.size() > 1) {
    return Fail(ErrorCode::kBadRequest,
                StrCat("which attester? name one with --attester; the registry takes the word of: ",
                       NamesOf(accepted)));
  }
  if (said.find("://") == std::string_view::npos) {
    const auto named = said.empty() ? accepted.begin()
                                    : std::ranges::find(accepted, said, &tlog::VerifierKey::name);
    if (named == accepted.end()) {
      return Fail(ErrorCode::kForbidden,
                  StrCat("the registry does not take the word of \"", said.substr(0, 200),
                         "\", but of: ", NamesOf(accepted)));
    }
    url = StrCat("https://", named->name);
  }
  auto address = RegistryAddress(url, proxy, "an attester");
  if (!address) return std::unexpected(address.error());
  const auto response = client.Send({.url = *address + "health",
                                     .body = {},
                                     .bytes_max = kAnswerBytesMax,
                                     .time_max = std::chrono::minutes(1)});
  if (!response) return std::unexpected(response.error());
  if (response->status != 200) {
    return std::unexpected(ReadRefusal(response->status, response->body, "an attester"));
  }
  auto key = ReadAttesterHealth(response->body);
  if (!key) return std::unexpected(key.error());
  if (std::ranges::none_of(accepted, [&](const auto& one) { return IsSameKey(one, *key); })) {
    return Fail(ErrorCode::kForbidden,
                StrCat("the registry does not take the word of ", key->name,
                       " with the key it has; the mail was not sent. It takes the word of: ",
                       NamesOf(accepted)));
  }
  return KnownAttester{std::move(*address), std::move(*key)};
}

report::ProofRequest MakeProofRequest(const Registry& registry, const EvaluatedOrder& order,
                                      const report::ReporterSeed& seed,
                                      const report::Report& report) {
  report::ProofRequest request;
  request.origin = registry.info.origin;
  request.seller = report.seller;
  request.week = report.week;
  request.key = report::SigningKey::OfSeller(seed, registry.info.origin, report.seller).key();
  request.blind = order.blind;
  request.evaluation = order.evaluation;
  return request;
}

Expected<std::string> AskAttester(HttpClient& client, const KnownAttester& attester,
                                  const report::ProofRequest& request, std::string_view mail) {
  std::string encoded = tlog::ToBase64(mail);
  Json object = {{"v", 1}, {"request", request.ToText()}, {"mail", std::move(encoded)}};
  HttpRequest post{.url = attester.address + "v1/proofs",
                   .body = DumpJson(object),
                   .bytes_max = kAnswerBytesMax,
                   .time_max = kProofTime};
  std::string& kept = object["mail"].get_ref<std::string&>();
  sodium_memzero(kept.data(), kept.size());
  const auto response = client.Send(post);
  sodium_memzero(post.body->data(), post.body->size());
  if (!response) return std::unexpected(response.error());
  if (response->status == 200) return ReadProofAnswer(response->body);
  Error refusal = ReadRefusal(response->status, response->body, "an attester");
  refusal.message = StrCat("the attester ", attester.key.name, ": ", refusal.message);
  return std::unexpected(std::move(refusal));
}

Expected<void> CheckProof(std::string_view proof, const tlog::VerifierKey& attester,
                          const report::ProofRequest& request, const report::Nullifier& nullifier) {
  const auto note = tlog::Note::Parse(proof);
  const auto said = note ? report::PurchaseProof::Parse(note->text)
                         : Expected<report::PurchaseProof>(std::unexpected(note.error()));
  if (!said) {
    return Fail(ErrorCode::kDamaged,
                StrCat("what the attester gave is no proof of purchase: ", said.error().message));
  }
  const auto signers = tlog::VerifyNote(*note, {&attester, 1});
  if (!signers || signers->empty() || said->kind != report::ProofKind::kDkim) {
    return Fail(ErrorCode::kForbidden,
                StrCat("what the attester gave is not signed by ", attester.name,
                       " as a word on a mail: it is not used"));
  }
  const auto other = said->Mismatch(request.key, nullifier, request.seller, request.week);
  if (!other) return {};
  return Fail(ErrorCode::kConflict,
              StrCat("the attester's proof is for another ", *other,
                     " than this report's: it is not used, and nothing was changed"));
}

}  // namespace kaopu::pool
