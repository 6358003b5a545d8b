// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "cli/command.h"

#include <optional>

#include "base/files.h"
#include "messaging/engine.h"

namespace kaopu {

struct CommandContext::Lazy {
  std::optional<Engine> engine;
  std::optional<Words> words;
};

CommandContext::CommandContext(std::istream& in, std::ostream& out, std::ostream& err,
                               const Clock& clock)
    : in(in), out(out), err(err), clock(clock), lazy_(std::make_unique<Lazy>()) {}

CommandContext::~CommandContext() = default;

Engine& CommandContext::engine() {
  // Only the paths: a command that needs no store leaves no folder behind.
  if (!lazy_->engine) lazy_->engine.emplace(EngineFolders{DataFolder(), HomeFolder()}, clock);
  return *lazy_->engine;
}

Expected<const PageReader*> CommandContext::Pages() { return engine().rules().Pages(); }

Expected<ActionContext*> CommandContext::Actions() { return engine().Actions(); }

// The shopper's own choice, if there is a store to ask; asking must not create one.
std::string CommandContext::SettingsLanguage() {
  const auto home = HomeFolder();
  std::error_code ec;
  if (!home || !std::filesystem::exists(*home / "kaopu.db", ec)) return {};
  auto store = Store::Open(*home);
  if (!store) return {};
  auto settings = store->GetSettings();
  return settings && settings->language != "auto" ? settings->language : std::string();
}

const Words& CommandContext::words() {
  if (lazy_->words) return *lazy_->words;
  std::string language = lang.empty() ? SettingsLanguage() : lang;
  if (language.empty()) language = EnvironmentLanguage();
  lazy_->words.emplace();
  if (auto folder = LocalesFolder()) {
    if (auto words = Words::Load(*folder, language)) *lazy_->words = std::move(*words);
    if (auto phrases = Phrases::Load(*folder / lazy_->words->language() / "phrases.json"))
      lazy_->words->SetPhrases(std::move(*phrases));  // none for English
  }
  return *lazy_->words;
}

void CommandContext::Fail(const Error& error) {
  err << "kaopu: " << words().Of(TerminalSafe(error.message)) << '\n';
  exit_code = ExitCodeFor(error.code);
}

}  // namespace kaopu
