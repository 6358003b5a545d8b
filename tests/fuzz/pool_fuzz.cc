// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors

// The files of a registry on the shopper's disk and what a registry answers, in any bytes: files
// that are read are written back the same, and no answer is believed that nobody signed.
#include <cstdint>
#include <string_view>

#include "must.h"
#include "pool/net/registry_answers.h"
#include "pool/pool_folder.h"
#include "pool/range_set.h"

using kaopu::testing::Must;
using kaopu::testing::MustReadBack;
using namespace kaopu;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const auto log = tlog::SignerKey::Generate("log.example", tlog::KeyKind::kEd25519);
  static const report::Envelope sent{.report = "{}"};
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  MustReadBack<pool::RegistryInfo>(text);
  MustReadBack<pool::SyncState>(text);
  MustReadBack<pool::RegistrySettings>(text);
  MustReadBack<pool::RangeSet>(text);
  (void)pool::IsRegistryId(text);
  if (const auto challenge = pool::ReadChallengeAnswer(text)) {
    Must(challenge->bits <= report::kWorkBitsMax);
  }
  (void)pool::ReadNullifierAnswer(text);
  Must(!pool::ReadReportAnswer(text, sent, log->verifier()));
  (void)pool::ReadWithdrawalAnswer(text, 5);
  for (const int status : {200, 404, 429, 500}) {
    const Error refusal = pool::ReadRefusal(status, text);
    Must(!refusal.message.empty() && refusal.message.size() < 4096);
    Must(refusal.message.find('\n') == std::string::npos);
  }
  // content, salt and proof of a receipt that was kept, a line each
  const size_t salt = text.find('\n');
  const size_t proof = salt == text.npos ? text.npos : text.find('\n', salt + 1);
  if (proof != text.npos) {
    Must(!pool::CheckReceipt(3, text.substr(0, salt), text.substr(salt + 1, proof - salt - 1),
                             text.substr(proof + 1), log->verifier()));
  }
  return 0;
}
