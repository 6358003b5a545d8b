// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "registry/http/http_message.h"

namespace kaopu {

int HttpStatusOf(ErrorCode code) {  // WIRE: host/docs/registry_api.md
  switch (code) {
    case ErrorCode::kBadRequest:
    case ErrorCode::kUnsupported:
      return 400;
    case ErrorCode::kForbidden:
      return 403;
    case ErrorCode::kNotFound:
      return 404;
    case ErrorCode::kTimeout:
      return 408;
    case ErrorCode::kConflict:
      return 409;
    case ErrorCode::kTooLarge:
      return 413;
    case ErrorCode::kLimit:
      return 429;
    case ErrorCode::kUnavailable:
      return 503;
    case ErrorCode::kDamaged:
    case ErrorCode::kInternal:
      return 500;
  }
  return 500;
}

HttpReply JsonReply(const Json& body) {
  return {.body = DumpJson(body), .headers = {{"Cache-Control", "no-store"}}};
}

HttpReply ErrorReply(const Error& error) {
  HttpReply reply =
      JsonReply({{"error", {{"code", ErrorCodeName(error.code)}, {"message", error.message}}}});
  reply.status = HttpStatusOf(error.code);
  if (error.code == ErrorCode::kLimit) reply.headers.emplace_back("Retry-After", "10");
  if (error.code == ErrorCode::kUnavailable) reply.headers.emplace_back("Retry-After", "5");
  return reply;
}

}  // namespace kaopu
