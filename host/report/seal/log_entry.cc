// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "report/seal/log_entry.h"

#include <algorithm>
#include <utility>

#include "base/str_cat.h"
#include "report/report.h"
#include "tlog/tiles.h"

namespace kaopu::report {
namespace {

constexpr size_t kContentBytesMax = 4096;
constexpr std::string_view kClassNames[] = {"trusted", "newcomer", "pool"};  // DISK

std::unexpected<Error> Wrong(std::string_view what) {
  return Fail(ErrorCode::kBadRequest, std::string(what));
}

}  // namespace

std::string_view WeightClassName(WeightClass weight_class) {
  return kClassNames[static_cast<size_t>(weight_class)];
}

std::string Content::ToText() const {
  Json object = {{"v", 1},
                 {"report", report},
                 {"key", BytesToText(key)},
                 {"signature", BytesToText(signature)},
                 {"class", WeightClassName(weight_class)},
                 {"weight", weight},
                 {"aged", aged}};
  if (replaces) object["replaces"] = *replaces;
  return DumpJson(object);
}

Expected<Content> Content::Parse(std::string_view text) {
  if (text.size() > kContentBytesMax) return Wrong("content: too long");
  const Expected<Json> object = ParseJson(text, "content", 4);
  if (!object) return std::unexpected(object.error());
  if (!object->is_object()) return Wrong("content: no JSON object");
  const Expected<std::string> report = RequireString(*object, "report"),
                              key = RequireString(*object, "key"),
                              signature = RequireString(*object, "signature"),
                              name = RequireString(*object, "class");
  for (const Expected<std::string>* field : {&report, &key, &signature, &name}) {
    if (!*field) return std::unexpected(field->error());
  }
  const auto key_bytes = BytesFromText<32>(*key);
  const auto signature_bytes = BytesFromText<64>(*signature);
  const auto found = std::ranges::find(kClassNames, *name);
  const Expected<std::optional<int64_t>> weight = GetInt(*object, "weight"),
                                         replaces = GetInt(*object, "replaces");
  const Expected<std::optional<bool>> aged = GetBool(*object, "aged");
  if (!key_bytes || !signature_bytes || found == std::end(kClassNames) || !weight || !*weight ||
      **weight < 0 || **weight > kOne || !replaces || (*replaces && **replaces < 0) || !aged ||
      !*aged) {
    return Wrong("content: a field is missing or none of ours");
  }
  Content out{.report = *report,
              .key = *key_bytes,
              .signature = *signature_bytes,
              .weight_class = static_cast<WeightClass>(found - std::begin(kClassNames)),
              .weight = **weight,
              .aged = **aged,
              .replaces = std::nullopt};
  if (*replaces) out.replaces = static_cast<uint64_t>(**replaces);
  if (out.ToText() != text) return Wrong("content: not in its one form");
  return out;
}

std::string ReportEntry(const Salt& salt, std::string_view content) {
  const tlog::Digest digest =
      tlog::Sha256({{reinterpret_cast<const char*>(salt.data()), salt.size()}, content});
  std::string out(1, static_cast<char>(EntryKind::kReport));
  out += tlog::AsText(digest);
  return out;
}

std::string ContentLine::ToText() const {
  return DumpJson({{"entry", entry}, {"salt", BytesToText(salt)}, {"content", content}});
}

Expected<ContentLine> ContentLine::Parse(std::string_view line) {
  if (line.size() > 2 * kContentBytesMax) return Wrong("content line: too long");
  const Expected<Json> object = ParseJson(line, "content line", 4);
  if (!object) return std::unexpected(object.error());
  if (!object->is_object()) return Wrong("content line: no JSON object");
  const Expected<std::optional<int64_t>> entry = GetInt(*object, "entry");
  Expected<std::string> salt = RequireString(*object, "salt"),
                        content = RequireString(*object, "content");
  if (!salt) return std::unexpected(salt.error());
  if (!content) return std::unexpected(content.error());
  const auto salt_bytes = BytesFromText<32>(*salt);
  if (!entry || !*entry || **entry < 0 || !salt_bytes) {
    return Wrong("content line: entry or salt is none of ours");
  }
  return ContentLine{static_cast<uint64_t>(**entry), *salt_bytes, std::move(*content)};
}

std::string ContentPath(uint64_t entry) {
  const std::string bundle = tlog::BundlePath(entry / tlog::kTileWidth, tlog::kTileWidth);
  return StrCat("content",
                std::string_view(bundle).substr(std::string_view("tile/entries").size()));
}

std::string OperatorEntry::ToEntry(const tlog::SignerKey& operator_key) const {
  const std::string text = StrCat("kaopu-", what, "-1\n", DumpJson(body), "\n");
  return StrCat(std::string(1, static_cast<char>(EntryKind::kOperator)), text, "\n",
                operator_key.SignatureLine(text, 0));
}

Expected<OperatorEntry> ReadOperatorEntry(std::string_view entry,
                                          const tlog::VerifierKey& operator_key) {
  if (entry.empty() || entry.front() != static_cast<char>(EntryKind::kOperator)) {
    return Wrong("entry: not the operator's");
  }
  const Expected<tlog::Note> note = tlog::Note::Parse(entry.substr(1));
  if (!note) return std::unexpected(note.error());
  const auto signatures = tlog::VerifyNote(*note, std::span(&operator_key, 1));
  if (!signatures) return std::unexpected(signatures.error());
  if (signatures->empty()) {
    return Fail(ErrorCode::kForbidden, "entry: the operator's key did not sign it");
  }
  std::string_view text = note->text;
  const size_t end = text.find('\n');
  std::string_view name = text.substr(0, end);
  if (!name.starts_with("kaopu-") || !name.ends_with("-1") || name.size() < 9) {
    return Wrong("entry: not one of ours");
  }
  name.remove_prefix(6);
  name.remove_suffix(2);
  text.remove_prefix(end + 1);
  if (text.empty() || text.find('\n') != text.size() - 1) return Wrong("entry: not one line");
  Expected<Json> body = ParseJson(text.substr(0, text.size() - 1), "entry", 16);
  if (!body) return std::unexpected(body.error());
  return OperatorEntry{std::string(name), std::move(*body)};
}

}  // namespace kaopu::report
