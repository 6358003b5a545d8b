// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors

// What registries and attesters answer to a shopper, in any bytes: nothing that the attester did
// not sign is taken for its word.
#include <cstdint>
#include <string_view>

#include "must.h"
#include "pool/net/prove.h"
#include "pool/net/registry_answers.h"

namespace {

using namespace kaopu;
using kaopu::testing::Must;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const auto attester =
      tlog::SignerKey::Generate("attester.example", tlog::KeyKind::kEd25519);
  Must(attester.has_value());
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)pool::ReadChallengeAnswer(text);
  (void)pool::ReadNullifierAnswer(text);
  (void)pool::ReadProofKeysFile(text);
  if (const auto key = pool::ReadAttesterHealth(text)) {
    Must(tlog::VerifierKey::Parse(key->ToText()).has_value());
  }
  const report::ProofRequest request;
  const auto proof = pool::ReadProofAnswer(text);
  Must(!proof || !pool::CheckProof(*proof, attester->verifier(), request, {}));
  Must(!pool::CheckProof(text, attester->verifier(), request, {}));
  const Error refusal = pool::ReadRefusal(403, text, "an attester");
  Must(refusal.message.size() <= 400);
  return 0;
}
