// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Reads JSON as found in the wild and JavaScript literals into a ValueTree; nothing is ever
// evaluated. Never fails: what cannot be read is null, a text that ends early gives what was read
// so far. One pass, an explicit stack, bounded depth and node count.
#pragma once

#include <string_view>

#include "page/value_tree.h"

namespace kaopu {

enum class Dialect {
  kJson,        // repaired as search engines do: comments, trailing commas, raw line ends and stray
                // quotes in strings
  kJavaScript,  // also single quotes, bare keys, joined strings, !0, JSON.parse('...'); calls,
                // functions and names are null
};

struct LiteralEnd {
  ValueId root = kNoValue;  // kNoValue when nothing starts here
  size_t end = 0;           // offset just past the literal
};

// Reads the one value that begins at `begin` (white space and comments before it are passed over)
// under `parent`.
LiteralEnd ReadLiteral(std::string_view text, size_t begin, Dialect dialect, ValueTree& tree,
                       ValueId parent = kNoValue, std::string_view key = {});

}  // namespace kaopu
