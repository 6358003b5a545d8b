// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "cli/sync_timer.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>

#include <cstdlib>
#include <cstring>
#include <vector>

#include "base/files.h"
#include "base/str_cat.h"
#include "pool/pool_folder.h"

extern "C" char** environ;

namespace kaopu {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kTimerName = "kaopu-sync.timer";

// A word of a unit file in quotes. `variables`: whether "$" stands for one (ExecStart).
std::string Quoted(std::string_view text, bool variables) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '%' || (c == '$' && variables)) out += c;
    out += c;
  }
  return out + '"';
}

// `systemctl --user ...`, its words thrown away: they are for a terminal, and not in our language.
Expected<void> Systemctl(std::vector<std::string> arguments) {
  std::vector<std::string> words = {"systemctl", "--user", "--quiet"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  for (const int fd : {0, 1, 2})
    posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_RDWR, 0);
  pid_t pid = -1;
  const int failed = posix_spawnp(&pid, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed == ENOENT) return Fail(ErrorCode::kUnavailable, "this computer has no systemd");
  if (failed != 0)
    return Fail(ErrorCode::kUnavailable, StrCat("cannot start systemctl: ", std::strerror(failed)));
  int status = 0;
  while (waitpid(pid, &status, 0) < 0) {
    if (errno != EINTR)
      return Fail(ErrorCode::kUnavailable,
                  StrCat("cannot start systemctl: ", std::strerror(errno)));
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  return Fail(ErrorCode::kUnavailable, StrCat("systemd did not take it; `systemctl --user ",
                                              arguments.front(), "` says why"));
}

}  // namespace

std::string SyncServiceUnit(const fs::path& program, const fs::path& home) {
  std::string text =
      "# Written by `kaopu install --with-sync`; `kaopu uninstall` removes it.\n"
      "[Unit]\n"
      "Description=Kaopu: fetch what shoppers share, send what you agreed to\n"
      "\n"
      "[Service]\n"
      "Type=oneshot\n";
  if (!home.empty())
    text += StrCat("Environment=", Quoted("KAOPU_HOME=" + home.string(), false), "\n");
  text += StrCat("ExecStart=", Quoted(program.string(), true), " sync --quiet\n");
  text +=
      "Nice=10\n"
      "NoNewPrivileges=yes\n"
      "TimeoutStartSec=1h\n";
  return text;
}

std::string SyncTimerUnit() {
  return "# Written by `kaopu install --with-sync`; `kaopu uninstall` removes it.\n"
         "[Unit]\n"
         "Description=Kaopu: sync four times a day\n"
         "\n"
         "[Timer]\n"
         "OnCalendar=*-*-* 00/6:00:00\n"
         "RandomizedDelaySec=5h\n"
         "Persistent=true\n"
         "\n"
         "[Install]\n"
         "WantedBy=timers.target\n";
}

std::string SyncCronLine(const fs::path& program, unsigned minute) {
  std::string quoted = "'";
  for (const char c : program.string()) {
    if (c == '\'')
      quoted += "'\\''";
    else if (c == '%')
      quoted += "\\%";
    else
      quoted += c;
  }
  return StrCat(minute, " */6 * * * ", quoted, "' sync --quiet");
}

SyncTimer::SyncTimer(const Machine& machine, fs::path home)
    : folder_(machine.config / "systemd/user"), home_(std::move(home)) {}

SyncTimerState SyncTimer::State() const {
  std::error_code ec;
  if (!fs::exists(timer(), ec)) return SyncTimerState::kNone;
  // What enabling makes; the file alone starts nothing.
  return fs::is_symlink(folder_ / "timers.target.wants" / kTimerName, ec) ? SyncTimerState::kOn
                                                                          : SyncTimerState::kOff;
}

Expected<void> SyncTimer::SetUp(const fs::path& program) const {
  const bool was_there = State() != SyncTimerState::kNone;
  std::error_code ec;
  fs::create_directories(folder_, ec);
  if (ec)
    return Fail(ErrorCode::kUnavailable,
                StrCat("cannot create ", folder_.string(), ": ", ec.message()));
  const char* own_home = std::getenv("KAOPU_HOME");
  const bool moved = own_home != nullptr && *own_home != '\0';
  const auto done = [&]() -> Expected<void> {
    if (auto written = WriteFileAtomic(
            service(), SyncServiceUnit(program, moved ? fs::absolute(home_) : fs::path()), 0644);
        !written) {
      return written;
    }
    if (auto written = WriteFileAtomic(timer(), SyncTimerUnit(), 0644); !written) return written;
    if (auto loaded = Systemctl({"daemon-reload"}); !loaded) return loaded;
    if (auto enabled = Systemctl({"enable", "--now", std::string(kTimerName)}); !enabled)
      return enabled;
    fs::create_directories(pool::TimerMark(home_).parent_path(), ec);
    return WriteFileAtomic(pool::TimerMark(home_), "");
  }();
  if (!done && !was_there) {
    fs::remove(timer(), ec);
    fs::remove(service(), ec);
  }
  return done;
}

Expected<bool> SyncTimer::Remove() const {
  std::error_code ec;
  bool found = fs::remove(pool::TimerMark(home_), ec);
  if (State() != SyncTimerState::kNone) {
    found = true;
    // Units of a systemd that is not there any more go all the same.
    static_cast<void>(Systemctl({"disable", "--now", std::string(kTimerName)}));
  }
  for (const fs::path& file : {folder_ / "timers.target.wants" / kTimerName, timer(), service()}) {
    found |= fs::remove(file, ec);
    if (ec)
      return Fail(ErrorCode::kUnavailable,
                  StrCat("cannot remove ", file.string(), ": ", ec.message()));
  }
  if (!found) return false;
  static_cast<void>(Systemctl({"daemon-reload"}));
  // Folders that are empty now; others stay, as removing them fails.
  for (const fs::path& folder : {folder_ / "timers.target.wants", folder_, folder_.parent_path()}) {
    fs::remove(folder, ec);
  }
  return true;
}

}  // namespace kaopu
