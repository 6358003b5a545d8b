// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "registry/folder/settings_file.h"

#include <CLI/CLI.hpp>
#include <sstream>

#include "base/files.h"
#include "base/str_cat.h"

namespace kaopu {
namespace {

constexpr size_t kSettingsBytesMax = 1 << 20;
constexpr std::string_view kDatabase = "database";

}  // namespace

Expected<std::vector<Setting>> ReadSettings(const std::filesystem::path& path) {
  const auto text = ReadFile(path, kSettingsBytesMax);
  if (!text) return std::unexpected(text.error());
  std::vector<Setting> settings;
  try {
    std::istringstream lines(*text);
    for (const CLI::ConfigItem& item : CLI::ConfigTOML().from_config(lines)) {
      settings.push_back({item.name, item.inputs});
    }
  } catch (const CLI::Error& error) {
    return Fail(ErrorCode::kBadRequest, StrCat(path.string(), ": ", error.what()));
  }
  return settings;
}

Expected<std::string> ReadDatabaseSetting(const std::filesystem::path& path) {
  const auto settings = ReadSettings(path);
  if (!settings && settings.error().code == ErrorCode::kNotFound) return std::string();
  if (!settings) return std::unexpected(settings.error());
  for (const Setting& one : *settings) {
    if (one.name == kDatabase && !one.values.empty()) return one.values.back();
  }
  return std::string();
}

Expected<void> WriteDatabaseSetting(const std::filesystem::path& path, std::string_view value) {
  const auto before = ReadFile(path, kSettingsBytesMax);
  if (!before && before.error().code != ErrorCode::kNotFound) {
    return std::unexpected(before.error());
  }
  std::istringstream lines(before.value_or(""));
  std::string text;
  for (std::string line; std::getline(lines, line);) {
    const size_t name = line.find_first_not_of(" \t");
    const size_t end = name == std::string::npos ? name : line.find_first_of(" \t=", name);
    if (name != std::string::npos && line.substr(name, end - name) == kDatabase) continue;
    text += line + "\n";
  }
  // First: what follows may belong to a section.
  text = StrCat(kDatabase, " = \"", value, "\"\n", text);
  return WriteFileAtomic(path, text, 0600);
}

}  // namespace kaopu
