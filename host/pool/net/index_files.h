// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Brings one index file of a registry onto this disk: by deltas where they are fewer bytes, else
// whole, going on where an earlier attempt was cut off. What lies at `Staged` afterwards is, byte
// for byte, what the log names; the file in use is not touched.
//   sellers.kpi        in use
//   sellers.kpi.next   the newer one, or a step on the way to it
//   sellers.<digest>.part   of a whole file, as far as it came
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "net/http_client.h"
#include "report/seal/published_index.h"

namespace kaopu::pool {

struct WantedFile {
  std::string base;  // address of the registry, with its slash
  std::filesystem::path folder;
  PublishedFile file;  // as the log's entry names it
  uint64_t publish = 0;
  const Manifest* manifest = nullptr;  // for the deltas
  std::string origin;                  // of the registry's log
  std::function<void(uint64_t done, uint64_t of)> progress;
};

struct GotFile {
  bool is_new = false;              // it lies at `Staged`; else the file in use is it already
  uint64_t bytes = 0;               // that came in
  std::optional<std::string> note;  // deltas that could not be used, and why
};

std::filesystem::path InUse(const std::filesystem::path& folder, const std::string& kind);
std::filesystem::path Staged(const std::filesystem::path& folder, const std::string& kind);

// kDamaged: what the registry gives is not what its log names. kUnavailable, kTimeout: later.
// kTooLarge: the disk. The bytes that came stay for the next time.
Expected<GotFile> FetchIndexFile(HttpClient& client, const WantedFile& wanted);

// Takes the staged file in use: a rename, on disk when it returns.
Expected<void> TakeInUse(const std::filesystem::path& folder, const std::string& kind);
// What attempts at other publishes left behind.
void RemoveLeftOvers(const std::filesystem::path& folder);

// The whole index, where ranges have come in its place.
void RemoveWhole(const std::filesystem::path& folder);
// A new file of a folder that nobody uses yet; on disk once SyncFiles has returned for the folder.
Expected<void> PutFile(const std::filesystem::path& path, std::string_view bytes);
Expected<void> SyncFiles(const std::filesystem::path& folder);
// Folders of ranges that are not one of these.
void RemoveRangesBut(const std::filesystem::path& folder, std::vector<uint64_t> kept);

}  // namespace kaopu::pool
