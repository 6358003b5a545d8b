// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The change journal behind undo: before a row changes, its old image is noted; undo puts that
// image back. The same code for every table that can be undone. Called inside the transaction of
// the change it belongs to.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "sqlite/database.h"

namespace kaopu {

inline constexpr int64_t kChangesKept = 1000;  // older ones can no longer be undone

struct JournalTable {
  std::string_view entity;  // DISK: changes.entity
  std::string_view table;
  std::string_view key;                       // its primary key column
  std::span<const std::string_view> columns;  // all of them, the key too
};

// Notes the row `key` as it stands, before an edit or removal (`action`); for "add" that there was
// none.
Expected<void> NoteChange(const Database& database, const JournalTable& table,
                          std::string_view action, std::string_view key, TimeMs now);

struct TakenBack {
  std::string action;
  std::string key;
};

// Takes back the newest change of `key`, or of any row of the table, and forgets it. kNotFound when
// there is none.
Expected<TakenBack> TakeBack(const Database& database, const JournalTable& table,
                             std::optional<std::string_view> key);

}  // namespace kaopu
