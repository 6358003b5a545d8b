// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Reads a whole tlog-tiles log, anybody's, and checks that it is what its checkpoint says: each
// entry against its leaf hash, each tile against the tile below, the tree against the signed root.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "base/error.h"
#include "tlog/checkpoint.h"
#include "tlog/tiles.h"

namespace kaopu::tlog {

struct LogAudit {
  VerifiedCheckpoint head;  // cosigned itself, or it goes on from what was (CosignedPath)
  uint64_t tiles = 0;
};

// Called for each entry in order, after it was found to be the one that was hashed into the tree.
using SeeEntry = std::function<void(uint64_t index, std::string_view entry)>;

// Linear in the log, with one tile a level in memory. The error names the first file that differs:
// kBadRequest where a file is not what the tree needs, kNotFound where it is missing, else the
// reader's own.
Expected<LogAudit> AuditLog(const ReadLogFile& read, const VerifierKey& log,
                            std::span<const VerifierKey> witnesses, const SeeEntry& see);

}  // namespace kaopu::tlog
