// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Is what a registry published what its log and contents lead to? Reads the public files alone, as
// anybody can, and computes the newest index again.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "registry/record/log_history.h"
#include "tlog/note.h"
#include "tlog/tiles.h"

namespace kaopu {

struct RegistryAuditOptions {
  std::optional<tlog::VerifierKey> key;  // the log's; without it the one in registry.json is taken
  std::vector<tlog::VerifierKey> witnesses;
  bool signatures = true;  // verify every reporter's
  unsigned threads = 1;
  std::function<void(std::string_view)> progress;
};

struct RegistryAudit {
  std::string origin;
  uint64_t entries = 0, reports = 0, contents = 0, removed = 0, waiting = 0, tiles = 0;
  uint64_t left_over = 0;  // contents that lie there and should not: removed, or not released yet
  uint64_t publish = 0;    // the newest; 0 = none
  uint64_t sellers = 0;
  // Contents were removed since the newest publish: it cannot be computed again, its files were
  // checked by their digests.
  bool by_digest_alone = false;
  uint64_t ranges = 0;  // into which the newest publish is cut; each is what cutting it again gives
  uint64_t older_checked = 0, older_gone = 0;  // publishes before it, by digest; their files pruned
  LogHistory history;                          // what the log says
};

// `read` is called by several threads. Errors name the first thing that differs: kDamaged; a file
// that must be there and is not: kNotFound; else the reader's own.
Expected<RegistryAudit> AuditRegistry(const tlog::ReadLogFile& read,
                                      const RegistryAuditOptions& options);

}  // namespace kaopu
