// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "options/command.h"

#include <CLI/CLI.hpp>
#include <sstream>

#include "base/display_width.h"

namespace kaopu {
namespace {

// Columns by what a terminal uses for a text, not by its bytes.
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

void TranslateTexts(CLI::App& app, const Translation& translation) {
  const auto translated = [&](const std::string& text) {
    return text.empty() ? text : translation(text);
  };
  app.description(translated(app.get_description()));
  app.footer(translated(app.get_footer()));
  app.group(translated(app.get_group()));
  for (CLI::Option* option : app.get_options({})) {
    option->description(translated(option->get_description()));
    option->group(translated(option->get_group()));
  }
  for (CLI::App* command : app.get_subcommands({})) TranslateTexts(*command, translation);
}

void TranslateHelp(CLI::App& app, const Translation& translation) {
  for (const char* label : {"Usage", "OPTIONS", "SUBCOMMAND", "SUBCOMMANDS", "Positionals",
                            "REQUIRED", "Needs", "Excludes", "TEXT", "INT"}) {
    app.get_formatter()->label(label, translation(label));  // the commands share the formatter
  }
  TranslateTexts(app, translation);
}

}  // namespace

Option Option::Required() { return Option(option_->required()); }

Option Option::TypeName(const std::string& name) { return Option(option_->type_name(name)); }

Option Option::ShowDefault() { return Option(option_->capture_default_str()); }

Option Option::Excludes(Option other) { return Option(option_->excludes(other.option_)); }

Option Option::Needs(Option other) { return Option(option_->needs(other.option_)); }

Option Option::InRange(int low, int high) { return Option(option_->check(CLI::Range(low, high))); }

Option Option::InRange(unsigned low, unsigned high) {
  return Option(option_->check(CLI::Range(low, high)));
}

Option Option::InRange(double low, double high) {
  return Option(option_->check(CLI::Range(low, high)));
}

Option Option::OneOf(std::initializer_list<std::string> values) {
  return Option(option_->check(CLI::IsMember(std::vector<std::string>(values))));
}

Option Option::Check(std::function<std::string(const std::string&)> wrong) {
  return Option(option_->check(std::move(wrong)));
}

bool Option::IsGiven() const { return option_->count() > 0; }

Expected<void> Option::Give(const std::vector<std::string>& values) {
  try {
    for (const std::string& value : values) option_->add_result(value);
    option_->run_callback();
  } catch (const CLI::Error& error) {
    return Fail(ErrorCode::kBadRequest, error.what());
  }
  return {};
}

Command Command::AddCommand(const std::string& name, const std::string& help) {
  return Command(app_->add_subcommand(name, help));
}

void Command::NeedCommand() { app_->require_subcommand(1); }

Option Command::AddOption(const std::string& names, OptionValue value, const std::string& help) {
  return std::visit(
      [&](auto variable) { return Option(app_->add_option(names, variable.get(), help)); }, value);
}

Option Command::AddFlag(const std::string& names, bool& value, const std::string& help) {
  return Option(app_->add_flag(names, value, help));
}

std::optional<Option> Command::Find(const std::string& name) const {
  CLI::Option* option = app_->get_option_no_throw(name);
  if (option == nullptr) return std::nullopt;
  return Option(option);
}

void Command::Footer(const std::string& text) { app_->footer(text); }

void Command::Callback(std::function<void()> run, std::function<std::string()> wrong) {
  app_->callback([run = std::move(run), wrong = std::move(wrong)] {
    const std::string message = wrong ? wrong() : std::string();
    if (!message.empty()) throw CLI::ValidationError(message);  // caught in Parse
    run();
  });
}

Program::Program(const std::string& name, const std::string& description)
    : app_(std::make_unique<CLI::App>(description, name)) {
  app_->formatter(std::make_shared<HelpFormatter>());
  app_->fallthrough();
  root().NeedCommand();
}

Program::Program(Program&&) noexcept = default;
Program::~Program() = default;

Command Program::root() const { return Command(app_.get()); }

void Program::AddVersion(std::function<std::string()> text, const std::string& help) {
  app_->set_version_flag("--version", std::move(text), help);
}

Parsed Program::Parse(int argc, const char* const* argv, const Translation& translation) {
  try {
    app_->parse(argc, argv);
  } catch (const CLI::RequiredError& error) {
    const std::vector<std::string> unknown = app_->remaining(true);
    return {Parsed::Kind::kWrong, error.what(),
            unknown.empty() ? std::nullopt : std::optional(unknown.front())};
  } catch (const CLI::Success& asked) {  // --help, --version
    if (translation) TranslateHelp(*app_, translation);
    std::ostringstream text;
    app_->exit(asked, text, text);
    return {Parsed::Kind::kAsked, text.str(), {}};
  } catch (const CLI::ParseError& error) {
    return {Parsed::Kind::kWrong, error.what(), {}};
  }
  return {};
}

}  // namespace kaopu
