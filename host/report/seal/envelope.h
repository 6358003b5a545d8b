// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// What a shopper sends to a registry: the report, which becomes public, inside an envelope that
// only the registry sees. Wire form: host/docs/registry_api.md.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "report/report.h"
#include "report/seal/report_keys.h"
#include "report/seal/voprf.h"

namespace kaopu::report {

inline constexpr size_t kEnvelopeBytesMax = 8192;
inline constexpr size_t kProofBytesMax = 4096;

struct Envelope {
  std::string report;                // Report::ToText, verbatim
  PublicKey key{};                   // the shopper's for this seller; public
  Signature signature{};             // by it, of SellerSigned
  PublicKey reporter{};              // the shopper's for this registry; the registry alone sees it
  Signature reporter_signature{};    // by it, of ReporterSigned
  Nullifier nullifier{};             // of the order; the registry alone sees it
  std::string challenge;             // Challenge::text
  uint64_t solution = 0;             // for the report's text
  std::optional<std::string> proof;  // of purchase: a signed note

  std::string ToText() const;
  // Strict: kBadRequest names the field (an unknown one too), kTooLarge.
  static Expected<Envelope> Parse(std::string_view text);
};

// The texts that are signed. `origin` is the registry's: an envelope for one is none for another.
std::string SellerSigned(std::string_view origin, std::string_view report);
std::string ReporterSigned(std::string_view origin, const PublicKey& key,
                           const Nullifier& nullifier, std::string_view report);

// Signs and fills everything but challenge, solution and proof. kBadRequest as CheckReport.
Expected<Envelope> Seal(const ReporterSeed& seed, std::string_view origin, const Report& report,
                        const Nullifier& nullifier);

// Both signatures hold and the report is one. kForbidden: a forged signature, or one made for
// another registry. Work and proof are not looked at.
Expected<Report> OpenEnvelope(const Envelope& envelope, std::string_view origin);

// A shopper takes a report back: signed by the key for that seller.
struct Withdrawal {
  uint64_t entry = 0;  // number in the log
  PublicKey key{};
  Signature signature{};

  std::string ToText() const;
  static Expected<Withdrawal> Parse(std::string_view text);
};
std::string WithdrawalSigned(std::string_view origin, uint64_t entry);

}  // namespace kaopu::report
