// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "cli/host_probe.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <thread>

#include "base/limits.h"
#include "base/str_cat.h"
#include "messaging/frame.h"
#include "messaging/protocol.h"

extern char** environ;

namespace kaopu {
namespace {

using Steady = std::chrono::steady_clock;

class Process {
 public:
  ~Process() {
    CloseInput();
    if (from_ >= 0) close(from_);
    if (pid_ > 0) {
      kill(pid_, SIGKILL);
      waitpid(pid_, nullptr, 0);
    }
  }

  Expected<void> Start(const std::filesystem::path& program, std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), program.string());
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    int in[2];
    int out[2];
    if (pipe(in) != 0 || pipe(out) != 0) return Fail(ErrorCode::kUnavailable, "cannot make a pipe");
    to_ = in[1];
    from_ = out[0];
    fcntl(to_, F_SETFD, FD_CLOEXEC);
    fcntl(from_, F_SETFD, FD_CLOEXEC);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in[0], 0);
    posix_spawn_file_actions_adddup2(&actions, out[1], 1);
    posix_spawn_file_actions_addclose(&actions, in[0]);
    posix_spawn_file_actions_addclose(&actions, out[1]);
    posix_spawn_file_actions_addchdir_np(&actions, program.parent_path().c_str());
    const int failed = posix_spawn(&pid_, argv[0], &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    close(in[0]);
    close(out[1]);
    if (failed == 0) return {};
    pid_ = -1;
    return Fail(failed == ENOENT ? ErrorCode::kNotFound : ErrorCode::kUnavailable,
                StrCat("cannot start ", program.string(), ": ", std::strerror(failed)));
  }

  bool Send(std::string_view body) { return WriteAll(to_, EncodeFrame(body)).has_value(); }

  // The next frame's body; "" when there is none by `deadline`, or the stream ends.
  std::string Receive(Steady::time_point deadline) {
    for (;;) {
      uint32_t length = 0;
      if (received_.size() >= sizeof length) {
        std::memcpy(&length, received_.data(), sizeof length);
        if (length > kFrameBytesMax) return {};
        if (received_.size() - sizeof length >= length) {
          std::string body = received_.substr(sizeof length, length);
          received_.erase(0, sizeof length + length);
          return body;
        }
      }
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Steady::now());
      pollfd entry{from_, POLLIN, 0};
      if (left.count() <= 0 || poll(&entry, 1, static_cast<int>(left.count())) <= 0) return {};
      char chunk[16384];
      const ssize_t n = read(from_, chunk, sizeof chunk);
      if (n <= 0) return {};
      received_.append(chunk, static_cast<size_t>(n));
    }
  }

  void CloseInput() {
    if (to_ >= 0) close(to_);
    to_ = -1;
  }

  // How it ended, or "" when it still runs at `deadline`.
  std::string Ended(Steady::time_point deadline) {
    while (pid_ > 0) {
      int status = 0;
      if (waitpid(pid_, &status, WNOHANG) == pid_) {
        pid_ = -1;
        return WIFEXITED(status) ? StrCat("exit code ", WEXITSTATUS(status))
                                 : StrCat("signal ", WTERMSIG(status));
      }
      if (Steady::now() > deadline) return {};
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return {};
  }

 private:
  pid_t pid_ = -1;
  int to_ = -1;
  int from_ = -1;
  std::string received_;  // and not asked for yet
};

// The first request after the hello loads rules and opens the record.
constexpr std::chrono::milliseconds kWorkPatience(10'000);

// A page that every rule file but the adapters of single shops has a part in reading.
constexpr char kSmallPage[] =
    "<page v=\"1\" lang=\"en\"><head><title>Lamp</title></head><data/>"
    "<body><h1>Lamp</h1><p>$12.00</p><p>Ships within 48 hours. No refunds.</p>"
    "<button>Add to cart</button></body></page>";

// One request and what came of it: the reply, or why there is none. An answer of `ok: false` is a
// reply.
Expected<Json> Ask(Process& process, const std::filesystem::path& host, Json request,
                   std::chrono::milliseconds patience) {
  const auto deadline = Steady::now() + patience;
  request["v"] = kProtocolMax;
  process.Send(DumpJson(request));
  const std::string text = process.Receive(deadline);
  if (text.empty()) {
    const std::string ended = process.Ended(Steady::now() + std::chrono::milliseconds(100));
    if (ended.empty()) {
      return Fail(ErrorCode::kTimeout,
                  StrCat(host.string(), " did not answer within ", patience.count(), " ms"));
    }
    return Fail(ErrorCode::kUnavailable, StrCat(host.string(), " ended with ", ended));
  }
  auto reply = ParseJson(text, "reply");
  if (!reply || !reply->is_object() || !reply->value("ok", Json()).is_boolean()) {
    return Fail(ErrorCode::kDamaged, host.string() + " sent something that is no reply");
  }
  return reply;
}

// What the host said against a request, if it did.
Expected<void> Refusal(const Json& reply) {
  if (reply["ok"] == true) return {};
  const Json error = reply.value("error", Json::object());
  return Fail(ErrorCode::kUnavailable,
              error.is_object() ? error.value("message", "no reason given") : "no reason given");
}

}  // namespace

Expected<HostProbe> ProbeHost(const std::filesystem::path& host,
                              const std::vector<std::string>& arguments,
                              std::chrono::milliseconds patience) {
  const auto begin = Steady::now();
  Process process;
  if (auto started = process.Start(host, arguments); !started) {
    return std::unexpected(started.error());
  }
  auto hello = Ask(process, host,
                   {{"id", 1},
                    {"op", "hello"},
                    {"client", "doctor"},
                    {"version", KAOPU_VERSION},
                    {"protocol_min", kProtocolMin},
                    {"protocol_max", kProtocolMax}},
                   patience);
  if (!hello) return std::unexpected(hello.error());
  if ((*hello)["ok"] != true)
    return Fail(ErrorCode::kDamaged, host.string() + " sent something that is no hello reply");
  HostProbe probe;
  probe.hello = std::move(*hello);
  probe.time_taken = std::chrono::duration_cast<std::chrono::microseconds>(Steady::now() - begin);
  const auto settings = Ask(process, host, {{"id", 2}, {"op", "settings_get"}}, kWorkPatience);
  if (!settings) return std::unexpected(settings.error());
  probe.record = Refusal(*settings);
  const auto checked = Ask(process, host,
                           {{"id", 3},
                            {"op", "check_page"},
                            {"url", "https://shop.example.com/lamp"},
                            {"title", "Lamp"},
                            {"lang", "en"},
                            {"snapshot_version", 1},
                            {"snapshot", kSmallPage},
                            {"cut", false},
                            {"private", true}},
                           kWorkPatience);
  if (!checked) return std::unexpected(checked.error());
  probe.verdict = Refusal(*checked);
  process.CloseInput();
  if (process.Ended(Steady::now() + std::chrono::milliseconds(1000)).empty()) {
    return Fail(ErrorCode::kTimeout, host.string() + " does not end when the browser goes away");
  }
  return probe;
}

}  // namespace kaopu
