// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The parts behind the actions, each loaded when it is first needed: `hello` must not wait for
// adapters, and `kaopu price` for a database. Used by the host and the command line alike. One
// thread.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>

#include "base/clock.h"
#include "base/error.h"
#include "messaging/action.h"

namespace kaopu {

// Where an engine finds its things; an error stands for the folder that could not be told, and is
// given back by what needs it.
struct EngineFolders {
  Expected<std::filesystem::path> data;
  Expected<std::filesystem::path> home;
};

// DataFolder() and HomeFolder(); creates the home folder (0700, parents as needed) when there is
// none.
EngineFolders FindEngineFolders();

class Engine {
 public:
  Engine(EngineFolders folders, const Clock& clock);
  ~Engine();

  Rules& rules();
  // Opens (and creates) the shopper's store. A failed attempt is repeated at the next call.
  Expected<ActionContext*> Actions();

  const EngineFolders& folders() const { return folders_; }
  // What actions ask the launcher by; before the first Actions().
  void SetLauncher(std::function<SyncRun(const SyncAsk&)> ask) { ask_launcher_ = std::move(ask); }

 private:
  struct Parts;
  EngineFolders folders_;
  const Clock& clock_;
  std::function<SyncRun(const SyncAsk&)> ask_launcher_;
  std::unique_ptr<Parts> parts_;
};

}  // namespace kaopu
