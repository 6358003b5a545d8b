// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "registry/attest/attester.h"

#include <sys/stat.h>

#include <algorithm>
#include <system_error>

#include "base/files.h"
#include "base/json.h"
#include "base/str_cat.h"
#include "tlog/digest.h"

namespace kaopu {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSettings = "attester.json";
constexpr const char* kKey = "attester.key";
constexpr const char* kSeen = "attested.db";
constexpr size_t kSmallFileBytesMax = 64 * 1024;
constexpr size_t kOrderIdBytesMax = 200;
constexpr std::chrono::days kElsewhere{1};  // shopper and platform live in other time zones

struct RegistryNames {
  std::string origin;
  report::Element nullifier_key{};
};

Expected<RegistryNames> ReadNames(std::string_view text, std::string_view what) {
  const auto root = ParseJson(text, what, 8);
  if (!root) return std::unexpected(root.error());
  RegistryNames out;
  auto origin = RequireString(*root, "origin");
  if (!origin) return std::unexpected(origin.error());
  const auto key_text = RequireString(*root, "nullifier_key");
  if (!key_text) return std::unexpected(key_text.error());
  const auto key = report::BytesFromText<32>(*key_text);
  if (!key || origin->empty()) {
    return Fail(ErrorCode::kBadRequest,
                StrCat(what, ": origin and nullifier_key (32 bytes in base64) are required"));
  }
  out.origin = std::move(*origin);
  out.nullifier_key = *key;
  return out;
}

Expected<void> CheckWeek(const OrderMail& mail, const report::IsoWeek& week) {
  const auto day = mail.Day();
  if (!day) return Fail(ErrorCode::kForbidden, "mail: its Date cannot be read");
  const Date monday = week.Thursday() - std::chrono::days(3);
  if (*day + kElsewhere < monday || *day > monday + std::chrono::days(6) + kElsewhere) {
    return Fail(ErrorCode::kForbidden,
                StrCat("week: the mail is of another week than ", week.ToText()));
  }
  return {};
}

}  // namespace

Attester::Attester(std::string origin, const report::Element& nullifier_key, tlog::SignerKey key,
                   Database seen, OrderMailRules rules, TrustPolicy policy)
    : origin_(std::move(origin)),
      nullifier_key_(nullifier_key),
      key_(std::move(key)),
      seen_(std::move(seen)),
      rules_(std::move(rules)),
      policy_(std::move(policy)) {}

Expected<void> Attester::Create(const fs::path& folder, const std::string& name,
                                std::string_view registry_json) {
  const auto names = ReadNames(registry_json, "--registry");
  if (!names) return std::unexpected(names.error());
  const auto key = tlog::SignerKey::Generate(name, tlog::KeyKind::kEd25519);
  if (!key) return Fail(ErrorCode::kBadRequest, StrCat("--name: ", key.error().message));
  std::error_code error;
  for (const char* mine : {kSettings, kKey, kSeen}) {
    if (fs::exists(folder / mine, error)) {
      return Fail(ErrorCode::kConflict, StrCat(folder.string(), " holds an attester already (",
                                               mine, "); nothing was changed"));
    }
  }
  fs::create_directories(folder, error);
  if (error || chmod(folder.c_str(), 0700) != 0) {
    return Fail(ErrorCode::kUnavailable, StrCat("cannot make the folder ", folder.string()));
  }
  if (auto written = WriteFileAtomic(folder / kKey, StrCat(key->ToText(), "\n"), 0600); !written) {
    return written;
  }
  return WriteFileAtomic(
      folder / kSettings,
      StrCat(DumpJson({{"v", 1},
                       {"origin", names->origin},
                       {"nullifier_key", report::BytesToText(names->nullifier_key)}},
                      1),
             "\n"),
      0600);
}

Expected<std::unique_ptr<Attester>> Attester::Open(const fs::path& folder, const fs::path& data) {
  const auto text = ReadFile(folder / kSettings, kSmallFileBytesMax);
  if (!text && text.error().code == ErrorCode::kNotFound) {
    return Fail(ErrorCode::kNotFound, StrCat("no attester in ", folder.string(),
                                             ". Next: kaopu-registry attest init --data ",
                                             folder.string(), " --name NAME --registry FILE"));
  }
  if (!text) return std::unexpected(text.error());
  auto names = ReadNames(*text, (folder / kSettings).string());
  if (!names) return Fail(ErrorCode::kDamaged, names.error().message);
  auto key_text = ReadFile(folder / kKey, kSmallFileBytesMax);
  if (!key_text) return std::unexpected(key_text.error());
  while (!key_text->empty() && (key_text->back() == '\n' || key_text->back() == '\r')) {
    key_text->pop_back();
  }
  auto key = tlog::SignerKey::Parse(*key_text);
  if (!key) {
    return Fail(ErrorCode::kDamaged, StrCat((folder / kKey).string(), ": ", key.error().message));
  }
  auto rules = OrderMailRules::Load(data);
  if (!rules) return std::unexpected(rules.error());
  auto policy = LoadTrustPolicy(data);
  if (!policy) return std::unexpected(policy.error());
  auto seen = Database::Open(folder / kSeen);
  if (!seen) return std::unexpected(seen.error());
  const auto made = seen->RunScript(
      "CREATE TABLE IF NOT EXISTS attested (nullifier BLOB PRIMARY KEY CHECK (length(nullifier) = "
      "32), said BLOB NOT NULL CHECK (length(said) = 32)) STRICT, WITHOUT ROWID;");
  if (!made) return std::unexpected(made.error());
  return std::unique_ptr<Attester>(new Attester(std::move(names->origin), names->nullifier_key,
                                                std::move(*key), std::move(*seen),
                                                std::move(*rules), std::move(*policy)));
}

Expected<report::ProofRequest> Attester::ReadRequest(std::string_view text) const {
  auto request = report::ProofRequest::Parse(text);
  if (!request) return request;
  if (request->origin != origin_) {
    return Fail(ErrorCode::kForbidden,
                StrCat("origin: this attester is for the registry ", origin_));
  }
  return request;
}

Expected<std::string> Attester::AttestMail(std::string_view request_text, std::string_view bytes,
                                           TimeMs now) {
  const auto request = ReadRequest(request_text);
  if (!request) return std::unexpected(request.error());
  OrderMail mail;
  if (const auto read = mail.Read(bytes); !read) return std::unexpected(read.error());
  const auto orders = rules_.Read(mail, request->Platform());
  if (!orders) return std::unexpected(orders.error());
  if (orders->seller != request->seller) {
    return Fail(ErrorCode::kForbidden, "seller: the mail is of an order at another seller");
  }
  if (const auto week = CheckWeek(mail, request->week); !week) {
    return std::unexpected(week.error());
  }
  const auto domains = SigningDomains(mail, keys_ ? &*keys_ : nullptr, now);
  if (!domains) return std::unexpected(domains.error());
  const std::string from = mail.FromDomain().value_or("");
  const auto domain = std::ranges::find_if(*domains, [&](const std::string& one) {
    return policy_.AcceptsDkim(request->Platform(), one) &&
           policy_.AcceptsDkim(request->Platform(), from) &&
           (from == one || from.ends_with("." + one) || one.ends_with("." + from));
  });
  if (domain == domains->end()) {
    return Fail(ErrorCode::kForbidden,
                StrCat("mail: signed by ", domains->front().substr(0, 100), ", sent by ", from,
                       ": not ", request->Platform(), "'s own word"));
  }
  Error last{ErrorCode::kForbidden, "request: not about an order of this mail"};
  for (const std::string& order_id : orders->order_ids) {
    const auto nullifier = request->NullifierOfOrder(order_id, nullifier_key_);
    if (!nullifier) continue;
    return SignOnce({report::ProofKind::kDkim, request->key, *nullifier, request->seller,
                     request->week, *domain});
  }
  last.message =
      StrCat("request: the registry ", origin_, " did not evaluate an order of this mail for it");
  return std::unexpected(last);
}

Expected<std::string> Attester::Vouch(std::string_view request_text, std::string_view order_id) {
  const auto request = ReadRequest(request_text);
  if (!request) return std::unexpected(request.error());
  if (order_id.empty() || order_id.size() > kOrderIdBytesMax) {
    return Fail(ErrorCode::kBadRequest, StrCat("--order: 1 to ", kOrderIdBytesMax, " bytes"));
  }
  const auto nullifier = request->NullifierOfOrder(order_id, nullifier_key_);
  if (!nullifier) {
    return Fail(ErrorCode::kForbidden,
                StrCat("request: not about this order, or not evaluated by ", origin_));
  }
  return SignOnce(
      {report::ProofKind::kVouched, request->key, *nullifier, request->seller, request->week, ""});
}

Expected<std::string> Attester::SignOnce(const report::PurchaseProof& proof) {
  // Domains alone may differ when the same is asked again.
  report::PurchaseProof said = proof;
  said.platform_domain = "";
  const tlog::Digest digest = tlog::Sha256({said.ToText()});
  const std::lock_guard lock(mutex_);
  bool same = false;
  const auto kept = seen_.Transact([&]() -> Expected<void> {
    const auto added =
        seen_.Execute("INSERT INTO attested VALUES (?, ?) ON CONFLICT (nullifier) DO NOTHING",
                      {Blob::Of(proof.nullifier), Blob::Of(digest)});
    if (!added) return std::unexpected(added.error());
    return seen_.Query("SELECT said FROM attested WHERE nullifier = ?", {Blob::Of(proof.nullifier)},
                       [&](const Row& row) {
                         tlog::Digest before{};
                         same = row.Array(0, before) && before == digest;
                       });
  });
  if (!kept) return std::unexpected(kept.error());
  if (!same) {
    return Fail(ErrorCode::kConflict,
                "order: attested before, for another key, seller or week; one order counts once");
  }
  return proof.Sign(key_);
}

std::string Attester::About() const {
  return StrCat(
      "Attester ", key().name, " for the registry ", origin_,
      "\n\n"
      "To prove an order you send the platform's order mail. This program then sees all that "
      "stands "
      "in it: your name and mail address, and often your postal address, what you bought, what you "
      "paid, and the order's number.\n"
      "It looks at the mail once, in memory, and checks the platform's signature (DKIM). It asks "
      "DNS for the platform's key; the mail's text goes nowhere.\n"
      "It keeps: the order's nullifier, a number from which nobody can tell the order, and a "
      "digest "
      "of what it said of it, so that one order is proven once.\n"
      "It says, with its key, to you alone: the shopper with this key (yours for this seller) "
      "placed an order at this seller in this week. You send that with your report; the registry "
      "sees it, the public does not.\n"
      "If who runs this attester and who runs the registry work together, they can tell which "
      "report is yours. If you do not trust them that far, do not send the mail: a report without "
      "a proof counts too, for less.\n");
}

}  // namespace kaopu
