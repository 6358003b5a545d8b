// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// A program's commands and their options: declared here, parsed and explained (--help) by CLI11,
// whose headers take longer to compile than most commands. No other header names it.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/error.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace kaopu {

// The variable that an option fills, which must live as long as the program's commands. Absent from
// the command line, it stays as it is. A vector takes several values, and the option again and
// again.
using OptionValue =
    std::variant<std::reference_wrapper<std::string>,
                 std::reference_wrapper<std::optional<std::string>>,
                 std::reference_wrapper<std::vector<std::string>>, std::reference_wrapper<int>,
                 std::reference_wrapper<std::optional<int>>, std::reference_wrapper<unsigned>,
                 std::reference_wrapper<std::optional<unsigned>>, std::reference_wrapper<int64_t>,
                 std::reference_wrapper<uint64_t>, std::reference_wrapper<double>>;

// One option of a command: a handle, valid as long as the program.
class Option {
 public:
  Option Required();
  // What --help calls its value; without it TEXT, INT, UINT or FLOAT.
  Option TypeName(const std::string& name);
  // --help shows what the variable holds now.
  Option ShowDefault();

  // Wrong usage together with that one; without that one.
  Option Excludes(Option other);
  Option Needs(Option other);

  // From `low` to `high`, both included.
  Option InRange(int low, int high);
  Option InRange(unsigned low, unsigned high);
  Option InRange(double low, double high);
  Option OneOf(std::initializer_list<std::string> values);
  // `wrong` says what is wrong with a value, or "".
  Option Check(std::function<std::string(const std::string& value)> wrong);

  bool IsGiven() const;
  // As if given so on the command line, once that is parsed. kBadRequest: no such value.
  Expected<void> Give(const std::vector<std::string>& values);

 private:
  friend class Command;
  explicit Option(CLI::Option* option) : option_(option) {}
  CLI::Option* option_;
};

// One command: a handle, valid as long as the program.
class Command {
 public:
  // A command below this one. It takes over the footer that this one has by now.
  Command AddCommand(const std::string& name, const std::string& help);
  // One of them must follow.
  void NeedCommand();

  // `names` such as "--limit" or, for an argument by its place, "SELLER_KEY".
  Option AddOption(const std::string& names, OptionValue value, const std::string& help);
  Option AddFlag(const std::string& names, bool& value, const std::string& help);
  std::optional<Option> Find(const std::string& name) const;

  // What --help ends with.
  void Footer(const std::string& text);
  // What the command does, once everything is parsed. First `wrong`, if any, says what is wrong
  // with the options taken together, or "".
  void Callback(std::function<void()> run, std::function<std::string()> wrong = {});

 private:
  friend class Program;
  explicit Command(CLI::App* app) : app_(app) {}
  CLI::App* app_;
};

// How a command line ended.
struct Parsed {
  enum class Kind {
    kRan,    // the command was called
    kAsked,  // `text`: the help or version asked for, to print as it is
    kWrong,  // `text`: what is wrong, one line
  };
  Kind kind = Kind::kRan;
  std::string text;
  // kWrong for want of a command or an argument: the first word that was none, if any.
  std::optional<std::string> unknown;
};

using Translation = std::function<std::string(const std::string& english)>;

// The command line of one program, of which a command must be named.
class Program {
 public:
  Program(const std::string& name, const std::string& description);
  Program(Program&&) noexcept;
  ~Program();

  // The program without a command: what is an option of it may also follow a command.
  Command root() const;
  // --version
  void AddVersion(std::function<std::string()> text, const std::string& help);

  // Parses, and calls the command. Where help is asked for, every text and label of it is put
  // through `translation`.
  Parsed Parse(int argc, const char* const* argv, const Translation& translation = {});

 private:
  std::unique_ptr<CLI::App> app_;
};

}  // namespace kaopu
