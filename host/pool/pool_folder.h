// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The registries a shopper has chosen, as they lie on disk: KAOPU_HOME/pool/<id>/ with
//   registry.json  as fetched, and `url`: where from
//   settings.json  what the shopper chose for it; missing = nothing
//   sync.json      what the last sync found
//   sellers.kpi, details.kpi, checkpoint   the last good index and the log's head it came with
//   manifest.json  what the log says of that index, with the proof (pool/net/logged_index.h)
//   ranges.json, ranges/   in place of these three, where the shopper takes ranges (range_set.h)
// No network here: `kaopu sync` writes these files, everybody else reads them.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"

namespace kaopu::pool {

inline constexpr size_t kRegistryFileBytesMax = 16 * 1024;
inline constexpr size_t kRegistriesMax = 32;
inline constexpr size_t kWitnessesMax = 16;
inline constexpr int kIndexMbMax = 4096;

// registry.json (host/docs/registry_api.md). Keys are texts here; `kaopu sync` checks them.
struct RegistryInfo {
  std::string origin, name, log_key, operator_key, nullifier_key;
  int work_bits = 0;
  std::string api;  // path below the address, `/v1`
  std::string url;  // where it was fetched from; empty in what a registry serves

  std::string ToText() const;
  // kBadRequest names the field, kUnsupported a newer version, kTooLarge.
  static Expected<RegistryInfo> Parse(std::string_view text);
};

// What is wrong with a registry. DISK, WIRE: kinds are fork rollback freeze shrink key index
// vanished.
struct Alarm {
  std::string kind;
  std::string message;  // English, for people
  TimeMs since{};
  friend bool operator==(const Alarm&, const Alarm&) = default;
};

struct SyncState {
  TimeMs checked_at{};        // of the last sync that reached the registry
  uint64_t publish = 0;       // of the index on disk; 0 = none yet
  std::optional<Date> as_of;  // of that index
  uint64_t entries = 0;       // of the log, by the last good checkpoint
  uint64_t sellers = 0;       // in that index
  bool ranges = false;        // on disk are ranges of it, not the whole
  // Number of the log's entry that names that index.
  std::optional<uint64_t> index_entry;
  std::optional<Alarm> alarm;

  std::string ToText() const;
  static Expected<SyncState> Parse(std::string_view text);
};

// Whether ranges of the index are fetched in place of the whole. DISK, WIRE: off asked scheduled.
enum class RangeUse : uint8_t {
  kOff,
  kAsked,      // at a sync that the shopper asks a seller with (kaopu sync --range)
  kScheduled,  // at every sync
};
std::string_view RangeUseName(RangeUse use);
std::optional<RangeUse> RangeUseOf(std::string_view name);

// What the shopper chose for one registry: settings.json, missing = as made here.
struct RegistrySettings {
  int trust = 100;                     // per cent of what its reports weigh; 0 = not asked
  std::vector<std::string> witnesses;  // keys that must have cosigned its log's head
  std::string proxy;                   // as curl writes it; empty = none
  int index_mb_max = 200;              // a larger index is not fetched unasked
  RangeUse ranges = RangeUse::kOff;

  std::string ToText() const;
  // kBadRequest names the field, kUnsupported a newer version, kTooLarge.
  static Expected<RegistrySettings> Parse(std::string_view text);
};

struct Registry {
  std::string id;
  RegistryInfo info;
  RegistrySettings settings;
  SyncState state;  // as made where sync.json is missing: nothing synced yet
};

std::filesystem::path PoolFolder(const std::filesystem::path& home);
// 16 lower-case hex digits.
bool IsRegistryId(std::string_view text);

// Sorted, at most kRegistriesMax; whether their files can be read is not asked.
std::vector<std::string> RegistryIds(const std::filesystem::path& home);
// By id. A folder without registry.json is none; one with a file that cannot be read stops nothing:
// it is left out and `problem`, where given, says why.
std::vector<Registry> ListRegistries(const std::filesystem::path& home,
                                     std::string* problem = nullptr);
// kNotFound; kDamaged where registry.json or settings.json cannot be read. A sync.json that cannot
// is made anew by the next sync.
Expected<Registry> ReadRegistry(const std::filesystem::path& home, std::string_view id);

// Whether the timer that `kaopu install --with-sync` set up is still on. The mark holds the path of
// the link by which systemd starts it: the sandboxed host can open no other folder, but may ask
// whether the link is there, which `systemctl --user disable` removes.
bool HasTimer(const std::filesystem::path& home);
std::filesystem::path TimerMark(const std::filesystem::path& home);

}  // namespace kaopu::pool
