// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "registry/commands/config_file.h"

#include <filesystem>

#include "base/str_cat.h"
#include "registry/folder/settings_file.h"

namespace kaopu {

Expected<void> ReadConfig(Command command, const std::string& config, const std::string& data,
                          bool others) {
  std::filesystem::path path = config;
  if (path.empty()) {
    path = std::filesystem::path(data) / "registry.toml";
    std::error_code error;
    if (!std::filesystem::exists(path, error)) return {};
  }
  const auto settings = ReadSettings(path);
  if (!settings) return std::unexpected(settings.error());
  for (const Setting& item : *settings) {
    std::optional<Option> option = command.Find("--" + item.name);
    if (!option && others) continue;
    if (!option || item.name == "config" || item.name == "help") {
      return Fail(ErrorCode::kBadRequest,
                  StrCat(path.string(), ": \"", item.name, "\" is no option of serve"));
    }
    if (option->IsGiven()) continue;
    if (const auto given = option->Give(item.values); !given) {
      return Fail(given.error().code, StrCat(path.string(), ": ", given.error().message));
    }
  }
  return {};
}

}  // namespace kaopu
