// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Proofs that an entry is in a log, checkable offline for ever (c2sp.org/tlog-proof): the receipt
// a shopper keeps for a report.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "tlog/checkpoint.h"
#include "tlog/merkle.h"

namespace kaopu::tlog {

struct LogProof {
  std::optional<std::string> extra;  // opaque and not authenticated
  uint64_t index = 0;
  Proof inclusion;
  std::string checkpoint;  // the signed note, verbatim

  // kBadRequest names the line that is wrong.
  static Expected<LogProof> Parse(std::string_view text);
  std::string ToText() const;
};

// The checkpoint that the proof leads to, where all of it holds for this leaf.
Expected<VerifiedCheckpoint> VerifyLogProof(const LogProof& proof, const Digest& leaf_hash,
                                            const VerifierKey& log,
                                            std::span<const VerifierKey> witnesses = {});

}  // namespace kaopu::tlog
