// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// A proof of purchase: a signed note that says that the shopper with this key placed this order at
// this seller in this week; and what a shopper hands to who is to sign it. The shopper has asked
// the registry for the order's nullifier before: with the blind and the registry's own proof
// whoever knows the order's number can tell that the nullifier is that order's, without asking
// anybody. Wire forms: host/docs/registry_api.md.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "report/report.h"
#include "report/seal/report_keys.h"
#include "report/seal/voprf.h"
#include "tlog/note.h"

namespace kaopu::report {

inline constexpr size_t kProofRequestBytesMax = 4096;

enum class ProofKind { kDkim, kVouched };  // WIRE: dkim vouched

struct PurchaseProof {
  ProofKind kind = ProofKind::kDkim;
  PublicKey key{};              // the shopper's for this seller
  Nullifier nullifier{};        // the order's
  std::string seller;           // key
  IsoWeek week;                 // of the order
  std::string platform_domain;  // whose signature the mail bore; empty for kVouched

  std::string ToText() const;  // the note's text
  // Only what ToText writes; kBadRequest names the field.
  static Expected<PurchaseProof> Parse(std::string_view note_text);
  std::string Sign(const tlog::SignerKey& key) const;  // the whole note
  // The first field that is another order's or another shopper's than these: key, nullifier,
  // seller, week. nullopt where the proof is of this report. Who signed it is not looked at.
  std::optional<std::string_view> Mismatch(const PublicKey& of_key, const Nullifier& of_order,
                                           std::string_view of_seller,
                                           const IsoWeek& of_week) const;
};

// What the shopper hands in beside the mail.
struct ProofRequest {
  std::string origin;  // the registry's
  std::string seller;
  IsoWeek week;
  PublicKey key{};
  Scalar blind{};
  Evaluation evaluation;

  std::string_view Platform() const;
  std::string ToText() const;  // one line of JSON
  // Strict: kBadRequest names the field, kTooLarge, kUnsupported.
  static Expected<ProofRequest> Parse(std::string_view text);
  // kForbidden: the registry of this key did not evaluate this order.
  Expected<Nullifier> NullifierOfOrder(std::string_view order_id,
                                       const Element& registry_key) const;
};

}  // namespace kaopu::report
