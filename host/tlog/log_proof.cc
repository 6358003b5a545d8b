// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "tlog/log_proof.h"

#include <utility>

#include "base/str_cat.h"
#include "tlog/text_lines.h"

namespace kaopu::tlog {
namespace {

constexpr std::string_view kFirstLine = "c2sp.org/tlog-proof@v1";
constexpr std::string_view kExtra = "extra ";
constexpr std::string_view kIndex = "index ";
constexpr size_t kProofHashesMax = 64;  // of a tree of 2^64 leaves

std::unexpected<Error> Refuse(std::string why) {
  return Fail(ErrorCode::kBadRequest, "proof: " + std::move(why));
}

}  // namespace

Expected<LogProof> LogProof::Parse(std::string_view text) {
  if (text.size() > 2 * kNoteBytesMax) {
    return Refuse(StrCat(text.size(), " bytes, at most ", 2 * kNoteBytesMax));
  }
  LineReader lines(text);
  LogProof proof;
  auto line = lines.Next();
  if (!line || *line != kFirstLine) return Refuse(StrCat("line 1 is not ", kFirstLine));
  line = lines.Next();
  if (line && line->starts_with(kExtra)) {
    proof.extra = FromBase64(line->substr(kExtra.size()));
    if (!proof.extra) return Refuse("the extra data is not base64");
    line = lines.Next();
  }
  const auto index =
      line && line->starts_with(kIndex) ? ParseDecimal(line->substr(kIndex.size())) : std::nullopt;
  if (!index) return Refuse("no index line with a decimal number");
  proof.index = *index;
  for (line = lines.Next(); line && !line->empty(); line = lines.Next()) {
    const auto hash = DigestFromBase64(*line);
    if (!hash) {
      return Refuse(StrCat("hash ", proof.inclusion.size() + 1, " is no base64 of 32 bytes"));
    }
    if (proof.inclusion.size() == kProofHashesMax) {
      return Refuse(StrCat("more than ", kProofHashesMax, " hashes"));
    }
    proof.inclusion.push_back(*hash);
  }
  if (!line) return Refuse("no empty line before the checkpoint");
  proof.checkpoint = lines.rest();
  return proof;
}

std::string LogProof::ToText() const {
  std::string text = StrCat(kFirstLine, "\n");
  if (extra) text += StrCat(kExtra, ToBase64(*extra), "\n");
  text += StrCat(kIndex, index, "\n");
  for (const Digest& hash : inclusion) text += ToBase64(AsText(hash)) + "\n";
  return text + "\n" + checkpoint;
}

Expected<VerifiedCheckpoint> VerifyLogProof(const LogProof& proof, const Digest& leaf_hash,
                                            const VerifierKey& log,
                                            std::span<const VerifierKey> witnesses) {
  auto verified = VerifyCheckpoint(proof.checkpoint, log, witnesses);
  if (!verified) return verified;
  if (auto ok = VerifyInclusion(proof.index, verified->checkpoint.size, leaf_hash, proof.inclusion,
                                verified->checkpoint.root);
      !ok) {
    return std::unexpected(ok.error());
  }
  return verified;
}

}  // namespace kaopu::tlog
