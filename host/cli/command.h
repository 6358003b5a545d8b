// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// How a command joins the command line: one file in cli/commands/, one Add... function, listed in
// cli/command_line.cc. Results go to `out`, everything else to `err`.
#pragma once

#include <istream>
#include <memory>
#include <ostream>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "cli/words.h"
#include "messaging/action.h"

namespace kaopu {

class Command;
class Engine;
class Program;

struct CommandContext {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  const Clock& clock;
  // Questions may be asked: a person reads err and writes to in.
  bool is_terminal = false;
  // Set by the command that ran: what RunCommandLine returns (0 done, 3.. by ExitCodeFor). Wrong
  // usage is 2, decided by the parser.
  int exit_code = 0;
  // `--lang`, before the command: "" = the settings' language, else the environment's.
  std::string lang;

  // Loaded on first use, so that `kaopu price` reads no adapter and opens no database. The error is
  // the command's to print.
  Expected<const PageReader*> Pages();
  Expected<ActionContext*> Actions();  // opens (and creates) the shopper's store

  // Loaded on first use, in the caller's language. Never fails: without the files, Say gives keys.
  const Words& words();

  // Prints "kaopu: <message>", in the caller's language, to err and sets exit_code.
  void Fail(const Error& error);

  CommandContext(std::istream& in, std::ostream& out, std::ostream& err, const Clock& clock);
  ~CommandContext();

 private:
  Engine& engine();
  std::string SettingsLanguage();

  struct Lazy;
  std::unique_ptr<Lazy> lazy_;
};

using AddCommand = void (*)(Command app, CommandContext& context);

// `kaopu` with every command there is, its help in English.
Program MakeProgram(CommandContext& context);

// The whole command line; returns the exit code.
int RunCommandLine(int argc, const char* const* argv, CommandContext& context);

}  // namespace kaopu
