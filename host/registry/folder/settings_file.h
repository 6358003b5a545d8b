// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// A registry's settings: `NAME = VALUE` lines as `serve --help` names them, by default in
// `registry.toml` of its folder. `database` is read by whoever opens the folder.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace kaopu {

struct Setting {
  std::string name;
  std::vector<std::string> values;
};

// kNotFound where there is no file.
Expected<std::vector<Setting>> ReadSettings(const std::filesystem::path& path);

// The value of `database`; empty where there is none, or no file.
Expected<std::string> ReadDatabaseSetting(const std::filesystem::path& path);
// Puts it there in place of what was said before; the other lines stay as they are.
Expected<void> WriteDatabaseSetting(const std::filesystem::path& path, std::string_view value);

}  // namespace kaopu
