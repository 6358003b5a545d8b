// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The reply of `check_page` (host/docs/protocol.md) in words, as the badge has them.
#pragma once

#include <string>

#include "base/json.h"
#include "cli/words.h"

namespace kaopu {

// Lines of text, each ended; safe for a terminal whatever the page said. Fields that are absent or
// malformed are left out.
std::string CheckText(const Json& reply, const Words& words);

}  // namespace kaopu
