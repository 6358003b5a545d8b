// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The commands of `kaopu-registry`, one file each.
#pragma once

#include "registry/registry_command.h"

namespace kaopu {

void AddTrustCommand(CLI::App& app, RegistryContext& context);

}  // namespace kaopu
