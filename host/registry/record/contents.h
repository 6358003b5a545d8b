// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The contents of released reports, read from the public files and held against what the log
// commits to.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "registry/record/log_history.h"
#include "report/seal/log_entry.h"
#include "reputation/outcome.h"
#include "tlog/tiles.h"

namespace kaopu {

inline constexpr size_t kContentFileBytesMax =
    4 * 1024 * 1024;  // 256 lines of at most 8 KiB, and room

// A report as the index weighs it.
struct ReleasedReport {
  uint64_t entry = 0;
  std::string seller;
  Outcome outcome;
  bool enrolled = false;
  report::WeightClass weight_class = report::WeightClass::kPool;
  Micro weight = kOne;
  bool aged = false;
  std::optional<uint64_t> replaces;
};

// kBadRequest names what is wrong.
Expected<ReleasedReport> ReleasedReportOf(uint64_t entry, const report::Content& content);

struct ContentsRead {
  std::vector<ReleasedReport> reports;  // of the wanted entries, in order
  uint64_t others = 0;                  // contents that lie there and are not wanted
};

struct ContentsOptions {
  bool signatures = false;  // verify each reporter's
  unsigned threads = 1;
  std::function<void(uint64_t done, uint64_t of)>
      progress;  // contents; by any thread, one at a time
};

// The contents of all entries that are `wanted` (one flag an entry of the log). `read` is called by
// several threads at once. kDamaged names the first, by entry, that is missing, is not what the log
// commits to, or is not signed by the key it names.
Expected<ContentsRead> ReadContents(const tlog::ReadLogFile& read, const LogHistory& history,
                                    const std::vector<bool>& wanted,
                                    const ContentsOptions& options);

// The lines of one content file. kDamaged names line and fault: not one of ours, entries that do
// not rise or belong to another file.
Expected<std::vector<report::ContentLine>> ParseContentFile(std::string_view text, uint64_t bundle);

}  // namespace kaopu
