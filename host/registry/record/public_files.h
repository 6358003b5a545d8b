// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The two JSON files at the root of what a registry publishes, and where its other files lie.
// Forms: host/docs/registry_api.md.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "registry/record/log_history.h"

namespace kaopu {

inline constexpr size_t kPublicJsonBytesMax = 256 * 1024;
inline constexpr size_t kIndexFileBytesMax = size_t{4} << 30;
inline constexpr const char* kManifestPath = "index/manifest.json";

// `registry.json`. kBadRequest names the field.
struct RegistryFile {
  std::string origin, log_key, operator_key;
  // What must stand in the log's first entry as it stands here.
  std::map<std::string, std::string> keys;

  static Expected<RegistryFile> Parse(std::string_view text);
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

// Of the policy with this digest (base64): `policy/<first 16 hex digits>.json`.
std::string PolicyPath(std::string_view sha256_base64);

}  // namespace kaopu
