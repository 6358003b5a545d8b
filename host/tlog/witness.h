// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// What a log and a witness say to each other (c2sp.org/tlog-witness): the log shows its newest
// checkpoint and that it goes on from the one the witness cosigned last; the witness answers with a
// cosignature.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "tlog/merkle.h"
#include "tlog/note.h"

namespace kaopu::tlog {

inline constexpr const char* kAddCheckpointPath = "/add-checkpoint";  // WIRE
inline constexpr const char* kTreeSizeType = "text/x.tlog.size";      // WIRE, of a 409's body
inline constexpr size_t kConsistencyLinesMax = 63;                    // WIRE
inline constexpr size_t kAddCheckpointBytesMax = 64 * 1024;           // ours
inline constexpr size_t kCosignatureAnswerBytesMax = 64 * 1024;       // ours

// The body of `POST /add-checkpoint`: `old SIZE`, the proof line by line, an empty line, the note.
struct AddCheckpoint {
  uint64_t old_size = 0;   // of the checkpoint that the witness cosigned last; 0 = none
  Proof proof;             // from there; empty where there is nothing to prove
  std::string checkpoint;  // the signed note, verbatim; not looked into

  // kBadRequest names the line that is wrong.
  static Expected<AddCheckpoint> Parse(std::string_view body);
  std::string ToText() const;
};

// `checkpoint`, signed by `log` alone, with the line of `witness` that is in its answer to it.
// kBadRequest: there is none, it does not verify, or it bears no time.
Expected<std::string> TakeCosignature(std::string_view checkpoint, std::string_view answer,
                                      const VerifierKey& log, const VerifierKey& witness);

// Where a log's folder holds the newest of its checkpoints that this witness has cosigned. A file
// for each, as one may be away while the others go on; `checkpoint` itself moves with every batch
// of entries. DISK, WIRE: host/docs/registry_api.md.
std::string CosignedPath(const VerifierKey& witness);

}  // namespace kaopu::tlog
