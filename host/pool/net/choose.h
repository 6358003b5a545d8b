// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Choosing a registry: its files are fetched and held against the log's key, which the shopper has
// by another way, before anything of it is kept.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "net/http_client.h"
#include "pool/net/verified_log.h"
#include "pool/pool_folder.h"
#include "tlog/checkpoint.h"

namespace kaopu::pool {

// The first 16 hex digits of SHA-256 of the log's key as text.
std::string RegistryIdOf(std::string_view log_key);

// A registry as it presents itself, proved to be what the key's log says in its first entry.
struct Offer {
  std::string id;
  RegistryInfo info;       // `url`: where it was fetched from
  std::string checkpoint;  // the signed note, verbatim
  tlog::Checkpoint head;
};

// `address` as RegistryAddress gives it. `log_key` empty: the one that the registry names, for the
// shopper to compare. kConflict: it names another key than the one given. kForbidden: a witness
// did not cosign. kDamaged: what it serves does not hold together. Else as HttpClient.
Expected<Offer> AskRegistry(HttpClient& client, const std::string& address,
                            std::string_view log_key, const RegistrySettings& settings);

// Whether these two, and all that a later sync meets, are one registry: kConflict names the field.
Expected<void> CheckSameRegistry(const RegistryInfo& known, const RegistryInfo& now);

// Keeps it: its folder is there whole or not at all. One that is there already (the same log key)
// only changes its address and settings. kLimit: there are kRegistriesMax.
Expected<Registry> KeepRegistry(const std::filesystem::path& home, const Offer& offer,
                                const RegistrySettings& settings, const Clock& clock);

// kNotFound. Its files are gone; reports that were sent to it stay in the database.
Expected<void> ForgetRegistry(const std::filesystem::path& home, std::string_view id);

// The registry with this id, address or name (one that fits alone). kNotFound, kConflict.
Expected<Registry> FindRegistry(const std::filesystem::path& home, std::string_view said);

Expected<void> SaveSettings(const std::filesystem::path& home, std::string_view id,
                            const RegistrySettings& settings);

// The ranges drawn and asked for, and those on this disk, are gone; the next sync draws anew.
// kUnavailable: a sync is under way.
Expected<void> ForgetRanges(const std::filesystem::path& home, std::string_view id);

// A head of the log with this key. kForbidden: not signed by the key, or a signature by one of the
// witnesses is not valid; kDamaged: no checkpoint.
Expected<tlog::VerifiedCheckpoint> CheckHead(std::string_view note, const tlog::VerifierKey& log,
                                             std::span<const tlog::VerifierKey> witnesses = {});

// What the witnesses asked for say of a log.
struct Cosigned {
  uint64_t entries = 0;              // each of them has cosigned so many at least
  std::optional<uint64_t> oldest_s;  // the oldest of their newest cosignatures, POSIX seconds
};
// Reads the newest head that each of them has cosigned, from the file that the registry keeps for
// it or else from `checkpoint`, and holds it against `log`: both must be one history, and either
// may be longer. kForbidden: a witness has not cosigned. kConflict: two histories, of which the
// one that was cosigned goes to `other`. Else as VerifiedLog.
Expected<Cosigned> CheckCosigned(const tlog::ReadLogFile& read, const tlog::VerifierKey& key,
                                 const RegistrySettings& settings, VerifiedLog& log,
                                 const std::function<void(const std::string& note)>& other = {});

}  // namespace kaopu::pool
