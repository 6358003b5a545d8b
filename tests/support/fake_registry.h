// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// A registry behind the HttpClient seam, with a log of its own, that answers as
// host/docs/registry_api.md says and lies, cuts off or refuses where a test says so.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/str_cat.h"
#include "net/http_client.h"
#include "pool/pool_folder.h"
#include "report/seal/envelope.h"
#include "report/seal/log_entry.h"
#include "report/seal/proof_of_work.h"
#include "report/seal/voprf.h"
#include "tlog/log_proof.h"
#include "tlog/merkle.h"
#include "tlog/note.h"

namespace kaopu::testing {

class FakeRegistry : public HttpClient {
 public:
  static constexpr const char* kOrigin = "registry.example/fake";
  static constexpr const char* kUrl = "https://registry.example";

  explicit FakeRegistry(const Clock& clock)
      : clock_(clock),
        log_key_(tlog::SignerKey::Generate(kOrigin, tlog::KeyKind::kEd25519).value()),
        nullifier_key_(report::VoprfKey::Generate()) {
    Append("\x02the first entry");
  }

  pool::Registry AsKnown() const {
    pool::Registry out;
    out.id = "0123456789abcdef";
    out.info.origin = kOrigin;
    out.info.name = "Fake";
    out.info.log_key = log_key_.verifier().ToText();
    out.info.operator_key = log_key_.verifier().ToText();
    out.info.nullifier_key = report::BytesToText(nullifier_key_.key);
    out.info.api = "/v1";
    out.info.url = std::string(kUrl) + "/";
    return out;
  }

  struct Kept {
    report::Envelope envelope;
    uint64_t entry = 0;
    std::string content;
    report::Salt salt{};
    std::optional<uint64_t> removal;
  };

  // What a test sets.
  int bits = 0;
  std::chrono::milliseconds challenge_holds = std::chrono::minutes(10);
  report::VoprfKey evaluates_with;  // used where `other_key`
  bool other_key = false;
  std::function<void(const std::string& path)> before;        // each request, before it is read
  std::function<void(const std::string& path)> after_commit;  // before the answer leaves
  // The answer to a path, changed or replaced by a failure; absent: as it is.
  std::function<Expected<HttpResponse>(const std::string& path, HttpResponse response)> change;

  // What a test looks at.
  std::vector<Kept> kept;
  std::vector<std::string> asked;      // paths
  std::vector<std::string> envelopes;  // bodies of /reports, as they came

  const std::vector<std::string>& entries() const { return entries_; }
  const tlog::SignerKey& operator_key() const { return log_key_; }

  Expected<HttpResponse> Send(const HttpRequest& request) override {
    const std::string path = request.url.substr(std::string(kUrl).size());
    asked.push_back(path);
    if (before) before(path);
    HttpResponse response = Answer(path, request.body.value_or(""));
    if (after_commit) after_commit(path);
    if (change) return change(path, std::move(response));
    return response;
  }

  static HttpResponse Says(int status, const Json& body) {
    return {.status = status, .body = DumpJson(body), .bytes_left = {}, .retry_after = {}};
  }
  static HttpResponse Refuses(int status, const std::string& code, const std::string& message) {
    return Says(status, {{"error", {{"code", code}, {"message", message}}}});
  }

  uint64_t Append(std::string entry) {
    entries_.push_back(std::move(entry));
    return entries_.size() - 1;
  }
  std::string Receipt(uint64_t entry, const tlog::SignerKey* by = nullptr) const {
    Leaves leaves(entries_);
    const tlog::Checkpoint checkpoint{
        kOrigin, entries_.size(), *tlog::RangeRoot(leaves, 0, entries_.size()), {}};
    const std::string text = checkpoint.ToText();
    const tlog::SignerKey& key = by != nullptr ? *by : log_key_;
    return tlog::LogProof{{},
                          entry,
                          *tlog::InclusionProof(leaves, entry, entries_.size()),
                          StrCat(text, "\n", key.SignatureLine(text, 0))}
        .ToText();
  }

 private:
  class Leaves : public tlog::NodeReader {
   public:
    explicit Leaves(const std::vector<std::string>& entries) : entries_(entries) {}
    Expected<tlog::Digest> Node(int level, uint64_t index) override {
      if (level == 0) return tlog::LeafHash(entries_[index]);
      return tlog::NodeHash(*Node(level - 1, 2 * index), *Node(level - 1, 2 * index + 1));
    }

   private:
    const std::vector<std::string>& entries_;
  };

  // Nullopt: the work is genuine and fresh.
  std::optional<HttpResponse> CheckWork(const std::string& text, const std::string& what,
                                        uint64_t solution, bool* expired) {
    const auto challenge = report::ParseChallenge(text);
    if (!challenge || !challenges_.contains(text)) {
      return Refuses(403, "forbidden", "challenge: this registry did not give it");
    }
    if (!report::IsSolution(*challenge, what, solution)) {
      return Refuses(403, "forbidden", "solution: not the work");
    }
    *expired = clock_.Now() >= challenge->expires || challenges_[text];
    return std::nullopt;
  }

  HttpResponse Answer(const std::string& path, const std::string& body) {
    if (path == "/v1/challenge") {
      const auto made = report::MakeChallenge(challenge_key_, bits, clock_.Now() + challenge_holds);
      challenges_[made.text] = false;
      return Says(200, {{"challenge", made.text},
                        {"bits", made.bits},
                        {"expires_at_ms", made.expires.time_since_epoch().count()}});
    }
    if (path == "/v1/nullifiers") return Nullify(Json::parse(body));
    if (path == "/v1/reports") return TakeIn(body);
    if (path == "/v1/withdrawals") return TakeOut(body);
    return Refuses(404, "not_found", "no such file");
  }

  HttpResponse Nullify(const Json& body) {
    bool expired = false;
    const std::string element = body.value("blinded", "");
    if (auto wrong = CheckWork(body.value("challenge", ""), element,
                               body.value("solution", uint64_t{0}), &expired)) {
      return *wrong;
    }
    const auto evaluated = report::EvaluateBlinded(other_key ? evaluates_with : nullifier_key_,
                                                   report::BytesFromText<32>(element).value())
                               .value();
    return Says(200, {{"evaluated", report::BytesToText(evaluated.element)},
                      {"proof", report::BytesToText(evaluated.proof)}});
  }

  HttpResponse TakeIn(const std::string& body) {
    envelopes.push_back(body);
    const auto envelope = report::Envelope::Parse(body);
    if (!envelope) return Refuses(400, "bad_request", envelope.error().message);
    if (const auto opened = report::OpenEnvelope(*envelope, kOrigin); !opened) {
      return Refuses(403, "forbidden", opened.error().message);
    }
    bool expired = false;
    if (auto wrong =
            CheckWork(envelope->challenge, envelope->report, envelope->solution, &expired)) {
      return *wrong;
    }
    const auto said = report::Report::Parse(envelope->report);
    const Kept* last = nullptr;
    for (const Kept& one : kept) {
      if (one.envelope.nullifier != envelope->nullifier ||
          one.envelope.reporter != envelope->reporter) {
        continue;
      }
      last = &one;
      if (one.envelope.report == envelope->report) return ReportAnswer(one);
    }
    if (expired) return Refuses(408, "timeout", "challenge: it has expired; ask for a new one");
    challenges_[envelope->challenge] = true;
    if (last != nullptr &&
        said->revision <= report::Report::Parse(last->envelope.report)->revision) {
      return Refuses(409, "conflict", "revision: too low");
    }
    Kept one{.envelope = *envelope};
    one.salt[0] = static_cast<uint8_t>(kept.size() + 1);
    report::Content content{
        .report = envelope->report, .key = envelope->key, .signature = envelope->signature};
    if (last != nullptr) content.replaces = last->entry;
    one.content = content.ToText();
    one.entry = Append(report::ReportEntry(one.salt, one.content));
    kept.push_back(one);
    return ReportAnswer(one);
  }

  HttpResponse ReportAnswer(const Kept& one) const {
    return Says(200, {{"v", 1},
                      {"entry", one.entry},
                      {"class", "pool"},
                      {"content", one.content},
                      {"salt", report::BytesToText(one.salt)},
                      {"receipt", Receipt(one.entry)}});
  }

  HttpResponse TakeOut(const std::string& body) {
    const auto asked_for = report::Withdrawal::Parse(body);
    if (!asked_for) return Refuses(400, "bad_request", asked_for.error().message);
    for (Kept& one : kept) {
      if (one.entry != asked_for->entry) continue;
      if (!report::IsSignedBy(asked_for->key, report::WithdrawalSigned(kOrigin, one.entry),
                              asked_for->signature) ||
          asked_for->key != one.envelope.key) {
        return Refuses(403, "forbidden", "signature: does not hold");
      }
      if (!one.removal) one.removal = Append("\x02removal");
      return Says(200, {{"v", 1}, {"entry", one.entry}, {"removal", *one.removal}});
    }
    return Refuses(404, "not_found", "no report's");
  }

  const Clock& clock_;
  tlog::SignerKey log_key_;
  report::VoprfKey nullifier_key_;
  report::ChallengeKey challenge_key_{};
  std::map<std::string, bool> challenges_;  // given -> used
  std::vector<std::string> entries_;
};

}  // namespace kaopu::testing
