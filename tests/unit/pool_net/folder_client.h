// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// A registry's public folder as a shopper meets it, without a network: it can lie about any file,
// fall silent in the middle of one, or go on without end.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/files.h"
#include "base/str_cat.h"
#include "net/http_client.h"

namespace kaopu::testing {

class FolderClient : public HttpClient {
 public:
  static constexpr const char* kAddress = "https://registry.example/";

  explicit FolderClient(std::filesystem::path root) : root_(std::move(root)) {}

  // In place of a file's bytes; nullopt = it is not there.
  using Lie = std::function<std::optional<std::string>(const std::string& truth)>;
  std::map<std::string, Lie> lies;
  std::optional<uint64_t> cut_after;  // bytes of each answer that is streamed, then the line is cut
  bool away = false;
  bool knows_ranges = true;
  bool endless = false;            // streamed answers do not end
  std::vector<std::string> asked;  // "path" or "path@from"

  Expected<HttpResponse> Send(const HttpRequest& request) override {
    const std::string path = request.url.substr(std::string_view(kAddress).size());
    const bool part = request.from_byte > 0 || request.bytes_wanted > 0;
    asked.push_back(part ? StrCat(path, "@", request.from_byte) : path);
    if (away || !request.url.starts_with(kAddress)) {
      return Fail(ErrorCode::kUnavailable, StrCat("cannot fetch ", request.url, ": away"));
    }
    std::optional<std::string> bytes;
    if (auto truth = ReadFile(root_ / path, size_t{1} << 28)) bytes = std::move(*truth);
    if (const auto lie = lies.find(path); lie != lies.end()) {
      bytes = lie->second(bytes.value_or(""));
    }
    HttpResponse response;
    if (!bytes) {
      response.status = 404;
      return response;
    }
    response.status = 200;
    std::string_view rest = *bytes;
    if (part && knows_ranges) {
      if (request.from_byte >= rest.size()) {
        response.status = 416;
        return response;
      }
      rest.remove_prefix(request.from_byte);
      if (request.bytes_wanted > 0) rest = rest.substr(0, request.bytes_wanted);
      response.status = 206;
      response.from_byte = request.from_byte;
    }
    response.bytes_left = rest.size();
    if (!request.on_bytes) {
      if (rest.size() > request.bytes_max) {
        return Fail(ErrorCode::kTooLarge, StrCat(request.url, ": too long"));
      }
      response.body = rest;
      return response;
    }
    uint64_t at = response.from_byte, given = 0;
    while (!rest.empty() || endless) {
      std::string chunk(rest.substr(0, 1000));
      if (chunk.empty()) chunk = std::string(1000, 'x');
      if (cut_after && given >= *cut_after) {
        return Fail(ErrorCode::kUnavailable, StrCat("cannot fetch ", request.url, ": cut off"));
      }
      given += chunk.size();
      if (given > request.bytes_max) {
        return Fail(ErrorCode::kTooLarge, StrCat(request.url, ": too long"));
      }
      if (auto taken = request.on_bytes(at, chunk); !taken) return std::unexpected(taken.error());
      at += chunk.size();
      rest.remove_prefix(std::min(chunk.size(), rest.size()));
    }
    return response;
  }

 private:
  std::filesystem::path root_;
};

}  // namespace kaopu::testing
