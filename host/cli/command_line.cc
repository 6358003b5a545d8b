// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include <exception>
#include <utility>

#include "base/files.h"
#include "base/str_cat.h"
#include "cli/command.h"
#include "cli/commands/commands.h"
#include "cli/words.h"
#include "messaging/data_dates.h"
#include "messaging/protocol.h"

namespace kaopu {
namespace {

constexpr int kExitUsage = 2;

// In the order of --help.
constexpr AddCommand kCommands[] = {
    AddCheckCommand,    AddWhyCommand,     AddOutcomeCommand,   AddOrderCommand,
    AddSettingsCommand, AddInstallCommand, AddUninstallCommand, AddDoctorCommand,
    AddPageCommand,     AddTextCommands,   AddDataCommand,    AddBacktestCommand,
};

// Of commands that bring none of their own.
constexpr std::pair<const char*, const char*> kExamples[] = {
    {"why", "Example:\n  kaopu why jd:12345"},
    {"page",
     "Examples:\n"
     "  kaopu page saved.html --url https://item.jd.com/100.html\n"
     "  kaopu page --batch list.jsonl > facts.jsonl"},
    {"data",
     "Examples:\n"
     "  kaopu data check\n"
     "  kaopu data export my-data.json"},
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
  CLI::App app(
      "Kaopu: will this seller ship? Checks sellers, keeps your own record of orders, and connects "
      "browsers to it.",
      "kaopu");
  app.footer(
      "Examples:\n"
      "  kaopu check https://shop.example/item/1\n"
      "  kaopu outcome add jd:12345 never_shipped\n"
      "  kaopu install --all\n"
      "`kaopu COMMAND --help` explains each command.\n"
      "Exit codes: 0 done, 2 wrong usage, 3 bad input, 4 not found, 5 unavailable, 6 damaged data, "
      "70 our bug.");
  app.set_version_flag("--version", VersionText, "Print version, protocol range and data dates");
  app.add_option("--lang", context.lang, "Language of the output: en or zh_CN")
      ->check([](const std::string& value) {
        return LanguageOf(value).empty() ? "no such language: " + value + " (en, zh_CN)" : "";
      });
  app.fallthrough();
  app.require_subcommand(1);
  for (const AddCommand add : kCommands) add(app, context);
  CLI::App* data = app.get_subcommand("data");
  data->description("The rules (check) and what is kept about you (export, delete)");
  AddMyDataCommands(*data, context);
  for (const auto& [name, examples] : kExamples) app.get_subcommand(name)->footer(examples);
  try {
    app.parse(argc, argv);
  } catch (const CLI::RequiredError& error) {
    const std::vector<std::string> unknown = app.remaining(true);
    if (unknown.empty()) {
      app.exit(error, context.out, context.err);
    } else {
      context.err << "kaopu: there is no command \"" << TerminalSafe(unknown.front())
                  << "\"; `kaopu --help` lists them\n";
    }
    return kExitUsage;
  } catch (const CLI::ParseError& error) {
    const bool asked = app.exit(error, context.out, context.err) == 0;
    return asked ? 0 : kExitUsage;
  }
  context.out.flush();
  if (!context.out && context.exit_code == 0) {
    context.Fail({ErrorCode::kUnavailable, "cannot write the result"});
  }
  return context.exit_code;
}

}  // namespace

int RunCommandLine(int argc, const char* const* argv, CommandContext& context) {
  try {
    return Run(argc, argv, context);
  } catch (const std::exception& exception) {  // rooms do not throw: a bug, or no memory left
    context.Fail({ErrorCode::kInternal, exception.what()});
    return context.exit_code;
  }
}

}  // namespace kaopu
