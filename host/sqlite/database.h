// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The one place that calls SQLite: a connection, statements with bound values, transactions, and
// SQLite's result codes translated into ours. Knows nothing about what is stored.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>

#include "base/clock.h"
#include "base/error.h"

struct sqlite3;
struct sqlite3_stmt;

namespace kaopu {

// Bytes to bind as they are; not owned.
struct Blob {
  std::string_view bytes;
  template <size_t N>
  static Blob Of(const std::array<uint8_t, N>& array) {
    return {{reinterpret_cast<const char*>(array.data()), N}};
  }
};

// A value to bind. Dates are stored as `YYYY-MM-DD`, times as UTC milliseconds, absent as NULL.
class Value {
 public:
  Value(int64_t number) : value_(number) {}
  Value(int number) : value_(int64_t{number}) {}
  Value(Blob blob) : value_(blob) {}
  Value(std::string_view text) : value_(text) {}
  Value(const std::string& text) : value_(std::string_view(text)) {}
  Value(const char* text) : value_(std::string_view(text)) {}
  Value(Date date) : value_(FormatDate(date)) {}
  Value(TimeMs time) : value_(int64_t{time.time_since_epoch().count()}) {}
  template <typename T>
  Value(const std::optional<T>& maybe) : Value() {
    if (maybe) *this = Value(*maybe);
  }

  // Copies nothing that outlives the statement's run: views are bound as they are.
  int Bind(sqlite3_stmt* statement, int index) const;

 private:
  Value() = default;
  std::variant<std::monostate, int64_t, std::string_view, std::string, Blob> value_;
};

// The current row of a query; columns count from 0.
class Row {
 public:
  explicit Row(sqlite3_stmt* statement) : statement_(statement) {}
  bool IsNull(int column) const;
  int64_t Int(int column) const;
  std::string Text(int column) const;
  std::string Bytes(int column) const;  // of a blob
  // False where the blob is not N bytes long.
  template <size_t N>
  bool Array(int column, std::array<uint8_t, N>& out) const {
    const std::string bytes = Bytes(column);
    if (bytes.size() != N) return false;
    std::copy(bytes.begin(), bytes.end(), out.begin());
    return true;
  }
  std::optional<int64_t> MaybeInt(int column) const;
  std::optional<std::string> MaybeText(int column) const;
  std::optional<Date> MaybeDate(int column) const;
  std::optional<TimeMs> MaybeTime(int column) const;
  TimeMs Time(int column) const;

 private:
  sqlite3_stmt* statement_;
};

class Database {
 public:
  using Values = std::initializer_list<Value>;

  // Read-write, made (0600) where absent, with the settings every connection needs. kUnavailable,
  // kDamaged.
  static Expected<Database> Open(const std::filesystem::path& path);

  // One statement; gives the number of rows it changed.
  Expected<int64_t> Execute(std::string_view sql, Values values = {}) const;
  // One query; `each` is called row by row.
  Expected<void> Query(std::string_view sql, Values values,
                       const std::function<void(const Row&)>& each) const;
  // A query with at most one row of one integer; nullopt when there is none.
  Expected<std::optional<int64_t>> QueryInt(std::string_view sql, Values values = {}) const;
  // Several statements without values.
  Expected<void> RunScript(const char* sql) const;
  int64_t LastInsertId() const;
  // A whole copy as of now, while others read and write: `path` must not be there.
  Expected<void> CopyTo(const std::filesystem::path& path) const;

  // Runs `body` in a write transaction: committed when it returns a value, rolled back when it
  // returns an error.
  template <typename Body>
  auto Transact(Body body) const -> decltype(body()) {
    if (Expected<void> begun = RunScript("BEGIN IMMEDIATE"); !begun)
      return std::unexpected(begun.error());
    auto result = body();
    if (result) {
      Expected<void> committed = RunScript("COMMIT");
      if (committed) return result;
      result = std::unexpected(committed.error());
    }
    (void)RunScript("ROLLBACK");
    return result;
  }

 private:
  struct Closer {
    void operator()(sqlite3* connection) const;
  };
  Database(std::unique_ptr<sqlite3, Closer> connection, std::string name);
  std::unexpected<Error> Failure(std::string_view operation, int code) const;

  struct StatementCloser {
    void operator()(sqlite3_stmt* statement) const;
  };
  using StatementPointer = std::unique_ptr<sqlite3_stmt, StatementCloser>;
  class Running;

  std::unique_ptr<sqlite3, Closer> connection_;
  // Statements that are not running, by their text: the texts are few and each is read once.
  mutable std::unordered_map<std::string, StatementPointer> ready_;
  std::string name_;  // the file, for messages
};

}  // namespace kaopu
