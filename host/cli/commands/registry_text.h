// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Registries and their syncs as `kaopu registry` and `kaopu sync` tell of them.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/json.h"
#include "cli/words.h"
#include "net/http_client.h"
#include "pool/net/sync.h"
#include "pool/pool_folder.h"

namespace kaopu {

// As pool_status has it, and the shopper's settings for it.
Json RegistryJson(const pool::Registry& registry);
Json SyncedJson(const pool::SyncedRegistry& synced);

// Lines, ended.
std::string RegistryText(const pool::Registry& registry, const Words& words);
std::string SyncedText(const pool::SyncedRegistry& synced, const Words& words);

// "1.4 MB", "812 bytes"
std::string BytesText(uint64_t bytes, const Words& words);

// The client that speaks to registries, through this proxy.
Expected<std::unique_ptr<HttpClient>> RegistryClient(const std::string& proxy);

// What --proxy says, else what was set for the registry; "none" = no proxy at all. kBadRequest: no
// address of a proxy.
Expected<std::string> ProxyOf(const std::optional<std::string>& said, const std::string& set);

}  // namespace kaopu
