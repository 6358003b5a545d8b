// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors

// What a shopper sends and what the public log holds, in any bytes: what is read is written back
// the same, and nothing is taken for signed that no key signed.
#include "report/report.h"

#include <cstdint>
#include <string_view>

#include "must.h"
#include "report/seal/envelope.h"
#include "report/seal/log_entry.h"
#include "report/seal/proof_of_work.h"
#include "report/seal/published_index.h"

namespace {

using kaopu::testing::Must;
using kaopu::testing::MustReadBack;
using namespace kaopu;
using namespace kaopu::report;

// Texts with one form alone: the log commits to them.
template <class T>
void TryExact(std::string_view text) {
  if (const auto read = T::Parse(text)) Must(read->ToText() == text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const auto operator_key =
      tlog::SignerKey::Generate("registry.example", tlog::KeyKind::kEd25519);
  static constexpr ChallengeKey kKey = {1, 2, 3};
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  TryExact<Report>(text);
  if (const auto report = Report::Parse(text); report && CheckReport(*report)) OutcomeOf(*report);
  MustReadBack<Envelope>(text);
  if (const auto envelope = Envelope::Parse(text)) {
    Must(!OpenEnvelope(*envelope, "https://registry.example"));
  }
  MustReadBack<Withdrawal>(text);
  MustReadBack<Content>(text);
  MustReadBack<ContentLine>(text);
  MustReadBack<Manifest>(text);
  Must(!ReadOperatorEntry(text, operator_key->verifier()));
  if (const auto challenge = ParseChallenge(text)) {
    Must(challenge->text == text && challenge->bits <= kWorkBitsMax);
    Must(!CheckChallenge(kKey, text, TimeMs{}));
    IsSolution(*challenge, "report", 7);
  }
  return 0;
}
