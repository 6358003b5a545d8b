// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The verifiable oblivious pseudorandom function of RFC 9497, suite ristretto255-SHA512, mode
// VOPRF (0x01), one input at a time: the registry evaluates with its key what it cannot see, and
// proves that it used the key everybody is given. From it comes an order's nullifier, by which one
// order counts once: who has not the registry's key can test no guess at an order number.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "tlog/digest.h"

namespace kaopu::report {

using Scalar = std::array<uint8_t, 32>;
using Element = std::array<uint8_t, 32>;  // ristretto255, encoded

struct VoprfKey {
  Scalar secret{};
  Element key{};  // public

  static VoprfKey Generate();
  // DeriveKeyPair of the RFC.
  static VoprfKey Derive(std::string_view seed, std::string_view info);
  // kBadRequest where the scalar is none or zero.
  static Expected<VoprfKey> FromSecret(const Scalar& secret);
};

struct Evaluation {
  Element element{};
  std::array<uint8_t, 64> proof{};  // DLEQ: challenge, response
};

struct Blinded {
  Scalar blind{};  // kept by the asker
  Element element{};
};

// `blind` is drawn anew unless given (for test vectors).
Blinded BlindInput(std::string_view input, const std::optional<Scalar>& blind = {});
// kBadRequest where the element is none.
Expected<Evaluation> EvaluateBlinded(const VoprfKey& key, const Element& blinded,
                                     const std::optional<Scalar>& randomness = {});
// The function's value: 64 bytes. kForbidden where the proof does not hold for `key`: the registry
// used another key for us than for everybody.
Expected<std::array<uint8_t, 64>> Finalize(std::string_view input, const Blinded& blinded,
                                           const Evaluation& evaluation, const Element& key);
// The same without blinding: what who has the key gets.
std::array<uint8_t, 64> EvaluateInput(const VoprfKey& key, std::string_view input);

// An order's nullifier: the first half of the value for `platform`, a newline, `order_id`.
using Nullifier = tlog::Digest;
std::string NullifierInput(std::string_view platform, std::string_view order_id);
Nullifier NullifierOf(const std::array<uint8_t, 64>& value);

}  // namespace kaopu::report
