// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// `registry.toml`: options of `serve`, of which other commands take those that they have, too.
#pragma once

#include <string>

#include "options/command.h"
#include "registry/registry_command.h"

namespace kaopu {

// What the file says of options that the command line does not. `config` is --config: without it,
// registry.toml in `data` where there is one. Names that the command does not know are an error,
// or, with `others`, those of another command.
Expected<void> ReadConfig(Command command, const std::string& config, const std::string& data,
                          bool others = false);

}  // namespace kaopu
