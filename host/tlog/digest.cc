// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "tlog/digest.h"

#include <openssl/evp.h>
#include <sodium.h>

#include <algorithm>
#include <cstdlib>

namespace kaopu::tlog {
namespace {

// The algorithm is looked up once a process (OpenSSL 3 otherwise looks it up at each hash, which
// costs more than hashing), the context once a thread.
struct Hasher {
  const EVP_MD* algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  EVP_MD_CTX* context = EVP_MD_CTX_new();

  Hasher() = default;
  Hasher(const Hasher&) = delete;
  Hasher& operator=(const Hasher&) = delete;
  ~Hasher() {
    EVP_MD_CTX_free(context);
    EVP_MD_free(const_cast<EVP_MD*>(algorithm));
  }
};

}  // namespace

Digest Sha256(std::initializer_list<std::string_view> parts) {
  thread_local Hasher hasher;
  Digest digest;
  bool ok = EVP_DigestInit_ex2(hasher.context, hasher.algorithm, nullptr) == 1;
  for (const std::string_view part : parts) {
    ok = ok && EVP_DigestUpdate(hasher.context, part.data(), part.size()) == 1;
  }
  ok = ok && EVP_DigestFinal_ex(hasher.context, digest.data(), nullptr) == 1;
  if (!ok) std::abort();  // no SHA-256 in this process: nothing the log says could be trusted
  return digest;
}

std::string ToBase64(std::string_view bytes) {
  std::string text(sodium_base64_encoded_len(bytes.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
  sodium_bin2base64(text.data(), text.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                    bytes.size(), sodium_base64_VARIANT_ORIGINAL);
  text.pop_back();  // its terminating zero
  return text;
}

std::optional<std::string> FromBase64(std::string_view text) {
  std::string bytes(text.size() / 4 * 3 + 3, '\0');
  size_t size = 0;
  if (text.size() % 4 != 0 ||
      sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), text.data(),
                        text.size(), nullptr, &size, nullptr,
                        sodium_base64_VARIANT_ORIGINAL) != 0) {
    return std::nullopt;
  }
  bytes.resize(size);
  // libsodium 1.0.18 takes some bytes above 0x7F for letters: only what it writes itself counts.
  if (ToBase64(bytes) != text) return std::nullopt;
  return bytes;
}

std::optional<Digest> DigestFromBase64(std::string_view text) {
  const auto bytes = FromBase64(text);
  if (!bytes || bytes->size() != kDigestBytes) return std::nullopt;
  Digest digest;
  std::copy(bytes->begin(), bytes->end(), digest.begin());
  return digest;
}

}  // namespace kaopu::tlog
