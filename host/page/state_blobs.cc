// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "page/state_blobs.h"

#include "page/literal_reader.h"
#include "page/text.h"

namespace kaopu {
namespace {

constexpr size_t kRootsMax = 8;
constexpr int kMentionsMax =
    64;  // places where a script names the blob without a literal behind it

bool IsNameByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '$';
}
bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

size_t SkipSpace(std::string_view text, size_t at) {
  while (at < text.size() && IsSpace(text[at])) ++at;
  return at;
}

// Offset of the value that `name`, which ends at `at`, is given: `name = v`, `name: v`, `name(v`,
// `["name"] = v`.
size_t ValueAfterName(std::string_view text, size_t at) {
  if (at < text.size() && (text[at] == '"' || text[at] == '\'')) ++at;
  if (at < text.size() && text[at] == ']') ++at;
  at = SkipSpace(text, at);
  if (at >= text.size() || (text[at] != '=' && text[at] != ':' && text[at] != '(')) {
    return std::string_view::npos;
  }
  at = SkipSpace(text, at + 1);
  if (at >= text.size()) return std::string_view::npos;
  const char c = text[at];
  const bool starts_value = c == '{' || c == '[' || c == '"' || c == '\'' || c == '-' ||
                            (c >= '0' && c <= '9') || text.substr(at).starts_with("JSON.parse");
  return starts_value ? at : std::string_view::npos;
}

}  // namespace

const StateBlobs::Blob& StateBlobs::Get(std::string_view name) {
  if (const auto it = blobs_.find(name); it != blobs_.end()) return *it->second;
  auto blob = std::make_unique<Blob>();
  const auto place = places_.find(name);
  const std::string_view wanted = place == places_.end() ? name : place->second.script;
  for (pugi::xml_node script : document_.data().children("script")) {
    if (wanted != script.attribute("state").value()) continue;
    const std::string_view text = script.text().get();
    if (place == places_.end()) {
      ReadNamed(text, name, *blob);
    } else {
      ReadPlaced(text, *place->second.start, *blob);
    }
  }
  return *blobs_.emplace(std::string(name), std::move(blob)).first->second;
}

void StateBlobs::ReadNamed(std::string_view script, std::string_view name, Blob& blob) {
  const std::string_view trimmed = TrimAscii(script);
  if (trimmed.starts_with('{') || trimmed.starts_with('[')) {
    const LiteralEnd literal = ReadLiteral(trimmed, 0, Dialect::kJson, blob.tree);
    if (literal.root != kNoValue) blob.roots.push_back(literal.root);
    return;
  }
  int mentions = 0;
  for (size_t at = script.find(name);
       at != std::string_view::npos && ++mentions <= kMentionsMax && blob.roots.size() < kRootsMax;
       at = script.find(name, at)) {
    const size_t end = at + name.size();
    const bool whole = (at == 0 || !IsNameByte(script[at - 1])) &&
                       (end == script.size() || !IsNameByte(script[end]));
    const size_t value = whole ? ValueAfterName(script, end) : std::string_view::npos;
    at = end;
    if (value == std::string_view::npos) continue;
    const LiteralEnd literal = ReadLiteral(script, value, Dialect::kJavaScript, blob.tree);
    if (literal.root == kNoValue) continue;
    blob.roots.push_back(literal.root);
    at = std::max(at, literal.end);
  }
}

void StateBlobs::ReadPlaced(std::string_view script, const RE2& start, Blob& blob) {
  re2::StringPiece rest(script.data(), script.size());
  while (blob.roots.size() < kRootsMax && RE2::FindAndConsume(&rest, start)) {
    const auto at = static_cast<size_t>(rest.data() - script.data());
    const LiteralEnd literal = ReadLiteral(script, at, Dialect::kJavaScript, blob.tree);
    if (literal.root == kNoValue) break;
    blob.roots.push_back(literal.root);
    if (literal.end <= at) break;
    rest = re2::StringPiece(script.data() + literal.end, script.size() - literal.end);
  }
}

}  // namespace kaopu
