// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// A proof of purchase for a report of the shopper's: who may give one, what is asked of them, and
// whether what they give is for this report. The order's mail leaves this computer in AskAttester
// and nowhere else.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "net/http_client.h"
#include "pool/net/reporter_key.h"
#include "pool/net/send.h"
#include "pool/pool_folder.h"
#include "report/report.h"
#include "report/seal/purchase_proof.h"
#include "store/store.h"
#include "tlog/note.h"

namespace kaopu::pool {

inline constexpr size_t kProofMailBytesMax = 1024 * 1024;  // what an attester takes

// A report as it is to be kept once it has its proof.
struct ProofDraft {
  // With report_id 0: a word of its own with a higher revision, since the one before has left, or
  // may have. Else the waiting one, which leaves with the proof.
  ReportRecord row;
  report::Report report;
};
// kNotFound: no such report. kConflict: it was taken back, refused or replaced, or has a proof.
// kBadRequest: an order without a number, which no mail can name.
Expected<ProofDraft> DraftProof(const Store& store, int64_t report_id, TimeMs now);

// The mail as it came, from a file. kBadRequest: it bears no signature at all; kTooLarge.
Expected<std::string> ReadOrderMail(const std::filesystem::path& file);

// The attesters whose word on mails this registry takes, by an entry of its log that its operator
// signed, proved under the head that the log has now. kDamaged, kConflict: what it shows does not
// hold together, or is another log than the one seen before. An empty list: it takes nobody's.
Expected<std::vector<tlog::VerifierKey>> AcceptedAttesters(HttpClient& client,
                                                           const std::filesystem::path& home,
                                                           const Registry& registry);

struct KnownAttester {
  std::string address;  // with its slash
  tlog::VerifierKey key;
};
// `said`: an address, or the name of one of the accepted keys, which is the name of its host;
// empty: the only one there is. Asked for its key, so that no mail goes to one whose word counts
// for nothing: kForbidden.
Expected<KnownAttester> FindAttester(HttpClient& client, std::string_view said,
                                     std::string_view proxy,
                                     std::span<const tlog::VerifierKey> accepted);

// What is handed in beside the mail, of an order that the registry evaluated for it.
report::ProofRequest MakeProofRequest(const Registry& registry, const EvaluatedOrder& order,
                                      const report::ReporterSeed& seed,
                                      const report::Report& report);

// Sends the mail. The attester's own refusal keeps its code and begins with its name; kUnavailable,
// kTimeout: it was not reached, or is busy.
Expected<std::string> AskAttester(HttpClient& client, const KnownAttester& attester,
                                  const report::ProofRequest& request, std::string_view mail);

// Whether `proof` is this attester's word, from a mail, on this shopper's order: seller, week, the
// shopper's key for the seller and the order's nullifier are those of the request. kForbidden: not
// signed by this attester; kConflict names what is another's; kDamaged: no proof.
Expected<void> CheckProof(std::string_view proof, const tlog::VerifierKey& attester,
                          const report::ProofRequest& request, const report::Nullifier& nullifier);

}  // namespace kaopu::pool
