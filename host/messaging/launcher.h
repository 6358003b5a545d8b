// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// A confined host may start nothing and has no network. For the shopper's click on "sync now", or
// on a question about one seller where ranges are taken, there is a second, small process, forked
// before the host locks itself down: it does one thing (runs `kaopu sync`) and ends when the host
// does, however that ends. Of a page it is given a seller's key at most.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>

namespace kaopu {

// Without a seller: all registries are followed, as `kaopu sync` does it.
struct SyncAsk {
  std::string registry, seller;  // its id, and the seller whose range is wanted there
  bool only_look = false;        // starts nothing: how the last one went
};

struct SyncRun {
  enum class State : uint8_t {
    kNone,     // nothing was run, or it could not be
    kRunning,  // what was asked for; where only looked, whatever was
    kBusy,     // something else runs, or began less than kLauncherRest ago
    kEnded,    // only looked: with `exit_code`, 128 and more where a signal ended it
  };
  State state = State::kNone;
  int exit_code = 0;
};

class Launcher {
 public:
  // Forks. Call once, while the process has one thread and before EnterSandbox. `program` is run
  // as `program sync --quiet`, for a seller with `--registry ID --range=KEY --yes`, by its absolute
  // path, with a few variables of the environment (where Kaopu's and the user's folders are,
  // language, proxies, the session's bus), without any open descriptor of ours, in a session of its
  // own: it was asked for, so it outlives the host. Where the fork fails, Ask gives kNone.
  explicit Launcher(std::filesystem::path program);
  // The launcher ends with the process; nothing has to be done for it.
  Launcher(const Launcher&) = delete;
  Launcher& operator=(const Launcher&) = delete;

  // Starts what is asked for, or finds it still at work: one at a time, and at most one start in
  // kLauncherRest. An id or a key that is not shaped like one starts nothing. One thread; waits at
  // most `patience`; works in the sandbox.
  SyncRun Ask(const SyncAsk& ask,
              std::chrono::milliseconds patience = std::chrono::milliseconds(1000));

 private:
  int ask_ = -1;     // to the launcher: questions, all of one size
  int answer_ = -1;  // from it: a SyncRun each
};

inline constexpr std::chrono::seconds kLauncherRest(5);

}  // namespace kaopu
