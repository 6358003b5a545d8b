// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The shared database's program.
#include <csignal>
#include <iostream>

#include "registry/registry_command.h"

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // `kaopu-registry ... | head` ends with a failed write
  std::ios::sync_with_stdio(false);
  const kaopu::SystemClock clock;
  kaopu::RegistryContext context{std::cin, std::cout, std::cerr, clock};
  return kaopu::RunRegistryCommandLine(argc, argv, context);
}
