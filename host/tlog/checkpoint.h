// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Checkpoints (c2sp.org/tlog-checkpoint): the head of a log at one size, as a signed note.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "tlog/digest.h"
#include "tlog/note.h"

namespace kaopu::tlog {

struct Checkpoint {
  std::string origin;
  uint64_t size = 0;
  Digest root{};
  std::vector<std::string> extensions;  // opaque further lines; our own logs write none

  // The note's text. kBadRequest names the line that is wrong.
  static Expected<Checkpoint> Parse(std::string_view note_text);
  std::string ToText() const;
};

struct VerifiedCheckpoint {
  Checkpoint checkpoint;
  std::vector<VerifiedSignature> cosignatures;  // by the witnesses given
};

// The checkpoint of the log whose key this is: signed by it, and its origin is the key's name.
Expected<VerifiedCheckpoint> VerifyCheckpoint(std::string_view note, const VerifierKey& log,
                                              std::span<const VerifierKey> witnesses = {});

}  // namespace kaopu::tlog
