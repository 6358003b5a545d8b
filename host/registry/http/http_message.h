// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// A request and its reply, whatever the server library.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/json.h"

namespace kaopu {

struct ServedRequest {
  std::string method, path;  // the path is decoded, without its query
  std::string body;
  // Empty where the request has no such header.
  std::string if_none_match, if_modified_since, range, if_range;
};

struct HttpReply {
  int status = 200;
  std::string type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  // Instead of `body`: so many bytes of this file; the server closes it.
  int file = -1;
  uint64_t file_offset = 0, file_bytes = 0;
};

using HttpAnswer = std::function<void(HttpReply)>;

int HttpStatusOf(ErrorCode code);
HttpReply JsonReply(const Json& body);
// `{"error":{"code","message"}}`, with Retry-After where trying again makes sense.
HttpReply ErrorReply(const Error& error);

}  // namespace kaopu
