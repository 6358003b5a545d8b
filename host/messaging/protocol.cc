// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "messaging/protocol.h"

#include "base/limits.h"
#include "base/str_cat.h"

namespace kaopu {
namespace {

// A message may quote what the caller sent; it need not quote all of it.
constexpr size_t kMessageBytesMax = 1000;

std::optional<int64_t> ReadId(const Json& body) {
  const auto it = body.find("id");
  if (it == body.end() || !it->is_number_integer()) return std::nullopt;
  if (it->is_number_unsigned() && it->get<uint64_t>() > static_cast<uint64_t>(kRequestIdMax)) {
    return std::nullopt;
  }
  const auto id = it->get<int64_t>();
  return id >= 1 && id <= kRequestIdMax ? std::optional(id) : std::nullopt;
}

}  // namespace

std::expected<Request, RequestError> ParseRequest(std::string_view body) {
  const auto fail = [](std::optional<int64_t> id, ErrorCode code, std::string message) {
    return std::unexpected(RequestError{id, Error{code, std::move(message)}});
  };
  auto json = ParseJson(body, "request");
  if (!json) return std::unexpected(RequestError{std::nullopt, json.error()});
  if (!json->is_object()) {
    return fail(std::nullopt, ErrorCode::kBadRequest,
                StrCat("request is a JSON ", json->type_name(), ", must be an object"));
  }
  const std::optional<int64_t> id = ReadId(*json);
  if (!id) {
    return fail(id, ErrorCode::kBadRequest,
                StrCat("request needs an integer id from 1 to ", kRequestIdMax));
  }
  const auto version = GetInt(*json, "v");
  if (!version) return std::unexpected(RequestError{id, version.error()});
  if (!*version) return fail(id, ErrorCode::kBadRequest, "request has no protocol version v");
  if (**version < kProtocolMin || **version > kProtocolMax) {
    return fail(id, ErrorCode::kUnsupported,
                StrCat("request is of protocol version ", **version, ", this host speaks ",
                       kProtocolMin, " to ", kProtocolMax));
  }
  auto op = RequireString(*json, "op");
  if (!op) return std::unexpected(RequestError{id, op.error()});
  return Request{*id, std::move(*op), std::move(*json)};
}

std::string OkReply(int64_t id, Json result) {
  if (!result.is_object()) {
    return ErrorReply(id, Error{ErrorCode::kInternal, "an operation gave no object"});
  }
  result["v"] = kProtocolMax;
  result["id"] = id;
  result["ok"] = true;
  std::string body = DumpJson(result);
  if (body.size() <= kFrameBytesMax) return body;
  return ErrorReply(
      id, Error{ErrorCode::kTooLarge, StrCat("the reply has ", body.size(),
                                             " bytes, browsers take at most ", kFrameBytesMax)});
}

std::string ErrorReply(std::optional<int64_t> id, const Error& error) {
  std::string_view message = error.message;
  // A character cut in two is mended by DumpJson.
  if (message.size() > kMessageBytesMax) message = message.substr(0, kMessageBytesMax);
  Json reply = {{"v", kProtocolMax},
                {"id", nullptr},
                {"ok", false},
                {"error", {{"code", ErrorCodeName(error.code)}, {"message", message}}}};
  if (id) reply["id"] = *id;
  return DumpJson(reply);
}

}  // namespace kaopu
