// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "registry/record/public_files.h"

#include "base/str_cat.h"

namespace kaopu {
namespace {

std::unexpected<Error> Wrong(std::string_view what, std::string_view why) {
  return Fail(ErrorCode::kBadRequest, StrCat(what, ": ", why));
}

}  // namespace

Expected<RegistryFile> RegistryFile::Parse(std::string_view text) {
  const auto json = ParseJson(text, "registry.json", 8);
  if (!json) return std::unexpected(json.error());
  if (!json->is_object()) return Wrong("registry.json", "no JSON object");
  RegistryFile file;
  for (const auto& [field, value] :
       {std::pair{"origin", &file.origin}, std::pair{"log_key", &file.log_key},
        std::pair{"operator_key", &file.operator_key}}) {
    auto read = RequireString(*json, field);
    if (!read) return Wrong("registry.json", read.error().message);
    *value = std::move(*read);
    file.keys[field] = *value;
  }
  const auto nullifier = GetString(*json, "nullifier_key");
  if (!nullifier) return Wrong("registry.json", nullifier.error().message);
  if (*nullifier) file.keys["nullifier_key"] = **nullifier;
  return file;
}

std::string Manifest::ToText() const {
  Json out = index.Body();
  out["v"] = 1;
  out["as_of"] = FormatDate(as_of);
  out["entries"] = entries;
  Json chain = Json::array();
  for (const Delta& delta : deltas) {
    Json one = delta.file.Body();
    one["from_publish"] = delta.from_publish;
    one["to_publish"] = delta.to_publish;
    chain.push_back(std::move(one));
  }
  out["deltas"] = std::move(chain);
  out["entry"] = tlog::ToBase64(entry);
  out["proof"] = proof;
  return DumpJson(out) + "\n";
}

Expected<Manifest> Manifest::Parse(std::string_view text) {
  const auto json = ParseJson(text, kManifestPath, 8);
  if (!json) return std::unexpected(json.error());
  if (!json->is_object()) return Wrong(kManifestPath, "no JSON object");
  Manifest out;
  auto index = IndexEntry::Parse(*json);
  if (!index) return Wrong(kManifestPath, index.error().message);
  const auto as_of = RequireString(*json, "as_of"), entry = RequireString(*json, "entry"),
             proof = RequireString(*json, "proof");
  for (const auto* one : {&as_of, &entry, &proof}) {
    if (!*one) return Wrong(kManifestPath, one->error().message);
  }
  const auto entries = GetInt(*json, "entries");
  if (!entries || !*entries || **entries < 0) return Wrong(kManifestPath, "entries: a number");
  const auto day = ParseDate(*as_of);
  const auto bytes = tlog::FromBase64(*entry);
  if (!day) return Wrong(kManifestPath, "as_of: no date: YYYY-MM-DD");
  if (!bytes) return Wrong(kManifestPath, "entry: no base64");
  const auto deltas = json->find("deltas");
  if (deltas != json->end() && deltas->is_array()) {
    for (size_t i = 0; i < deltas->size() && i < index->deltas.size(); ++i) {
      const auto from = GetInt((*deltas)[i], "from_publish"),
                 to = GetInt((*deltas)[i], "to_publish");
      if (!from || !*from || **from < 0 || !to || !*to || **to <= **from) {
        return Wrong(kManifestPath, "deltas: from_publish, to_publish: rising numbers");
      }
      out.deltas.push_back(
          {index->deltas[i], static_cast<uint64_t>(**from), static_cast<uint64_t>(**to)});
    }
  }
  index->deltas.clear();
  out.as_of = *day;
  out.entries = static_cast<uint64_t>(**entries);
  out.index = std::move(*index);
  out.entry = std::move(*bytes);
  out.proof = *proof;
  return out;
}

std::string PolicyPath(std::string_view sha256_base64) {
  const auto digest = tlog::DigestFromBase64(sha256_base64);
  return digest ? StrCat("policy/", HexOf(std::span(*digest).first(8)), ".json") : "policy/none";
}

}  // namespace kaopu
