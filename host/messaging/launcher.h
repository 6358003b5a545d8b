// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// A confined host may start nothing and has no network. For the shopper's click on "sync now" there
// is a second, small process, forked before the host locks itself down: it reads nothing of any
// page, does one thing (runs `kaopu sync`) and ends when the host does, however that ends.
#pragma once

#include <chrono>
#include <filesystem>

namespace kaopu {

class Launcher {
 public:
  // Forks. Call once, while the process has one thread and before EnterSandbox. `program` is run
  // as `program sync --quiet`, by its absolute path, with a few variables of the environment (where
  // Kaopu's and the user's folders are, language, proxies, the session's bus), without any open
  // descriptor of ours, in a session of its own: it was asked for, so it outlives the host. Where
  // the fork fails, Sync gives false.
  explicit Launcher(std::filesystem::path program);
  // The launcher ends with the process; nothing has to be done for it.
  Launcher(const Launcher&) = delete;
  Launcher& operator=(const Launcher&) = delete;

  // Whether the program runs now: started by this call, or still at work (one at a time, and at
  // most one start in kLauncherRest). One thread; waits at most `patience`; works in the sandbox.
  bool Sync(std::chrono::milliseconds patience = std::chrono::milliseconds(1000));

 private:
  int ask_ = -1;     // to the launcher: a byte a click
  int answer_ = -1;  // from it: a byte a click, 1 = it runs
};

inline constexpr std::chrono::seconds kLauncherRest(5);

}  // namespace kaopu
