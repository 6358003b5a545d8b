// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// --help in the caller's language. The commands say their English where they are declared; the
// translation is in cli/phrases.h's file.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>

#include "cli/phrases.h"

namespace kaopu {

// Columns by what a terminal uses for a text, not by its bytes. Given to the root before commands
// are added, they share it.
std::shared_ptr<CLI::Formatter> MakeHelpFormatter();

// Gives `use` every text of the command, its options and the commands below it, and puts what it
// returns in its place.
void ReplaceHelp(CLI::App& app, const std::function<std::string(const std::string&)>& use);

// The whole of --help, with the labels of the parser's own.
void TranslateHelp(CLI::App& app, const Phrases& phrases);

}  // namespace kaopu
