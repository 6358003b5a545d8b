// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "messaging/engine.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <optional>

#include "base/files.h"
#include "base/str_cat.h"
#include "messaging/policy_file.h"

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
  std::optional<PageReader> pages;
  std::optional<Policy> policy;
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
    : folders_(std::move(folders)), clock_(clock), parts_(std::make_unique<Parts>()) {}

Engine::~Engine() = default;

Expected<const PageReader*> Engine::Pages() {
  if (!parts_->pages) {
    if (!folders_.data) return std::unexpected(folders_.data.error());
    auto pages = PageReader::Load(*folders_.data, PageReader::Compile::kWhenNeeded);
    if (!pages) return std::unexpected(pages.error());
    for (const std::string& file : pages->LeftOut()) {
      std::fprintf(stderr, "kaopu: rules left out: %s\n", file.c_str());
    }
    parts_->pages.emplace(std::move(*pages));
  }
  return &*parts_->pages;
}

Expected<ActionContext*> Engine::Actions() {
  if (parts_->actions) return &*parts_->actions;
  auto pages = Pages();
  if (!pages) return std::unexpected(pages.error());
  if (!parts_->policy) {
    auto policy = LoadPolicy(*folders_.data);
    if (!policy) return std::unexpected(policy.error());
    parts_->policy.emplace(std::move(*policy));
  }
  if (!folders_.home) return std::unexpected(folders_.home.error());
  auto store = Store::Open(*folders_.home);
  if (!store) return std::unexpected(store.error());
  parts_->store.emplace(std::move(*store));
  parts_->actions.emplace(ActionContext{*parts_->pages, *parts_->policy, *parts_->store, clock_});
  return &*parts_->actions;
}

}  // namespace kaopu
