// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Requests and replies (host/docs/protocol.md): pure functions between the bytes of a frame and an
// operation.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/json.h"

namespace kaopu {

// WIRE: the versions this host speaks.
inline constexpr int kProtocolMin = 1;
inline constexpr int kProtocolMax = 1;
inline constexpr int64_t kRequestIdMax = (int64_t{1} << 53) - 1;

struct Request {
  int64_t id = 0;
  std::string op;
  Json body;  // the whole object
};

// Why a body is no request; `id` where it could be read all the same.
struct RequestError {
  std::optional<int64_t> id;
  Error error;
};

// kBadRequest: empty, not UTF-8, not JSON, not an object, no usable id or op. kUnsupported: another
// protocol version.
std::expected<Request, RequestError> ParseRequest(std::string_view body);

// The bodies of replies, never over kFrameBytesMax: a larger one becomes a `too_large` error reply.
// `result` is an object.
std::string OkReply(int64_t id, Json result);
std::string ErrorReply(std::optional<int64_t> id, const Error& error);

}  // namespace kaopu
