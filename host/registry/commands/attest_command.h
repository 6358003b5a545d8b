// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#pragma once

#include "registry/registry_command.h"

namespace kaopu {

// `kaopu-registry attest`.
void AddAttestCommand(CLI::App& app, RegistryContext& context);

}  // namespace kaopu
