// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The attester: says with its own key that a shopper placed an order, because the platform's own
// signed mail says so. Needs no registry: what it must know of one is its name and the key that
// nullifiers come from. In its folder are that, its key, and for each order that it attested the
// nullifier and a digest of what it said of it; of a mail nothing is ever written.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "registry/attest/dkim_check.h"
#include "registry/attest/order_mail_rules.h"
#include "registry/trust/trust_policy.h"
#include "report/seal/purchase_proof.h"
#include "sqlite/database.h"
#include "tlog/note.h"

namespace kaopu {

class Attester {
 public:
  // Makes the folder with a new key; `registry_json` is the registry's, from a place the operator
  // trusts. kConflict where there is an attester already.
  static Expected<void> Create(const std::filesystem::path& folder, const std::string& name,
                               std::string_view registry_json);
  static Expected<std::unique_ptr<Attester>> Open(const std::filesystem::path& folder,
                                                  const std::filesystem::path& data);

  // From now on keys come from here, not from DNS.
  void UseKeys(DkimKeys keys) { keys_ = std::move(keys); }

  // The proof, a signed note. Any thread; keeps nothing of `mail`. Errors name what does not fit:
  // kForbidden; kConflict: the order was attested for another shopper, seller or week.
  Expected<std::string> AttestMail(std::string_view request, std::string_view mail, TimeMs now);
  // The same for an order that the organisation knows itself.
  Expected<std::string> Vouch(std::string_view request, std::string_view order_id);

  const tlog::VerifierKey& key() const { return key_.verifier(); }
  const std::string& origin() const { return origin_; }
  // What it sees and keeps, in plain words, for shoppers.
  std::string About() const;

 private:
  Attester(std::string origin, const report::Element& nullifier_key, tlog::SignerKey key,
           Database seen, OrderMailRules rules, TrustPolicy policy);
  Expected<std::string> SignOnce(const report::PurchaseProof& proof);
  Expected<report::ProofRequest> ReadRequest(std::string_view request) const;

  const std::string origin_;
  const report::Element nullifier_key_;
  const tlog::SignerKey key_;
  std::mutex mutex_;  // of seen_
  Database seen_;
  const OrderMailRules rules_;
  const TrustPolicy policy_;
  std::optional<DkimKeys> keys_;
};

}  // namespace kaopu
