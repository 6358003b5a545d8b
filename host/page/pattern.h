// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// A pattern of the rule files, compiled. One object serves all that write the same: the words of an order's states stand in
// every adapter.
#pragma once

#include <re2/re2.h>
#include <memory>
#include <string>

#include "base/error.h"

namespace kaopu {

using Pattern = std::shared_ptr<const RE2>;

// kDamaged names `place` (file and field) and the reason. Safe to call from several threads; not to be called in hot code.
Expected<Pattern> CompilePattern(const std::string& pattern, const std::string& place);

}  // namespace kaopu
