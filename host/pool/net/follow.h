// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Follows a registry: what it signed is held against all that was seen of it before, and its newest
// index is put on this disk once it is proved to be the one that its log names. Whatever goes
// wrong, the last good index stays in use. How it works and what each alarm means:
// host/docs/sync.md.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "net/http_client.h"
#include "pool/net/verified_log.h"
#include "pool/pool_folder.h"

namespace kaopu::pool {

// What else is done with a registry at a sync: sending, and looking after what was sent. Only ever
// called by one sync at a time.
class SyncPartner {
 public:
  virtual ~SyncPartner() = default;
  // Before the registry is followed. An error is told to the shopper and stops nothing else.
  virtual Expected<void> Before(const Registry& registry, HttpClient& client) = 0;
  // After it was followed and nothing of it was wrong: `log` is its newest head, signed (cosigned
  // where that is asked for) and in line with all that was seen before. Gives an alarm of its own
  // kind (`vanished`), or none, which clears one it gave before.
  virtual Expected<std::optional<Alarm>> After(const Registry& registry, HttpClient& client,
                                               VerifiedLog& log) = 0;
};

}  // namespace kaopu::pool
