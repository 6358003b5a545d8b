// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#pragma once

#include <string>
#include <vector>

#include "cli/command.h"

namespace kaopu {

// `kaopu` with these arguments, in this process; gives its exit code.
inline int RunKaopu(const std::vector<std::string>& arguments, CommandContext& context) {
  std::vector<const char*> argv = {"kaopu"};
  for (const std::string& argument : arguments) argv.push_back(argument.c_str());
  return RunCommandLine(static_cast<int>(argv.size()), argv.data(), context);
}

}  // namespace kaopu
