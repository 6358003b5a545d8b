// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The command line.
#include <unistd.h>

#include <csignal>
#include <iostream>

#include "cli/command.h"

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // `kaopu ... | head` ends with a failed write, not a signal
  std::ios::sync_with_stdio(false);
  kaopu::SystemClock clock;
  kaopu::CommandContext context(std::cin, std::cout, std::cerr, clock);
  context.is_terminal = isatty(STDIN_FILENO) != 0 && isatty(STDERR_FILENO) != 0;
  return kaopu::RunCommandLine(argc, argv, context);
}
