// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// `kaopu-registry tlog`: the public log's arithmetic on JSON lines, for auditors and for other
// people's test vectors. One line out for each line in; a line that cannot be read is not ok.
#include <functional>
#include <limits>
#include <string>

#include "base/json.h"
#include "base/str_cat.h"
#include "registry/commands/commands.h"
#include "tlog/log_proof.h"
#include "tlog/merkle.h"

namespace kaopu {
namespace {

using CheckLine = std::function<Expected<Json>(const Json& line)>;

// Unsigned, because tree sizes use all 64 bits.
Expected<uint64_t> ReadNumber(const Json& line, std::string_view field) {
  const auto found = line.find(field);
  if (found == line.end() || !found->is_number_unsigned()) {
    return Fail(ErrorCode::kBadRequest, StrCat("field \"", field, "\" must be a number from 0 on"));
  }
  return found->get<uint64_t>();
}

Expected<tlog::Digest> ReadDigest(const Json& line, std::string_view field) {
  const auto text = RequireString(line, field);
  if (!text) return std::unexpected(text.error());
  const auto digest = tlog::DigestFromBase64(*text);
  if (!digest) {
    return Fail(ErrorCode::kBadRequest, StrCat("field \"", field, "\" is no base64 of 32 bytes"));
  }
  return *digest;
}

// A list of hashes; null is the empty one.
Expected<tlog::Proof> ReadProof(const Json& line) {
  tlog::Proof proof;
  const auto found = line.find("proof");
  if (found == line.end() || found->is_null()) return proof;
  if (!found->is_array()) {
    return Fail(ErrorCode::kBadRequest, "field \"proof\" must be a list or null");
  }
  for (const Json& item : *found) {
    const auto hash = item.is_string() ? tlog::DigestFromBase64(item.get_ref<const std::string&>())
                                       : std::nullopt;
    if (!hash) {
      return Fail(ErrorCode::kBadRequest,
                  StrCat("hash ", proof.size(), " of the proof is no base64 of 32 bytes"));
    }
    proof.push_back(*hash);
  }
  return proof;
}

Expected<tlog::VerifierKey> ReadKey(const Json& line) {
  const auto text = RequireString(line, "vkey");
  if (!text) return std::unexpected(text.error());
  return tlog::VerifierKey::Parse(*text);
}

Expected<std::vector<tlog::VerifierKey>> ReadWitnesses(const Json& line) {
  std::vector<tlog::VerifierKey> keys;
  const auto found = line.find("witnesses");
  if (found == line.end() || found->is_null()) return keys;
  if (!found->is_array()) {
    return Fail(ErrorCode::kBadRequest, "field \"witnesses\" must be a list of keys");
  }
  for (const Json& item : *found) {
    if (!item.is_string()) return Fail(ErrorCode::kBadRequest, "a witness's key must be a string");
    auto key = tlog::VerifierKey::Parse(item.get_ref<const std::string&>());
    if (!key) return std::unexpected(key.error());
    keys.push_back(std::move(*key));
  }
  return keys;
}

Json HeadJson(const tlog::VerifiedCheckpoint& head) {
  Json cosigned = Json::array();
  for (const auto& one : head.cosignatures) {
    cosigned.push_back({{"name", one.name}, {"time_s", one.time_s ? Json(*one.time_s) : Json()}});
  }
  return {{"origin", head.checkpoint.origin},
          {"size", head.checkpoint.size},
          {"root", tlog::ToBase64(tlog::AsText(head.checkpoint.root))},
          {"cosigned_by", cosigned}};
}

Expected<Json> CheckInclusion(const Json& line) {
  const auto index = ReadNumber(line, "leafIdx");
  if (!index) return std::unexpected(index.error());
  const auto size = ReadNumber(line, "treeSize");
  if (!size) return std::unexpected(size.error());
  const auto leaf_hash = ReadDigest(line, "leafHash");
  if (!leaf_hash) return std::unexpected(leaf_hash.error());
  const auto root = ReadDigest(line, "root");
  if (!root) return std::unexpected(root.error());
  const auto proof = ReadProof(line);
  if (!proof) return std::unexpected(proof.error());
  if (auto ok = tlog::VerifyInclusion(*index, *size, *leaf_hash, *proof, *root); !ok) {
    return std::unexpected(ok.error());
  }
  return Json::object();
}

Expected<Json> CheckConsistency(const Json& line) {
  const auto size1 = ReadNumber(line, "size1");
  if (!size1) return std::unexpected(size1.error());
  const auto size2 = ReadNumber(line, "size2");
  if (!size2) return std::unexpected(size2.error());
  const auto proof = ReadProof(line);
  if (!proof) return std::unexpected(proof.error());
  // Of one size the claim is that two roots are the same: nothing is hashed, whatever they are.
  if (*size1 > 0 && *size1 == *size2 && proof->empty()) {
    const auto same1 = RequireString(line, "root1");
    const auto same2 = RequireString(line, "root2");
    if (same1 && same2 && *same1 == *same2 && tlog::FromBase64(*same1)) return Json::object();
  }
  const auto root1 = ReadDigest(line, "root1");
  if (!root1) return std::unexpected(root1.error());
  const auto root2 = ReadDigest(line, "root2");
  if (!root2) return std::unexpected(root2.error());
  if (auto ok = tlog::VerifyConsistency(*size1, *root1, *size2, *root2, *proof); !ok) {
    return std::unexpected(ok.error());
  }
  return Json::object();
}

Expected<Json> CheckCheckpoint(const Json& line) {
  const auto key = ReadKey(line);
  if (!key) return std::unexpected(key.error());
  const auto witnesses = ReadWitnesses(line);
  if (!witnesses) return std::unexpected(witnesses.error());
  const auto note = RequireString(line, "checkpoint");
  if (!note) return std::unexpected(note.error());
  const auto head = tlog::VerifyCheckpoint(*note, *key, *witnesses);
  if (!head) return std::unexpected(head.error());
  return HeadJson(*head);
}

// The leaf as the entry's bytes (`leaf`) or as its hash (`leafHash`).
Expected<tlog::Digest> ReadLeaf(const Json& line) {
  const auto leaf = GetString(line, "leaf");
  if (!leaf) return std::unexpected(leaf.error());
  if (!*leaf) return ReadDigest(line, "leafHash");
  const auto bytes = tlog::FromBase64(**leaf);
  if (!bytes) return Fail(ErrorCode::kBadRequest, "field \"leaf\" is not base64");
  return tlog::LeafHash(*bytes);
}

Expected<Json> CheckProof(const Json& line) {
  const auto key = ReadKey(line);
  if (!key) return std::unexpected(key.error());
  const auto witnesses = ReadWitnesses(line);
  if (!witnesses) return std::unexpected(witnesses.error());
  const auto leaf = ReadLeaf(line);
  if (!leaf) return std::unexpected(leaf.error());
  const auto text = RequireString(line, "proof");
  if (!text) return std::unexpected(text.error());
  const auto proof = tlog::LogProof::Parse(*text);
  if (!proof) return std::unexpected(proof.error());
  const auto head = tlog::VerifyLogProof(*proof, *leaf, *key, *witnesses);
  if (!head) return std::unexpected(head.error());
  Json answer = HeadJson(*head);
  answer["index"] = proof->index;
  return answer;
}

void RunLines(RegistryContext& context, const CheckLine& check) {
  for (std::string text; std::getline(context.in, text);) {
    if (text.ends_with('\r')) text.pop_back();
    const auto line = ParseJson(text, "line");
    Expected<Json> answer = Fail(ErrorCode::kBadRequest, "line: must be a JSON object");
    if (!line) {
      answer = std::unexpected(line.error());
    } else if (line->is_object()) {
      answer = check(*line);
    }
    Json out = answer ? std::move(*answer) : Json::object();
    out["ok"] = answer.has_value();
    out["reason"] = answer ? Json(nullptr) : Json(answer.error().message);
    context.out << DumpJson(out) << '\n';
  }
}

struct Kind {
  const char* name;
  const char* description;
  const char* footer;
  Expected<Json> (*check)(const Json& line);
};

constexpr Kind kKinds[] = {
    {"inclusion", "Is a leaf in a tree?",
     "In:  {\"leafIdx\", \"treeSize\", \"leafHash\", \"root\", \"proof\": [hash...]}; bytes are "
     "base64",
     CheckInclusion},
    {"consistency", "Is a tree the beginning of another?",
     "In:  {\"size1\", \"root1\", \"size2\", \"root2\", \"proof\": [hash...]}; bytes are base64",
     CheckConsistency},
    {"checkpoint", "Is a checkpoint signed by its log?",
     "In:  {\"checkpoint\": text, \"vkey\": key, \"witnesses\"?: [key...]}\n"
     "Out, when ok: {\"origin\", \"size\", \"root\", \"cosigned_by\"} too",
     CheckCheckpoint},
    {"proof", "Does a receipt (tlog-proof) hold for an entry?",
     "In:  {\"proof\": text, \"vkey\": key, \"leaf\": base64 of the entry | \"leafHash\": base64, "
     "\"witnesses\"?: [key...]}\n"
     "Out, when ok: {\"index\", \"origin\", \"size\", \"root\", \"cosigned_by\"} too",
     CheckProof},
};

}  // namespace

void AddTlogCommand(Command app, RegistryContext& context) {
  Command tlog = app.AddCommand(
      "tlog", "Verify proofs and checkpoints of any log: JSON lines in, {\"ok\", \"reason\"} out");
  tlog.NeedCommand();
  for (const Kind& kind : kKinds) {
    Command command = tlog.AddCommand(kind.name, kind.description);
    command.Footer(StrCat(kind.footer, "\nOut: {\"ok\": true|false, \"reason\": text|null}"));
    command.Callback([&context, &kind] { RunLines(context, kind.check); });
  }
}

}  // namespace kaopu
