// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// A folder of the test's own, gone afterwards.
#pragma once

#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <stdexcept>
#include <string>
#include <system_error>

namespace kaopu {

class TempHome {
 public:
  TempHome() {
    // In memory where there is such a folder: what is tested is who sees what, not the disk's
    // speed.
    std::error_code none;
    const std::filesystem::path memory = "/dev/shm";
    const bool usable = access(memory.c_str(), W_OK) == 0;
    const std::filesystem::path base = usable ? memory : std::filesystem::temp_directory_path(none);
    std::string pattern = (base / "kaopu-store-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("cannot make " + pattern);
    root_ = pattern;
  }
  TempHome(const TempHome&) = delete;
  TempHome& operator=(const TempHome&) = delete;
  ~TempHome() {
    std::error_code ignored;
    std::filesystem::remove_all(root_, ignored);
  }
  // Does not exist yet: the store makes it.
  std::filesystem::path path() const { return root_ / "home"; }

 private:
  std::filesystem::path root_;
};

}  // namespace kaopu
