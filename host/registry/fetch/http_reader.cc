// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "registry/fetch/http_reader.h"

#include <curl/curl.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <thread>

#include "base/files.h"
#include "base/str_cat.h"

namespace kaopu {
namespace {

constexpr int kTries = 3;

struct CurlCloser {
  void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
};
using Curl = std::unique_ptr<CURL, CurlCloser>;

struct Body {
  std::string bytes;
  size_t bytes_max = 0;
  bool too_large = false;
};

size_t OnBody(char* bytes, size_t size, size_t count, void* user) {
  auto& body = *static_cast<Body*>(user);
  if (body.bytes.size() + size * count > body.bytes_max) {
    body.too_large = true;
    return 0;
  }
  body.bytes.append(bytes, size * count);
  return size * count;
}

Expected<std::string> Get(CURL* curl, const std::string& url, size_t bytes_max) {
  Body body{.bytes_max = bytes_max};
  curl_easy_reset(curl);  // the connection stays
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, 10'000L);
  // Slower than 1 KB/s for 20 s is no answer; large files take what they take.
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1024L);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, 20L);
  curl_easy_setopt(curl, CURLOPT_USERAGENT, "kaopu-registry/" KAOPU_VERSION);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, OnBody);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &body);
  const CURLcode code = curl_easy_perform(curl);
  if (body.too_large) {
    return Fail(ErrorCode::kTooLarge, StrCat(url, ": more than ", bytes_max, " bytes"));
  }
  if (code != CURLE_OK) {
    return Fail(code == CURLE_OPERATION_TIMEDOUT ? ErrorCode::kTimeout : ErrorCode::kUnavailable,
                StrCat("cannot fetch ", url, ": ", curl_easy_strerror(code)));
  }
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  if (status == 404 || status == 410) return Fail(ErrorCode::kNotFound, StrCat(url, ": not there"));
  if (status != 200) {
    return Fail(ErrorCode::kUnavailable, StrCat(url, ": answered with status ", status));
  }
  return std::move(body.bytes);
}

}  // namespace

Expected<tlog::ReadLogFile> ReaderOf(const std::string& from) {
  if (from.starts_with("http://") || from.starts_with("https://")) {
    static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (ready != CURLE_OK) return Fail(ErrorCode::kInternal, "cannot set up libcurl");
    std::string base = from;
    if (!base.ends_with('/')) base += '/';
    return [base](const std::string& path, size_t bytes_max) -> Expected<std::string> {
      thread_local const Curl curl(curl_easy_init());
      if (!curl) return Fail(ErrorCode::kInternal, "cannot set up libcurl");
      for (int tried = 1;; ++tried) {
        auto bytes = Get(curl.get(), base + path, bytes_max);
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
