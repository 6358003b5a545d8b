// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// What can go wrong, once: a code, the name it has on the wire, the exit code of the command line.
// Library errors are translated into these at the adapter that calls the library; nothing throws across a room.
#pragma once

#include <expected>
#include <string>
#include <string_view>

namespace kaopu {

// WIRE: names and order are append-only (ErrorCodeName, tests/unit/base/error_test.cc).
enum class ErrorCode {
  kBadRequest,   // malformed whatever our state; fix it, do not retry
  kForbidden,    // not allowed, wrong origin
  kNotFound,     // absent, not broken
  kConflict,     // already exists, or changed meanwhile
  kLimit,        // a count or rate limit
  kTooLarge,     // a size limit
  kTimeout,      // too slow; retry with backoff
  kUnavailable,  // network, database or file system is away
  kDamaged,      // checksum, schema or format of our own data is wrong
  kUnsupported,  // unknown operation or version: one side is too old
  kInternal,     // our bug
};

// The message is for people: operation, object, actual and allowed value. It is never parsed and never
// holds page text, tokens or a shopper's data beyond what the caller itself sent.
struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;
};

template <typename T>
using Expected = std::expected<T, Error>;

// `bad_request`, `not_found`, ...: the code's name in protocol replies.
std::string_view ErrorCodeName(ErrorCode code);

// Exit code of the command line: 3 bad input, 4 not found, 5 unavailable, 6 damaged, 70 our bug.
// (2, wrong usage, is decided by the argument parser alone.)
int ExitCodeFor(ErrorCode code);

inline std::unexpected<Error> Fail(ErrorCode code, std::string message) {
  return std::unexpected(Error{code, std::move(message)});
}

}  // namespace kaopu
