// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "tlog/witness.h"

#include <utility>

#include "base/hex.h"
#include "base/str_cat.h"
#include "tlog/checkpoint.h"
#include "tlog/digest.h"
#include "tlog/text_lines.h"

namespace kaopu::tlog {
namespace {

std::unexpected<Error> Refuse(std::string why) {
  return Fail(ErrorCode::kBadRequest, "add-checkpoint: " + std::move(why));
}

}  // namespace

Expected<AddCheckpoint> AddCheckpoint::Parse(std::string_view body) {
  if (body.size() > kAddCheckpointBytesMax) {
    return Refuse(StrCat(body.size(), " bytes; at most ", kAddCheckpointBytesMax));
  }
  LineReader lines(body);
  constexpr std::string_view kOld = "old ";
  const auto first = lines.Next();
  const auto old_size =
      first && first->starts_with(kOld) ? ParseDecimal(first->substr(kOld.size())) : std::nullopt;
  if (!old_size) return Refuse("line 1 is not \"old\", a space and a tree size in decimal");
  AddCheckpoint request{*old_size, {}, {}};
  for (;;) {
    const auto line = lines.Next();
    if (!line) return Refuse("there is no empty line after the proof");
    if (line->empty()) break;
    if (request.proof.size() == kConsistencyLinesMax) {
      return Refuse(StrCat("the proof has more than ", kConsistencyLinesMax, " lines"));
    }
    const auto hash = DigestFromBase64(*line);
    if (!hash) {
      return Refuse(StrCat("line ", request.proof.size() + 2, " is no base64 of 32 bytes"));
    }
    request.proof.push_back(*hash);
  }
  request.checkpoint = lines.rest();
  if (request.checkpoint.empty()) return Refuse("there is no checkpoint after the empty line");
  return request;
}

std::string AddCheckpoint::ToText() const {
  std::string text = StrCat("old ", old_size, "\n");
  for (const Digest& hash : proof) text += StrCat(ToBase64(AsText(hash)), "\n");
  return StrCat(text, "\n", checkpoint);
}

Expected<std::string> TakeCosignature(std::string_view checkpoint, std::string_view answer,
                                      const VerifierKey& log, const VerifierKey& witness) {
  // Only lines of this witness are kept: what else is in the answer is nobody's word.
  for (LineReader lines(answer); !lines.AtEnd();) {
    const auto line = lines.Next();
    if (!line) return Refuse("the answer's last line is cut off");
    std::string note = StrCat(checkpoint, *line, "\n");
    const auto verified = VerifyCheckpoint(note, log, {&witness, 1});
    if (!verified) return std::unexpected(verified.error());
    if (verified->cosignatures.empty()) continue;
    if (verified->cosignatures.front().time_s.value_or(0) == 0) {
      return Refuse(StrCat("the cosignature by ", witness.name, " bears no time"));
    }
    return note;
  }
  return Refuse(StrCat("the answer holds no cosignature by ", witness.name));
}

std::string CosignedPath(const VerifierKey& witness) {
  const Digest digest = Sha256({witness.ToText()});
  return StrCat("cosigned/", HexOf(std::span(digest).first(8)));
}

}  // namespace kaopu::tlog
