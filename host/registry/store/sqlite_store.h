// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// A registry's database as one SQLite file: WAL, durable at each commit.
#pragma once

#include <filesystem>
#include <memory>

#include "base/error.h"
#include "registry/store/registry_store.h"

namespace kaopu {

// Made (0600) where it is missing, brought to this version where it is older. kUnsupported where it
// is newer; kUnavailable; kDamaged.
Expected<std::unique_ptr<RegistryStore>> OpenSqliteStore(const std::filesystem::path& path);

// A whole copy of a database in use, as of now. kConflict where `to` is there already.
Expected<void> CopySqliteStore(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace kaopu
