// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "tlog/checkpoint.h"

#include <utility>

#include "base/str_cat.h"
#include "tlog/text_lines.h"

namespace kaopu::tlog {
namespace {

std::unexpected<Error> Refuse(std::string why) {
  return Fail(ErrorCode::kBadRequest, "checkpoint: " + std::move(why));
}

}  // namespace

Expected<Checkpoint> Checkpoint::Parse(std::string_view note_text) {
  LineReader lines(note_text);
  const auto origin = lines.Next();
  const auto size_line = lines.Next();
  const auto root_line = lines.Next();
  if (!origin || !size_line || !root_line) return Refuse("fewer than three lines");
  const auto size = ParseDecimal(*size_line);
  const auto root = DigestFromBase64(*root_line);
  if (origin->empty()) return Refuse("the origin line is empty");
  if (!size) return Refuse("line 2 is no tree size in decimal");
  if (!root) return Refuse("line 3 is no base64 of 32 bytes");
  Checkpoint checkpoint{std::string(*origin), *size, *root, {}};
  while (!lines.AtEnd()) {
    const auto line = lines.Next();
    if (!line) return std::unexpected(line.error());
    if (line->empty()) return Refuse("an extension line is empty");
    checkpoint.extensions.emplace_back(*line);
  }
  return checkpoint;
}

std::string Checkpoint::ToText() const {
  std::string text = StrCat(origin, "\n", size, "\n", ToBase64(AsText(root)), "\n");
  for (const std::string& line : extensions) text += line + "\n";
  return text;
}

Expected<VerifiedCheckpoint> VerifyCheckpoint(std::string_view note, const VerifierKey& log,
                                              std::span<const VerifierKey> witnesses) {
  const auto parsed = Note::Parse(note);
  if (!parsed) return std::unexpected(parsed.error());
  const auto signed_by_log = VerifyNote(*parsed, {&log, 1});
  if (!signed_by_log) return std::unexpected(signed_by_log.error());
  if (signed_by_log->empty()) return Refuse(StrCat("not signed by ", log.name));
  auto checkpoint = Checkpoint::Parse(parsed->text);
  if (!checkpoint) return std::unexpected(checkpoint.error());
  if (checkpoint->origin != log.name) {
    return Refuse(StrCat("its origin is not ", log.name, ", the name of the key that signed it"));
  }
  auto cosignatures = VerifyNote(*parsed, witnesses);
  if (!cosignatures) return std::unexpected(cosignatures.error());
  return VerifiedCheckpoint{std::move(*checkpoint), std::move(*cosignatures)};
}

}  // namespace kaopu::tlog
