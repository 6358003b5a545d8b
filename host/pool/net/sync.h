// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// All registries of a home, one after another; what one does stops no other.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "net/http_client.h"
#include "pool/net/follow.h"
#include "pool/pool_folder.h"

namespace kaopu::pool {

struct SyncOptions {
  std::string only;                  // a registry's id; empty = all
  std::optional<std::string> proxy;  // in place of each registry's own; empty = none
  SyncPartner* partner = nullptr;
  FollowOptions follow;
  std::function<void(const Registry&)> begin;  // before each
  // Given the proxy.
  std::function<Expected<std::unique_ptr<HttpClient>>(const std::string&)> make_client;
};

struct SyncedRegistry {
  Registry registry;  // with the state that sync.json has now
  bool updated = false;
  uint64_t bytes = 0;
  std::optional<std::string> note;
  std::vector<Error> problems;
};

// kUnavailable: another sync is under way, or the folder cannot be written. Else each registry's
// own story.
Expected<std::vector<SyncedRegistry>> SyncRegistries(const std::filesystem::path& home,
                                                     const Clock& clock,
                                                     const SyncOptions& options);

}  // namespace kaopu::pool
