// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// How old the rules are, without loading them: `hello` answers before the first pattern is
// compiled.
#pragma once

#include <filesystem>

#include "base/json.h"

namespace kaopu {

// `{"adapters":[{"id","version","checked_on"}], "policy":{"version","published_on"}}`, the adapters
// by file name. Reads each file as far as these fields; one that cannot be read is left out
// (loading it will say why).
Json DataDates(const std::filesystem::path& data);

}  // namespace kaopu
