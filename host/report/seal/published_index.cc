// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "report/seal/published_index.h"

#include <algorithm>
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

// What is read by this name lies below `index/`, whatever the entry says.
bool IsBelowIndex(std::string_view path) {
  return path.starts_with("index/") && path.find("..") == path.npos && path.size() <= 200;
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
    if (!IsBelowIndex(*path)) return Wrong(StrCat(field, ": path: not below index/"));
    files.push_back({*path, *kind, *bytes, *digest});
  }
  return files;
}

Expected<std::optional<PublishedRanges>> RangesOf(const Json& body) {
  const auto object = body.find("ranges");
  if (object == body.end() || object->is_null()) return std::nullopt;
  if (!object->is_object()) return Wrong("ranges: an object");
  PublishedRanges ranges;
  const auto path = RequireString(*object, "path"), salt = RequireString(*object, "salt"),
             root = RequireString(*object, "root");
  for (const auto* one : {&path, &salt, &root}) {
    if (!*one) return Wrong(StrCat("ranges: ", one->error().message));
  }
  if (!IsBelowIndex(*path)) return Wrong("ranges: path: not below index/");
  ranges.path = *path;
  uint64_t bits = 0;
  for (const auto& [field, into] :
       {std::pair("bits", &bits), std::pair("sellers_bytes", &ranges.cut.sellers_bytes),
        std::pair("details_bytes", &ranges.cut.details_bytes),
        std::pair("sellers", &ranges.cut.sellers)}) {
    const auto number = NumberOf(*object, field);
    if (!number) return Wrong(StrCat("ranges: ", number.error().message));
    *into = *number;
  }
  ranges.cut.bits = static_cast<unsigned>(std::min<uint64_t>(bits, 1000));
  const auto salt_bytes = tlog::FromBase64(*salt);
  const auto digest = tlog::DigestFromBase64(*root);
  if (!salt_bytes || salt_bytes->size() != ranges.cut.salt.size()) {
    return Wrong(StrCat("ranges: salt: ", ranges.cut.salt.size(), " bytes in base64"));
  }
  if (!digest) return Wrong("ranges: root: no digest in base64");
  std::ranges::copy(*salt_bytes, ranges.cut.salt.begin());
  ranges.cut.root = *digest;
  if (const auto able = index::CheckCut(ranges.cut); !able) {
    return Wrong(StrCat("ranges: ", able.error().message));
  }
  return ranges;
}

}  // namespace

Json PublishedFile::Body() const {
  return {{"path", path},
          {"kind", kind},
          {"bytes", bytes},
          {"sha256", tlog::ToBase64(tlog::AsText(sha256))}};
}

Json PublishedRanges::Body() const {
  const std::string_view salt(reinterpret_cast<const char*>(cut.salt.data()), cut.salt.size());
  return {{"path", path},
          {"bits", cut.bits},
          {"sellers_bytes", cut.sellers_bytes},
          {"details_bytes", cut.details_bytes},
          {"sellers", cut.sellers},
          {"salt", tlog::ToBase64(salt)},
          {"root", tlog::ToBase64(tlog::AsText(cut.root))}};
}

Json IndexEntry::Body() const {
  Json file_list = Json::array(), delta_list = Json::array();
  for (const PublishedFile& file : files) file_list.push_back(file.Body());
  for (const PublishedFile& delta : deltas) delta_list.push_back(delta.Body());
  Json body = {{"publish", publish}, {"files", file_list}, {"deltas", delta_list}};
  if (ranges) body["ranges"] = ranges->Body();
  return body;
}

Expected<IndexEntry> IndexEntry::Parse(const Json& body) {
  const auto publish = NumberOf(body, "publish");
  if (!publish) return std::unexpected(publish.error());
  auto files = FilesOf(body, "files"), deltas = FilesOf(body, "deltas");
  if (!files) return std::unexpected(files.error());
  if (!deltas) return std::unexpected(deltas.error());
  auto ranges = RangesOf(body);
  if (!ranges) return std::unexpected(ranges.error());
  return IndexEntry{*publish, std::move(*files), std::move(*deltas), std::move(*ranges)};
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
