// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// First look at a snapshot's bytes, before any parser allocates for them.
#pragma once

#include <string_view>

#include "base/error.h"

namespace kaopu {

// One linear pass over the text: UTF-8, size, no doctype, processing instruction, comment, CDATA or
// namespace, and the caps of base/limits.h on depth, elements, attributes and values. kBadRequest
// names the byte, the amount and the limit. That tags match by name and entities are sound is left
// to the parser.
Expected<void> CheckSnapshotBytes(std::string_view xml);

}  // namespace kaopu
