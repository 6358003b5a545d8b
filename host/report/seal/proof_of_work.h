// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Hashcash on a challenge that the registry need not remember: it says itself how much work is
// asked, until when it holds, and that the registry made it. A speed bump against floods, no more.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"

namespace kaopu::report {

inline constexpr int kWorkBitsMax = 28;  // some minutes on one core

// `kaopu-work-1.<bits>.<expires, UTC ms>.<id>.<mac>`; id and mac are base64url.
struct Challenge {
  std::string text;  // verbatim: what is hashed
  int bits = 0;
  TimeMs expires{};
  std::string id;  // 16 bytes, base64url: for use once
};

using ChallengeKey = std::array<uint8_t, 32>;

Challenge MakeChallenge(const ChallengeKey& key, int bits, TimeMs expires);
// Of anybody's challenge, whether genuine or not. kBadRequest.
Expected<Challenge> ParseChallenge(std::string_view text);
// Genuine and not expired: kForbidden, kTimeout.
Expected<Challenge> CheckChallenge(const ChallengeKey& key, std::string_view text, TimeMs now);

// SHA-256(challenge, newline, SHA-256(what) in hex, newline, solution in decimal) begins with so
// many zero bits. `what` are the bytes that are paid for: the report, or a blinded element.
bool IsSolution(const Challenge& challenge, std::string_view what, uint64_t solution);
// Tries until it is found; nullopt once `stop` is set.
std::optional<uint64_t> Solve(const Challenge& challenge, std::string_view what,
                              const std::atomic<bool>* stop = nullptr);

}  // namespace kaopu::report
