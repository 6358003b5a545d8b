// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "report/seal/purchase_proof.h"

#include <sodium.h>

#include <algorithm>
#include <array>

#include "base/json.h"
#include "base/str_cat.h"

namespace kaopu::report {
namespace {

constexpr std::string_view kProofName = "kaopu-proof-1\n";  // WIRE
constexpr size_t kSellerBytesMax = 256, kDomainBytesMax = 253;

std::unexpected<Error> Wrong(std::string message) {
  return Fail(ErrorCode::kBadRequest, std::move(message));
}

std::string_view PlatformOf(std::string_view seller) { return seller.substr(0, seller.find(':')); }

template <size_t N>
Expected<void> ReadBytes(const Json& root, const char* field, std::array<uint8_t, N>& out) {
  const auto text = RequireString(root, field);
  if (!text) return std::unexpected(text.error());
  const auto bytes = BytesFromText<N>(*text);
  if (!bytes) return Wrong(StrCat(field, ": not ", N, " bytes in base64"));
  out = *bytes;
  return {};
}

// `seller` and `week`, which both forms have.
template <typename T>
Expected<void> ReadOrder(const Json& root, T& out) {
  auto seller = RequireString(root, "seller");
  if (!seller) return std::unexpected(seller.error());
  if (seller->size() > kSellerBytesMax || seller->find(':') == std::string::npos ||
      seller->starts_with(':') || seller->ends_with(':')) {
    return Wrong(StrCat("seller: PLATFORM:SHOP in at most ", kSellerBytesMax, " bytes"));
  }
  const auto week_text = RequireString(root, "week");
  if (!week_text) return std::unexpected(week_text.error());
  const auto week = IsoWeek::Parse(*week_text);
  if (!week) return Wrong("week: no week as in 2026-W45");
  out.seller = std::move(*seller);
  out.week = *week;
  return {};
}

template <size_t N>
Expected<void> OnlyFields(const Json& root, const std::array<std::string_view, N>& fields) {
  for (const auto& [name, value] : root.items()) {
    if (std::ranges::find(fields, name) == fields.end()) {
      return Wrong(StrCat("unknown field ", name.substr(0, 40)));
    }
  }
  return {};
}

}  // namespace

std::string PurchaseProof::ToText() const {
  Json body = {{"key", BytesToText(key)},
               {"kind", kind == ProofKind::kDkim ? "dkim" : "vouched"},
               {"nullifier", BytesToText(nullifier)},
               {"seller", seller},
               {"week", week.ToText()}};
  if (kind == ProofKind::kDkim) body["platform_domain"] = platform_domain;
  return StrCat(kProofName, DumpJson(body), "\n");
}

Expected<PurchaseProof> PurchaseProof::Parse(std::string_view note_text) {
  if (!note_text.starts_with(kProofName)) return Wrong("not a kaopu-proof-1");
  std::string_view line = note_text.substr(kProofName.size());
  if (line.empty() || line.find('\n') != line.size() - 1) return Wrong("not one line");
  line.remove_suffix(1);
  const auto body = ParseJson(line, "proof", 4);
  if (!body) return std::unexpected(body.error());
  if (!body->is_object()) return Wrong("no JSON object");
  constexpr std::array<std::string_view, 6> kFields = {"key",  "kind",   "nullifier",
                                                       "week", "seller", "platform_domain"};
  if (auto only = OnlyFields(*body, kFields); !only) return std::unexpected(only.error());
  PurchaseProof out;
  const auto kind = RequireString(*body, "kind");
  if (!kind) return std::unexpected(kind.error());
  if (*kind != "dkim" && *kind != "vouched") return Wrong("kind must be dkim or vouched");
  out.kind = *kind == "dkim" ? ProofKind::kDkim : ProofKind::kVouched;
  if (auto read = ReadBytes(*body, "key", out.key); !read) return std::unexpected(read.error());
  if (auto read = ReadBytes(*body, "nullifier", out.nullifier); !read) {
    return std::unexpected(read.error());
  }
  if (auto read = ReadOrder(*body, out); !read) return std::unexpected(read.error());
  const auto domain = GetString(*body, "platform_domain");
  if (!domain) return std::unexpected(domain.error());
  if (domain->has_value() != (out.kind == ProofKind::kDkim)) {
    return Wrong("platform_domain: for dkim alone, and always there");
  }
  out.platform_domain = domain->value_or("");
  if (out.platform_domain.size() > kDomainBytesMax) return Wrong("platform_domain: too long");
  if (out.ToText() != note_text) return Wrong("not in its one form");
  return out;
}

std::string PurchaseProof::Sign(const tlog::SignerKey& key) const {
  const std::string text = ToText();
  return StrCat(text, "\n", key.SignatureLine(text, 0));
}

std::optional<std::string_view> PurchaseProof::Mismatch(const PublicKey& of_key,
                                                        const Nullifier& of_order,
                                                        std::string_view of_seller,
                                                        const IsoWeek& of_week) const {
  if (key != of_key) return "key";
  if (nullifier != of_order) return "nullifier";
  if (seller != of_seller) return "seller";
  if (week != of_week) return "week";
  return std::nullopt;
}

std::string_view ProofRequest::Platform() const { return PlatformOf(seller); }

std::string ProofRequest::ToText() const {
  return DumpJson({{"v", 1},
                   {"origin", origin},
                   {"seller", seller},
                   {"week", week.ToText()},
                   {"key", BytesToText(key)},
                   {"blind", BytesToText(blind)},
                   {"evaluated", BytesToText(evaluation.element)},
                   {"proof", BytesToText(evaluation.proof)}});
}

Expected<ProofRequest> ProofRequest::Parse(std::string_view text) {
  if (text.size() > kProofRequestBytesMax) {
    return Fail(ErrorCode::kTooLarge,
                StrCat("request: ", text.size(), " bytes; at most ", kProofRequestBytesMax));
  }
  const auto root = ParseJson(text, "request", 4);
  if (!root) return std::unexpected(root.error());
  if (!root->is_object()) return Wrong("request: no JSON object");
  constexpr std::array<std::string_view, 8> kFields = {"v",   "origin", "seller",    "week",
                                                       "key", "blind",  "evaluated", "proof"};
  if (auto only = OnlyFields(*root, kFields); !only) return std::unexpected(only.error());
  const auto version = GetInt(*root, "v");
  if (!version) return std::unexpected(version.error());
  if (!*version || **version != 1) {
    return Fail(*version && **version > 1 ? ErrorCode::kUnsupported : ErrorCode::kBadRequest,
                StrCat("v: ", version->value_or(0), "; this side reads version 1"));
  }
  ProofRequest out;
  auto origin = RequireString(*root, "origin");
  if (!origin) return std::unexpected(origin.error());
  out.origin = std::move(*origin);
  if (auto read = ReadOrder(*root, out); !read) return std::unexpected(read.error());
  if (auto read = ReadBytes(*root, "key", out.key); !read) return std::unexpected(read.error());
  if (auto read = ReadBytes(*root, "blind", out.blind); !read) return std::unexpected(read.error());
  // What no blind of ours can be: zero, or not reduced.
  if (!VoprfKey::FromSecret(out.blind)) return Wrong("blind: no scalar of ristretto255");
  if (auto read = ReadBytes(*root, "evaluated", out.evaluation.element); !read) {
    return std::unexpected(read.error());
  }
  if (auto read = ReadBytes(*root, "proof", out.evaluation.proof); !read) {
    return std::unexpected(read.error());
  }
  return out;
}

Expected<Nullifier> ProofRequest::NullifierOfOrder(std::string_view order_id,
                                                   const Element& registry_key) const {
  const std::string input = NullifierInput(Platform(), order_id);
  const auto value = Finalize(input, BlindInput(input, blind), evaluation, registry_key);
  if (!value) return std::unexpected(value.error());
  return NullifierOf(*value);
}

}  // namespace kaopu::report
