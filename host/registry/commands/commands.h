// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The commands of `kaopu-registry`, one file each.
#pragma once

#include "registry/registry_command.h"

namespace kaopu {

void AddAuditCommand(CLI::App& app, RegistryContext& context);
void AddBackupCommand(CLI::App& app, RegistryContext& context);
void AddExportCommand(CLI::App& app, RegistryContext& context);
void AddImportCommand(CLI::App& app, RegistryContext& context);
void AddInitCommand(CLI::App& app, RegistryContext& context);
void AddPublishCommand(CLI::App& app, RegistryContext& context);
void AddRemoveCommand(CLI::App& app, RegistryContext& context);
void AddReplyCommand(CLI::App& app, RegistryContext& context);
void AddRestoreCommand(CLI::App& app, RegistryContext& context);
void AddServeCommand(CLI::App& app, RegistryContext& context);
void AddIndexCommand(CLI::App& app, RegistryContext& context);
void AddTlogCommand(CLI::App& app, RegistryContext& context);
void AddTrustCommand(CLI::App& app, RegistryContext& context);
void AddWitnessCommand(CLI::App& app, RegistryContext& context);

}  // namespace kaopu
