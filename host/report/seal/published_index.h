// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Which index files a registry published: the log's `index` entry, and the manifest that leads to
// it. Written by the registry, read by auditors and shoppers alike. Forms:
// host/docs/registry_api.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"
#include "index/update/range_file.h"
#include "tlog/digest.h"

namespace kaopu {

inline constexpr size_t kPublicJsonBytesMax = 256 * 1024;
inline constexpr size_t kIndexFileBytesMax = size_t{4} << 30;
inline constexpr const char* kManifestPath = "index/manifest.json";
// Which entry of the log says whose proofs of purchase count: {"v":1,"entry"}; missing = none do.
inline constexpr const char* kProofKeysPath = "proofkeys.json";

struct PublishedFile {
  std::string path, kind;  // `index/12/sellers.kpi`, `sellers`
  uint64_t bytes = 0;
  tlog::Digest sha256{};
  Json Body() const;
};

// The same index in ranges, for shoppers who have no room for it whole.
struct PublishedRanges {
  std::string path;  // `index/12/ranges.kpr`
  index::CutIndex cut;
  Json Body() const;
};

// `index`: the files a publish made.
struct IndexEntry {
  uint64_t publish = 0;
  std::vector<PublishedFile> files, deltas;
  std::optional<PublishedRanges> ranges;  // where its operator has it cut

  Json Body() const;
  static Expected<IndexEntry> Parse(const Json& body);
};

// `index/manifest.json`. `index` is what `entry` says; of the rest only the chain of deltas is
// taken, which prove themselves by leading to a file that the entry names.
struct Manifest {
  struct Delta {
    PublishedFile file;
    uint64_t from_publish = 0, to_publish = 0;
  };
  Date as_of{};
  uint64_t entries = 0;
  IndexEntry index;
  std::vector<Delta> deltas;  // oldest first
  std::string entry;          // of the log, verbatim
  std::string proof;          // tlog-proof

  std::string ToText() const;
  // kBadRequest. Signature and proof are the caller's to check.
  static Expected<Manifest> Parse(std::string_view text);
};

}  // namespace kaopu
