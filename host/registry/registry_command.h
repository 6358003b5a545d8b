// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// How a command joins `kaopu-registry`: one file in registry/commands/, one Add... function
// declared in commands/commands.h and listed in registry_command_line.cc. Results go to `out`,
// everything else to `err`.
#pragma once

#include <istream>
#include <ostream>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"

namespace kaopu {

class Command;

struct RegistryContext {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  const Clock& clock;
  // Set by the command that ran: what RunRegistryCommandLine returns (0 done, 3.. by ExitCodeFor).
  int exit_code = 0;

  void Note(std::string_view text) const;  // "kaopu-registry: <text>" to err
  void Fail(const Error& error);           // the same, and sets exit_code
};

using AddRegistryCommand = void (*)(Command app, RegistryContext& context);

// The whole command line; returns the exit code (2 = wrong usage).
int RunRegistryCommandLine(int argc, const char* const* argv, RegistryContext& context);

}  // namespace kaopu
