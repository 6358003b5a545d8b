// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "tlog/note.h"

#include <sodium.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <utility>

#include "base/hex.h"
#include "base/str_cat.h"
#include "tlog/digest.h"
#include "tlog/text_lines.h"

namespace kaopu::tlog {
namespace {

constexpr std::string_view kPrivatePrefix = "PRIVATE+KEY+";
constexpr std::string_view kDash = "\xE2\x80\x94 ";  // em dash, space
constexpr size_t kTimeBytes = 8;

// Every call into libsodium goes after this; it costs nothing the second time.
void NeedSodium() {
  static const bool ready = sodium_init() >= 0;
  if (!ready) std::abort();
}

std::unexpected<Error> Refuse(std::string why) {
  return Fail(ErrorCode::kBadRequest, std::move(why));
}

std::string BigEndian(uint64_t value, size_t bytes) {
  std::string text;
  for (size_t i = bytes; i-- > 0;) text += static_cast<char>(value >> (8 * i));
  return text;
}

uint64_t FromBigEndian(std::string_view bytes) {
  uint64_t value = 0;
  for (const char byte : bytes) value = value << 8 | static_cast<uint8_t>(byte);
  return value;
}

// Unicode's spaces, by code point; names are valid UTF-8 when they come here.
bool HasSpaceOrPlus(std::string_view name) {
  static constexpr std::string_view kSpaces[] = {"+",
                                                 " ",
                                                 "\xC2\x85",
                                                 "\xC2\xA0",
                                                 "\xE1\x9A\x80",
                                                 "\xE2\x80\x80",
                                                 "\xE2\x80\x81",
                                                 "\xE2\x80\x82",
                                                 "\xE2\x80\x83",
                                                 "\xE2\x80\x84",
                                                 "\xE2\x80\x85",
                                                 "\xE2\x80\x86",
                                                 "\xE2\x80\x87",
                                                 "\xE2\x80\x88",
                                                 "\xE2\x80\x89",
                                                 "\xE2\x80\x8A",
                                                 "\xE2\x80\xA8",
                                                 "\xE2\x80\xA9",
                                                 "\xE2\x80\xAF",
                                                 "\xE2\x81\x9F",
                                                 "\xE3\x80\x80"};
  return std::ranges::any_of(
      kSpaces, [&](std::string_view space) { return name.find(space) != std::string_view::npos; });
}

bool IsName(std::string_view name) {
  return !name.empty() && IsNoteText(name) && name.find('\n') == std::string_view::npos &&
         !HasSpaceOrPlus(name);
}

uint32_t KeyId(std::string_view name, KeyKind kind, std::span<const uint8_t, 32> key) {
  const char kind_byte = static_cast<char>(kind);
  const Digest digest =
      Sha256({name, "\n", std::string_view(&kind_byte, 1),
              std::string_view(reinterpret_cast<const char*>(key.data()), key.size())});
  return static_cast<uint32_t>(FromBigEndian(AsText(digest).substr(0, 4)));
}

struct KeyText {
  std::string_view name;
  uint32_t id = 0;
  KeyKind kind = KeyKind::kEd25519;
  std::array<uint8_t, 32> bytes{};
};

// `<name>+<id>+<base64>`: of both kinds of key.
Expected<KeyText> ParseKeyText(std::string_view text) {
  const size_t first = text.find('+');
  const size_t second = first == std::string_view::npos ? first : text.find('+', first + 1);
  if (second == std::string_view::npos) {
    return Refuse("a key is written NAME+ID+KEY, with two plus signs");
  }
  KeyText key;
  key.name = text.substr(0, first);
  if (!IsName(key.name)) return Refuse("the key's name is empty or holds spaces");
  const std::string_view id = text.substr(first + 1, second - first - 1);
  const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), key.id, 16);
  if (id.size() != 8 || error != std::errc() || end != id.data() + id.size()) {
    return Refuse("the key's id is not 8 hexadecimal digits");
  }
  const auto bytes = FromBase64(text.substr(second + 1));
  if (!bytes) return Refuse("the key is not base64");
  if (bytes->size() != 33 || ((*bytes)[0] != 0x01 && (*bytes)[0] != 0x04)) {
    return Refuse("the key is of no known kind (Ed25519, or Ed25519 cosignature)");
  }
  key.kind = static_cast<KeyKind>((*bytes)[0]);
  std::copy(bytes->begin() + 1, bytes->end(), key.bytes.begin());
  return key;
}

std::string KeyBytes(KeyKind kind, std::span<const uint8_t, 32> key) {
  std::string bytes(1, static_cast<char>(kind));
  bytes.append(reinterpret_cast<const char*>(key.data()), key.size());
  return bytes;
}

// What a cosignature signs: c2sp.org/tlog-cosignature, "Ed25519 signed message".
std::string CosignedMessage(uint64_t time_s, std::string_view note_text) {
  return StrCat("cosignature/v1\ntime ", time_s, "\n", note_text);
}

bool SignedBy(const VerifierKey& key, std::string_view message, std::string_view signature) {
  return signature.size() == crypto_sign_BYTES &&
         crypto_sign_verify_detached(reinterpret_cast<const unsigned char*>(signature.data()),
                                     reinterpret_cast<const unsigned char*>(message.data()),
                                     message.size(), key.key.data()) == 0;
}

std::optional<VerifiedSignature> Verify(const Note& note, const NoteSignature& signature,
                                        const VerifierKey& key) {
  if (key.kind == KeyKind::kEd25519) {
    if (!SignedBy(key, note.text, signature.bytes)) return std::nullopt;
    return VerifiedSignature{key.name, key.kind, std::nullopt};
  }
  if (signature.bytes.size() < kTimeBytes) return std::nullopt;
  const uint64_t time_s = FromBigEndian(std::string_view(signature.bytes).substr(0, kTimeBytes));
  const auto rest = std::string_view(signature.bytes).substr(kTimeBytes);
  if (time_s >> 63 != 0 || !SignedBy(key, CosignedMessage(time_s, note.text), rest)) {
    return std::nullopt;
  }
  return VerifiedSignature{key.name, key.kind, time_s};
}

Expected<NoteSignature> ParseSignatureLine(std::string_view line) {
  const auto bad = [] {
    return Refuse("a signature line is not: dash, space, name, space, base64");
  };
  if (!line.starts_with(kDash)) return bad();
  line.remove_prefix(kDash.size());
  const size_t space = line.find(' ');
  if (space == std::string_view::npos) return bad();
  const std::string_view name = line.substr(0, space);
  const auto bytes = FromBase64(line.substr(space + 1));
  if (!IsName(name) || !bytes || bytes->size() < 5) return bad();
  return NoteSignature{std::string(name),
                       static_cast<uint32_t>(FromBigEndian(std::string_view(*bytes).substr(0, 4))),
                       bytes->substr(4)};
}

}  // namespace

Expected<VerifierKey> VerifierKey::Parse(std::string_view text) {
  const auto parsed = ParseKeyText(text);
  if (!parsed) return std::unexpected(parsed.error());
  if (parsed->id != KeyId(parsed->name, parsed->kind, parsed->bytes)) {
    return Refuse("the key's id does not belong to its name and key");
  }
  return VerifierKey{std::string(parsed->name), parsed->id, parsed->kind, parsed->bytes};
}

std::string VerifierKey::ToText() const {
  return StrCat(name, "+", HexDigits(id, 8), "+", ToBase64(KeyBytes(kind, key)));
}

SignerKey::SignerKey(std::string_view name, KeyKind kind, std::span<const uint8_t, 32> seed) {
  NeedSodium();
  std::copy(seed.begin(), seed.end(), seed_.begin());
  verifier_.name = name;
  verifier_.kind = kind;
  crypto_sign_seed_keypair(verifier_.key.data(), secret_.data(), seed_.data());
  verifier_.id = KeyId(name, kind, verifier_.key);
}

SignerKey::SignerKey(SignerKey&& other) noexcept
    : verifier_(std::move(other.verifier_)), seed_(other.seed_), secret_(other.secret_) {
  sodium_memzero(other.seed_.data(), other.seed_.size());
  sodium_memzero(other.secret_.data(), other.secret_.size());
}

SignerKey::~SignerKey() {
  sodium_memzero(seed_.data(), seed_.size());
  sodium_memzero(secret_.data(), secret_.size());
}

Expected<SignerKey> SignerKey::Generate(std::string_view name, KeyKind kind) {
  if (!IsName(name)) {
    return Refuse(
        "a key's name must not be empty nor hold spaces, plus signs or control characters");
  }
  NeedSodium();
  std::array<uint8_t, 32> seed;
  randombytes_buf(seed.data(), seed.size());
  SignerKey key(name, kind, seed);
  sodium_memzero(seed.data(), seed.size());
  return key;
}

Expected<SignerKey> SignerKey::Parse(std::string_view text) {
  if (!text.starts_with(kPrivatePrefix)) return Refuse("a private key begins with PRIVATE+KEY+");
  auto parsed = ParseKeyText(text.substr(kPrivatePrefix.size()));
  if (!parsed) return std::unexpected(parsed.error());
  SignerKey key(parsed->name, parsed->kind, parsed->bytes);
  sodium_memzero(parsed->bytes.data(), parsed->bytes.size());
  if (key.verifier().id != parsed->id) {
    return Refuse("the private key's id does not belong to its name and key");
  }
  return key;
}

std::string SignerKey::ToText() const {
  return StrCat(kPrivatePrefix, verifier_.name, "+", HexDigits(verifier_.id, 8), "+",
                ToBase64(KeyBytes(verifier_.kind, seed_)));
}

std::string SignerKey::SignatureLine(std::string_view note_text, uint64_t time_s) const {
  const bool timed = verifier_.kind == KeyKind::kCosignature;
  const std::string message = timed ? CosignedMessage(time_s, note_text) : std::string(note_text);
  std::string signature(crypto_sign_BYTES, '\0');
  crypto_sign_detached(reinterpret_cast<unsigned char*>(signature.data()), nullptr,
                       reinterpret_cast<const unsigned char*>(message.data()), message.size(),
                       secret_.data());
  const std::string time = timed ? BigEndian(time_s, kTimeBytes) : std::string();
  return StrCat(kDash, verifier_.name, " ",
                ToBase64(StrCat(BigEndian(verifier_.id, 4), time, signature)), "\n");
}

Expected<Note> Note::Parse(std::string_view note) {
  if (note.size() > kNoteBytesMax) {
    return Refuse(StrCat("the note has ", note.size(), " bytes, at most ", kNoteBytesMax));
  }
  if (!IsNoteText(note)) return Refuse("the note is not UTF-8 or holds control characters");
  const size_t split = note.rfind("\n\n");
  if (split == std::string_view::npos || !note.ends_with('\n') || split + 2 == note.size()) {
    return Refuse("the note has no signature lines after an empty line");
  }
  Note parsed{std::string(note.substr(0, split + 1)), {}};
  for (LineReader lines(note.substr(split + 2)); !lines.AtEnd();) {
    const auto line = lines.Next();
    if (!line) return std::unexpected(line.error());
    if (parsed.signatures.size() == kNoteSignaturesMax) {
      return Refuse(StrCat("the note has more than ", kNoteSignaturesMax, " signatures"));
    }
    auto signature = ParseSignatureLine(*line);
    if (!signature) return std::unexpected(signature.error());
    parsed.signatures.push_back(std::move(*signature));
  }
  return parsed;
}

Expected<std::vector<VerifiedSignature>> VerifyNote(const Note& note,
                                                    std::span<const VerifierKey> keys) {
  NeedSodium();
  std::vector<VerifiedSignature> verified;
  for (const VerifierKey& key : keys) {
    bool counted = false;
    for (const NoteSignature& signature : note.signatures) {
      if (signature.name != key.name || signature.key_id != key.id) continue;
      auto one = Verify(note, signature, key);
      if (!one) return Refuse(StrCat("the signature by ", key.name, " is not valid"));
      if (!std::exchange(counted, true)) verified.push_back(std::move(*one));
    }
  }
  return verified;
}

}  // namespace kaopu::tlog
