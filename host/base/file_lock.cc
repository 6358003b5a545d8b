// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "base/file_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <system_error>
#include <utility>

#include "base/str_cat.h"

namespace kaopu {
namespace {

std::unexpected<Error> Failure(std::string_view what, const std::filesystem::path& path) {
  return Fail(ErrorCode::kUnavailable,
              StrCat(what, " ", path.string(), ": ", std::generic_category().message(errno),
                     ". Next: run it as the user who owns that folder"));
}

Expected<int> OpenLock(const std::filesystem::path& path) {
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return Failure("cannot open the lock", path);
  return fd;
}

}  // namespace

Expected<FileLock> FileLock::Take(const std::filesystem::path& path) {
  const auto fd = OpenLock(path);
  if (!fd) return std::unexpected(fd.error());
  FileLock lock(*fd);
  while (flock(*fd, LOCK_EX) != 0) {
    if (errno != EINTR) return Failure("cannot lock", path);
  }
  return lock;
}

Expected<std::optional<FileLock>> FileLock::Try(const std::filesystem::path& path) {
  const auto fd = OpenLock(path);
  if (!fd) return std::unexpected(fd.error());
  FileLock lock(*fd);
  while (flock(*fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return std::nullopt;
    if (errno != EINTR) return Failure("cannot lock", path);
  }
  return lock;
}

FileLock::FileLock(FileLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

FileLock::~FileLock() {
  if (fd_ >= 0) close(fd_);
}

}  // namespace kaopu
