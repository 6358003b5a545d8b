// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "messaging/frame.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/limits.h"
#include "base/str_cat.h"

namespace kaopu {
namespace {

void WaitFor(int fd, short events) {
  pollfd entry{fd, events, 0};
  poll(&entry, 1, -1);
}

// Fills `to`; gives how many bytes came before the end of the stream (or an error, which ends it
// too).
size_t ReadUpTo(int fd, char* to, size_t size) {
  size_t got = 0;
  while (got < size) {
    const ssize_t n = read(fd, to + got, size - got);
    if (n > 0) {
      got += static_cast<size_t>(n);
    } else if (n < 0 && errno == EINTR) {
      continue;
    } else if (n < 0 && errno == EAGAIN) {
      WaitFor(fd, POLLIN);
    } else {
      break;
    }
  }
  return got;
}

bool SkipBytes(int fd, size_t size) {
  std::array<char, 64 * 1024> scratch;
  while (size > 0) {
    const size_t step = std::min(size, scratch.size());
    if (ReadUpTo(fd, scratch.data(), step) != step) return false;
    size -= step;
  }
  return true;
}

}  // namespace

Frame ReadFrame(int fd) {
  Frame frame;
  const size_t got = ReadUpTo(fd, reinterpret_cast<char*>(&frame.length), sizeof frame.length);
  if (got != sizeof frame.length) {
    frame.status = got == 0 ? FrameStatus::kEnd : FrameStatus::kTorn;
    frame.length = 0;
    return frame;
  }
  if (frame.length > kFrameSkipBytesMax) {
    frame.status = FrameStatus::kOverlong;
  } else if (frame.length > kFrameBytesMax) {
    frame.status = SkipBytes(fd, frame.length) ? FrameStatus::kTooLarge : FrameStatus::kTorn;
  } else {
    frame.body.resize(frame.length);
    const bool whole = ReadUpTo(fd, frame.body.data(), frame.length) == frame.length;
    frame.status = whole ? FrameStatus::kBody : FrameStatus::kTorn;
  }
  return frame;
}

std::string EncodeFrame(std::string_view body) {
  const auto length = static_cast<uint32_t>(body.size());
  std::string frame(sizeof length + body.size(), '\0');
  std::memcpy(frame.data(), &length, sizeof length);
  std::memcpy(frame.data() + sizeof length, body.data(), body.size());
  return frame;
}

Expected<void> WriteAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = write(fd, bytes.data(), bytes.size());
    if (n >= 0) {
      bytes.remove_prefix(static_cast<size_t>(n));
    } else if (errno == EAGAIN) {
      WaitFor(fd, POLLOUT);
    } else if (errno != EINTR) {
      return Fail(ErrorCode::kUnavailable, StrCat("cannot write a reply: ", std::strerror(errno)));
    }
  }
  return {};
}

}  // namespace kaopu
