// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// What the program that browsers start gives up before it reads its first byte: sockets, other
// programs, other processes' memory (seccomp), and every file outside two folders (Landlock, where
// the kernel has it).
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/json.h"

namespace kaopu {

struct SandboxFolders {
  std::optional<std::filesystem::path> read_only;   // the data folder
  std::optional<std::filesystem::path> read_write;  // the shopper's state; must exist
};

struct SandboxState {
  bool seccomp = false;
  int landlock_abi = 0;   // the kernel's Landlock version; 0 = it has none, or it is switched off
  bool landlock = false;  // rules are in force
  std::string note;       // why something is not active, for `doctor`; empty when all is
};

// Applies to this thread, every thread it starts later and nothing else: call before the first
// thread. Cannot be undone. Never fatal: what the kernel lacks or refuses is left out and said in
// the state, which hello and `kaopu doctor` show.
SandboxState EnterSandbox(const SandboxFolders& folders);

// `{"seccomp":true,"landlock":true,"landlock_abi":4,"note":""}`, for hello and doctor.
Json ToJson(const SandboxState& state);

}  // namespace kaopu
