// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "report/seal/published_index.h"

#include <optional>

#include "base/str_cat.h"

namespace kaopu {
namespace {

std::unexpected<Error> Wrong(std::string_view what) {
  return Fail(ErrorCode::kBadRequest, std::string(what));
}

Expected<uint64_t> NumberOf(const Json& body, std::string_view field) {
  const auto value = GetInt(body, field);
  if (!value) return std::unexpected(value.error());
  if (!*value || **value < 0) return Wrong(StrCat(field, ": a number that is not negative"));
  return static_cast<uint64_t>(**value);
}

Expected<std::vector<PublishedFile>> FilesOf(const Json& body, std::string_view field) {
  std::vector<PublishedFile> files;
  const auto list = body.find(field);
  if (list == body.end()) return files;
  if (!list->is_array()) return Wrong(StrCat(field, ": a list"));
  for (const Json& one : *list) {
    if (!one.is_object()) return Wrong(StrCat(field, ": a list of objects"));
    const auto path = RequireString(one, "path"), kind = RequireString(one, "kind"),
               sha256 = RequireString(one, "sha256");
    const auto bytes = NumberOf(one, "bytes");
    if (!path) return std::unexpected(path.error());
    if (!kind) return std::unexpected(kind.error());
    if (!sha256) return std::unexpected(sha256.error());
    if (!bytes) return std::unexpected(bytes.error());
    const auto digest = tlog::DigestFromBase64(*sha256);
    if (!digest) return Wrong(StrCat(field, ": sha256: no digest in base64"));
    // What is read by this name lies below `index/`, whatever the entry says.
    if (!path->starts_with("index/") || path->find("..") != std::string::npos ||
        path->size() > 200) {
      return Wrong(StrCat(field, ": path: not below index/"));
    }
    files.push_back({*path, *kind, *bytes, *digest});
  }
  return files;
}

}  // namespace

Json PublishedFile::Body() const {
  return {{"path", path},
          {"kind", kind},
          {"bytes", bytes},
          {"sha256", tlog::ToBase64(tlog::AsText(sha256))}};
}

Json IndexEntry::Body() const {
  Json file_list = Json::array(), delta_list = Json::array();
  for (const PublishedFile& file : files) file_list.push_back(file.Body());
  for (const PublishedFile& delta : deltas) delta_list.push_back(delta.Body());
  return {{"publish", publish}, {"files", file_list}, {"deltas", delta_list}};
}

Expected<IndexEntry> IndexEntry::Parse(const Json& body) {
  const auto publish = NumberOf(body, "publish");
  if (!publish) return std::unexpected(publish.error());
  auto files = FilesOf(body, "files"), deltas = FilesOf(body, "deltas");
  if (!files) return std::unexpected(files.error());
  if (!deltas) return std::unexpected(deltas.error());
  return IndexEntry{*publish, std::move(*files), std::move(*deltas)};
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
  if (!json->is_object()) return Wrong(StrCat(kManifestPath, ": ", "no JSON object"));
  Manifest out;
  auto index = IndexEntry::Parse(*json);
  if (!index) return Wrong(StrCat(kManifestPath, ": ", index.error().message));
  const auto as_of = RequireString(*json, "as_of"), entry = RequireString(*json, "entry"),
             proof = RequireString(*json, "proof");
  for (const auto* one : {&as_of, &entry, &proof}) {
    if (!*one) return Wrong(StrCat(kManifestPath, ": ", one->error().message));
  }
  const auto entries = GetInt(*json, "entries");
  if (!entries || !*entries || **entries < 0)
    return Wrong(StrCat(kManifestPath, ": ", "entries: a number"));
  const auto day = ParseDate(*as_of);
  const auto bytes = tlog::FromBase64(*entry);
  if (!day) return Wrong(StrCat(kManifestPath, ": ", "as_of: no date: YYYY-MM-DD"));
  if (!bytes) return Wrong(StrCat(kManifestPath, ": ", "entry: no base64"));
  const auto deltas = json->find("deltas");
  if (deltas != json->end() && deltas->is_array()) {
    for (size_t i = 0; i < deltas->size() && i < index->deltas.size(); ++i) {
      const auto from = GetInt((*deltas)[i], "from_publish"),
                 to = GetInt((*deltas)[i], "to_publish");
      if (!from || !*from || **from < 0 || !to || !*to || **to <= **from) {
        return Wrong(
            StrCat(kManifestPath, ": ", "deltas: from_publish, to_publish: rising numbers"));
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

}  // namespace kaopu
