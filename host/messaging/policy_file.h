// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// host/data/policy/policy.json -> Policy. The reputation room knows no JSON.
#pragma once

#include <filesystem>
#include <string_view>

#include "base/error.h"
#include "reputation/policy.h"

namespace kaopu {

// `data` is the data folder (base/files.h DataFolder). kNotFound, or kDamaged naming file, field,
// value and what is allowed.
Expected<Policy> LoadPolicy(const std::filesystem::path& data);

// The same from text; `what` names it in messages.
Expected<Policy> ParsePolicy(std::string_view text, std::string_view what);

}  // namespace kaopu
