// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors

// What logs send to witnesses, what witnesses answer and keep, in any bytes: what is read is written
// back the same, and nothing is cosigned or taken for cosigned that no key has signed.
#include <cstdint>
#include <string_view>

#include "must.h"
#include "registry/witness/ask_witnesses.h"
#include "registry/witness/witness.h"
#include "tlog/witness.h"

using kaopu::testing::Must;
using kaopu::testing::MustReadBack;
using namespace kaopu;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const auto log = tlog::SignerKey::Generate("log.example", tlog::KeyKind::kEd25519);
  static const auto witness = tlog::SignerKey::Generate("w.example", tlog::KeyKind::kCosignature);
  static const std::string text = tlog::Checkpoint{"log.example", 1, {}, {}}.ToText();
  static const std::string note = text + "\n" + log->SignatureLine(text, 0);
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  if (const auto request = tlog::AddCheckpoint::Parse(input)) {
    Must(request->ToText() == input);
    Must(request->proof.size() <= tlog::kConsistencyLinesMax && !request->checkpoint.empty());
  }
  Must(!tlog::TakeCosignature(note, input, log->verifier(), witness->verifier()));
  MustReadBack<FollowedLog>(input);
  if (const auto address = WitnessAddress::Parse(input)) {
    Must(address->key.kind == tlog::KeyKind::kCosignature && !address->url.ends_with('/'));
  }
  return 0;
}
