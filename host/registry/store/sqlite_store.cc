// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "registry/store/sqlite_store.h"

#include <utility>

#include "base/str_cat.h"
#include "sqlite/database.h"

namespace kaopu {
namespace {

constexpr int kApplicationId = 0x4b505247;  // DISK: "KPRG"

// DISK: step n brings version n to n + 1. `duplicate`, `proven`, `judged`, `bad` are 0 or 1.
constexpr const char* kMigrations[] = {
    R"(
CREATE TABLE entries (
  number INTEGER PRIMARY KEY CHECK (number >= 0),
  bytes BLOB NOT NULL,
  at_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE batches (end INTEGER PRIMARY KEY) STRICT;
CREATE TABLE reports (
  entry INTEGER PRIMARY KEY REFERENCES entries (number),
  received_at_ms INTEGER NOT NULL,
  seller TEXT NOT NULL,
  content TEXT NOT NULL,
  salt BLOB NOT NULL CHECK (length(salt) = 32),
  key BLOB NOT NULL CHECK (length(key) = 32),
  reporter BLOB NOT NULL CHECK (length(reporter) = 32),
  nullifier BLOB NOT NULL CHECK (length(nullifier) = 32),
  identity BLOB NOT NULL CHECK (length(identity) = 32),
  revision INTEGER NOT NULL CHECK (revision >= 0),
  replaces INTEGER REFERENCES reports (entry),
  duplicate INTEGER NOT NULL CHECK (duplicate IN (0, 1)),
  proven INTEGER NOT NULL CHECK (proven IN (0, 1)),
  judged INTEGER NOT NULL CHECK (judged IN (0, 1)),
  bad INTEGER NOT NULL CHECK (bad IN (0, 1)),
  released_at_ms INTEGER,
  removal INTEGER REFERENCES entries (number),
  removed_reason TEXT,
  CHECK ((removal IS NULL) = (removed_reason IS NULL))
) STRICT;
CREATE INDEX reports_nullifier ON reports (nullifier);
CREATE INDEX reports_waiting ON reports (seller, received_at_ms)
  WHERE released_at_ms IS NULL AND removal IS NULL AND duplicate = 0;
CREATE INDEX reports_duplicate ON reports (received_at_ms) WHERE duplicate = 1 AND removal IS NULL;
CREATE TABLE used_challenges (
  id TEXT PRIMARY KEY,
  expires_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
)",
};
constexpr int kVersion = static_cast<int>(std::size(kMigrations));

constexpr std::string_view kReportColumns =
    "SELECT entry, received_at_ms, seller, content, salt, key, reporter, nullifier, identity, "
    "revision, replaces, duplicate, proven, judged, bad, released_at_ms, removal, removed_reason "
    "FROM reports ";

int64_t Signed(uint64_t number) { return static_cast<int64_t>(number); }

std::optional<int64_t> Signed(const std::optional<uint64_t>& number) {
  return number ? std::optional(Signed(*number)) : std::nullopt;
}

std::optional<uint64_t> MaybeEntry(const Row& row, int column) {
  const auto number = row.MaybeInt(column);
  return number ? std::optional(static_cast<uint64_t>(*number)) : std::nullopt;
}

StoredReport ReadReport(const Row& row) {  // as kReportColumns; lengths are checked by the table
  StoredReport report;
  report.entry = static_cast<uint64_t>(row.Int(0));
  report.received_at = row.Time(1);
  report.seller = row.Text(2);
  report.content = row.Text(3);
  row.Array(4, report.salt);
  row.Array(5, report.key);
  row.Array(6, report.reporter);
  row.Array(7, report.nullifier);
  row.Array(8, report.identity);
  report.revision = static_cast<uint32_t>(row.Int(9));
  report.replaces = MaybeEntry(row, 10);
  report.duplicate = row.Int(11) != 0;
  report.proven = row.Int(12) != 0;
  report.judged = row.Int(13) != 0;
  report.bad = row.Int(14) != 0;
  report.released_at = row.MaybeTime(15);
  report.removal = MaybeEntry(row, 16);
  report.removed_reason = row.Text(17);
  return report;
}

Expected<void> Done(Expected<int64_t> executed) {
  if (!executed) return std::unexpected(executed.error());
  return {};
}

Expected<std::optional<StoredReport>> FindIn(const Database& database, uint64_t entry) {
  std::optional<StoredReport> found;
  const auto read = database.Query(StrCat(kReportColumns, "WHERE entry = ?"), {Signed(entry)},
                                   [&](const Row& row) { found = ReadReport(row); });
  if (!read) return std::unexpected(read.error());
  return found;
}

Expected<uint64_t> SizeOf(const Database& database) {
  const auto size = database.QueryInt("SELECT max(number) + 1 FROM entries");
  if (!size) return std::unexpected(size.error());
  return static_cast<uint64_t>(size->value_or(0));
}

Expected<std::vector<uint64_t>> Numbers(const Database& database, std::string_view sql,
                                        Database::Values values) {
  std::vector<uint64_t> numbers;
  const auto read = database.Query(
      sql, values, [&](const Row& row) { numbers.push_back(static_cast<uint64_t>(row.Int(0))); });
  if (!read) return std::unexpected(read.error());
  return numbers;
}

Expected<void> AddEntry(const Database& database, uint64_t number, std::string_view entry,
                        TimeMs at) {
  return Done(database.Execute("INSERT INTO entries (number, bytes, at_ms) VALUES (?, ?, ?)",
                               {Signed(number), Blob{entry}, at}));
}

Expected<void> AddBatch(const Database& database, uint64_t end) {
  return Done(database.Execute("INSERT INTO batches (end) VALUES (?)", {Signed(end)}));
}

Expected<void> InsertReport(const Database& database, const StoredReport& report) {
  const std::optional<std::string> reason =
      report.removal ? std::optional(report.removed_reason) : std::nullopt;
  return Done(database.Execute(
      "INSERT INTO reports (entry, received_at_ms, seller, content, salt, key, reporter, "
      "nullifier, identity, revision, replaces, duplicate, proven, judged, bad, released_at_ms, "
      "removal, removed_reason) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      {Signed(report.entry), report.received_at, report.seller, report.content,
       Blob::Of(report.salt), Blob::Of(report.key), Blob::Of(report.reporter),
       Blob::Of(report.nullifier), Blob::Of(report.identity), static_cast<int64_t>(report.revision),
       Signed(report.replaces), int{report.duplicate}, int{report.proven}, int{report.judged},
       int{report.bad}, report.released_at, Signed(report.removal), reason}));
}

class SqliteBatch final : public RegistryBatch {
 public:
  SqliteBatch(const Database& database, uint64_t size) : database_(database), size_(size) {}

  uint64_t Size() const override { return size_; }

  Expected<uint64_t> Append(std::string_view entry, TimeMs at) override {
    if (const auto added = AddEntry(database_, size_, entry, at); !added) {
      return std::unexpected(added.error());
    }
    return size_++;
  }

  Expected<void> AddReport(const StoredReport& report) override {
    return InsertReport(database_, report);
  }

  Expected<bool> UseChallenge(std::string_view id, TimeMs expires) override {
    const auto added = database_.Execute(
        "INSERT OR IGNORE INTO used_challenges (id, expires_at_ms) VALUES (?, ?)", {id, expires});
    if (!added) return std::unexpected(added.error());
    return *added == 1;
  }

  Expected<std::vector<StoredReport>> ReportsOfOrder(const report::Nullifier& nullifier) override {
    std::vector<StoredReport> reports;
    const auto read = database_.Query(StrCat(kReportColumns, "WHERE nullifier = ? ORDER BY entry"),
                                      {Blob::Of(nullifier)},
                                      [&](const Row& row) { reports.push_back(ReadReport(row)); });
    if (!read) return std::unexpected(read.error());
    return reports;
  }

  Expected<std::optional<StoredReport>> FindReport(uint64_t entry) override {
    return FindIn(database_, entry);
  }

  Expected<void> Remove(uint64_t entry, uint64_t removal, std::string_view reason) override {
    const auto changed = database_.Execute(
        "UPDATE reports SET removal = ?, removed_reason = ?, seller = '', content = '', "
        "salt = zeroblob(32) WHERE entry = ? AND removal IS NULL",
        {Signed(removal), reason, Signed(entry)});
    if (!changed) return std::unexpected(changed.error());
    return *changed == 1 ? Expected<void>() : NotRemoved(entry);
  }

  Expected<void> Release(std::span<const uint64_t> entries, TimeMs at) override {
    for (const uint64_t entry : entries) {
      const auto changed = database_.Execute(
          "UPDATE reports SET released_at_ms = ? "
          "WHERE entry = ? AND released_at_ms IS NULL AND removal IS NULL AND duplicate = 0",
          {at, Signed(entry)});
      if (!changed) return std::unexpected(changed.error());
    }
    return {};
  }

 private:
  const Database& database_;
  uint64_t size_;
};

class SqliteStore final : public RegistryStore {
 public:
  explicit SqliteStore(Database database) : database_(std::move(database)) {}

  std::string_view kind() const override { return "SQLite"; }

  // Who serves holds the folder that the file is in (serve.lock).
  Expected<void> ServeAlone() override { return {}; }

  Expected<void> Write(const Body& body) override {
    const auto written = database_.Transact([&]() -> Expected<bool> {
      const Expected<uint64_t> size = SizeOf(database_);
      if (!size) return std::unexpected(size.error());
      SqliteBatch batch(database_, *size);
      if (const Expected<void> run = body(batch); !run) return std::unexpected(run.error());
      if (batch.Size() == *size) return true;
      if (const auto ended = AddBatch(database_, batch.Size()); !ended) {
        return std::unexpected(ended.error());
      }
      return true;
    });
    if (!written) return std::unexpected(written.error());
    return {};
  }

  Expected<uint64_t> Size() override { return SizeOf(database_); }

  Expected<void> EachEntry(uint64_t begin, uint64_t end, const SeeEntry& see) override {
    return database_.Query(
        "SELECT number, bytes FROM entries WHERE number >= ? AND number < ? ORDER BY number",
        {Signed(begin), Signed(end)},
        [&](const Row& row) { see(static_cast<uint64_t>(row.Int(0)), row.Bytes(1)); });
  }

  Expected<uint64_t> BatchEndOf(uint64_t entry) override {
    const auto end = database_.QueryInt(
        "SELECT end FROM batches WHERE end > ? ORDER BY end LIMIT 1", {Signed(entry)});
    if (!end) return std::unexpected(end.error());
    if (!*end) return Fail(ErrorCode::kNotFound, StrCat("the log has no entry ", entry));
    return static_cast<uint64_t>(**end);
  }

  Expected<void> EachReport(uint64_t begin, uint64_t end, const SeeReport& see) override {
    return database_.Query(StrCat(kReportColumns, "WHERE entry >= ? AND entry < ? ORDER BY entry"),
                           {Signed(begin), Signed(end)},
                           [&](const Row& row) { see(ReadReport(row)); });
  }

  Expected<std::optional<StoredReport>> FindReport(uint64_t entry) override {
    return FindIn(database_, entry);
  }

  Expected<std::vector<uint64_t>> Releasable(int waiting_min, TimeMs oldest) override {
    return Numbers(database_,
                   "WITH waiting AS (SELECT entry, seller, received_at_ms FROM reports "
                   "  WHERE released_at_ms IS NULL AND removal IS NULL AND duplicate = 0), "
                   "due AS (SELECT seller FROM waiting GROUP BY seller "
                   "  HAVING count(*) >= ? OR min(received_at_ms) < ?) "
                   "SELECT entry FROM waiting WHERE seller IN (SELECT seller FROM due) "
                   "ORDER BY entry",
                   {waiting_min, oldest});
  }

  Expected<std::vector<uint64_t>> DuplicatesBefore(TimeMs time) override {
    return Numbers(database_,
                   "SELECT entry FROM reports "
                   "WHERE duplicate = 1 AND removal IS NULL AND received_at_ms < ? ORDER BY entry",
                   {time});
  }

  Expected<void> ForgetChallenges(TimeMs expired_before) override {
    return Done(
        database_.Execute("DELETE FROM used_challenges WHERE expires_at_ms < ?", {expired_before}));
  }

  Expected<void> EachRow(const StoreRows& see) override {
    if (const auto begun = database_.RunScript("BEGIN"); !begun) return begun;
    Expected<void> seen;
    const auto each = [&](std::string_view sql, const auto& one) {
      if (!seen) return;
      const auto read = database_.Query(sql, {}, [&](const Row& row) {
        if (seen) seen = one(row);
      });
      if (seen && !read) seen = read;
    };
    each("SELECT number, bytes, at_ms FROM entries ORDER BY number", [&](const Row& row) {
      return see.entry(static_cast<uint64_t>(row.Int(0)), row.Bytes(1), row.Time(2));
    });
    each("SELECT end FROM batches ORDER BY end",
         [&](const Row& row) { return see.batch(static_cast<uint64_t>(row.Int(0))); });
    each(StrCat(kReportColumns, "ORDER BY entry"),
         [&](const Row& row) { return see.report(ReadReport(row)); });
    each("SELECT id, expires_at_ms FROM used_challenges ORDER BY id",
         [&](const Row& row) { return see.challenge(row.Text(0), row.Time(1)); });
    (void)database_.RunScript("ROLLBACK");  // nothing was written
    return seen;
  }

  Expected<void> Fill(RegistryStore& from) override {
    return database_.Transact([&]() -> Expected<void> {
      const Expected<uint64_t> size = SizeOf(database_);
      if (!size) return std::unexpected(size.error());
      if (*size != 0) {
        return Fail(ErrorCode::kConflict,
                    StrCat("the database holds ", *size, " entries already; nothing was changed"));
      }
      return from.EachRow(
          {.entry = [&](uint64_t number, std::string_view entry,
                        TimeMs at) { return AddEntry(database_, number, entry, at); },
           .batch = [&](uint64_t end) { return AddBatch(database_, end); },
           .report = [&](const StoredReport& report) { return InsertReport(database_, report); },
           .challenge =
               [&](std::string_view id, TimeMs expires) {
                 return Done(database_.Execute(
                     "INSERT INTO used_challenges (id, expires_at_ms) VALUES (?, ?)",
                     {id, expires}));
               }});
    });
  }

 private:
  Database database_;
};

Expected<void> Migrate(const Database& database, const std::string& name) {
  return database.Transact([&]() -> Expected<void> {
    const auto version = database.QueryInt("PRAGMA user_version");
    const auto application = database.QueryInt("PRAGMA application_id");
    if (!version) return std::unexpected(version.error());
    if (!application) return std::unexpected(application.error());
    const int64_t from = version->value_or(0);
    if (from > kVersion) {
      return Fail(ErrorCode::kUnsupported,
                  StrCat(name, ": version ", from, ", this program knows up to ", kVersion,
                         "; use the newer program"));
    }
    if (from > 0 && application->value_or(0) != kApplicationId) {
      return Fail(ErrorCode::kDamaged, StrCat(name, ": a database, but no registry's"));
    }
    if (from == kVersion) return {};
    for (int64_t step = from; step < kVersion; ++step) {
      if (const auto run = database.RunScript(kMigrations[step]); !run) return run;
    }
    return database.RunScript(
        StrCat("PRAGMA user_version=", kVersion, "; PRAGMA application_id=", kApplicationId)
            .c_str());
  });
}

}  // namespace

Expected<std::unique_ptr<RegistryStore>> OpenSqliteStore(const std::filesystem::path& path) {
  Expected<Database> database = Database::Open(path);
  if (!database) return std::unexpected(database.error());
  if (const auto migrated = Migrate(*database, path.string()); !migrated) {
    return std::unexpected(migrated.error());
  }
  // Reads of a whole log pass through; what is written is near what was written.
  if (const auto set = database->RunScript("PRAGMA cache_size=-16384"); !set) {
    return std::unexpected(set.error());
  }
  return std::make_unique<SqliteStore>(std::move(*database));
}

Expected<void> CopySqliteStore(const std::filesystem::path& from, const std::filesystem::path& to) {
  std::error_code error;
  if (!std::filesystem::exists(from, error)) {
    return Fail(ErrorCode::kNotFound, StrCat("no database ", from.string()));
  }
  if (std::filesystem::exists(to, error)) {
    return Fail(ErrorCode::kConflict, StrCat(to.string(), " is there already"));
  }
  const Expected<Database> database = Database::Open(from);
  if (!database) return std::unexpected(database.error());
  return database->CopyTo(to);
}

}  // namespace kaopu
