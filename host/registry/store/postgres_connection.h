// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The one place that calls libpq: a connection that is made again when it was lost, statements that
// are prepared once and sent together, and PostgreSQL's error codes translated into ours. Knows
// nothing about what is stored. No message holds an address as it was typed, a value or a password.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/error.h"

struct pg_conn;
struct pg_result;

namespace kaopu {

// Where a database is, as libpq understands it.
struct PostgresAddress {
  std::string url;    // holds no password
  std::string shown;  // for messages

  static bool Is(std::string_view text) {
    return text.starts_with("postgresql://") || text.starts_with("postgres://");
  }
  // kBadRequest: not such an address, or one with a password in it.
  static Expected<PostgresAddress> Parse(const std::string& text);
};

// A value to send, in PostgreSQL's binary form: bigint, boolean, bytea; absent as NULL. Times are
// UTC milliseconds. Views are not owned: they must outlive the call that takes the value.
class PostgresValue {
 public:
  PostgresValue(int64_t number);
  PostgresValue(uint64_t number) : PostgresValue(static_cast<int64_t>(number)) {}
  PostgresValue(TimeMs time) : PostgresValue(int64_t{time.time_since_epoch().count()}) {}
  PostgresValue(std::same_as<bool> auto flag) : length_(1) { number_[0] = flag ? 1 : 0; }
  PostgresValue(std::string_view bytes) : view_(bytes), kind_(Kind::kView) {}
  PostgresValue(const std::string& bytes) : PostgresValue(std::string_view(bytes)) {}
  template <size_t N>
  PostgresValue(const std::array<uint8_t, N>& bytes)
      : PostgresValue(std::string_view(reinterpret_cast<const char*>(bytes.data()), N)) {}
  template <typename T>
  PostgresValue(const std::optional<T>& maybe) : kind_(Kind::kNull) {
    if (maybe) *this = PostgresValue(*maybe);
  }

  const char* data() const;  // nullptr = NULL
  int length() const;

 private:
  enum class Kind { kNumber, kView, kNull };
  std::array<char, 8> number_{};
  int length_ = 8;
  std::string_view view_;
  Kind kind_ = Kind::kNumber;
};

// Many values as one, an array: a whole column for `unnest`, a set for `= ANY`.
class PostgresArray {
 public:
  enum class Of : uint32_t {
    kFlags = 16,
    kBytes = 17,
    kNumbers = 20
  };  // PostgreSQL's type numbers
  explicit PostgresArray(Of type);
  void Add(const PostgresValue& value);
  operator PostgresValue() const { return PostgresValue(std::string_view(bytes_)); }

 private:
  std::string bytes_;
  uint32_t count_ = 0;
};

// An answer: rows of values in binary form. Columns count from 0.
class PostgresRows {
 public:
  explicit PostgresRows(pg_result* result) : result_(result) {}

  int size() const;
  int64_t changed() const;               // rows, by INSERT, UPDATE or DELETE
  bool Did(std::string_view tag) const;  // what PostgreSQL says it did, as in COMMIT

  bool IsNull(int row, int column) const;
  int64_t Int(int row, int column) const;
  uint64_t Number(int row, int column) const { return static_cast<uint64_t>(Int(row, column)); }
  bool Flag(int row, int column) const;
  std::string_view Bytes(int row, int column) const;
  TimeMs Time(int row, int column) const {
    return TimeMs(std::chrono::milliseconds(Int(row, column)));
  }
  std::optional<uint64_t> MaybeNumber(int row, int column) const;
  std::optional<TimeMs> MaybeTime(int row, int column) const;
  // False where the value is not N bytes long.
  template <size_t N>
  bool Array(int row, int column, std::array<uint8_t, N>& out) const {
    const std::string_view bytes = Bytes(row, column);
    if (bytes.size() != N) return false;
    std::copy(bytes.begin(), bytes.end(), out.begin());
    return true;
  }

 private:
  struct Clearer {
    void operator()(pg_result* result) const;
  };
  std::unique_ptr<pg_result, Clearer> result_;
};

// Belongs to one thread. What fails because the connection is gone is kUnavailable, and from then
// on there is none: lost() until Ready() has made another.
class PostgresConnection {
 public:
  using Values = std::initializer_list<PostgresValue>;
  using Setup = std::function<Expected<void>()>;

  // `setup` runs on each connection that is made, before anything else; where it fails there is
  // none. Nothing is connected yet.
  PostgresConnection(PostgresAddress address, Setup setup);
  ~PostgresConnection();
  PostgresConnection(const PostgresConnection&) = delete;
  PostgresConnection& operator=(const PostgresConnection&) = delete;

  // Connects where there is no connection. After an attempt that failed the next ones are no sooner
  // than 0.1 to 2 s later: in between this fails at once.
  Expected<void> Ready();
  bool lost() const { return connection_ == nullptr; }

  // Sends a statement with what was sent before it, and waits for its answer.
  Expected<PostgresRows> Run(std::string_view sql, Values values = {});
  // To be sent with the next one: what fails fails that.
  Expected<void> Send(std::string_view sql, Values values = {});

  // Whether PostgreSQL has warned since this was asked before. A COMMIT that warns may be here and
  // not on the standby.
  bool TakeWarning() { return std::exchange(warned_, false); }
  const std::string& name() const { return address_.shown; }

 private:
  struct Finisher {
    void operator()(pg_conn* connection) const;
  };

  Expected<PostgresRows> Receive();
  // The next answer; nullptr between those of two statements.
  Expected<pg_result*> Next(std::chrono::steady_clock::time_point deadline);
  std::unexpected<Error> Failure(const pg_result* result);
  std::unexpected<Error> Lost(std::string_view why = {});

  const PostgresAddress address_;
  const Setup setup_;
  std::unique_ptr<pg_conn, Finisher> connection_;
  // Statements by their text: the texts are few. What was prepared in vain is forgotten.
  std::unordered_map<std::string, std::string> prepared_;
  std::vector<std::string> preparing_;  // since the last answers
  uint64_t statements_ = 0;
  bool warned_ = false;

  std::chrono::steady_clock::time_point not_before_{};
  std::chrono::milliseconds backoff_{0};
  Error why_not_;
};

}  // namespace kaopu
