// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "messaging/launcher.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/select.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "messaging/actions/seller_key.h"
#include "pool/pool_folder.h"

extern char** environ;

namespace kaopu {
namespace {

using Steady = std::chrono::steady_clock;

// Nothing that changes what is loaded, trusted or run.
constexpr std::array<std::string_view, 21> kVariables = {"HOME",
                                                         "USER",
                                                         "LOGNAME",
                                                         "LANG",
                                                         "LC_ALL",
                                                         "LC_MESSAGES",
                                                         "TZ",
                                                         "KAOPU_HOME",
                                                         "KAOPU_DATA",
                                                         "http_proxy",
                                                         "HTTP_PROXY",
                                                         "https_proxy",
                                                         "HTTPS_PROXY",
                                                         "all_proxy",
                                                         "ALL_PROXY",
                                                         "no_proxy",
                                                         "NO_PROXY",
                                                         "XDG_DATA_HOME",
                                                         "XDG_CONFIG_HOME",
                                                         "XDG_RUNTIME_DIR",
                                                         "DBUS_SESSION_BUS_ADDRESS"};

std::vector<std::string> CleanEnvironment() {
  std::vector<std::string> kept = {"PATH=/usr/local/bin:/usr/bin:/bin"};
  for (char** at = environ; at != nullptr && *at != nullptr; ++at) {
    const std::string_view entry = *at;
    const std::string_view name = entry.substr(0, entry.find('='));
    for (const std::string_view wanted : kVariables) {
      if (name == wanted) kept.emplace_back(entry);
    }
  }
  return kept;
}

void OnChildEnded(int) {}  // only wakes pselect

// A SyncAsk as it goes through the pipe, its texts ended by zeros; small enough to go whole or not
// at all.
struct Question {
  std::array<char, 20> registry{};
  std::array<char, 4 * kSellerKeyCharsMax + 1> seller{};
  bool only_look = false;
  friend bool operator==(const Question&, const Question&) = default;
};

// Nothing where its texts are none of those that may be asked with.
std::optional<Question> QuestionOf(const SyncAsk& ask) {
  Question question;
  question.only_look = ask.only_look;
  if (ask.registry.empty() && ask.seller.empty()) return question;
  if (!pool::IsRegistryId(ask.registry) || !IsSellerKeyShaped(ask.seller)) return std::nullopt;
  if (ask.registry.size() >= question.registry.size() ||
      ask.seller.size() >= question.seller.size()) {
    return std::nullopt;
  }
  std::ranges::copy(ask.registry, question.registry.begin());
  std::ranges::copy(ask.seller, question.seller.begin());
  return question;
}

// The launcher's own process.
class Work {
 public:
  Work(std::string program, int in, int out)
      : program_(std::move(program)), in_(in), out_(out), variables_(CleanEnvironment()) {}

  [[noreturn]] void Run() {
    fcntl(in_, F_SETFD, FD_CLOEXEC);
    fcntl(out_, F_SETFD, FD_CLOEXEC);
    sigset_t blocked;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGCHLD);
    sigprocmask(SIG_BLOCK, &blocked, &before_);
    struct sigaction action {};
    action.sa_handler = OnChildEnded;
    sigaction(SIGCHLD, &action, nullptr);
    sigset_t waiting = before_;
    sigdelset(&waiting, SIGCHLD);
    for (;;) {
      fd_set ready;
      FD_ZERO(&ready);
      FD_SET(in_, &ready);
      const int count = pselect(in_ + 1, &ready, nullptr, nullptr, nullptr, &waiting);
      NoteEnd();
      if (count < 0 && errno == EINTR) continue;
      Question question;
      const ssize_t n = count > 0 ? read(in_, &question, sizeof question) : 0;
      if (n != sizeof question) _exit(0);  // the host is gone
      const SyncRun run = question.only_look ? Last() : Start(question);
      if (write(out_, &run, sizeof run) != sizeof run) _exit(0);
    }
  }

 private:
  void NoteEnd() {
    int status = 0;
    if (running_ <= 0 || waitpid(running_, &status, WNOHANG) != running_) return;
    running_ = -1;
    exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

  SyncRun Last() const {
    if (running_ > 0) return {SyncRun::State::kRunning};
    if (!started_at_) return {};
    return {SyncRun::State::kEnded, exit_code_};
  }

  SyncRun Start(const Question& question) {
    const bool resting = started_at_ && Steady::now() - *started_at_ < kLauncherRest;
    if (running_ > 0 || resting) {
      // A range that was asked for again after it failed is not told how it went before.
      const bool same = question == asked_ && (running_ > 0 || question.seller[0] == '\0');
      return {same ? SyncRun::State::kRunning : SyncRun::State::kBusy};
    }
    asked_ = question;
    return {Run(question) ? SyncRun::State::kRunning : SyncRun::State::kNone};
  }

  bool Run(const Question& question) {
    int failed[2];  // closed by the exec, written to where that fails
    if (pipe(failed) != 0) return false;
    fcntl(failed[0], F_SETFD, FD_CLOEXEC);
    fcntl(failed[1], F_SETFD, FD_CLOEXEC);
    const pid_t pid = fork();
    if (pid == 0) {
      Become(question);
      const ssize_t ignored = write(failed[1], "!", 1);
      _exit(ignored == 1 ? 127 : 126);
    }
    close(failed[1]);
    char mark = 0;
    ssize_t n = 0;
    do {
      n = pid > 0 ? read(failed[0], &mark, 1) : 1;
    } while (n < 0 && errno == EINTR);
    close(failed[0]);
    if (n != 0) {
      if (pid > 0) waitpid(pid, nullptr, 0);
      return false;
    }
    running_ = pid;
    started_at_ = Steady::now();
    return true;
  }

  // Returns only where it could not.
  void Become(const Question& question) {
    setsid();
    std::signal(SIGCHLD, SIG_DFL);
    std::signal(SIGPIPE, SIG_DFL);
    sigprocmask(SIG_SETMASK, &before_, nullptr);
    std::vector<std::string> words = {program_, "sync", "--quiet"};
    if (question.seller[0] != '\0') {
      words.insert(words.end(), {"--registry", question.registry.data(),
                                 std::string("--range=") + question.seller.data(), "--yes"});
    }
    execve(program_.c_str(), Pointers(words).data(), Pointers(variables_).data());
  }

  // As execve takes them.
  static std::vector<char*> Pointers(std::vector<std::string>& words) {
    std::vector<char*> pointers;
    for (std::string& word : words) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    return pointers;
  }

  std::string program_;
  const int in_;
  const int out_;
  std::vector<std::string> variables_;
  sigset_t before_{};
  pid_t running_ = -1;
  int exit_code_ = 0;  // of the last one, once it has ended
  Question asked_;     // of it
  std::optional<Steady::time_point> started_at_;
};

// The browser waits for the ends of its pipes: no second process may hold them.
void LetGoOfTheBrowser(int keep_in, int keep_out) {
  const int nowhere = open("/dev/null", O_RDWR);
  for (int fd = 0; fd <= 2; ++fd) {
    if (nowhere < 0 || dup2(nowhere, fd) < 0) close(fd);
  }
#ifdef __linux__
  const auto low = static_cast<unsigned>(std::min(keep_in, keep_out));
  const auto high = static_cast<unsigned>(std::max(keep_in, keep_out));
  if (low > 3) close_range(3, low - 1, 0);
  if (high > low + 1) close_range(low + 1, high - 1, 0);
  close_range(high + 1, ~0U, 0);
  prctl(PR_SET_NAME, "kaopu-launcher");
#else
  for (int fd = 3; fd < 256; ++fd) {
    if (fd != keep_in && fd != keep_out) close(fd);
  }
#endif
  if (chdir("/") != 0) _exit(0);
}

}  // namespace

Launcher::Launcher(std::filesystem::path program) {
  int ask[2];
  int answer[2];
  if (!program.is_absolute() || pipe(ask) != 0) return;
  if (pipe(answer) != 0) {
    close(ask[0]);
    close(ask[1]);
    return;
  }
  std::signal(SIGCHLD, SIG_IGN);  // a launcher that was killed leaves no zombie behind
  const pid_t pid = fork();
  if (pid == 0) {
    LetGoOfTheBrowser(ask[0], answer[1]);
    Work(program.string(), ask[0], answer[1]).Run();
  }
  close(ask[0]);
  close(answer[1]);
  if (pid < 0) {
    close(ask[1]);
    close(answer[0]);
    return;
  }
  ask_ = ask[1];
  answer_ = answer[0];
  fcntl(ask_, F_SETFD, FD_CLOEXEC);
  fcntl(answer_, F_SETFD, FD_CLOEXEC);
  fcntl(ask_, F_SETFL, O_NONBLOCK);
  fcntl(answer_, F_SETFL, O_NONBLOCK);
}

SyncRun Launcher::Ask(const SyncAsk& ask, std::chrono::milliseconds patience) {
  SyncRun run;
  // Answers to questions that were given up.
  while (answer_ >= 0 && read(answer_, &run, sizeof run) > 0) {
  }
  const auto question = QuestionOf(ask);
  if (!question || ask_ < 0 || write(ask_, &*question, sizeof *question) != sizeof *question) {
    return {};
  }
  pollfd entry{answer_, POLLIN, 0};
  if (poll(&entry, 1, static_cast<int>(patience.count())) <= 0) return {};
  return read(answer_, &run, sizeof run) == sizeof run ? run : SyncRun{};
}

}  // namespace kaopu
