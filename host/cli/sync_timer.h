// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// `kaopu sync` by itself: two units of the user's own systemd, a service that runs once and a timer
// that starts it four times a day, at times spread over hours so that when somebody asks says
// nothing. Set up with the shopper's consent alone, by `kaopu install --with-sync`.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>

#include "base/error.h"
#include "cli/browsers.h"

namespace kaopu {

enum class SyncTimerState {
  kNone,
  kOff,  // the units are there; nothing starts the timer
  kOn,
};

class SyncTimer {
 public:
  // `home`: KAOPU_HOME, in which a mark tells the sandboxed host that there is a timer.
  // `limit`: how long one call of systemctl may take.
  SyncTimer(const Machine& machine, std::filesystem::path home,
            std::chrono::milliseconds limit = std::chrono::seconds(30));

  const std::filesystem::path& folder() const { return folder_; }
  const std::filesystem::path& home() const { return home_; }  // absolute where it can be
  SyncTimerState State() const;

  // Writes both units for `program` (absolute path of kaopu) and has systemd start the timer, now
  // and at each login. Done again, it heals paths. Where systemd does not take them, what was not
  // there before is removed again: kUnavailable says why. kTimeout: it does not answer.
  // kBadRequest: CheckTimerCanName.
  Expected<void> SetUp(const std::filesystem::path& program) const;
  // Stops the timer and removes units and mark; whether there were any. Nothing else is touched.
  Expected<bool> Remove() const;

 private:
  std::filesystem::path service() const { return folder_ / "kaopu-sync.service"; }
  std::filesystem::path timer() const { return folder_ / "kaopu-sync.timer"; }
  // What enabling makes.
  std::filesystem::path link() const { return folder_ / "timers.target.wants/kaopu-sync.timer"; }
  Expected<void> WriteAndEnable(const std::filesystem::path& program) const;
  // Whether there was any of them.
  Expected<bool> RemoveUnits() const;

  std::filesystem::path folder_;  // of the user's units
  std::filesystem::path home_;
  std::chrono::milliseconds limit_;
};

// Whether units and a line for cron can name this path, of the program or of KAOPU_HOME;
// kBadRequest where it is not absolute, not UTF-8, or has control characters (a line break ends
// both).
Expected<void> CheckTimerCanName(const std::filesystem::path& path);
// The service's text: systemd's specifiers and quotes in the paths are escaped. `home`, absolute,
// is always written into it: what names it in the shopper's shell is not there when systemd starts
// the service.
std::string SyncServiceUnit(const std::filesystem::path& program,
                            const std::filesystem::path& home);
std::string SyncTimerUnit();
// The same for cron, where there is no systemd: a line for the user's table. `minute`: 0 to 59.
std::string SyncCronLine(const std::filesystem::path& program, const std::filesystem::path& home,
                         unsigned minute);

}  // namespace kaopu
