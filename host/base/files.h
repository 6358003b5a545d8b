// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The few file operations the rooms share, and where Kaopu keeps its things.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace kaopu {

// Whole file (`-` = standard input). kNotFound, kTooLarge (more than `bytes_max`), kUnavailable.
Expected<std::string> ReadFile(const std::filesystem::path& path, size_t bytes_max);

// kOnDisk: returns once it is. kLater: when the system sees fit; after a power failure the file may be empty, the old one or
// absent, so only for what can be made again.
enum class Durability { kOnDisk, kLater };

// Writes `path` so that after a crash it holds the old or the new bytes whole: temporary file beside it,
// fsync, rename, fsync of the folder. Mode 0600 unless `mode` says otherwise. kUnavailable leaves the old file.
Expected<void> WriteFileAtomic(const std::filesystem::path& path, std::string_view bytes, unsigned mode = 0600,
                               Durability durability = Durability::kOnDisk);

// Regular files in `dir` whose name ends with `suffix`, sorted by name. kNotFound if there is no such folder.
Expected<std::vector<std::filesystem::path>> ListFiles(const std::filesystem::path& dir, std::string_view suffix);

// The shopper's state: $KAOPU_HOME, else $XDG_DATA_HOME/kaopu, else $HOME/.local/share/kaopu
// (macOS: ~/Library/Application Support/kaopu). Not created here. kUnavailable when none can be told.
Expected<std::filesystem::path> HomeFolder();

// Adapters, promises, policy...: $KAOPU_DATA, else share/kaopu/data beside the running program's prefix, else
// the build tree's host/data. kNotFound names the places that were tried.
Expected<std::filesystem::path> DataFolder();

// `_locales` of the extension, the one source of wording for extension and command line alike:
// share/kaopu/locales beside the running program's prefix, else the build tree's extension/_locales.
Expected<std::filesystem::path> LocalesFolder();

// Native-host manifest templates and browser locations: share/kaopu/manifests beside the running program's prefix, else the
// build tree's manifests/.
Expected<std::filesystem::path> ManifestsFolder();

// The extension's packages: share/kaopu/extension beside the running program's prefix, else the build tree's build/extension.
Expected<std::filesystem::path> ExtensionFolder();

// Absolute path of the running program, links resolved.
Expected<std::filesystem::path> ProgramPath();

}  // namespace kaopu
