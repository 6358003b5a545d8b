// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// What a registry answers to who sends to it (host/docs/registry_api.md), read with distrust:
// bounded, strict, and held against what was sent and against the registry's keys. A registry that
// lies is told by an error, never believed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "report/seal/envelope.h"
#include "report/seal/log_entry.h"
#include "report/seal/proof_of_work.h"
#include "report/seal/voprf.h"
#include "tlog/checkpoint.h"
#include "tlog/note.h"

namespace kaopu::pool {

inline constexpr size_t kAnswerBytesMax = 64 * 1024;

// kDamaged: no such answer. Every function here.
Expected<report::Challenge> ReadChallengeAnswer(std::string_view body);
Expected<report::Evaluation> ReadNullifierAnswer(std::string_view body);

// That a report is in the log, as it is kept for ever.
struct Receipt {
  uint64_t entry = 0;
  std::string weight_class, content, salt, proof;  // as they came
  report::Content read;                            // of `content`
  tlog::Checkpoint checkpoint;                     // that the proof leads to
};

// The answer to a sealed report: the content is that report verbatim, by its key and signature; the
// class is the content's; the proof leads from the entry that commits to it to a checkpoint signed
// by `log`.
Expected<Receipt> ReadReportAnswer(std::string_view body, const report::Envelope& sent,
                                   const tlog::VerifierKey& log);
// The same of what was kept: whether receipt, salt and content still belong together.
Expected<Receipt> CheckReceipt(uint64_t entry, std::string_view content, std::string_view salt,
                               std::string_view proof, const tlog::VerifierKey& log);

// The answer to a withdrawal of `entry`: the number of the log's entry that says it is gone.
Expected<uint64_t> ReadWithdrawalAnswer(std::string_view body, uint64_t entry);

// proofkeys.json: the number of the log's entry that says whose proofs of purchase count.
Expected<uint64_t> ReadProofKeysFile(std::string_view body);

// What an attester answers: who it is (/health), and its proof, of which nothing is checked here.
Expected<tlog::VerifierKey> ReadAttesterHealth(std::string_view body);
Expected<std::string> ReadProofAnswer(std::string_view body);

// An answer that is none of the above: the registry's own error, its message cut and cleaned;
// kUnavailable where it is not even that (a proxy's or a portal's page). `who`: who was asked.
Error ReadRefusal(int status, std::string_view body, std::string_view who = "a registry");

}  // namespace kaopu::pool
