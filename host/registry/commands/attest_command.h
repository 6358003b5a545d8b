// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#pragma once

#include "options/command.h"
#include "registry/registry_command.h"

namespace kaopu {

// `kaopu-registry attest`.
void AddAttestCommand(Command app, RegistryContext& context);

}  // namespace kaopu
