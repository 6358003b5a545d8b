// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "report/seal/voprf.h"

#include <sodium.h>

#include <algorithm>
#include <cstdlib>

#include "base/str_cat.h"

namespace kaopu::report {
namespace {

using Hash512 = std::array<uint8_t, 64>;

// "OPRFV1-" || I2OSP(1, 1) || "-ristretto255-SHA512"
std::string ContextString() { return std::string("OPRFV1-\x01-ristretto255-SHA512", 28); }

std::string_view View(const auto& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string TwoBytes(size_t value) {
  return {static_cast<char>(value >> 8 & 0xff), static_cast<char>(value & 0xff)};
}

std::string Prefixed(std::string_view bytes) {
  std::string out = TwoBytes(bytes.size());
  out += bytes;
  return out;
}

Hash512 Sha512(std::string_view bytes) {
  Hash512 out;
  crypto_hash_sha512(out.data(), reinterpret_cast<const unsigned char*>(bytes.data()),
                     bytes.size());
  return out;
}

// expand_message_xmd of RFC 9380 with SHA-512 for 64 bytes: one block.
Hash512 Expand(std::string_view message, std::string_view tag) {
  std::string suffix(tag);
  suffix += static_cast<char>(tag.size());
  std::string first(128, '\0');  // the hash's block of zeros
  first += message;
  first += TwoBytes(64);
  first += '\0';
  first += suffix;
  const Hash512 b0 = Sha512(first);
  std::string second(View(b0));
  second += '\x01';
  second += suffix;
  return Sha512(second);
}

Element HashToGroup(std::string_view input) {
  const Hash512 uniform = Expand(input, "HashToGroup-" + ContextString());
  Element out;
  crypto_core_ristretto255_from_hash(out.data(), uniform.data());
  return out;
}

Scalar HashToScalar(std::string_view input, std::string_view tag) {
  const Hash512 uniform = Expand(input, tag);
  Scalar out;
  crypto_core_ristretto255_scalar_reduce(out.data(), uniform.data());
  return out;
}

Scalar HashToScalar(std::string_view input) {
  return HashToScalar(input, "HashToScalar-" + ContextString());
}

// nullopt where the element is none, or the product is the identity.
std::optional<Element> Times(const Scalar& scalar, const Element& element) {
  Element out;
  if (crypto_scalarmult_ristretto255(out.data(), scalar.data(), element.data()) != 0) return {};
  return out;
}

Element TimesBase(const Scalar& scalar) {
  Element out{};
  crypto_scalarmult_ristretto255_base(out.data(), scalar.data());
  return out;
}

std::optional<Element> Plus(const Element& a, const Element& b) {
  Element out;
  if (crypto_core_ristretto255_add(out.data(), a.data(), b.data()) != 0) return {};
  return out;
}

Scalar RandomScalar() {
  Scalar out;
  crypto_core_ristretto255_scalar_random(out.data());
  return out;
}

// The weight of the one pair in the proof (ComputeComposites with m = 1).
Scalar CompositeWeight(const Element& key, const Element& blinded, const Element& evaluated) {
  const Hash512 seed = Sha512(Prefixed(View(key)) + Prefixed("Seed-" + ContextString()));
  return HashToScalar(Prefixed(View(seed)) + TwoBytes(0) + Prefixed(View(blinded)) +
                      Prefixed(View(evaluated)) + "Composite");
}

Scalar ChallengeOf(const Element& key, const Element& m, const Element& z, const Element& t2,
                   const Element& t3) {
  std::string transcript;
  for (const Element* element : {&key, &m, &z, &t2, &t3}) transcript += Prefixed(View(*element));
  return HashToScalar(transcript + "Challenge");
}

Hash512 ValueOf(std::string_view input, const Element& unblinded) {
  return Sha512(Prefixed(input) + Prefixed(View(unblinded)) + "Finalize");
}

}  // namespace

VoprfKey VoprfKey::Generate() {
  VoprfKey out;
  out.secret = RandomScalar();
  out.key = TimesBase(out.secret);
  return out;
}

VoprfKey VoprfKey::Derive(std::string_view seed, std::string_view info) {
  VoprfKey out;
  const std::string input = std::string(seed) + Prefixed(info);
  for (int counter = 0; counter < 256; ++counter) {
    out.secret =
        HashToScalar(input + static_cast<char>(counter), "DeriveKeyPair" + ContextString());
    if (sodium_is_zero(out.secret.data(), out.secret.size()) == 0) break;
  }
  out.key = TimesBase(out.secret);
  return out;
}

Expected<VoprfKey> VoprfKey::FromSecret(const Scalar& secret) {
  VoprfKey out{.secret = secret, .key = {}};
  Hash512 wide{};
  std::ranges::copy(secret, wide.begin());
  Scalar reduced;
  crypto_core_ristretto255_scalar_reduce(reduced.data(), wide.data());
  if (reduced != secret || sodium_is_zero(secret.data(), secret.size()) != 0) {
    return Fail(ErrorCode::kBadRequest, "nullifier key: no scalar of ristretto255");
  }
  out.key = TimesBase(secret);
  return out;
}

Blinded BlindInput(std::string_view input, const std::optional<Scalar>& blind) {
  Blinded out;
  out.blind = blind ? *blind : RandomScalar();
  const auto element = Times(out.blind, HashToGroup(input));
  if (!element) std::abort();  // an input that hashes to the identity: 2^-252
  out.element = *element;
  return out;
}

Expected<Evaluation> EvaluateBlinded(const VoprfKey& key, const Element& blinded,
                                     const std::optional<Scalar>& randomness) {
  const auto evaluated = Times(key.secret, blinded);
  if (!evaluated) {
    return Fail(ErrorCode::kBadRequest, "blinded: no element of ristretto255");
  }
  const auto m = Times(CompositeWeight(key.key, blinded, *evaluated), blinded);
  if (!m) return Fail(ErrorCode::kBadRequest, "blinded: no element of ristretto255");
  const auto z = Times(key.secret, *m);
  const Scalar r = randomness ? *randomness : RandomScalar();
  const auto t3 = Times(r, *m);
  if (!z || !t3) return Fail(ErrorCode::kInternal, "nullifier: no proof could be made");
  const Scalar c = ChallengeOf(key.key, *m, *z, TimesBase(r), *t3);
  Scalar ck, s;
  crypto_core_ristretto255_scalar_mul(ck.data(), c.data(), key.secret.data());
  crypto_core_ristretto255_scalar_sub(s.data(), r.data(), ck.data());
  Evaluation out{.element = *evaluated, .proof = {}};
  std::ranges::copy(s, std::ranges::copy(c, out.proof.begin()).out);
  return out;
}

Expected<Hash512> Finalize(std::string_view input, const Blinded& blinded,
                           const Evaluation& evaluation, const Element& key) {
  const auto wrong = [] {
    return Fail(ErrorCode::kForbidden,
                "the registry's nullifier does not come from the key it gives to everybody");
  };
  Scalar c, s;
  std::copy_n(evaluation.proof.begin(), 32, c.begin());
  std::copy_n(evaluation.proof.begin() + 32, 32, s.begin());
  const Scalar weight = CompositeWeight(key, blinded.element, evaluation.element);
  const auto m = Times(weight, blinded.element), z = Times(weight, evaluation.element);
  const auto ck = Times(c, key);
  if (!m || !z || !ck) return wrong();
  const auto sm = Times(s, *m), cz = Times(c, *z);
  if (!sm || !cz) return wrong();
  const auto t2 = Plus(TimesBase(s), *ck), t3 = Plus(*sm, *cz);
  if (!t2 || !t3 || ChallengeOf(key, *m, *z, *t2, *t3) != c) return wrong();
  Scalar inverse;
  if (crypto_core_ristretto255_scalar_invert(inverse.data(), blinded.blind.data()) != 0) {
    return wrong();
  }
  const auto unblinded = Times(inverse, evaluation.element);
  if (!unblinded) return wrong();
  return ValueOf(input, *unblinded);
}

Hash512 EvaluateInput(const VoprfKey& key, std::string_view input) {
  const auto element = Times(key.secret, HashToGroup(input));
  if (!element) std::abort();
  return ValueOf(input, *element);
}

std::string NullifierInput(std::string_view platform, std::string_view order_id) {
  return StrCat(platform, "\n", order_id);
}

Nullifier NullifierOf(const Hash512& value) {
  Nullifier out;
  std::copy_n(value.begin(), out.size(), out.begin());
  return out;
}

}  // namespace kaopu::report
