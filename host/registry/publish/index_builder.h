// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Outcomes of many sellers -> the two files of an index: a pure function of outcomes and frame,
// whatever the order in which they are given. Holds every outcome in memory.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "index/format.h"
#include "reputation/fixed.h"
#include "reputation/outcome.h"

namespace kaopu {

struct SharedOutcome {
  std::string seller;
  Outcome outcome;
  Fix weight = kFixOne;  // of its reporter, 0..kFixOne; 0 = it is counted and says nothing
  // Of a never shipped one as never shipped; at most `weight`. nullopt = the same.
  std::optional<Fix> never_weight;
  bool counted = true;  // in the details
};

struct BuiltIndex {
  uint64_t sellers = 0, details = 0;
  uint64_t outcomes = 0, censored = 0, later = 0, too_light = 0;  // the last three: not published
};

// Of `frame`, everything is taken but kind, sizes and the priors, which are learned from the
// outcomes as `kaopu backtest` learns them. Outcomes known after the as-of day are left out; those
// of another platform than the shard's are kBadRequest. kLimit, kUnavailable as the writer;
// kConflict where two sellers have the same key: a new salt is due. Nothing is published unless
// both files are whole. `details_path` empty = no details. A seller with details whose reports
// weigh nothing has a row of nothing, so that what was counted of it is found.
Expected<BuiltIndex> BuildIndex(std::vector<SharedOutcome> outcomes, index::Header frame,
                                const std::filesystem::path& sellers_path,
                                const std::filesystem::path& details_path);

}  // namespace kaopu
