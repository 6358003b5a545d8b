// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "base/error.h"

#include <array>

namespace kaopu {
namespace {

struct Row {
  ErrorCode code;
  std::string_view name;
  int exit_code;
};

constexpr std::array kRows = {
    Row{ErrorCode::kBadRequest, "bad_request", 3},
    Row{ErrorCode::kForbidden, "forbidden", 5},
    Row{ErrorCode::kNotFound, "not_found", 4},
    Row{ErrorCode::kConflict, "conflict", 3},
    Row{ErrorCode::kLimit, "limit", 3},
    Row{ErrorCode::kTooLarge, "too_large", 3},
    Row{ErrorCode::kTimeout, "timeout", 5},
    Row{ErrorCode::kUnavailable, "unavailable", 5},
    Row{ErrorCode::kDamaged, "damaged", 6},
    Row{ErrorCode::kUnsupported, "unsupported", 3},
    Row{ErrorCode::kInternal, "internal", 70},
};

const Row& RowOf(ErrorCode code) { return kRows[static_cast<size_t>(code)]; }

}  // namespace

std::string_view ErrorCodeName(ErrorCode code) { return RowOf(code).name; }

int ExitCodeFor(ErrorCode code) { return RowOf(code).exit_code; }

}  // namespace kaopu
