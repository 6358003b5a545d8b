// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "base/files.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <system_error>
#include <utility>

#include "base/str_cat.h"

#ifdef __APPLE__
#include <mach-o/dyld.h>
#endif

namespace kaopu {
namespace {

namespace fs = std::filesystem;

class FileDescriptor {
 public:
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  ~FileDescriptor() {
    if (fd_ > 2) close(fd_);
  }
  int get() const { return fd_; }
  bool ok() const { return fd_ >= 0; }
  // Closes now and says whether the system agreed (a full disk may only show here).
  bool Close() { return close(std::exchange(fd_, -1)) == 0; }

 private:
  int fd_;
};

std::unexpected<Error> SystemFailure(std::string_view operation, const fs::path& path, int error) {
  const ErrorCode code =
      error == ENOENT || error == ENOTDIR ? ErrorCode::kNotFound : ErrorCode::kUnavailable;
  return Fail(code,
              StrCat(operation, " ", path.string(), ": ", std::generic_category().message(error)));
}

bool WriteAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(n));
  }
  return true;
}

std::optional<fs::path> EnvironmentPath(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr || *value == '\0') return std::nullopt;
  return fs::path(value);
}

// The first of `places` that is a folder.
Expected<fs::path> FirstFolder(std::string_view what, const std::vector<fs::path>& places) {
  std::string tried;
  for (const fs::path& place : places) {
    std::error_code ec;
    if (fs::is_directory(place, ec)) return place;
    tried += (tried.empty() ? "" : ", ") + place.string();
  }
  return Fail(ErrorCode::kNotFound, StrCat("no ", what, " folder; tried ", tried));
}

// Where an installed program's shared files are, then where a build tree's are.
std::vector<fs::path> SharedPlaces(const char* installed, const char* in_source) {
  std::vector<fs::path> places;
  if (auto program = ProgramPath()) {
    places.push_back(program->parent_path().parent_path() / "share/kaopu" / installed);
    // Packages put the program that browsers start into libexec/kaopu or lib/kaopu.
    places.push_back(program->parent_path().parent_path().parent_path() / "share/kaopu" /
                     installed);
  }
#ifdef KAOPU_INSTALL_DATADIR
  places.push_back(fs::path(KAOPU_INSTALL_DATADIR) / installed);
#endif
#ifdef KAOPU_SOURCE_DIR
  places.push_back(fs::path(KAOPU_SOURCE_DIR) / in_source);
#else
  (void)in_source;
#endif
  return places;
}

}  // namespace

Expected<std::string> ReadFile(const fs::path& path, size_t bytes_max) {
  const bool standard_input = path == "-";
  FileDescriptor fd(standard_input ? STDIN_FILENO : open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.ok()) return SystemFailure("cannot open", path, errno);
  std::string bytes;
  struct stat info;
  if (fstat(fd.get(), &info) == 0) {
    if (S_ISDIR(info.st_mode)) return SystemFailure("cannot read", path, EISDIR);
    if (S_ISREG(info.st_mode)) {
      bytes.reserve(std::min(static_cast<size_t>(info.st_size), bytes_max) + 1);
    }
  }
  char chunk[64 * 1024];
  for (;;) {
    const ssize_t n = read(fd.get(), chunk, sizeof chunk);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return SystemFailure("cannot read", path, errno);
    if (n == 0) return bytes;
    if (bytes.size() + static_cast<size_t>(n) > bytes_max) {
      return Fail(ErrorCode::kTooLarge,
                  StrCat(path.string(), " has more than ", bytes_max, " bytes"));
    }
    bytes.append(chunk, static_cast<size_t>(n));
  }
}

Expected<void> WriteFileAtomic(const fs::path& path, std::string_view bytes, unsigned mode,
                               Durability durability) {
  static std::atomic<unsigned> serial{0};
  fs::path temporary = path;
  temporary += StrCat(".", getpid(), ".", serial++, ".tmp");
  auto fail = [&](std::string_view operation, int error) -> Expected<void> {
    unlink(temporary.c_str());
    return Fail(ErrorCode::kUnavailable, StrCat(operation, " ", path.string(), ": ",
                                                std::generic_category().message(error)));
  };
  FileDescriptor fd(
      open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode));
  if (!fd.ok()) return fail("cannot create", errno);
  if (fchmod(fd.get(), mode) != 0) return fail("cannot set the mode of", errno);
  if (!WriteAll(fd.get(), bytes)) return fail("cannot write", errno);
  const bool now = durability == Durability::kOnDisk;
  if (now && fsync(fd.get()) != 0) return fail("cannot sync", errno);
  if (!fd.Close()) return fail("cannot close", errno);
  if (rename(temporary.c_str(), path.c_str()) != 0) return fail("cannot replace", errno);
  if (!now) return {};
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  FileDescriptor folder_fd(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder_fd.ok() || fsync(folder_fd.get()) != 0) {
    return Fail(ErrorCode::kUnavailable, StrCat("cannot sync ", folder.string(), ": ",
                                                std::generic_category().message(errno)));
  }
  return {};
}

Expected<std::vector<fs::path>> ListFiles(const fs::path& dir, std::string_view suffix) {
  std::error_code ec;
  fs::directory_iterator it(dir, ec);
  if (ec) return SystemFailure("cannot list", dir, ec.value());
  std::vector<fs::path> files;
  for (; it != fs::directory_iterator(); it.increment(ec)) {
    if (ec) return SystemFailure("cannot list", dir, ec.value());
    std::error_code ignored;
    if (it->is_regular_file(ignored) && it->path().filename().string().ends_with(suffix)) {
      files.push_back(it->path());
    }
  }
  std::ranges::sort(files);
  return files;
}

Expected<fs::path> HomeFolder() {
  if (auto home = EnvironmentPath("KAOPU_HOME")) return *home;
#ifndef __APPLE__
  // The XDG rule: a relative path there is to be ignored.
  if (auto data = EnvironmentPath("XDG_DATA_HOME"); data && data->is_absolute()) {
    return *data / "kaopu";
  }
#endif
  if (auto home = EnvironmentPath("HOME")) {
#ifdef __APPLE__
    return *home / "Library/Application Support/kaopu";
#else
    return *home / ".local/share/kaopu";
#endif
  }
  return Fail(ErrorCode::kUnavailable,
              "cannot tell where to keep data: none of KAOPU_HOME, XDG_DATA_HOME and HOME is set");
}

Expected<fs::path> DataFolder() {
  if (auto data = EnvironmentPath("KAOPU_DATA")) return FirstFolder("data (KAOPU_DATA)", {*data});
  return FirstFolder("data", SharedPlaces("data", "host/data"));
}

Expected<fs::path> LocalesFolder() {
  return FirstFolder("locales", SharedPlaces("locales", "extension/_locales"));
}

Expected<fs::path> ManifestsFolder() {
  return FirstFolder("manifests", SharedPlaces("manifests", "manifests"));
}

Expected<fs::path> ExtensionFolder() {
  return FirstFolder("extension", SharedPlaces("extension", "build/extension"));
}

Expected<fs::path> ProgramPath() {
#ifdef __APPLE__
  char buffer[4096];
  uint32_t size = sizeof buffer;
  if (_NSGetExecutablePath(buffer, &size) != 0) {
    return Fail(ErrorCode::kUnavailable, "cannot tell the program's own path");
  }
  const fs::path link = buffer;
#else
  const fs::path link = "/proc/self/exe";
#endif
  std::error_code ec;
  fs::path path = fs::canonical(link, ec);
  if (ec) {
    return Fail(ErrorCode::kUnavailable, "cannot tell the program's own path: " + ec.message());
  }
  return path;
}

}  // namespace kaopu
