// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors

// Mails, proofs and requests for them in any bytes: nothing that no key signed is taken for signed,
// and what is read is written back the same.
#include <cstdint>
#include <string_view>

#include "base/files.h"
#include "must.h"
#include "registry/attest/dkim_check.h"
#include "registry/attest/order_mail_rules.h"
#include "report/seal/purchase_proof.h"

using kaopu::testing::Must;
using kaopu::testing::MustReadBack;
using namespace kaopu;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const auto rules = OrderMailRules::Load(KAOPU_SOURCE_DIR "/host/data");
  static const DkimKeys none;  // never DNS
  Must(rules.has_value());
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  OrderMail mail;
  if (mail.Read(text)) {
    (void)mail.Text();
    (void)mail.Day();
    (void)mail.FromDomain();
    for (const char* platform : {"amazon", "ebay", "aliexpress"}) {
      if (const auto orders = rules->Read(mail, platform)) {
        Must(!orders->order_ids.empty() && orders->seller.starts_with(platform));
      }
    }
    Must(!SigningDomains(mail, &none, TimeMs{std::chrono::hours(500'000)}));
  }
  if (const auto proof = report::PurchaseProof::Parse(text)) Must(proof->ToText() == text);
  MustReadBack<report::ProofRequest>(text);
  (void)ParseDkimKeys(text);
  return 0;
}
