// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "report/seal/report_keys.h"

#include <sodium.h>

#include "base/str_cat.h"

namespace kaopu::report {
namespace {

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

ReporterSeed NewReporterSeed() {
  ReporterSeed seed;
  randombytes_buf(seed.data(), seed.size());
  return seed;
}

// A key's seed is BLAKE2b of its purpose, keyed with the reporter's seed.
SigningKey::SigningKey(const ReporterSeed& seed, std::string_view purpose) {
  ReporterSeed own;
  crypto_generichash(own.data(), own.size(), Bytes(purpose), purpose.size(), seed.data(),
                     seed.size());
  crypto_sign_seed_keypair(public_.data(), secret_.data(), own.data());
  sodium_memzero(own.data(), own.size());
}

SigningKey SigningKey::OfReporter(const ReporterSeed& seed, std::string_view origin) {
  return {seed, StrCat("kaopu-reporter-key-1\n", origin)};  // DISK
}

SigningKey SigningKey::OfSeller(const ReporterSeed& seed, std::string_view origin,
                                std::string_view seller_key) {
  return {seed, StrCat("kaopu-seller-key-1\n", origin, "\n", seller_key)};  // DISK
}

SigningKey::SigningKey(SigningKey&& other) noexcept
    : public_(other.public_), secret_(other.secret_) {
  sodium_memzero(other.secret_.data(), other.secret_.size());
}

SigningKey::~SigningKey() { sodium_memzero(secret_.data(), secret_.size()); }

Signature SigningKey::Sign(std::string_view text) const {
  Signature out;
  crypto_sign_detached(out.data(), nullptr, Bytes(text), text.size(), secret_.data());
  return out;
}

bool IsSignedBy(const PublicKey& key, std::string_view text, const Signature& signature) {
  return crypto_sign_verify_detached(signature.data(), Bytes(text), text.size(), key.data()) == 0;
}

}  // namespace kaopu::report
