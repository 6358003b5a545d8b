// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#pragma once

#include <string_view>

namespace kaopu {

// No overlong forms, no surrogates, nothing beyond U+10FFFF. Eight bytes a step where they are
// ASCII.
bool IsValidUtf8(std::string_view text);

}  // namespace kaopu
