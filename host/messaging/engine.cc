// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "messaging/engine.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <optional>

#include "base/files.h"
#include "base/str_cat.h"

namespace kaopu {
namespace {

// As the XDG rules have it: folders that are missing are made for the user alone.
Expected<void> MakePrivateFolder(const std::filesystem::path& folder) {
  std::error_code ec;
  if (folder.empty() || std::filesystem::is_directory(folder, ec)) return {};
  auto parent = MakePrivateFolder(folder.parent_path());
  if (!parent) return parent;
  if (mkdir(folder.c_str(), 0700) == 0 || errno == EEXIST) return {};
  return Fail(ErrorCode::kUnavailable,
              StrCat("cannot create ", folder.string(), ": ", std::strerror(errno)));
}

}  // namespace

struct Engine::Parts {
  explicit Parts(const EngineFolders& folders)
      : rules(folders.data), pool(folders.home.value_or("")) {}
  Rules rules;
  pool::LookUp pool;
  std::optional<Store> store;
  std::optional<ActionContext> actions;
};

EngineFolders FindEngineFolders() {
  EngineFolders folders{DataFolder(), HomeFolder()};
  if (folders.home) {
    if (auto made = MakePrivateFolder(*folders.home); !made) {
      folders.home = std::unexpected(made.error());
    }
  }
  return folders;
}

Engine::Engine(EngineFolders folders, const Clock& clock)
    : folders_(std::move(folders)), clock_(clock), parts_(std::make_unique<Parts>(folders_)) {}

Engine::~Engine() = default;

Rules& Engine::rules() { return parts_->rules; }

Expected<ActionContext*> Engine::Actions() {
  if (parts_->actions) return &*parts_->actions;
  if (!folders_.home) return std::unexpected(folders_.home.error());
  auto store = Store::Open(*folders_.home);
  if (!store) return std::unexpected(store.error());
  parts_->store.emplace(std::move(*store));
  parts_->actions.emplace(ActionContext{parts_->rules, *parts_->store, clock_, parts_->pool,
                                        *folders_.home, ask_launcher_});
  return &*parts_->actions;
}

}  // namespace kaopu
