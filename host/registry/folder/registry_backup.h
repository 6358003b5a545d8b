// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// A registry's folder copied while it is served, and put back. A backup holds the database as of
// one moment (an SQLite file, whatever it is kept in: it can be put back into another), the keys,
// the settings and of `public/` what the database cannot make again (indexes, policies, pages); the
// log's files and the released contents are made from the database when it is put back, and must
// give the tree that was there. Partial tiles of smaller trees are not put back: what they held is
// in the larger ones.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "tlog/digest.h"

namespace kaopu {

struct BackupFacts {
  uint64_t entries = 0;  // of the log
  tlog::Digest root{};   // of their tree
};

// Copies `data` into the new folder `to` (0700: it holds the keys), which is there whole or not at
// all. Waits for a publish that runs, and holds the next one up; reports are taken in meanwhile.
// kConflict: `to` is there already. kDamaged: the database is not what the signed checkpoint says,
// so there is nothing worth copying.
// `database`: as RegistryFolder::Open has it.
Expected<BackupFacts> BackUpRegistry(const std::filesystem::path& data,
                                     const std::filesystem::path& to, TimeMs now,
                                     const std::string& database = {});

// Puts the backup `from` into `data`, which must be absent or empty, and its database into
// `database`, which must be too; a given one stands in registry.toml from then on. `seen`: a
// checkpoint of this registry that somebody holds; kConflict where it covers entries that the
// backup lacks (going on would contradict receipts). kDamaged: a file is not what it was. Where it
// fails `data` is no registry: registry.json comes last.
Expected<BackupFacts> RestoreRegistry(const std::filesystem::path& from,
                                      const std::filesystem::path& data,
                                      const std::optional<std::string_view>& seen,
                                      const std::string& database = {});

}  // namespace kaopu
