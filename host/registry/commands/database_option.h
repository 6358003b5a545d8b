// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#pragma once

#include <string>

#include "options/command.h"
#include "registry/registry_command.h"

namespace kaopu {

// `--database`, of every command that opens a registry's database: for RegistryFolder::Open.
inline Option AddDatabaseOption(Command command, std::string& database) {
  return command
      .AddOption("--database", database,
                 "Where the database is: sqlite (registry.db in --data) or "
                 "postgresql://USER@HOST/NAME, without a password (~/.pgpass or a service file "
                 "hold it); if not given, what registry.toml in --data says, else sqlite")
      .TypeName("URL");
}

}  // namespace kaopu
