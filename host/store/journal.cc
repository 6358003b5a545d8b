// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "store/journal.h"

#include "base/str_cat.h"

namespace kaopu {

Expected<void> NoteChange(const Database& database, const JournalTable& table,
                          std::string_view action, std::string_view key, TimeMs now) {
  Expected<int64_t> noted = 0;
  if (action == "add") {
    noted = database.Execute(
        "INSERT INTO changes (entity, entity_key, action, before, changed_at_ms) VALUES (?, ?, "
        "'add', NULL, ?)",
        {table.entity, key, now});
  } else {
    std::string image;
    for (const std::string_view column : table.columns) {
      image += StrCat(image.empty() ? "" : ", ", "'", column, "', ", column);
    }
    noted = database.Execute(StrCat("INSERT INTO changes (entity, entity_key, action, before, "
                                    "changed_at_ms) SELECT ?, ?, ?, json_object(",
                                    image, "), ? FROM ", table.table, " WHERE ", table.key, " = ?"),
                             {table.entity, key, action, now, key});
  }
  if (!noted) return std::unexpected(noted.error());
  if (*noted == 0) return Fail(ErrorCode::kNotFound, StrCat("no ", table.entity, " ", key));
  const Expected<int64_t> pruned = database.Execute("DELETE FROM changes WHERE change_id <= ?",
                                                    {database.LastInsertId() - kChangesKept});
  if (!pruned) return std::unexpected(pruned.error());
  return {};
}

Expected<TakenBack> TakeBack(const Database& database, const JournalTable& table,
                             std::optional<std::string_view> key) {
  int64_t change_id = 0;
  TakenBack taken;
  const auto read = [&](const Row& row) {
    change_id = row.Int(0);
    taken = {row.Text(1), row.Text(2)};
  };
  const Expected<void> found = database.Query(
      "SELECT change_id, action, entity_key FROM changes WHERE entity = ?1 AND (?2 IS NULL OR "
      "entity_key = ?2)"
      " ORDER BY change_id DESC LIMIT 1",
      {table.entity, key}, read);
  if (!found) return std::unexpected(found.error());
  if (change_id == 0) {
    return Fail(ErrorCode::kNotFound,
                key ? StrCat("no change of ", table.entity, " ", *key, " is left to undo")
                    : StrCat("no change of an ", table.entity, " is left to undo"));
  }
  const Expected<int64_t> removed = database.Execute(
      StrCat("DELETE FROM ", table.table, " WHERE ", table.key, " = ?"), {taken.key});
  if (!removed) return std::unexpected(removed.error());
  if (taken.action != "add") {
    std::string columns, values;
    for (const std::string_view column : table.columns) {
      columns += StrCat(columns.empty() ? "" : ", ", column);
      values += StrCat(values.empty() ? "" : ", ", "json_extract(before, '$.", column, "')");
    }
    const Expected<int64_t> restored =
        database.Execute(StrCat("INSERT INTO ", table.table, " (", columns, ") SELECT ", values,
                                " FROM changes WHERE change_id = ?"),
                         {change_id});
    if (!restored) return std::unexpected(restored.error());
  }
  const Expected<int64_t> forgotten =
      database.Execute("DELETE FROM changes WHERE change_id = ?", {change_id});
  if (!forgotten) return std::unexpected(forgotten.error());
  return taken;
}

}  // namespace kaopu
