// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// What can be said of a request by itself, before the database is asked: from the cheap checks to
// the dear ones, so that a flood of rubbish costs little. Any thread; no state.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "registry/trust/trust_policy.h"
#include "report/report.h"
#include "report/seal/envelope.h"
#include "report/seal/proof_of_work.h"
#include "tlog/digest.h"

namespace kaopu {

struct CheckedReport {
  report::Envelope envelope;
  report::Report report;
  report::Challenge challenge;
  bool expired = false;  // the challenge: only what is known already is answered then
  bool proven = false;   // a proof of purchase came with it, and holds
  tlog::Digest identity{};
};

struct CheckRules {
  std::string origin;
  report::ChallengeKey challenge_key{};
  TrustPolicy policy;
  std::vector<std::string> attester_keys;  // of proofs from order mails
};

// In this order: size and form; a challenge of ours, and its work; days that can be; the proof of
// purchase; the two signatures. kTooLarge, kBadRequest, kUnsupported, kForbidden.
Expected<CheckedReport> CheckReportRequest(std::string_view body, const CheckRules& rules,
                                           TimeMs now);

// Whether a report can have been written on `today`: nothing in it lies in the future (the day
// before and after are near enough: shoppers live in other time zones), nor too long ago.
Expected<void> CheckDays(const report::Report& report, Date today);

// A note that says that this shopper placed this order. kForbidden: not signed by a key that is
// accepted for this kind of proof; kBadRequest names the field that is another report's.
Expected<void> CheckPurchaseProof(std::string_view note, const report::Envelope& envelope,
                                  const report::Report& report, const CheckRules& rules);

// Signature and form of a withdrawal.
Expected<report::Withdrawal> CheckWithdrawalRequest(std::string_view body, std::string_view origin);

// `{"v":1,"blinded","challenge","solution"}`: the element to evaluate; its work holds. `id` gets
// the challenge's.
Expected<report::Element> CheckNullifierRequest(std::string_view body, const CheckRules& rules,
                                                TimeMs now, report::Challenge& challenge);

}  // namespace kaopu
