// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include <exception>

#include "base/files.h"
#include "base/str_cat.h"
#include "cli/command.h"
#include "cli/commands/commands.h"
#include "cli/help.h"
#include "cli/words.h"
#include "messaging/data_dates.h"
#include "messaging/protocol.h"

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
  CLI::App app;
  AddCommands(app, context);
  const auto wrong = [&](const std::string& message) {
    context.err << "kaopu: " << context.words().Of(TerminalSafe(message)) << '\n'
                << context.words().Of("Run with --help to see what there is.") << '\n';
    return kExitUsage;
  };
  try {
    app.parse(argc, argv);
  } catch (const CLI::RequiredError& error) {
    const std::vector<std::string> unknown = app.remaining(true);
    if (unknown.empty()) return wrong(error.what());
    return wrong(StrCat(
        unknown.front().starts_with('-') ? "there is no option \"" : "there is no command \"",
        unknown.front(), "\""));
  } catch (const CLI::Success& asked) {  // --help, --version
    TranslateHelp(app, context.words().phrases());
    app.exit(asked, context.out, context.err);
  } catch (const CLI::ParseError& error) {
    return wrong(error.what());
  }
  context.out.flush();
  if (!context.out && context.exit_code == 0) {
    context.Fail({ErrorCode::kUnavailable, "cannot write the result"});
  }
  return context.exit_code;
}

}  // namespace

void AddCommands(CLI::App& app, CommandContext& context) {
  app.formatter(MakeHelpFormatter());
  app.name("kaopu");
  app.description(
      "Kaopu: will this seller ship? Checks sellers, keeps your own record of orders, and connects "
      "browsers to it.");
  app.set_version_flag("--version", VersionText, "Print version, protocol range and data dates");
  app.add_option("--lang", context.lang, "Language of the output: en or zh_CN")
      ->check([](const std::string& value) {
        return LanguageOf(value).empty() ? "no such language: " + value + " (en, zh_CN)" : "";
      });
  app.fallthrough();
  app.require_subcommand(1);
  for (const AddCommand add : kCommands) add(app, context);
  AddDataDiffCommand(*app.get_subcommand("data"), context);
  AddMyDataCommands(*app.get_subcommand("data"), context);
  app.footer(  // last: a command takes over what its parent has when it is added
      "Examples:\n"
      "  kaopu check https://shop.example/item/1\n"
      "  kaopu outcome add jd:12345 never_shipped\n"
      "  kaopu install --all\n"
      "`kaopu COMMAND --help` explains each command.\n"
      "Exit codes: 0 done, 2 wrong usage, 3 bad input, 4 not found, 5 unavailable, 6 damaged data, "
      "70 our bug.");
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
