// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include <exception>

#include "options/command.h"
#include "registry/commands/attest_command.h"
#include "registry/commands/commands.h"
#include "registry/registry_command.h"

namespace kaopu {
namespace {

constexpr int kExitUsage = 2;

// In the order of --help.
constexpr AddRegistryCommand kCommands[] = {
    AddInitCommand,   AddPublishCommand, AddRemoveCommand, AddReplyCommand, AddServeCommand,
    AddBackupCommand, AddRestoreCommand, AddAttestCommand, AddAuditCommand, AddExportCommand,
    AddImportCommand, AddIndexCommand,   AddTlogCommand,   AddTrustCommand, AddWitnessCommand,
};

int Run(int argc, const char* const* argv, RegistryContext& context) {
  Program program(
      "kaopu-registry",
      "The shared database of Kaopu: takes in what shoppers report of sellers, judges the "
      "reporters, publishes.");
  program.AddVersion([] { return "kaopu-registry " KAOPU_VERSION; }, "Print the version");
  Command root = program.root();
  root.Footer(
      "`kaopu-registry COMMAND --help` explains each command.\n"
      "Exit codes: 0 done, 2 wrong usage, 3 bad input, 4 not found, 5 unavailable, 6 damaged data, "
      "70 our bug.");
  for (const AddRegistryCommand add : kCommands) add(root, context);
  const Parsed parsed = program.Parse(argc, argv);
  if (parsed.kind == Parsed::Kind::kWrong) {
    context.err << parsed.text << "\nRun with --help for more information.\n";
    return kExitUsage;
  }
  context.out << parsed.text << std::flush;
  if (!context.out && context.exit_code == 0) {
    context.Fail({ErrorCode::kUnavailable, "cannot write the result"});
  }
  return context.exit_code;
}

}  // namespace

void RegistryContext::Note(std::string_view text) const {
  err << "kaopu-registry: ";
  // What the message quotes may come from outside: nothing that a terminal would obey.
  for (const char c : text) err << (static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c);
  err << '\n';
}

void RegistryContext::Fail(const Error& error) {
  Note(error.message);
  exit_code = ExitCodeFor(error.code);
}

int RunRegistryCommandLine(int argc, const char* const* argv, RegistryContext& context) {
  try {
    return Run(argc, argv, context);
  } catch (const std::exception& exception) {  // rooms do not throw: a bug, or no memory left
    context.Fail({ErrorCode::kInternal, exception.what()});
    return context.exit_code;
  }
}

}  // namespace kaopu
