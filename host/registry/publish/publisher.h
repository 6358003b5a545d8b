// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// One publish: contents that have waited long enough are released, the index is computed from the
// log and what is released, and everything is put where shoppers fetch it. In steps, each of which
// a crash may cut off: the publish before stays whole until the new manifest is in its place, and
// the next run goes on from where the log stands.
//   1. entries `removal` (old duplicates), `release`, `policy` where it changed    database
//   2. the contents' files that these concern                                      files
//   3. entry `epoch`                                                               database
//   4. index/<publish>/: sellers, details, deltas, ranges where they are wanted    files
//   5. entry `index`, which names them; checkpoint, and its cosignatures           database, files
//   6. index/manifest.json; then what is older than is kept goes                   files
//   7. the pages for people (registry/pages)                                       files
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "index/update/range_file.h"
#include "registry/log/log_writer.h"
#include "registry/publish/index_builder.h"
#include "registry/store/registry_store.h"
#include "tlog/note.h"

namespace kaopu {

struct PublishOptions {
  std::filesystem::path root;      // public/
  std::filesystem::path policy;    // trust.json
  std::filesystem::path pages;     // templates of the pages for people; empty = none are written
  int waiting_min = 5;             // reports of a seller that are released together ...
  std::chrono::days wait_max{14};  // ... or whatever there is, once the oldest waited so long
  std::chrono::days duplicates_kept{14};
  unsigned full_kept = 3, deltas_kept = 30;  // publishes
  // Cut into 2^bits ranges as well (index/update/range_file.h); 0 = not. nullopt = as the publish
  // before, so that it is said once.
  std::optional<unsigned> range_bits;
  unsigned threads = 1;
  std::function<void(std::string_view)> progress;
  // Asked once the new head is signed and before the manifest is in place; an error cuts it off.
  std::function<Expected<void>()> cosign;
  std::function<bool()> stop;  // asked between steps; true cuts the publish off: kUnavailable
  std::function<void(std::string_view step)> before;  // tests cut a publish off here
};

struct Published {
  uint64_t publish = 0;  // 0 = nothing new, nothing was published
  Date as_of{};
  uint64_t released = 0, duplicates = 0;  // by this run
  uint64_t contents = 0;                  // weighed
  BuiltIndex index;
  uint64_t bytes = 0;        // of the new files whole
  uint64_t delta_bytes = 0;  // of the deltas to them
  std::optional<index::CutIndex> ranges;
  std::string pages_error;  // empty = the pages were written, or none were asked for
};

// One at a time for one registry. kNotFound: the log is empty, `init` was not run. kUnavailable;
// kDamaged: the public files are not what the log says.
Expected<Published> PublishOnce(RegistryStore& store, LogWriter& log,
                                const tlog::SignerKey& operator_key, const PublishOptions& options,
                                const Clock& clock);

}  // namespace kaopu
