// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include <exception>

#include "base/files.h"
#include "base/str_cat.h"
#include "cli/commands/commands.h"
#include "cli/words.h"
#include "messaging/data_dates.h"
#include "messaging/protocol.h"
#include "options/command.h"

namespace kaopu {
namespace {

constexpr int kExitUsage = 2;

// In the order of --help.
constexpr AddCommand kCommands[] = {
    AddCheckCommand,   AddWhyCommand,       AddOutcomeCommand,  AddOrderCommand, AddReportCommand,
    AddOutboxCommand,  AddVerifyCommand,    AddRegistryCommand, AddSyncCommand,  AddSettingsCommand,
    AddInstallCommand, AddUninstallCommand, AddDoctorCommand,   AddPageCommand,  AddTextCommands,
    AddDataCommand,    AddBacktestCommand,
};

std::string VersionText() {
  std::string text =
      StrCat("kaopu ", KAOPU_VERSION, "\nprotocol ", kProtocolMin, " to ", kProtocolMax, "\n");
  const auto data = DataFolder();
  if (!data) return text + "data: " + data.error().message;
  const Json dates = DataDates(*data);
  text += StrCat("data ", data->string());
  for (const Json& adapter : dates["adapters"]) {
    text += StrCat("\nadapter ", adapter.value("id", ""), " ", adapter.value("version", 0),
                   ", checked on ", adapter.value("checked_on", "?"));
  }
  return text + StrCat("\npolicy ", dates["policy"].value("version", 0), ", published on ",
                       dates["policy"].value("published_on", "?"));
}

int Run(int argc, const char* const* argv, CommandContext& context) {
  Program program = MakeProgram(context);
  const Parsed parsed = program.Parse(argc, argv, [&context](const std::string& english) {
    return context.words().phrases().OfLines(english);
  });
  if (parsed.kind == Parsed::Kind::kWrong) {
    const std::string message =
        parsed.unknown
            ? StrCat("there is no ", parsed.unknown->starts_with('-') ? "option" : "command", " \"",
                     *parsed.unknown, "\"")
            : parsed.text;
    context.err << "kaopu: " << context.words().Of(TerminalSafe(message)) << '\n'
                << context.words().Of("Run with --help to see what there is.") << '\n';
    return kExitUsage;
  }
  context.out << parsed.text << std::flush;
  if (!context.out && context.exit_code == 0) {
    context.Fail({ErrorCode::kUnavailable, "cannot write the result"});
  }
  return context.exit_code;
}

}  // namespace

Program MakeProgram(CommandContext& context) {
  Program program(
      "kaopu",
      "Kaopu: will this seller ship? Checks sellers, keeps your own record of orders, and connects "
      "browsers to it.");
  program.AddVersion(VersionText, "Print version, protocol range and data dates");
  Command root = program.root();
  root.AddOption("--lang", context.lang, "Language of the output: en or zh_CN")
      .Check([](const std::string& value) {
        return LanguageOf(value).empty() ? "no such language: " + value + " (en, zh_CN)" : "";
      });
  for (const AddCommand add : kCommands) add(root, context);
  root.Footer(  // last: a command takes over what its parent has when it is added
      "Examples:\n"
      "  kaopu check https://shop.example/item/1\n"
      "  kaopu outcome add jd:12345 never_shipped\n"
      "  kaopu install --all\n"
      "`kaopu COMMAND --help` explains each command.\n"
      "Exit codes: 0 done, 2 wrong usage, 3 bad input, 4 not found, 5 unavailable, 6 damaged data, "
      "70 our bug.");
  return program;
}

int RunCommandLine(int argc, const char* const* argv, CommandContext& context) {
  try {
    return Run(argc, argv, context);
  } catch (const std::exception& exception) {  // rooms do not throw: a bug, or no memory left
    context.Fail({ErrorCode::kInternal, exception.what()});
    return context.exit_code;
  }
}

}  // namespace kaopu
