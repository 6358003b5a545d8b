// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The files of `public/`, for a registry without a web server in front of it: types, validators,
// how long each may be kept, one byte range (an interrupted download goes on).
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/error.h"
#include "registry/http/http_message.h"

namespace kaopu {

class StaticFiles {
 public:
  // kNotFound.
  static Expected<StaticFiles> Open(const std::filesystem::path& root);
  StaticFiles(StaticFiles&& other) noexcept;
  StaticFiles& operator=(StaticFiles&&) = delete;
  ~StaticFiles();

  // GET and HEAD. Nothing but regular files below the root is ever given, by plain names alone: no
  // `..`, no hidden files, no links. A folder means its index.html.
  HttpReply Get(const ServedRequest& request) const;

  static std::string_view TypeOf(std::string_view path);
  static std::string_view CacheControlOf(std::string_view path);

 private:
  explicit StaticFiles(int root) : root_(root) {}
  int root_;
};

}  // namespace kaopu
