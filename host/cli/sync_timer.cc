// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "cli/sync_timer.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>
#include <vector>

#include "base/files.h"
#include "base/str_cat.h"
#include "base/utf8.h"
#include "pool/pool_folder.h"

extern "C" char** environ;

namespace kaopu {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kTimerName = "kaopu-sync.timer";

// A word of a unit file in quotes. `variables`: whether "$" stands for one, as in the arguments of
// a program; in an assignment and in the program's own path it stands for itself.
std::string Quoted(std::string_view text, bool variables) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '%' || (c == '$' && variables)) out += c;
    out += c;
  }
  return out + '"';
}

// systemd starts no program with a quote or a backslash in its path; a shell does, from an
// argument.
std::string Command(const std::string& program) {
  if (program.find_first_of("'\"\\") == std::string::npos) return Quoted(program, false);
  return R"(/bin/sh -c "exec \"$$0\" \"$$@\"" )" + Quoted(program, true);
}

// A word for the shell, in cron's table: there "%" ends the command.
std::string QuotedForCron(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'')
      out += "'\\''";
    else if (c == '%')
      out += "\\%";
    else if (c == '\\')
      out += "\\''";  // nothing that cron would read together with it
    else
      out += c;
  }
  return out + '\'';
}

// Its status as waitpid gives it. A process that does not end in time is killed: kTimeout.
Expected<int> EndOf(pid_t pid, std::chrono::milliseconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  for (;;) {
    int status = 0;
    const pid_t ended = waitpid(pid, &status, WNOHANG);
    if (ended == pid) return status;
    if (ended < 0 && errno != EINTR)
      return Fail(ErrorCode::kUnavailable,
                  StrCat("cannot start systemctl: ", std::strerror(errno)));
    if (std::chrono::steady_clock::now() >= deadline) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  kill(pid, SIGKILL);
  waitpid(pid, nullptr, 0);
  return Fail(ErrorCode::kTimeout,
              StrCat("systemd did not answer within ",
                     std::chrono::ceil<std::chrono::seconds>(limit).count(), " seconds"));
}

// `systemctl --user ...`, its words thrown away: they are for a terminal, and not in our language.
Expected<void> Systemctl(std::vector<std::string> arguments, std::chrono::milliseconds limit) {
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
  const Expected<int> status = EndOf(pid, limit);
  if (!status) return std::unexpected(status.error());
  if (WIFEXITED(*status) && WEXITSTATUS(*status) == 0) return {};
  return Fail(ErrorCode::kUnavailable, StrCat("systemd did not take it; `systemctl --user ",
                                              arguments.front(), "` says why"));
}

}  // namespace

Expected<void> CheckTimerCanName(const fs::path& path) {
  const std::string text = path.string();
  const bool control = std::ranges::any_of(
      text, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; });
  if (path.is_absolute() && !control && IsValidUtf8(text)) return {};
  return Fail(ErrorCode::kBadRequest,
              StrCat("no timer can name ", text,
                     ": use a folder without line breaks and other control characters, in UTF-8"));
}

std::string SyncServiceUnit(const fs::path& program, const fs::path& home) {
  return StrCat(
      "# Written by `kaopu install --with-sync`; `kaopu uninstall` removes it.\n"
      "[Unit]\n"
      "Description=Kaopu: fetch what shoppers share, send what you agreed to\n"
      "\n"
      "[Service]\n"
      "Type=oneshot\n"
      "Environment=",
      Quoted("KAOPU_HOME=" + home.string(), false), "\nExecStart=", Command(program.string()),
      " sync --quiet\n"
      "Nice=10\n"
      "NoNewPrivileges=yes\n"
      "TimeoutStartSec=1h\n");
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

std::string SyncCronLine(const fs::path& program, const fs::path& home, unsigned minute) {
  return StrCat(minute, " */6 * * * KAOPU_HOME=", QuotedForCron(home.string()), " ",
                QuotedForCron(program.string()), " sync --quiet");
}

SyncTimer::SyncTimer(const Machine& machine, fs::path home, std::chrono::milliseconds limit)
    : folder_(machine.config / "systemd/user"), home_(std::move(home)), limit_(limit) {
  std::error_code ec;  // the folder that it is relative to may be gone
  if (const fs::path absolute = fs::absolute(home_, ec); !ec) home_ = absolute;
}

SyncTimerState SyncTimer::State() const {
  std::error_code ec;
  if (!fs::exists(timer(), ec)) return SyncTimerState::kNone;
  // What enabling makes; the file alone starts nothing.
  return fs::is_symlink(link(), ec) ? SyncTimerState::kOn : SyncTimerState::kOff;
}

Expected<void> SyncTimer::SetUp(const fs::path& program) const {
  for (const fs::path& path : {program, home_}) {
    if (auto named = CheckTimerCanName(path); !named) return named;
  }
  const bool was_there = State() != SyncTimerState::kNone;
  const fs::path mark = pool::TimerMark(home_);
  std::vector<fs::path> missing;  // the innermost first
  for (const fs::path& inner : {link().parent_path(), mark.parent_path()}) {
    std::error_code ec;
    for (fs::path at = inner; at.has_relative_path() && !fs::exists(at, ec); at = at.parent_path())
      missing.push_back(at);
  }
  const auto done = WriteAndEnable(program);
  if (done || was_there) return done;
  std::error_code ec;
  // What a systemd that does not answer has taken is not asked: it would take as long again.
  const bool answers = done.error().code != ErrorCode::kTimeout;
  if (answers && fs::exists(timer(), ec))
    static_cast<void>(Systemctl({"disable", "--now", std::string(kTimerName)}, limit_));
  fs::remove(mark, ec);
  static_cast<void>(RemoveUnits());
  if (answers) static_cast<void>(Systemctl({"daemon-reload"}, limit_));
  for (const fs::path& folder : missing) fs::remove(folder, ec);  // others stay: not empty
  return done;
}

Expected<void> SyncTimer::WriteAndEnable(const fs::path& program) const {
  const fs::path mark = pool::TimerMark(home_);
  for (const fs::path& folder : {folder_, mark.parent_path()}) {
    std::error_code ec;
    fs::create_directories(folder, ec);
    if (ec)
      return Fail(ErrorCode::kUnavailable,
                  StrCat("cannot create ", folder.string(), ": ", ec.message()));
  }
  if (auto written = WriteFileAtomic(service(), SyncServiceUnit(program, home_), 0644); !written)
    return written;
  if (auto written = WriteFileAtomic(timer(), SyncTimerUnit(), 0644); !written) return written;
  if (auto loaded = Systemctl({"daemon-reload"}, limit_); !loaded) return loaded;
  if (auto enabled = Systemctl({"enable", "--now", std::string(kTimerName)}, limit_); !enabled)
    return enabled;
  return WriteFileAtomic(mark, link().string());
}

Expected<bool> SyncTimer::RemoveUnits() const {
  bool found = false;
  std::error_code ec;
  for (const fs::path& file : {link(), timer(), service()}) {
    found |= fs::remove(file, ec);
    if (ec)
      return Fail(ErrorCode::kUnavailable,
                  StrCat("cannot remove ", file.string(), ": ", ec.message()));
  }
  return found;
}

Expected<bool> SyncTimer::Remove() const {
  std::error_code ec;
  bool found = fs::remove(pool::TimerMark(home_), ec);
  bool answers = true;
  if (State() != SyncTimerState::kNone) {
    found = true;
    // Units of a systemd that is not there any more go all the same.
    const auto disabled = Systemctl({"disable", "--now", std::string(kTimerName)}, limit_);
    answers = disabled || disabled.error().code != ErrorCode::kTimeout;
  }
  const auto removed = RemoveUnits();
  if (!removed) return removed;
  found |= *removed;
  if (!found) return false;
  if (answers) static_cast<void>(Systemctl({"daemon-reload"}, limit_));
  // Folders that are empty now; others stay, as removing them fails.
  for (const fs::path& folder : {link().parent_path(), folder_, folder_.parent_path()}) {
    fs::remove(folder, ec);
  }
  return true;
}

}  // namespace kaopu
