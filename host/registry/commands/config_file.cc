// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "registry/commands/config_file.h"

#include <filesystem>

#include "base/str_cat.h"
#include "registry/folder/settings_file.h"

namespace kaopu {

Expected<void> ReadConfig(CLI::App& command, const std::string& config, const std::string& data,
                          bool others) {
  std::filesystem::path path = config;
  if (path.empty()) {
    path = std::filesystem::path(data) / "registry.toml";
    std::error_code error;
    if (!std::filesystem::exists(path, error)) return {};
  }
  const auto settings = ReadSettings(path);
  if (!settings) return std::unexpected(settings.error());
  try {
    for (const Setting& item : *settings) {
      CLI::Option* option = command.get_option_no_throw("--" + item.name);
      if (option == nullptr && others) continue;
      if (option == nullptr || item.name == "config" || item.name == "help") {
        return Fail(ErrorCode::kBadRequest,
                    StrCat(path.string(), ": \"", item.name, "\" is no option of serve"));
      }
      if (option->count() > 0) continue;
      for (const std::string& value : item.values) option->add_result(value);
      option->run_callback();
    }
  } catch (const CLI::Error& error) {
    return Fail(ErrorCode::kBadRequest, StrCat(path.string(), ": ", error.what()));
  }
  return {};
}

}  // namespace kaopu
