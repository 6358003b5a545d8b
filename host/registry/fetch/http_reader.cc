// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "registry/fetch/http_reader.h"

#include <chrono>
#include <filesystem>
#include <thread>

#include "base/files.h"
#include "base/str_cat.h"
#include "net/http_client.h"

namespace kaopu {
namespace {

constexpr int kTries = 3;

}  // namespace

Expected<tlog::ReadLogFile> ReaderOf(const std::string& from) {
  if (from.starts_with("http://") || from.starts_with("https://")) {
    std::string base = from;
    if (!base.ends_with('/')) base += '/';
    return [base](const std::string& path, size_t bytes_max) -> Expected<std::string> {
      thread_local const auto client =
          MakeHttpClient({.user_agent = "kaopu-registry/" KAOPU_VERSION});
      if (!client) return std::unexpected(client.error());
      for (int tried = 1;; ++tried) {
        auto bytes = GetBody(**client, base + path, bytes_max);
        if (bytes || tried == kTries ||
            (bytes.error().code != ErrorCode::kUnavailable &&
             bytes.error().code != ErrorCode::kTimeout)) {
          return bytes;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(500 * tried));
      }
    };
  }
  std::error_code ignored;
  const std::filesystem::path root = from;
  if (!std::filesystem::is_directory(root, ignored)) {
    return Fail(ErrorCode::kBadRequest,
                StrCat("--from: \"", from, "\" is neither a folder nor an http(s) address"));
  }
  return [root](const std::string& path, size_t bytes_max) {
    return ReadFile(root / path, bytes_max);
  };
}

}  // namespace kaopu
