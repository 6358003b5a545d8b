// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// `kaopu settings get|set`.
#include <memory>

#include "cli/commands/commands.h"
#include "cli/commands/own_record.h"

namespace kaopu {
namespace {

struct Options {
  std::string name;
  std::string value;
  bool json = false;
};

// "ask-above" -> "ask_above", "500 CNY" -> an amount, "none" -> null.
Expected<Json> SetRequest(const Options& options) {
  std::string name = options.name;
  for (char& c : name) c = c == '-' ? '_' : c;
  Json value = options.value;
  if (name == "ask_above") {
    value = nullptr;
    if (options.value != "none") {
      Expected<Json> price = ReadPriceOption(options.value);
      if (!price) return price;
      value = std::move(*price);
    }
  }
  return Json{{"op", "settings_set"}, {"settings", {{name, std::move(value)}}}};
}

std::string SaySettings(const Json& reply, const Words& words) {
  const Json& settings = reply["settings"];
  const std::string above = MoneyCell(settings["ask_above"]);
  std::string text = "caution     " + CellOf(settings["caution"]) + "\n";
  text += "ask_above   " + (above.empty() ? words.Say("cli_settings_never") : above) + "\n";
  return text + "language    " + CellOf(settings["language"]) + "\n";
}

}  // namespace

void AddSettingsCommand(Command app, CommandContext& context) {
  Command settings = app.AddCommand("settings", "How cautious to be, when to ask, which language");
  settings.NeedCommand();
  settings.Footer("Examples:\n  kaopu settings get\n  kaopu settings set caution high");
  auto options = std::make_shared<Options>();
  Command get = settings.AddCommand("get", "Show the settings");
  get.AddFlag("--json", options->json, "Print one JSON value");
  get.Footer("Example:\n  kaopu settings get");
  get.Callback([options, &context] {
    RunAndSay(context, Json{{"op", "settings_get"}}, options->json, SaySettings);
  });
  Command set = settings.AddCommand("set", "Change one setting");
  set.AddOption("NAME", options->name, "caution, ask-above or language").Required();
  set.AddOption("VALUE", options->value,
                "caution: low, normal, high; ask-above: an amount such as \"500 CNY\", or none; "
                "language: auto, en, zh_CN")
      .Required();
  set.AddFlag("--json", options->json, "Print one JSON value");
  set.Footer(
      "ask-above: from which value a seller to watch out for is asked about before you pay.\n"
      "Examples:\n"
      "  kaopu settings set ask-above \"500 CNY\"\n"
      "  kaopu settings set caution high");
  set.Callback([options, &context] {
    RunAndSay(context, SetRequest(*options), options->json, SaySettings);
  });
}

}  // namespace kaopu
