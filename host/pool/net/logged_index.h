// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// What a registry's log says of its index, and whether the files on this disk are that index: the
// same questions for a sync, which takes no other files in use, and for `kaopu verify`, which asks
// them again without a network.
//   manifest.json                  as fetched, with the proof: of the files in use
//   manifest.<digest>.json.next    the same of files that a sync is about to take, or was when it
//                                  ended; there until all of them are in use
//   ranges/<n>/manifest.json       of the ranges beside it; all of them are taken in use at once,
//   by
//                                  ranges.json
// A registry's folder that an older version synced has neither: its files are not proven until the
// next sync, which is no fault of theirs.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "index/index_file.h"
#include "pool/range_set.h"
#include "report/seal/published_index.h"
#include "tlog/checkpoint.h"
#include "tlog/log_proof.h"

namespace kaopu::pool {

inline constexpr const char* kIndexKinds[] = {"sellers", "details"};

// A manifest whose entry is in a log, by the proof that it brings.
struct ProvedManifest {
  Manifest manifest;
  tlog::LogProof proof;
  tlog::Checkpoint head;  // signed by the log's key; where the proof leads to
};
// kBadRequest: no manifest. kDamaged: it proves nothing.
Expected<ProvedManifest> ProveManifest(std::string_view text, const tlog::VerifierKey& log);

// The files of one publish, as the log's entry names them.
struct LoggedIndex {
  IndexEntry index;
  uint64_t at = 0;  // number of that entry
  const PublishedFile* FileOf(std::string_view kind) const;
};
// kForbidden: the entry is not the operator's word. kBadRequest: it names no index.
Expected<LoggedIndex> ReadLoggedIndex(const ProvedManifest& proved,
                                      const tlog::VerifierKey& operator_key);

// An index of this kind and registry with every page whole. kDamaged, and as IndexFile::Open.
Expected<index::IndexFile> OpenWhole(const std::filesystem::path& path, std::string_view kind,
                                     std::string_view origin);
// Whether `file` is, byte for byte, the one of this kind that the log names. kDamaged.
Expected<void> CheckLogged(const index::IndexFile& file, std::string_view kind,
                           const LoggedIndex& logged);

// What lies in a folder of ranges (pool/range_set.h), held against what the log names. kDamaged
// names the range. Gives the as-of day that all of them have.
Expected<Date> CheckLoggedRanges(const std::filesystem::path& folder_of_registry,
                                 const RangeSet& set, const LoggedIndex& logged,
                                 std::string_view origin);

// Before files are taken in use, and after. kUnavailable: the disk.
Expected<void> StageManifest(const std::filesystem::path& folder, std::string_view text);
Expected<void> KeepManifest(const std::filesystem::path& folder, std::string_view text);

// One thing of a registry's folder, looked at without a network.
struct KeptCheck {
  enum class State : uint8_t {
    kSound,      // whole
    kProven,     // and what the log names
    kNotProven,  // whole, but nothing here says that the log names it; `why` says what next
    kWrong,
  };
  std::string what;  // index details ranges proof
  State state = State::kSound;
  std::optional<Error> why;
};
// Index files and proofs of the registry `id`, held against its keys, the log's last head and what
// sync.json remembers. Empty where nothing was synced yet. Right beside a sync that is under way,
// too. kNotFound, kDamaged as ReadRegistry.
Expected<std::vector<KeptCheck>> CheckKeptIndex(const std::filesystem::path& home,
                                                std::string_view id);

}  // namespace kaopu::pool
