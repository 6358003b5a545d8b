// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "cli/help.h"

#include "cli/table.h"

namespace kaopu {
namespace {

class HelpFormatter : public CLI::Formatter {
 public:
  std::string make_option(const CLI::Option* option, bool positional) const override {
    std::string line = "  " + make_option_name(option, positional) + make_option_opts(option);
    const std::string text = make_option_desc(option);
    const size_t width = DisplayWidth(line);
    if (text.empty()) return line + "\n";
    if (width < get_column_width()) {
      line.append(get_column_width() - width, ' ');
    } else {
      line += "\n" + std::string(get_column_width(), ' ');
    }
    return line + text + "\n";
  }
};

}  // namespace

std::shared_ptr<CLI::Formatter> MakeHelpFormatter() { return std::make_shared<HelpFormatter>(); }

void ReplaceHelp(CLI::App& app, const std::function<std::string(const std::string&)>& use) {
  const auto replaced = [&](const std::string& text) { return text.empty() ? text : use(text); };
  app.description(replaced(app.get_description()));
  app.footer(replaced(app.get_footer()));
  app.group(replaced(app.get_group()));
  for (CLI::Option* option : app.get_options({})) {
    option->description(replaced(option->get_description()));
    option->group(replaced(option->get_group()));
  }
  for (CLI::App* command : app.get_subcommands({})) ReplaceHelp(*command, use);
}

void TranslateHelp(CLI::App& app, const Phrases& phrases) {
  for (const char* label : {"Usage", "OPTIONS", "SUBCOMMAND", "SUBCOMMANDS", "Positionals",
                            "REQUIRED", "Needs", "Excludes", "TEXT", "INT"}) {
    app.get_formatter()->label(label, phrases.Of(label));  // the commands share the formatter
  }
  ReplaceHelp(app, [&](const std::string& text) { return phrases.OfLines(text); });
}

}  // namespace kaopu
