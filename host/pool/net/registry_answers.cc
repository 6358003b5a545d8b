// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "pool/net/registry_answers.h"

#include <algorithm>
#include <array>

#include "base/json.h"
#include "base/str_cat.h"
#include "tlog/log_proof.h"

namespace kaopu::pool {
namespace {

constexpr size_t kRefusalBytesMax = 300;

std::unexpected<Error> Wrong(std::string what) {
  return Fail(ErrorCode::kDamaged, std::move(what));
}

Expected<Json> ReadObject(std::string_view body) {
  if (body.size() > kAnswerBytesMax) return Wrong("the registry's answer is too long");
  Expected<Json> object = ParseJson(body, "answer", 8);
  if (!object || !object->is_object()) return Wrong("the registry's answer is no JSON object");
  return object;
}

Expected<std::string> Text(const Json& object, const char* field) {
  Expected<std::string> text = RequireString(object, field);
  if (!text) return Wrong(StrCat("the registry's answer lacks ", field));
  return text;
}

Expected<uint64_t> Number(const Json& object, const char* field) {
  const Expected<std::optional<int64_t>> number = GetInt(object, field);
  if (!number || !*number || **number < 0) {
    return Wrong(StrCat("the registry's answer lacks ", field));
  }
  return static_cast<uint64_t>(**number);
}

template <size_t N>
Expected<std::array<uint8_t, N>> Bytes(const Json& object, const char* field) {
  const Expected<std::string> text = Text(object, field);
  if (!text) return std::unexpected(text.error());
  const auto bytes = report::BytesFromText<N>(*text);
  if (!bytes) return Wrong(StrCat("the registry's answer: ", field, " is not ", N, " bytes"));
  return *bytes;
}

}  // namespace

Expected<report::Challenge> ReadChallengeAnswer(std::string_view body) {
  const Expected<Json> object = ReadObject(body);
  if (!object) return std::unexpected(object.error());
  const Expected<std::string> text = Text(*object, "challenge");
  if (!text) return std::unexpected(text.error());
  const Expected<report::Challenge> challenge = report::ParseChallenge(*text);
  if (!challenge) return Wrong("the registry's challenge is none");
  return challenge;
}

Expected<report::Evaluation> ReadNullifierAnswer(std::string_view body) {
  const Expected<Json> object = ReadObject(body);
  if (!object) return std::unexpected(object.error());
  const auto element = Bytes<32>(*object, "evaluated");
  if (!element) return std::unexpected(element.error());
  const auto proof = Bytes<64>(*object, "proof");
  if (!proof) return std::unexpected(proof.error());
  return report::Evaluation{*element, *proof};
}

Expected<Receipt> CheckReceipt(uint64_t entry, std::string_view content, std::string_view salt,
                               std::string_view proof, const tlog::VerifierKey& log) {
  Receipt out{.entry = entry,
              .weight_class = {},
              .content = std::string(content),
              .salt = std::string(salt),
              .proof = std::string(proof),
              .read = {},
              .checkpoint = {}};
  Expected<report::Content> read = report::Content::Parse(content);
  if (!read) return Wrong(StrCat("the receipt's content: ", read.error().message));
  const auto salt_bytes = report::BytesFromText<32>(salt);
  if (!salt_bytes) return Wrong("the receipt's salt is not 32 bytes");
  const Expected<tlog::LogProof> parsed = tlog::LogProof::Parse(proof);
  if (!parsed) return Wrong(StrCat("the receipt: ", parsed.error().message));
  if (parsed->index != entry) {
    return Wrong(StrCat("the receipt is of entry ", parsed->index, ", not of ", entry));
  }
  const Expected<tlog::VerifiedCheckpoint> verified =
      tlog::VerifyLogProof(*parsed, tlog::LeafHash(report::ReportEntry(*salt_bytes, content)), log);
  if (!verified) return Wrong(StrCat("the receipt proves nothing: ", verified.error().message));
  out.weight_class = report::WeightClassName(read->weight_class);
  out.read = std::move(*read);
  out.checkpoint = verified->checkpoint;
  return out;
}

Expected<Receipt> ReadReportAnswer(std::string_view body, const report::Envelope& sent,
                                   const tlog::VerifierKey& log) {
  const Expected<Json> object = ReadObject(body);
  if (!object) return std::unexpected(object.error());
  const Expected<uint64_t> entry = Number(*object, "entry");
  if (!entry) return std::unexpected(entry.error());
  const Expected<std::string> named = Text(*object, "class"), content = Text(*object, "content"),
                              salt = Text(*object, "salt"), proof = Text(*object, "receipt");
  for (const Expected<std::string>* field : {&named, &content, &salt, &proof}) {
    if (!*field) return std::unexpected((*field).error());
  }
  Expected<Receipt> out = CheckReceipt(*entry, *content, *salt, *proof, log);
  if (!out) return out;
  if (out->read.report != sent.report || out->read.key != sent.key ||
      out->read.signature != sent.signature) {
    return Wrong("the receipt is of another report than the one sent");
  }
  if (out->weight_class != *named) {
    return Wrong("the registry names another class than the one it logged");
  }
  if (out->read.replaces && *out->read.replaces >= *entry) {
    return Wrong("the receipt replaces an entry that comes after it");
  }
  return out;
}

Expected<uint64_t> ReadWithdrawalAnswer(std::string_view body, uint64_t entry) {
  const Expected<Json> object = ReadObject(body);
  if (!object) return std::unexpected(object.error());
  const Expected<uint64_t> of = Number(*object, "entry"), removal = Number(*object, "removal");
  if (!of) return std::unexpected(of.error());
  if (!removal) return removal;
  if (*of != entry || *removal <= entry) {
    return Wrong(StrCat("the registry's answer is of another withdrawal than of entry ", entry));
  }
  return removal;
}

Expected<uint64_t> ReadProofKeysFile(std::string_view body) {
  const Expected<Json> object = ReadObject(body);
  if (!object) return std::unexpected(object.error());
  return Number(*object, "entry");
}

Expected<tlog::VerifierKey> ReadAttesterHealth(std::string_view body) {
  const auto none = [] {
    return Fail(ErrorCode::kDamaged, "what answers there is no attester: it names no key");
  };
  const Expected<Json> object = ReadObject(body);
  if (!object) return none();
  const Expected<std::string> text = RequireString(*object, "key");
  if (!text) return none();
  Expected<tlog::VerifierKey> key = tlog::VerifierKey::Parse(*text);
  if (!key || key->kind != tlog::KeyKind::kEd25519) return none();
  return key;
}

Expected<std::string> ReadProofAnswer(std::string_view body) {
  const Expected<Json> object = ReadObject(body);
  if (!object) return Fail(ErrorCode::kDamaged, "the attester's answer is no JSON object");
  Expected<std::string> proof = RequireString(*object, "proof");
  if (!proof || proof->empty() || proof->size() > report::kProofBytesMax) {
    return Fail(ErrorCode::kDamaged, StrCat("the attester's answer holds no proof of at most ",
                                            report::kProofBytesMax, " bytes"));
  }
  return proof;
}

Error ReadRefusal(int status, std::string_view body, std::string_view who) {
  const Error none{ErrorCode::kUnavailable,
                   StrCat("answered with status ", status, ", not as ", who, " does")};
  const Expected<Json> object = ReadObject(body);
  if (!object) return none;
  const auto error = object->find("error");
  if (error == object->end() || !error->is_object()) return none;
  const Expected<std::string> code = RequireString(*error, "code"),
                              message = RequireString(*error, "message");
  if (!code || !message) return none;
  for (int i = 0; i <= static_cast<int>(ErrorCode::kInternal); ++i) {
    const ErrorCode one = static_cast<ErrorCode>(i);
    if (ErrorCodeName(one) != *code) continue;
    if (message->empty()) return none;
    std::string said = message->substr(0, kRefusalBytesMax);
    if (said.size() < message->size()) {  // not in the middle of a character
      while (!said.empty() && (static_cast<unsigned char>(said.back()) & 0xc0) == 0x80)
        said.pop_back();
      if (!said.empty() && static_cast<unsigned char>(said.back()) >= 0xc0) said.pop_back();
    }
    std::ranges::replace_if(
        said, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
    return {one, said};
  }
  return none;
}

}  // namespace kaopu::pool
