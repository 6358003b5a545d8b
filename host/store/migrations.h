// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The shape of the shopper's database, as numbered steps that only ever go forward
// (host/docs/data_model.md).
#pragma once

#include <span>

#include "base/error.h"
#include "sqlite/database.h"

namespace kaopu {

// Step N (from 1) brings version N-1 to N; `PRAGMA user_version` holds the version. DISK: a
// released step is never edited.
std::span<const char* const> Migrations();

// Brings the database to the newest version, or to `up_to` (tests), in one transaction: all steps
// or none. kUnsupported: the file is newer than this program; kDamaged: it is a database, but not
// one of Kaopu's.
Expected<void> Migrate(const Database& database, size_t up_to = Migrations().size());

}  // namespace kaopu
