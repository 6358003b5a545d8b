// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// A registry's log as a shopper reads it: single entries and ranges, each proved under one signed
// head by the log's own tiles. Nothing that comes out of here is the registry's bare word.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "net/http_client.h"
#include "report/seal/log_entry.h"
#include "tlog/checkpoint.h"
#include "tlog/tiles.h"

namespace kaopu::pool {

// Small files of a registry, by their paths below its address. What is missing is kNotFound; each
// takes a minute at most.
tlog::ReadLogFile RegistryReader(HttpClient& client, const std::string& url);

// kDamaged: the registry contradicts what it signed. kUnavailable: it does not give what its head
// promises (missing files too); kTimeout. One thread.
class VerifiedLog {
 public:
  // `head`: signed by the log's key; whether it goes on from what was seen is asked of Continues.
  VerifiedLog(tlog::ReadLogFile read, tlog::Checkpoint head);

  const tlog::Checkpoint& head() const { return head_; }

  // kBadRequest where there is no such entry under this head.
  Expected<std::string> Entry(uint64_t number);
  // Those of [begin, end), in order; `see` says whether to go on. A file of 256 at a time.
  using SeeEntry = std::function<bool(uint64_t number, std::string_view entry)>;
  Expected<void> EachEntry(uint64_t begin, uint64_t end, const SeeEntry& see);
  // Whether `entry` has this number in the log; by the tiles alone.
  Expected<void> Includes(uint64_t number, std::string_view entry);
  // Whether `earlier`, signed by the same log, is the beginning of this one; an empty one always
  // is. kConflict: it is not, and the two signed heads prove it.
  Expected<void> Continues(const tlog::Checkpoint& earlier);
  // A released report's content, held against the entry that commits to it; nullopt where it is not
  // there: not released yet, or removed.
  Expected<std::optional<report::ContentLine>> Content(uint64_t number);

 private:
  // The entries of a bundle, all proved; the last one read is kept.
  Expected<const std::vector<std::string>*> Bundle(uint64_t index);

  tlog::ReadLogFile read_;
  tlog::Checkpoint head_;
  tlog::TileReader tiles_;
  std::optional<uint64_t> bundle_index_;
  std::vector<std::string> bundle_;
};

}  // namespace kaopu::pool
