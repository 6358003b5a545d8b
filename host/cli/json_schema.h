// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// JSON Schema (draft 7) behind our error type.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "base/json.h"

namespace kaopu {

// What of `document` the schema forbids: "place: reason" a line, empty when it is valid. kDamaged
// when the schema itself cannot be used.
Expected<std::vector<std::string>> SchemaViolations(const Json& schema, const Json& document);

}  // namespace kaopu
