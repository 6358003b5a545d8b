// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Follows a registry: what it signed is held against all that was seen of it before, and its newest
// index is put on this disk once it is proved to be the one that its log names. Whatever goes
// wrong, the last good index stays in use. Alarms and order of steps: host/docs/sync.md. How it
// works and what each alarm means: host/docs/sync.md.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

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

// Told of bytes that come in, of one file.
struct FetchProgress {
  std::string_view what;  // "sellers", "details"
  uint64_t done = 0, of = 0;
};

// What asking for a seller's range would show the registry, for the shopper to agree to.
struct RangeQuestion {
  std::string seller;
  uint64_t ranges = 0;   // that there are
  uint64_t sellers = 0;  // about so many in each
  size_t fetched = 0;    // ranges that each sync fetches
  size_t fresh = 0;      // of these, in which only now something is asked; 0 = nothing new shows
};

struct FollowOptions {
  std::function<void(const FetchProgress&)> progress;
  // An index with an as-of day longer ago than this is told as an alarm.
  std::chrono::days freeze{30};
  // Sellers whose ranges are wanted where ranges are first drawn, the most wanted last: they show
  // in no comparison with an earlier sync. At most kRangeGroups of them are taken.
  std::vector<std::string> own_sellers;
  // Its range is wanted from now on, where the shopper takes ranges of the registry and `agree`
  // gives true. Empty = none is asked for.
  std::string range_seller;
  std::function<bool(const Registry&, const RangeQuestion&)> agree;
};

struct FollowResult {
  SyncState state;       // as it is to be written to sync.json; its alarm is what was found now
  bool reached = false;  // the registry answered with something of its own
  bool updated = false;  // there is a newer index on the disk than before
  uint64_t bytes = 0;    // of index files and deltas that came in
  // What kept it from going on and is no lie: no connection, no room on the disk. Try again later.
  std::optional<Error> problem;
  std::optional<std::string> note;  // what went otherwise than it should have, and harmed nothing
  // The newest head, where it is in line with all that was seen. Reads through the client.
  std::optional<VerifiedLog> log;
};

// Follows one registry of this home. Nobody else may at the same time (SyncRegistries sees to it).
// Checkpoint and index files are in place when it returns; sync.json is the caller's to write.
FollowResult Follow(HttpClient& client, const std::filesystem::path& home, const Registry& registry,
                    const Clock& clock, const FollowOptions& options);

}  // namespace kaopu::pool
