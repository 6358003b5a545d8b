// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The keys a shopper signs reports with, all drawn from one secret seed: one key for each registry
// (only that registry sees it, and judges the reporter by it) and one for each seller at each
// registry (public: reports by one shopper on two sellers cannot be linked by it).
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tlog/digest.h"

namespace kaopu::report {

using ReporterSeed = std::array<uint8_t, 32>;  // secret
using PublicKey = std::array<uint8_t, 32>;     // Ed25519
using Signature = std::array<uint8_t, 64>;

ReporterSeed NewReporterSeed();

// Wiped when it goes.
class SigningKey {
 public:
  static SigningKey OfReporter(const ReporterSeed& seed, std::string_view origin);
  static SigningKey OfSeller(const ReporterSeed& seed, std::string_view origin,
                             std::string_view seller_key);
  SigningKey(SigningKey&& other) noexcept;
  SigningKey& operator=(SigningKey&&) = delete;
  ~SigningKey();

  const PublicKey& key() const { return public_; }
  Signature Sign(std::string_view text) const;

 private:
  SigningKey(const ReporterSeed& seed, std::string_view purpose);

  PublicKey public_{};
  std::array<uint8_t, 64> secret_{};
};

bool IsSignedBy(const PublicKey& key, std::string_view text, const Signature& signature);

// base64 with padding; nullopt where it is not exactly N bytes.
template <size_t N>
std::string BytesToText(const std::array<uint8_t, N>& bytes) {
  return tlog::ToBase64({reinterpret_cast<const char*>(bytes.data()), N});
}
template <size_t N>
std::optional<std::array<uint8_t, N>> BytesFromText(std::string_view text) {
  const auto bytes = tlog::FromBase64(text);
  if (!bytes || bytes->size() != N) return std::nullopt;
  std::array<uint8_t, N> out;
  std::copy(bytes->begin(), bytes->end(), out.begin());
  return out;
}

}  // namespace kaopu::report
