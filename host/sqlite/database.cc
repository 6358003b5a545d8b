// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "sqlite/database.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <system_error>
#include <thread>

#include "base/str_cat.h"

namespace kaopu {
namespace {

constexpr int kBusyTimeoutMs = 2000;  // one other program writes, briefly

// Temporary data stays in memory: the sandbox allows no other folder. Deleted data is overwritten.
// Nothing is memory-mapped but the WAL index, so a file cut short by someone else is an error and
// not a signal.
constexpr char kConnectionSetup[] =
    "PRAGMA foreign_keys=ON; PRAGMA synchronous=FULL; PRAGMA temp_store=MEMORY; PRAGMA "
    "secure_delete=ON;"
    "PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON; PRAGMA mmap_size=0; PRAGMA "
    "journal_size_limit=1048576";

// SQLite gives its WAL and index files the mode of the database file, so that one is made first. A
// file that is there is never opened here: closing it would drop the locks that another connection
// of this process holds on it.
Expected<void> MakePrivateFile(const std::filesystem::path& path) {
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd >= 0) {
    close(fd);
    return {};
  }
  const int error = errno;
  struct stat info {};
  if (error == EEXIST && lstat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode)) {
    if ((info.st_mode & 077) != 0) chmod(path.c_str(), 0600);
    return {};
  }
  return Fail(
      ErrorCode::kUnavailable,
      StrCat("cannot open ", path.string(), ": ",
             error == EEXIST ? "not a regular file" : std::generic_category().message(error)));
}

ErrorCode CodeOf(int code) {
  switch (code & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_FORMAT:
      return ErrorCode::kDamaged;
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_NOMEM:
    case SQLITE_PROTOCOL:
      return ErrorCode::kUnavailable;
    case SQLITE_TOOBIG:
      return ErrorCode::kTooLarge;
    default:
      return ErrorCode::kInternal;
  }
}

}  // namespace

void Database::StatementCloser::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

// A statement with its values for one run; given back when it ends.
class Database::Running {
 public:
  Running(const Database& database, std::string_view sql, Values values)
      : database_(database), sql_(sql) {
    if (auto found = database.ready_.extract(sql_)) {
      statement_ = std::move(found.mapped());
    } else {
      sqlite3_stmt* raw = nullptr;
      code_ = sqlite3_prepare_v2(database.connection_.get(), sql.data(),
                                 static_cast<int>(sql.size()), &raw, nullptr);
      statement_.reset(raw);
    }
    int index = 0;
    for (const Value& value : values) {
      if (code_ == SQLITE_OK) code_ = value.Bind(statement_.get(), ++index);
    }
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
  ~Running() {
    if (statement_ == nullptr) return;
    sqlite3_reset(statement_.get());
    sqlite3_clear_bindings(statement_.get());
    database_.ready_.try_emplace(std::move(sql_), std::move(statement_));
  }

  // SQLITE_ROW, SQLITE_DONE or an error.
  int Step() { return code_ == SQLITE_OK ? sqlite3_step(statement_.get()) : code_; }
  sqlite3_stmt* get() const { return statement_.get(); }

 private:
  const Database& database_;
  std::string sql_;
  StatementPointer statement_;
  int code_ = SQLITE_OK;
};

int Value::Bind(sqlite3_stmt* statement, int index) const {
  const auto text = [&](std::string_view view) {
    return sqlite3_bind_text(statement, index, view.data() == nullptr ? "" : view.data(),
                             static_cast<int>(view.size()), SQLITE_STATIC);
  };
  if (const auto* number = std::get_if<int64_t>(&value_))
    return sqlite3_bind_int64(statement, index, *number);
  if (const auto* view = std::get_if<std::string_view>(&value_)) return text(*view);
  if (const auto* blob = std::get_if<Blob>(&value_)) {
    return sqlite3_bind_blob(statement, index, blob->bytes.empty() ? "" : blob->bytes.data(),
                             static_cast<int>(blob->bytes.size()), SQLITE_STATIC);
  }
  if (const auto* owned = std::get_if<std::string>(&value_)) return text(*owned);
  return sqlite3_bind_null(statement, index);
}

bool Row::IsNull(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}
int64_t Row::Int(int column) const { return sqlite3_column_int64(statement_, column); }

std::string Row::Text(int column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  return text == nullptr ? std::string()
                         : std::string(text, sqlite3_column_bytes(statement_, column));
}

std::string Row::Bytes(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  return bytes == nullptr ? std::string()
                          : std::string(bytes, sqlite3_column_bytes(statement_, column));
}

std::optional<int64_t> Row::MaybeInt(int column) const {
  return IsNull(column) ? std::nullopt : std::optional(Int(column));
}
std::optional<std::string> Row::MaybeText(int column) const {
  return IsNull(column) ? std::nullopt : std::optional(Text(column));
}
std::optional<Date> Row::MaybeDate(int column) const {
  return IsNull(column) ? std::nullopt : ParseDate(Text(column));
}
std::optional<TimeMs> Row::MaybeTime(int column) const {
  return IsNull(column) ? std::nullopt : std::optional(Time(column));
}
TimeMs Row::Time(int column) const { return TimeMs(std::chrono::milliseconds(Int(column))); }

void Database::Closer::operator()(sqlite3* connection) const { sqlite3_close_v2(connection); }

Database::Database(std::unique_ptr<sqlite3, Closer> connection, std::string name)
    : connection_(std::move(connection)), name_(std::move(name)) {}

std::unexpected<Error> Database::Failure(std::string_view operation, int code) const {
  const ErrorCode ours = CodeOf(code);
  std::string message = StrCat(operation, " ", name_, ": ", sqlite3_errmsg(connection_.get()));
  if (ours == ErrorCode::kDamaged) {
    message +=
        "; move the file away and keep it, then start again: Kaopu begins with an empty one, or "
        "put a copy in its place";
  }
  return Fail(ours, std::move(message));
}

Expected<Database> Database::Open(const std::filesystem::path& path) {
  if (Expected<void> made = MakePrivateFile(path); !made) return std::unexpected(made.error());
  sqlite3* raw = nullptr;
  const int opened =
      sqlite3_open_v2(path.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  Database database(std::unique_ptr<sqlite3, Closer>(raw), path.string());
  if (opened != SQLITE_OK) return database.Failure("cannot open", opened);
  sqlite3_busy_timeout(raw, kBusyTimeoutMs);
  sqlite3_db_config(raw, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  if (Expected<void> set = database.RunScript(kConnectionSetup); !set)
    return std::unexpected(set.error());
  // Two programs making the file at once: the switch to WAL does not wait for a lock by itself.
  Expected<void> wal;
  for (int attempt = 0; attempt < 50; ++attempt) {
    wal = database.RunScript("PRAGMA journal_mode=WAL");
    if (wal || wal.error().code != ErrorCode::kUnavailable || sqlite3_errcode(raw) != SQLITE_BUSY)
      break;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  if (!wal) return std::unexpected(wal.error());
  return database;
}

Expected<int64_t> Database::Execute(std::string_view sql, Values values) const {
  Running statement(*this, sql, values);
  const int code = statement.Step();
  if (code != SQLITE_DONE && code != SQLITE_ROW) return Failure("cannot write", code);
  return sqlite3_changes(connection_.get());
}

Expected<void> Database::Query(std::string_view sql, Values values,
                               const std::function<void(const Row&)>& each) const {
  Running statement(*this, sql, values);
  while (true) {
    const int code = statement.Step();
    if (code == SQLITE_DONE) return {};
    if (code != SQLITE_ROW) return Failure("cannot read", code);
    each(Row(statement.get()));
  }
}

Expected<std::optional<int64_t>> Database::QueryInt(std::string_view sql, Values values) const {
  std::optional<int64_t> found;
  Expected<void> read = Query(sql, values, [&](const Row& row) { found = row.Int(0); });
  if (!read) return std::unexpected(read.error());
  return found;
}

Expected<void> Database::RunScript(const char* sql) const {
  const int code = sqlite3_exec(connection_.get(), sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return Failure("cannot use", code);
  return {};
}

Expected<void> Database::CopyTo(const std::filesystem::path& path) const {
  if (Expected<void> made = MakePrivateFile(path); !made) return made;
  const Expected<int64_t> copied = Execute("VACUUM INTO ?", {path.string()});
  if (!copied) return std::unexpected(copied.error());
  return {};
}

int64_t Database::LastInsertId() const { return sqlite3_last_insert_rowid(connection_.get()); }

}  // namespace kaopu
