// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "messaging/channel.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "base/str_cat.h"

namespace kaopu {
namespace {

Error SystemError(std::string_view operation) {
  return {ErrorCode::kUnavailable, StrCat(operation, ": ", std::strerror(errno))};
}

// A browser that started us without one of the three would have its pipe's number taken by the next
// open.
bool FillStandardDescriptors() {
  for (int fd = 0; fd <= 2; ++fd) {
    if (fcntl(fd, F_GETFD) >= 0) continue;
    const int got = open("/dev/null", O_RDWR);
    if (got < 0) return false;
    if (got != fd) close(got);
  }
  return true;
}

}  // namespace

Expected<void> Channel::Write(std::string_view body) {
  const std::string frame = EncodeFrame(body);
  const std::lock_guard lock(write_mutex_);
  return WriteAll(out_, frame);
}

Expected<void> Channel::WriteShort(std::string_view body, std::chrono::milliseconds patience) {
  const std::string frame = EncodeFrame(body);
  const std::unique_lock lock(write_mutex_, patience);
  pollfd entry{out_, POLLOUT, 0};
  // A pipe that polls writable takes PIPE_BUF bytes without blocking.
  if (!lock || frame.size() > PIPE_BUF ||
      poll(&entry, 1, static_cast<int>(patience.count())) <= 0) {
    return Fail(ErrorCode::kTimeout, "the browser does not read");
  }
  return WriteAll(out_, frame);
}

Expected<int> TakeStandardOutput() {
  std::signal(SIGPIPE, SIG_IGN);
  if (!FillStandardDescriptors()) return std::unexpected(SystemError("cannot open /dev/null"));
#ifdef __linux__
  close_range(3, ~0U, 0);
#endif
  const int out = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
  if (out < 0) return std::unexpected(SystemError("cannot keep standard output"));
  if (dup2(STDERR_FILENO, STDOUT_FILENO) < 0) {
    return std::unexpected(SystemError("cannot point standard output at standard error"));
  }
  return out;
}

}  // namespace kaopu
