// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#pragma once

#include "cli/command.h"
#include "options/command.h"

namespace kaopu {

// `kaopu report attach-proof`, below `report`.
void AddAttachProof(Command report, CommandContext& context);

}  // namespace kaopu
