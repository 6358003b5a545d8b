// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The commands of `kaopu-registry`, one file each.
#pragma once

#include "options/command.h"
#include "registry/registry_command.h"

namespace kaopu {

void AddAuditCommand(Command app, RegistryContext& context);
void AddBackupCommand(Command app, RegistryContext& context);
void AddExportCommand(Command app, RegistryContext& context);
void AddImportCommand(Command app, RegistryContext& context);
void AddInitCommand(Command app, RegistryContext& context);
void AddPublishCommand(Command app, RegistryContext& context);
void AddRemoveCommand(Command app, RegistryContext& context);
void AddReplyCommand(Command app, RegistryContext& context);
void AddRestoreCommand(Command app, RegistryContext& context);
void AddServeCommand(Command app, RegistryContext& context);
void AddIndexCommand(Command app, RegistryContext& context);
void AddTlogCommand(Command app, RegistryContext& context);
void AddTrustCommand(Command app, RegistryContext& context);
void AddWitnessCommand(Command app, RegistryContext& context);

}  // namespace kaopu
