// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "registry/store/registry_store.h"

#include "base/str_cat.h"

namespace kaopu {

Expected<void> RegistryBatch::NotRemoved(uint64_t entry) {
  const auto found = FindReport(entry);
  if (!found) return std::unexpected(found.error());
  if (*found) {
    return Fail(ErrorCode::kConflict, StrCat("entry ", entry, " was removed before"));
  }
  return Fail(ErrorCode::kNotFound, StrCat("no report has entry number ", entry));
}

}  // namespace kaopu
