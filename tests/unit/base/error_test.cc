// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "base/error.h"

#include <gtest/gtest.h>

namespace kaopu {
namespace {

// The names are on the wire and the exit codes in scripts: this table only grows at its end.
TEST(ErrorCode, names_and_exit_codes_are_pinned) {
  const struct {
    ErrorCode code;
    const char* name;
    int exit_code;
  } rows[] = {{ErrorCode::kBadRequest, "bad_request", 3},
              {ErrorCode::kForbidden, "forbidden", 5},
              {ErrorCode::kNotFound, "not_found", 4},
              {ErrorCode::kConflict, "conflict", 3},
              {ErrorCode::kLimit, "limit", 3},
              {ErrorCode::kTooLarge, "too_large", 3},
              {ErrorCode::kTimeout, "timeout", 5},
              {ErrorCode::kUnavailable, "unavailable", 5},
              {ErrorCode::kDamaged, "damaged", 6},
              {ErrorCode::kUnsupported, "unsupported", 3},
              {ErrorCode::kInternal, "internal", 70}};
  int number = 0;
  for (const auto& row : rows) {
    EXPECT_EQ(static_cast<int>(row.code), number++);
    EXPECT_EQ(ErrorCodeName(row.code), row.name);
    EXPECT_EQ(ExitCodeFor(row.code), row.exit_code);
  }
}

}  // namespace
}  // namespace kaopu
