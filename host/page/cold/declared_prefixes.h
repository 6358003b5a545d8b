// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#pragma once

#include <string_view>

#include "page/structured_view.h"

namespace kaopu {

// The `prefix` attributes of a page's html and head elements: a snapshot does not have them, and no
// fact needs them.
Prefixes DeclaredPrefixes(std::string_view html);

}  // namespace kaopu
