// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors

// The public log's texts and files in any bytes. What is read is written back: the same text must
// come out, and nothing that was not signed may verify.
#include <cstdint>
#include <string_view>

#include "must.h"
#include "tlog/log_proof.h"
#include "tlog/tiles.h"

namespace {

using kaopu::testing::Must;
using namespace kaopu::tlog;

void TryNote(std::string_view text, const VerifierKey& key) {
  if (const auto note = Note::Parse(text)) {
    const auto verified = VerifyNote(*note, {&key, 1});
    Must(!verified || verified->empty());  // its private key was never used
    if (const auto checkpoint = Checkpoint::Parse(note->text)) {
      Must(checkpoint->ToText() == note->text);
    }
  }
  Must(!VerifyCheckpoint(text, key));
}

void TryProof(std::string_view text, const VerifierKey& key) {
  const auto proof = LogProof::Parse(text);
  if (!proof) return;
  Must(proof->ToText() == text);
  Must(!VerifyLogProof(*proof, LeafHash("entry"), key));
  TryNote(proof->checkpoint, key);
}

void TryKeys(std::string_view text) {
  if (const auto key = VerifierKey::Parse(text)) {
    const auto again = VerifierKey::Parse(key->ToText());
    Must(again && again->id == key->id && again->key == key->key);
  }
  if (const auto key = SignerKey::Parse(text)) Must(SignerKey::Parse(key->ToText()).has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const auto key = SignerKey::Generate("log.example", KeyKind::kEd25519);
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  TryNote(text, key->verifier());
  TryProof(text, key->verifier());
  TryKeys(text);
  for (const uint64_t width : {1, 2, 256}) {
    if (const auto entries = ParseBundle(text, width)) {
      const std::vector<std::string> copies(entries->begin(), entries->end());
      const auto bundle = WriteBundle(copies);
      Must(bundle && *bundle == text);
    }
    if (const auto hashes = ParseTile(text, width)) Must(WriteTile(*hashes) == text);
  }
  return 0;
}
