// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// A registry that the shopper chose, as its file below KAOPU_HOME.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>

#include "pool/pool_folder.h"

namespace kaopu::testing {

// Its folder.
inline std::filesystem::path PutRegistry(const std::filesystem::path& home, const std::string& id,
                                         const pool::RegistryInfo& info) {
  auto folder = pool::PoolFolder(home) / id;
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "registry.json") << info.ToText();
  return folder;
}

// One that nobody asks: its keys are none.
inline pool::RegistryInfo MadeRegistryInfo(const std::string& origin, const std::string& name) {
  return {.origin = origin,
          .name = name,
          .log_key = "k",
          .operator_key = "k",
          .nullifier_key = "k",
          .api = "/v1",
          .url = "https://r.example"};
}

}  // namespace kaopu::testing
