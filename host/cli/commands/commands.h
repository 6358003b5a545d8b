// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Every command of `kaopu`, one function a file (or a family of two); command_line.cc lists them.
#pragma once

#include "cli/command.h"
#include "options/command.h"

namespace kaopu {

void AddCheckCommand(Command app, CommandContext& context);
void AddWhyCommand(Command app, CommandContext& context);
void AddOutcomeCommand(Command app, CommandContext& context);
void AddOrderCommand(Command app, CommandContext& context);
void AddReportCommand(Command app, CommandContext& context);
void AddOutboxCommand(Command app, CommandContext& context);
void AddVerifyCommand(Command app, CommandContext& context);
void AddSettingsCommand(Command app, CommandContext& context);
void AddRegistryCommand(Command app, CommandContext& context);
void AddSyncCommand(Command app, CommandContext& context);
void AddPageCommand(Command app, CommandContext& context);
void AddBacktestCommand(Command app, CommandContext& context);
void AddTextCommands(Command app, CommandContext& context);  // promise, price
void AddDataCommand(Command app, CommandContext& context);
// Of `kaopu data`: diff; export and delete.
void AddDataDiffCommand(Command data, CommandContext& context);
void AddMyDataCommands(Command data, CommandContext& context);
void AddInstallCommand(Command app, CommandContext& context);
void AddUninstallCommand(Command app, CommandContext& context);
void AddDoctorCommand(Command app, CommandContext& context);

}  // namespace kaopu
