// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "report/seal/proof_of_work.h"

#include <sodium.h>

#include <bit>
#include <charconv>
#include <vector>

#include "base/hex.h"
#include "base/str_cat.h"
#include "tlog/digest.h"
#include "tlog/text_lines.h"

namespace kaopu::report {
namespace {

constexpr std::string_view kName = "kaopu-work-1";  // WIRE
constexpr size_t kIdBytes = 16, kMacBytes = 16;

std::string ToUrl64(const unsigned char* bytes, size_t size) {
  std::string text(sodium_base64_encoded_len(size, sodium_base64_VARIANT_URLSAFE_NO_PADDING), '\0');
  sodium_bin2base64(text.data(), text.size(), bytes, size,
                    sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  text.pop_back();
  return text;
}

std::string MacOf(const ChallengeKey& key, std::string_view signed_part) {
  std::array<unsigned char, kMacBytes> mac;
  crypto_generichash(mac.data(), mac.size(),
                     reinterpret_cast<const unsigned char*>(signed_part.data()), signed_part.size(),
                     key.data(), key.size());
  return ToUrl64(mac.data(), mac.size());
}

std::vector<std::string_view> Parts(std::string_view text) {
  std::vector<std::string_view> out;
  while (out.size() < 6) {
    const size_t dot = text.find('.');
    out.push_back(text.substr(0, dot));
    if (dot == std::string_view::npos) break;
    text.remove_prefix(dot + 1);
  }
  return out;
}

int LeadingZeros(const tlog::Digest& digest) {
  int zeros = 0;
  for (const uint8_t byte : digest) {
    zeros += std::countl_zero(byte);
    if (byte != 0) break;
  }
  return zeros;
}

std::string WorkPrefix(const Challenge& challenge, std::string_view what) {
  return StrCat(challenge.text, "\n", HexOf(tlog::Sha256({what})), "\n");
}

int WorkOf(std::string_view prefix, uint64_t solution) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), solution).ptr;
  return LeadingZeros(
      tlog::Sha256({prefix, {digits.data(), static_cast<size_t>(end - digits.data())}}));
}

}  // namespace

Challenge MakeChallenge(const ChallengeKey& key, int bits, TimeMs expires) {
  std::array<unsigned char, kIdBytes> id;
  randombytes_buf(id.data(), id.size());
  Challenge out{.text = {}, .bits = bits, .expires = expires, .id = ToUrl64(id.data(), id.size())};
  out.text = StrCat(kName, ".", bits, ".", expires.time_since_epoch().count(), ".", out.id);
  out.text = StrCat(out.text, ".", MacOf(key, out.text));
  return out;
}

Expected<Challenge> ParseChallenge(std::string_view text) {
  const std::vector<std::string_view> parts = text.size() <= 200 ? Parts(text) : Parts("");
  Challenge out;
  const auto wrong = [] { return Fail(ErrorCode::kBadRequest, "challenge: not one of ours"); };
  if (parts.size() != 5 || parts[0] != kName || parts[3].empty()) return wrong();
  const auto bits = tlog::ParseDecimal(parts[1]), expires = tlog::ParseDecimal(parts[2]);
  if (!bits || *bits > kWorkBitsMax || !expires || *expires > uint64_t{1} << 52) return wrong();
  for (const char c : text) {
    if (static_cast<unsigned char>(c) <= 0x20 || static_cast<unsigned char>(c) >= 0x7f) {
      return wrong();
    }
  }
  out.text = text;
  out.bits = static_cast<int>(*bits);
  out.expires = TimeMs{std::chrono::milliseconds{static_cast<int64_t>(*expires)}};
  out.id = parts[3];
  return out;
}

Expected<Challenge> CheckChallenge(const ChallengeKey& key, std::string_view text, TimeMs now) {
  Expected<Challenge> out = ParseChallenge(text);
  if (!out) return out;
  const size_t dot = text.rfind('.');
  const std::string mac = MacOf(key, text.substr(0, dot));
  const std::string_view given = text.substr(dot + 1);
  if (given.size() != mac.size() || sodium_memcmp(given.data(), mac.data(), mac.size()) != 0) {
    return Fail(ErrorCode::kForbidden, "challenge: this registry did not give it");
  }
  if (now >= out->expires) {
    return Fail(ErrorCode::kTimeout, "challenge: it has expired; ask for a new one");
  }
  return out;
}

bool IsSolution(const Challenge& challenge, std::string_view what, uint64_t solution) {
  return WorkOf(WorkPrefix(challenge, what), solution) >= challenge.bits;
}

std::optional<uint64_t> Solve(const Challenge& challenge, std::string_view what,
                              const std::atomic<bool>* stop) {
  const std::string prefix = WorkPrefix(challenge, what);
  for (uint64_t solution = 0;; ++solution) {
    if (stop != nullptr && (solution & 0xfff) == 0 && stop->load(std::memory_order_relaxed)) {
      return std::nullopt;
    }
    if (WorkOf(prefix, solution) >= challenge.bits) return solution;
  }
}

}  // namespace kaopu::report
