// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// A registry's database in PostgreSQL, schema `kaopu_registry`. What is acknowledged is on disk
// there, and on the synchronous standby where there is one: after a crash or a fail-over too. A
// connection that was lost is made again by the next call; a COMMIT that was cut off is asked
// about. The one thing kept beside the rows is whose registry it is.
#pragma once

#include <memory>
#include <string_view>

#include "base/error.h"
#include "registry/store/postgres_connection.h"
#include "registry/store/registry_store.h"

namespace kaopu {

// Brought to this version where it is older. `log_key`: of the registry whose folder this goes with
// (tlog::VerifierKey::ToText). kNotFound: no registry in it. kConflict: another registry's.
// kUnsupported: a newer program's, or a server that does not keep what it commits. kUnavailable.
Expected<std::unique_ptr<RegistryStore>> OpenPostgresStore(const PostgresAddress& address,
                                                           std::string_view log_key);

// Made in a database that has no registry in it yet, or an empty one. kConflict.
Expected<std::unique_ptr<RegistryStore>> CreatePostgresStore(const PostgresAddress& address,
                                                             std::string_view log_key);

}  // namespace kaopu
