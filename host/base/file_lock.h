// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// A file by which programs take turns (flock); it goes with the program that held it.
#pragma once

#include <filesystem>
#include <optional>

#include "base/error.h"

namespace kaopu {

class FileLock {
 public:
  // Waits until it is free. kUnavailable: the file cannot be made.
  static Expected<FileLock> Take(const std::filesystem::path& path);
  // nullopt where somebody holds it.
  static Expected<std::optional<FileLock>> Try(const std::filesystem::path& path);

  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&&) = delete;
  ~FileLock();

 private:
  explicit FileLock(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace kaopu
