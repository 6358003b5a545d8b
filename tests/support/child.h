// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Runs a program as a browser (pipes on 0 and 1) or a shell would, with deadlines: a test never
// hangs on it.
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <filesystem>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "messaging/frame.h"

extern char** environ;

namespace kaopu::testing {

using Millis = std::chrono::milliseconds;

// A folder of its own under the temporary folder, removed at the end.
class TempFolder {
 public:
  TempFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "kaopu-test-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
    path_ = name;
  }
  ~TempFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

class Child {
 public:
  // `env` is added to this process's environment; an empty value removes the variable. Standard
  // error goes to `stderr_file` or nowhere.
  explicit Child(std::vector<std::string> command, std::map<std::string, std::string> env = {},
                 const std::filesystem::path& stderr_file = "/dev/null") {
    int in[2];
    int out[2];
    if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0) throw std::runtime_error("pipe");
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in[0], 0);
    posix_spawn_file_actions_adddup2(&actions, out[1], 1);
    posix_spawn_file_actions_addopen(&actions, 2, stderr_file.c_str(), O_WRONLY | O_CREAT | O_TRUNC,
                                     0600);
    std::vector<std::string> variables = Environment(env);
    std::vector<char*> argv = Pointers(command);
    std::vector<char*> envp = Pointers(variables);
    const int failed = posix_spawn(&pid_, argv[0], &actions, nullptr, argv.data(), envp.data());
    posix_spawn_file_actions_destroy(&actions);
    close(in[0]);
    close(out[1]);
    to_ = in[1];
    from_ = out[0];
    if (failed != 0) throw std::runtime_error("cannot start " + command[0]);
    signal(SIGPIPE, SIG_IGN);
  }
  ~Child() {
    CloseInput();
    CloseOutput();
    if (status_) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  pid_t pid() const { return pid_; }

  bool Send(std::string_view bytes) { return WriteAll(to_, bytes).has_value(); }
  bool SendFrame(std::string_view body) { return Send(EncodeFrame(body)); }
  void CloseInput() { Close(to_); }
  void CloseOutput() { Close(from_); }

  // The next frame's body; nullopt at the end of the stream, on a torn frame, or after `patience`.
  std::optional<std::string> Receive(Millis patience = Millis(5000)) {
    const auto deadline = Clock::now() + patience;
    while (buffer_.size() < 4 || buffer_.size() - 4 < Length()) {
      if (!Fill(deadline)) return std::nullopt;
    }
    std::string body = buffer_.substr(4, Length());
    buffer_.erase(0, 4 + body.size());
    return body;
  }

  // Everything up to the end of the output.
  std::string ReadToEnd(Millis patience = Millis(20000)) {
    const auto deadline = Clock::now() + patience;
    while (Fill(deadline)) {
    }
    return std::exchange(buffer_, {});
  }

  // Exit code, or 128 + signal; nullopt when it still runs after `patience`.
  std::optional<int> Wait(Millis patience = Millis(5000)) {
    const auto deadline = Clock::now() + patience;
    while (!status_) {
      int status = 0;
      if (waitpid(pid_, &status, WNOHANG) == pid_) {
        status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
      } else if (Clock::now() > deadline) {
        return std::nullopt;
      } else {
        std::this_thread::sleep_for(Millis(1));
      }
    }
    return status_;
  }

 private:
  using Clock = std::chrono::steady_clock;

  static std::vector<std::string> Environment(const std::map<std::string, std::string>& changes) {
    std::vector<std::string> variables;
    for (char** at = environ; *at != nullptr; ++at) {
      const std::string entry = *at;
      if (!changes.contains(entry.substr(0, entry.find('=')))) variables.push_back(entry);
    }
    for (const auto& [name, value] : changes) {
      if (!value.empty()) variables.push_back(name + "=" + value);
    }
    return variables;
  }

  static std::vector<char*> Pointers(std::vector<std::string>& strings) {
    std::vector<char*> pointers;
    for (std::string& text : strings) pointers.push_back(text.data());
    pointers.push_back(nullptr);
    return pointers;
  }

  static void Close(int& fd) {
    if (fd >= 0) close(fd);
    fd = -1;
  }

  uint32_t Length() const {
    uint32_t length = 0;
    std::memcpy(&length, buffer_.data(), sizeof length);
    return length;
  }

  bool Fill(Clock::time_point deadline) {
    const auto left = std::chrono::duration_cast<Millis>(deadline - Clock::now());
    pollfd entry{from_, POLLIN, 0};
    if (left.count() <= 0 || poll(&entry, 1, static_cast<int>(left.count())) <= 0) return false;
    char chunk[65536];
    const ssize_t n = read(from_, chunk, sizeof chunk);
    if (n <= 0) return false;
    buffer_.append(chunk, static_cast<size_t>(n));
    return true;
  }

  pid_t pid_ = -1;
  int to_ = -1;
  int from_ = -1;
  std::string buffer_;
  std::optional<int> status_;
};

}  // namespace kaopu::testing
