// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "registry/record/public_files.h"

#include "base/hex.h"
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

std::string PolicyPath(std::string_view sha256_base64) {
  const auto digest = tlog::DigestFromBase64(sha256_base64);
  return digest ? StrCat("policy/", HexOf(std::span(*digest).first(8)), ".json") : "policy/none";
}

}  // namespace kaopu
