// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Signed notes (c2sp.org/signed-note): a text, an empty line, signature lines. Two kinds of
// signature are made and verified: plain Ed25519 (0x01, what a log signs with) and timestamped
// Ed25519 cosignatures of checkpoints (0x04, c2sp.org/tlog-cosignature, what witnesses sign with).
// Lines of other kinds and of unknown keys are kept as they are and never counted.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace kaopu::tlog {

inline constexpr size_t kNoteBytesMax = 256 * 1024;
inline constexpr size_t kNoteSignaturesMax = 64;  // the specification asks for 16 at least

enum class KeyKind : uint8_t { kEd25519 = 0x01, kCosignature = 0x04 };  // WIRE

// A public key as it is handed round: `<name>+<8 hex digits of id>+base64(kind || 32 bytes)`.
struct VerifierKey {
  std::string name;
  uint32_t id = 0;
  KeyKind kind = KeyKind::kEd25519;
  std::array<uint8_t, 32> key{};

  // kBadRequest says what is wrong; an id that does not belong to name and key is refused.
  static Expected<VerifierKey> Parse(std::string_view text);
  std::string ToText() const;
};

// A private key, `PRIVATE+KEY+<name>+<id>+base64(kind || 32-byte seed)`. Wiped when it goes.
class SignerKey {
 public:
  // A new key; kBadRequest for a name that is empty or holds spaces, `+` or control characters.
  static Expected<SignerKey> Generate(std::string_view name, KeyKind kind);
  static Expected<SignerKey> Parse(std::string_view text);
  SignerKey(SignerKey&& other) noexcept;
  SignerKey& operator=(SignerKey&&) = delete;
  ~SignerKey();

  const VerifierKey& verifier() const { return verifier_; }
  std::string ToText() const;  // secret
  // The signature line of this note text, with its line end. `time_s` (POSIX seconds) is signed in
  // by cosignature keys and not used by others.
  std::string SignatureLine(std::string_view note_text, uint64_t time_s) const;

 private:
  SignerKey(std::string_view name, KeyKind kind, std::span<const uint8_t, 32> seed);

  VerifierKey verifier_;
  std::array<uint8_t, 32> seed_{};
  std::array<uint8_t, 64> secret_{};
};

struct NoteSignature {
  std::string name;
  uint32_t key_id = 0;
  std::string bytes;  // without the key id
};

struct Note {
  std::string text;  // with its final newline
  std::vector<NoteSignature> signatures;

  // kBadRequest: not UTF-8, control characters, no signature line, malformed line, or over a limit.
  static Expected<Note> Parse(std::string_view note);
};

struct VerifiedSignature {
  std::string name;
  KeyKind kind = KeyKind::kEd25519;
  std::optional<uint64_t> time_s;  // of a cosignature
};

// The signatures by these keys, each key once. kBadRequest where a signature that claims one of
// these keys does not verify (the whole note is refused then); an empty list where no key signed.
Expected<std::vector<VerifiedSignature>> VerifyNote(const Note& note,
                                                    std::span<const VerifierKey> keys);

}  // namespace kaopu::tlog
