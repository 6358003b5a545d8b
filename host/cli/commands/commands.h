// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Every command of `kaopu`, one function a file (or a family of two); command_line.cc lists them.
#pragma once

#include "cli/command.h"

namespace kaopu {

void AddCheckCommand(CLI::App& app, CommandContext& context);
void AddWhyCommand(CLI::App& app, CommandContext& context);
void AddOutcomeCommand(CLI::App& app, CommandContext& context);
void AddOrderCommand(CLI::App& app, CommandContext& context);
void AddReportCommand(CLI::App& app, CommandContext& context);
void AddOutboxCommand(CLI::App& app, CommandContext& context);
void AddVerifyCommand(CLI::App& app, CommandContext& context);
void AddSettingsCommand(CLI::App& app, CommandContext& context);
void AddRegistryCommand(CLI::App& app, CommandContext& context);
void AddSyncCommand(CLI::App& app, CommandContext& context);
void AddPageCommand(CLI::App& app, CommandContext& context);
void AddBacktestCommand(CLI::App& app, CommandContext& context);
void AddTextCommands(CLI::App& app, CommandContext& context);  // promise, price
void AddDataCommand(CLI::App& app, CommandContext& context);
// Below `kaopu data`: diff; export and delete.
void AddDataDiffCommand(CLI::App& data, CommandContext& context);
void AddMyDataCommands(CLI::App& data, CommandContext& context);
void AddInstallCommand(CLI::App& app, CommandContext& context);
void AddUninstallCommand(CLI::App& app, CommandContext& context);
void AddDoctorCommand(CLI::App& app, CommandContext& context);

}  // namespace kaopu
