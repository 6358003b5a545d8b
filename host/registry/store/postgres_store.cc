// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// One row, of the table `registry`, is locked by whoever writes. The lock is itself written ahead,
// so a transaction that took it and committed says more than "I am done": all that was visible to
// it is durable too, on the standby as well. What a crash or an ended session left committed here
// but not there is thus never shown to anybody as done (Size, Write).
#include "registry/store/postgres_store.h"

#include <sodium.h>

#include <algorithm>
#include <map>
#include <set>
#include <thread>
#include <utility>

#include "base/str_cat.h"

namespace kaopu {
namespace {

using std::chrono::steady_clock;

// Of advisory locks, which count in one database: "KPRG" and which one.
constexpr int64_t kServing = 0x4b505247'00000001, kMigrating = 0x4b505247'00000002;
constexpr int kPage = 1000;  // rows read or written at once
// For so long a COMMIT that was cut off is asked about: a fail-over takes a few seconds.
constexpr std::chrono::seconds kAskFor{8};
constexpr std::chrono::milliseconds kAskEvery{50};

// DISK: Texts are bytea: they stay what they were and sort by
// bytes, whatever the database's encoding and collation.
constexpr std::string_view kFirst[] = {
    "CREATE TABLE registry (one boolean PRIMARY KEY CHECK (one), version bigint NOT NULL, "
    "log_key bytea NOT NULL)",
    "CREATE TABLE entries (number bigint PRIMARY KEY CHECK (number >= 0), bytes bytea NOT NULL, "
    "at_ms bigint NOT NULL)",
    // `made_by` tells a batch from another that got its numbers when this one was lost.
    "CREATE TABLE batches (size bigint PRIMARY KEY, made_by bytea NOT NULL)",
    "CREATE TABLE reports ("
    "entry bigint PRIMARY KEY REFERENCES entries (number), "
    "received_at_ms bigint NOT NULL, "
    "seller bytea NOT NULL, "
    "content bytea NOT NULL, "
    "salt bytea NOT NULL CHECK (octet_length(salt) = 32), "
    "key bytea NOT NULL CHECK (octet_length(key) = 32), "
    "reporter bytea NOT NULL CHECK (octet_length(reporter) = 32), "
    "nullifier bytea NOT NULL CHECK (octet_length(nullifier) = 32), "
    "identity bytea NOT NULL CHECK (octet_length(identity) = 32), "
    "revision bigint NOT NULL CHECK (revision >= 0), "
    "replaces bigint REFERENCES reports (entry), "
    "duplicate boolean NOT NULL, "
    "proven boolean NOT NULL, "
    "judged boolean NOT NULL, "
    "bad boolean NOT NULL, "
    "released_at_ms bigint, "
    "removal bigint REFERENCES entries (number), "
    "removed_reason bytea, "
    "CHECK ((removal IS NULL) = (removed_reason IS NULL)))",
    // Rows that were written over hold what was removed until they are vacuumed.
    "ALTER TABLE reports SET (autovacuum_vacuum_scale_factor = 0.01)",
    "CREATE INDEX reports_nullifier ON reports (nullifier)",
    "CREATE INDEX reports_waiting ON reports (seller, received_at_ms) "
    "WHERE released_at_ms IS NULL AND removal IS NULL AND NOT duplicate",
    "CREATE INDEX reports_duplicate ON reports (received_at_ms) "
    "WHERE duplicate AND removal IS NULL",
    "CREATE TABLE used_challenges (id bytea PRIMARY KEY, expires_at_ms bigint NOT NULL)",
};
// Step n brings version n to n + 1.
constexpr std::span<const std::string_view> kMigrations[] = {kFirst};
constexpr int64_t kVersion = static_cast<int64_t>(std::size(kMigrations));

constexpr std::string_view kReportColumns =
    "SELECT entry, received_at_ms, seller, content, salt, key, reporter, nullifier, identity, "
    "revision, replaces, duplicate, proven, judged, bad, released_at_ms, removal, removed_reason "
    "FROM reports ";
constexpr std::string_view kSize = "SELECT coalesce(max(number) + 1, 0) FROM entries";

StoredReport ReadReport(const PostgresRows& rows, int row) {  // as kReportColumns
  StoredReport report;
  report.entry = rows.Number(row, 0);
  report.received_at = rows.Time(row, 1);
  report.seller = rows.Bytes(row, 2);
  report.content = rows.Bytes(row, 3);
  rows.Array(row, 4, report.salt);
  rows.Array(row, 5, report.key);
  rows.Array(row, 6, report.reporter);
  rows.Array(row, 7, report.nullifier);
  rows.Array(row, 8, report.identity);
  report.revision = static_cast<uint32_t>(rows.Int(row, 9));
  report.replaces = rows.MaybeNumber(row, 10);
  report.duplicate = rows.Flag(row, 11);
  report.proven = rows.Flag(row, 12);
  report.judged = rows.Flag(row, 13);
  report.bad = rows.Flag(row, 14);
  report.released_at = rows.MaybeTime(row, 15);
  report.removal = rows.MaybeNumber(row, 16);
  report.removed_reason = rows.Bytes(row, 17);
  return report;
}

Expected<void> Done(const Expected<PostgresRows>& rows) {
  if (!rows) return std::unexpected(rows.error());
  return {};
}

// Rows that wait to be inserted, by column; sent as one statement a table.
class NewRows {
 public:
  void Entry(uint64_t number, std::string_view bytes, TimeMs at) {
    ++rows_;
    number_.Add(number);
    bytes_.Add(bytes);
    at_.Add(at);
  }
  void Batch(uint64_t size, std::string_view made_by) {
    ++rows_;
    size_.Add(size);
    made_by_.Add(made_by);
  }
  void Challenge(std::string_view id, TimeMs expires) {
    ++rows_;
    challenge_.Add(id);
    expires_.Add(expires);
  }
  void Report(const StoredReport& report) {
    ++rows_;
    entry_.Add(report.entry);
    received_.Add(report.received_at);
    seller_.Add(report.seller);
    content_.Add(report.content);
    salt_.Add(report.salt);
    key_.Add(report.key);
    reporter_.Add(report.reporter);
    nullifier_.Add(report.nullifier);
    identity_.Add(report.identity);
    revision_.Add(int64_t{report.revision});
    replaces_.Add(report.replaces);
    duplicate_.Add(report.duplicate);
    proven_.Add(report.proven);
    judged_.Add(report.judged);
    bad_.Add(report.bad);
    released_.Add(report.released_at);
    removal_.Add(report.removal);
    reason_.Add(report.removal ? std::optional(report.removed_reason) : std::nullopt);
  }
  size_t rows() const { return rows_; }

  Expected<void> Send(PostgresConnection& to) {
    if (rows_ == 0) return {};
    for (const auto& sent :
         {to.Send("INSERT INTO entries SELECT * FROM unnest($1::bigint[], $2::bytea[], "
                  "$3::bigint[])",
                  {number_, bytes_, at_}),
          to.Send("INSERT INTO batches SELECT * FROM unnest($1::bigint[], $2::bytea[])",
                  {size_, made_by_}),
          to.Send("INSERT INTO reports SELECT * FROM unnest($1::bigint[], $2::bigint[], "
                  "$3::bytea[], $4::bytea[], $5::bytea[], $6::bytea[], $7::bytea[], $8::bytea[], "
                  "$9::bytea[], $10::bigint[], $11::bigint[], $12::boolean[], $13::boolean[], "
                  "$14::boolean[], $15::boolean[], $16::bigint[], $17::bigint[], $18::bytea[])",
                  {entry_, received_, seller_, content_, salt_, key_, reporter_, nullifier_,
                   identity_, revision_, replaces_, duplicate_, proven_, judged_, bad_, released_,
                   removal_, reason_}),
          to.Send("INSERT INTO used_challenges SELECT * FROM unnest($1::bytea[], $2::bigint[])",
                  {challenge_, expires_})}) {
      if (!sent) return sent;
    }
    *this = NewRows();
    return {};
  }

 private:
  using Of = PostgresArray::Of;
  size_t rows_ = 0;
  PostgresArray number_{Of::kNumbers}, bytes_{Of::kBytes}, at_{Of::kNumbers};
  PostgresArray size_{Of::kNumbers}, made_by_{Of::kBytes};
  PostgresArray challenge_{Of::kBytes}, expires_{Of::kNumbers};
  PostgresArray entry_{Of::kNumbers}, received_{Of::kNumbers}, seller_{Of::kBytes},
      content_{Of::kBytes}, salt_{Of::kBytes}, key_{Of::kBytes}, reporter_{Of::kBytes},
      nullifier_{Of::kBytes}, identity_{Of::kBytes}, revision_{Of::kNumbers},
      replaces_{Of::kNumbers}, duplicate_{Of::kFlags}, proven_{Of::kFlags}, judged_{Of::kFlags},
      bad_{Of::kFlags}, released_{Of::kNumbers}, removal_{Of::kNumbers}, reason_{Of::kBytes};
};

class PostgresBatch final : public RegistryBatch {
 public:
  PostgresBatch(PostgresConnection& connection, uint64_t size)
      : connection_(connection), size_(size) {}

  uint64_t Size() const override { return size_; }

  Expected<void> Foresee(std::span<const report::Nullifier> orders,
                         std::span<const std::string_view> challenges) override {
    PostgresArray nullifiers(PostgresArray::Of::kBytes), ids(PostgresArray::Of::kBytes);
    for (const auto& order : orders) nullifiers.Add(order);
    for (const std::string_view id : challenges) ids.Add(id);
    const auto used = Run("SELECT id FROM used_challenges WHERE id = ANY($1)", {ids});
    if (!used) return Done(used);
    const auto told =
        Run(StrCat(kReportColumns, "WHERE nullifier = ANY($1) ORDER BY entry"), {nullifiers});
    if (!told) return Done(told);
    for (const auto& order : orders) orders_.try_emplace(order);
    for (int i = 0; i < told->size(); ++i) {
      StoredReport report = ReadReport(*told, i);
      orders_[report.nullifier].push_back(std::move(report));
    }
    for (const std::string_view id : challenges) unused_.emplace(id);
    for (int i = 0; i < used->size(); ++i) unused_.erase(std::string(used->Bytes(i, 0)));
    return {};
  }

  Expected<uint64_t> Append(std::string_view entry, TimeMs at) override {
    new_.Entry(size_, entry, at);
    if (const auto sent = SendMany(); !sent) return std::unexpected(sent.error());
    return size_++;
  }

  Expected<void> AddReport(const StoredReport& report) override {
    new_.Report(report);
    const auto order = orders_.find(report.nullifier);
    if (order != orders_.end()) order->second.push_back(report);
    return SendMany();
  }

  Expected<bool> UseChallenge(std::string_view id, TimeMs expires) override {
    if (const auto unused = unused_.find(std::string(id)); unused != unused_.end()) {
      unused_.erase(unused);
      new_.Challenge(id, expires);
      return true;
    }
    const auto added =
        Run("INSERT INTO used_challenges VALUES ($1, $2) ON CONFLICT DO NOTHING", {id, expires});
    if (!added) return std::unexpected(added.error());
    return added->changed() == 1;
  }

  Expected<std::vector<StoredReport>> ReportsOfOrder(const report::Nullifier& nullifier) override {
    const auto order = orders_.find(nullifier);
    if (order != orders_.end()) return order->second;
    std::vector<StoredReport> reports;
    const auto rows =
        Run(StrCat(kReportColumns, "WHERE nullifier = $1 ORDER BY entry"), {nullifier});
    if (!rows) return std::unexpected(rows.error());
    for (int i = 0; i < rows->size(); ++i) reports.push_back(ReadReport(*rows, i));
    return reports;
  }

  Expected<std::optional<StoredReport>> FindReport(uint64_t entry) override {
    const auto rows = Run(StrCat(kReportColumns, "WHERE entry = $1"), {entry});
    if (!rows) return std::unexpected(rows.error());
    return rows->size() == 0 ? std::nullopt : std::optional(ReadReport(*rows, 0));
  }

  Expected<void> Remove(uint64_t entry, uint64_t removal, std::string_view reason) override {
    orders_.clear();
    const auto changed =
        Run("UPDATE reports SET removal = $1, removed_reason = $2, seller = '', content = '', "
            "salt = decode(repeat('00', 32), 'hex') WHERE entry = $3 AND removal IS NULL",
            {removal, reason, entry});
    if (!changed) return Done(changed);
    return changed->changed() == 1 ? Expected<void>() : NotRemoved(entry);
  }

  Expected<void> Release(std::span<const uint64_t> entries, TimeMs at) override {
    orders_.clear();
    PostgresArray numbers(PostgresArray::Of::kNumbers);
    for (const uint64_t entry : entries) numbers.Add(entry);
    return Done(
        Run("UPDATE reports SET released_at_ms = $1 WHERE entry = ANY($2) "
            "AND released_at_ms IS NULL AND removal IS NULL AND NOT duplicate",
            {at, numbers}));
  }

  // What is left of it, with the mark of the batch.
  Expected<void> Send(std::string_view made_by) {
    new_.Batch(size_, made_by);
    return SendAll();
  }
  Expected<void> SendAll() { return new_.Send(connection_); }

 private:
  Expected<PostgresRows> Run(std::string_view sql, PostgresConnection::Values values) {
    if (const auto sent = SendAll(); !sent) return std::unexpected(sent.error());
    return connection_.Run(sql, values);
  }
  Expected<void> SendMany() { return new_.rows() < kPage ? Expected<void>() : SendAll(); }

  PostgresConnection& connection_;
  uint64_t size_;
  NewRows new_;
  std::map<report::Nullifier, std::vector<StoredReport>> orders_;  // foreseen
  std::set<std::string> unused_;                                   // challenges, foreseen
};

class PostgresStore final : public RegistryStore {
 public:
  explicit PostgresStore(const PostgresAddress& address)
      : connection_(address, [this] { return SetUp(); }) {}

  // `create`: a registry is made where there is none.
  Expected<void> Open(std::string_view log_key, bool create) {
    if (const auto ready = connection_.Ready(); !ready) return ready;
    return Transact("BEGIN", [&] { return OpenSchema(log_key, create); });
  }

  std::string_view kind() const override { return "PostgreSQL"; }

  Expected<void> ServeAlone() override {
    serving_ = true;
    if (connection_.lost()) return connection_.Ready();
    return TakeServing();
  }

  Expected<void> Write(const Body& body) override {
    auto size = BeginWrite();
    // It may have been lost long ago; nothing has been done yet.
    if (!size && connection_.lost()) size = BeginWrite();
    if (!size) {
      RollBack();
      return std::unexpected(size.error());
    }
    PostgresBatch batch(connection_, *size);
    std::array<uint8_t, 16> made_by;
    randombytes_buf(made_by.data(), made_by.size());
    Expected<void> done = body(batch);
    const bool appends = batch.Size() > *size;
    if (done) {
      done = appends ? batch.Send(std::string_view(reinterpret_cast<const char*>(made_by.data()),
                                                   made_by.size()))
                     : batch.SendAll();
    }
    if (!done) {
      RollBack();
      return done;
    }
    done = Commit();
    if (done || !appends) return done;
    RollBack();
    return unsure_ ? AskAbout(batch.Size(), made_by, done.error()) : done;
  }

  Expected<uint64_t> Size() override {
    // One statement, which locks the row as writers do, but keeps no writer waiting.
    const auto rows = Read(StrCat("SELECT (", kSize, ") FROM registry FOR KEY SHARE"));
    if (!rows) return std::unexpected(rows.error());
    return rows->Number(0, 0);
  }

  Expected<void> EachEntry(uint64_t begin, uint64_t end, const SeeEntry& see) override {
    return EachPage(
        "SELECT number, bytes FROM entries WHERE number >= $1 AND number < $2 ORDER BY "
        "number LIMIT $3",
        begin, end, [&](const PostgresRows& rows, int row) -> Expected<void> {
          see(rows.Number(row, 0), rows.Bytes(row, 1));
          return {};
        });
  }

  Expected<uint64_t> BatchEndOf(uint64_t entry) override {
    const auto rows =
        Read("SELECT size FROM batches WHERE size > $1 ORDER BY size LIMIT 1", {entry});
    if (!rows) return std::unexpected(rows.error());
    if (rows->size() == 0) {
      return Fail(ErrorCode::kNotFound, StrCat("the log has no entry ", entry));
    }
    return rows->Number(0, 0);
  }

  Expected<void> EachReport(uint64_t begin, uint64_t end, const SeeReport& see) override {
    return EachPage(
        StrCat(kReportColumns, "WHERE entry >= $1 AND entry < $2 ORDER BY entry LIMIT $3"), begin,
        end, [&](const PostgresRows& rows, int row) -> Expected<void> {
          see(ReadReport(rows, row));
          return {};
        });
  }

  Expected<std::optional<StoredReport>> FindReport(uint64_t entry) override {
    const auto rows = Read(StrCat(kReportColumns, "WHERE entry = $1"), {entry});
    if (!rows) return std::unexpected(rows.error());
    return rows->size() == 0 ? std::nullopt : std::optional(ReadReport(*rows, 0));
  }

  Expected<std::vector<uint64_t>> Releasable(int waiting_min, TimeMs oldest) override {
    return Numbers(
        "WITH waiting AS (SELECT entry, seller, received_at_ms FROM reports "
        "  WHERE released_at_ms IS NULL AND removal IS NULL AND NOT duplicate), "
        "due AS (SELECT seller FROM waiting GROUP BY seller "
        "  HAVING count(*) >= $1 OR min(received_at_ms) < $2) "
        "SELECT entry FROM waiting WHERE seller IN (SELECT seller FROM due) ORDER BY entry",
        {int64_t{waiting_min}, oldest});
  }

  Expected<std::vector<uint64_t>> DuplicatesBefore(TimeMs time) override {
    return Numbers(
        "SELECT entry FROM reports "
        "WHERE duplicate AND removal IS NULL AND received_at_ms < $1 ORDER BY entry",
        {time});
  }

  Expected<void> ForgetChallenges(TimeMs expired_before) override {
    return Done(Read("DELETE FROM used_challenges WHERE expires_at_ms < $1", {expired_before}));
  }

  Expected<void> EachRow(const StoreRows& see) override {
    if (const auto size = Size(); !size) return std::unexpected(size.error());  // durable
    return Transact("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", [&]() -> Expected<void> {
      constexpr uint64_t kAll = INT64_MAX;
      auto read = EachPage(
          "SELECT number, bytes, at_ms FROM entries WHERE number >= $1 AND number < $2 "
          "ORDER BY number LIMIT $3",
          0, kAll, [&](const PostgresRows& rows, int row) {
            return see.entry(rows.Number(row, 0), rows.Bytes(row, 1), rows.Time(row, 2));
          });
      if (!read) return read;
      read = EachPage(
          "SELECT size FROM batches WHERE size >= $1 AND size < $2 ORDER BY size LIMIT $3", 0, kAll,
          [&](const PostgresRows& rows, int row) { return see.batch(rows.Number(row, 0)); });
      if (!read) return read;
      read = EachPage(
          StrCat(kReportColumns, "WHERE entry >= $1 AND entry < $2 ORDER BY entry LIMIT $3"), 0,
          kAll,
          [&](const PostgresRows& rows, int row) { return see.report(ReadReport(rows, row)); });
      if (!read) return read;
      std::string after;
      while (true) {
        const auto rows = connection_.Run(
            "SELECT id, expires_at_ms FROM used_challenges WHERE id > $1 ORDER BY id LIMIT $2",
            {after, int64_t{kPage}});
        if (!rows) return Done(rows);
        for (int row = 0; row < rows->size(); ++row) {
          after = rows->Bytes(row, 0);
          if (auto seen = see.challenge(after, rows->Time(row, 1)); !seen) return seen;
        }
        if (rows->size() < kPage) return {};
      }
    });
  }

  Expected<void> Fill(RegistryStore& from) override {
    const auto size = BeginWrite();
    if (!size) {
      RollBack();
      return std::unexpected(size.error());
    }
    Expected<void> done;
    if (*size != 0) {
      done = Fail(ErrorCode::kConflict, StrCat(connection_.name(), " holds ", *size,
                                               " entries already; nothing was changed"));
    }
    NewRows rows;
    const auto put = [&](auto method) {
      return [&, method](const auto&... values) -> Expected<void> {
        (rows.*method)(values...);
        if (rows.rows() < kPage) return {};
        if (auto sent = rows.Send(connection_); !sent) return sent;
        return Done(connection_.Run("SELECT 1"));  // what waits in memory stays small
      };
    };
    std::string made_by(16, '\0');
    if (done) {
      done = from.EachRow({.entry = put(&NewRows::Entry),
                           .batch =
                               [&](uint64_t end) {
                                 randombytes_buf(made_by.data(), made_by.size());
                                 return put(&NewRows::Batch)(end, std::string_view(made_by));
                               },
                           .report = put(&NewRows::Report),
                           .challenge = put(&NewRows::Challenge)});
    }
    if (done) done = rows.Send(connection_);
    if (done) done = Commit();
    if (!done) RollBack();
    return done;
  }

 private:
  // Of each connection, before its first use.
  Expected<void> SetUp() {
    for (const std::string_view setting : std::initializer_list<std::string_view>{
             "SET search_path = kaopu_registry, pg_temp",
             "SET client_min_messages = warning",
             "SET statement_timeout = 0",
             // Who cannot have the row says so; who holds it and went silent loses it.
             "SET lock_timeout = '5s'",
             "SET idle_in_transaction_session_timeout = '60s'",
             "SET tcp_keepalives_idle = 10",
             "SET tcp_keepalives_interval = 5",
             "SET tcp_keepalives_count = 3",
             // `remote_apply` waits for more than `on`, the others for less.
             "SELECT set_config('synchronous_commit', 'on', false) "
             "WHERE current_setting('synchronous_commit') <> 'remote_apply'",
         }) {
      if (const auto set = connection_.Run(setting); !set) return Done(set);
    }
    const auto kept = connection_.Run("SELECT current_setting('fsync') = 'on'");
    if (!kept) return Done(kept);
    if (!kept->Flag(0, 0)) {
      return Fail(ErrorCode::kUnsupported,
                  StrCat(connection_.name(),
                         ": the server has fsync off: what it commits is lost with the power. "
                         "Next: fsync = on in postgresql.conf"));
    }
    return serving_ ? TakeServing() : Expected<void>();
  }

  Expected<void> TakeServing() {
    // Waits a little: who has just ended, or broken off, may have it still.
    const auto taken = connection_.Run("SELECT pg_advisory_lock($1)", {kServing});
    if (taken || connection_.lost() || taken.error().code != ErrorCode::kUnavailable) {
      return Done(taken);
    }
    return Fail(ErrorCode::kUnavailable,
                StrCat(connection_.name(),
                       " is served already by another kaopu-registry. Next: stop that one first "
                       "(after a broken connection the server takes up to half a minute to notice "
                       "that nobody is there)"));
  }

  Expected<void> OpenSchema(std::string_view log_key, bool create) {
    const auto turn = connection_.Run("SELECT pg_advisory_xact_lock($1)", {kMigrating});
    if (!turn) return Done(turn);
    const auto there = connection_.Run(
        "SELECT to_regnamespace('kaopu_registry') IS NOT NULL, "
        "to_regclass('kaopu_registry.registry') IS NOT NULL");
    if (!there) return Done(there);
    int64_t from = 0;
    if (there->Flag(0, 1)) {
      const auto row = connection_.Run("SELECT version, log_key FROM registry");
      if (!row) return Done(row);
      if (row->size() != 1) {
        return Fail(ErrorCode::kDamaged,
                    StrCat(connection_.name(), ": the table registry must have one row, has ",
                           row->size()));
      }
      from = row->Int(0, 0);
      if (from > kVersion) {
        return Fail(ErrorCode::kUnsupported,
                    StrCat(connection_.name(), ": version ", from, ", this program knows up to ",
                           kVersion, "; use the newer program"));
      }
      if (create || row->Bytes(0, 1) != log_key) {
        if (auto empty = CheckEmpty(create); !empty) return empty;
      }
    } else if (!create) {
      return Fail(ErrorCode::kNotFound,
                  StrCat("no registry in ", connection_.name(),
                         " (no schema kaopu_registry). Next: kaopu-registry init --database ..., "
                         "or restore --database ..."));
    } else if (!there->Flag(0, 0)) {
      const auto made = connection_.Run("CREATE SCHEMA kaopu_registry");
      if (!made) return Done(made);
    }
    for (int64_t step = from; step < kVersion; ++step) {
      for (const std::string_view sql : kMigrations[step]) {
        if (const auto run = connection_.Run(sql); !run) return Done(run);
      }
    }
    if (from == kVersion && !create) return {};
    return Done(
        connection_.Run("INSERT INTO registry VALUES (true, $1, $2) "
                        "ON CONFLICT (one) DO UPDATE SET version = $1, log_key = $2",
                        {kVersion, log_key}));
  }

  // One that is empty was begun and not finished.
  Expected<void> CheckEmpty(bool create) {
    const auto size = connection_.Run(kSize);
    if (!size) return Done(size);
    if (create && size->Int(0, 0) == 0) return {};
    return Fail(
        ErrorCode::kConflict,
        StrCat(connection_.name(), create ? " holds a registry already; nothing was changed. "
                                            "Next: choose another database"
                                          : " holds another registry than this folder. Next: "
                                            "look at --database and registry.toml"));
  }

  template <typename Run>
  Expected<void> Transact(std::string_view begin, const Run& run) {
    if (const auto begun = connection_.Run(begin); !begun) return Done(begun);
    within_ = true;
    Expected<void> done = run();
    if (done) done = Commit();
    if (!done) RollBack();
    return done;
  }

  // Takes the writers' row; gives the log's size.
  Expected<uint64_t> BeginWrite() {
    if (const auto ready = connection_.Ready(); !ready) return std::unexpected(ready.error());
    connection_.TakeWarning();
    for (const auto& sent : {connection_.Send("BEGIN"),
                             connection_.Send("SELECT 1 FROM registry FOR NO KEY UPDATE")}) {
      if (!sent) return std::unexpected(sent.error());
    }
    const auto size = connection_.Run(kSize);
    if (!size) return std::unexpected(size.error());
    within_ = true;
    return size->Number(0, 0);
  }

  // `unsure_`: it may be there all the same, or not on the standby.
  Expected<void> Commit() {
    connection_.TakeWarning();
    unsure_ = false;
    within_ = false;
    const auto done = connection_.Run("COMMIT");
    const bool warned = connection_.TakeWarning();
    if (!done) {
      unsure_ = connection_.lost();
      return Done(done);
    }
    if (!done->Did("COMMIT")) {
      return Fail(ErrorCode::kInternal,
                  StrCat(connection_.name(), ": the transaction had failed before its end"));
    }
    unsure_ = warned;
    if (!warned) return {};
    return Fail(ErrorCode::kUnavailable,
                StrCat(connection_.name(), ": committed, but maybe not on the standby"));
  }

  void RollBack() {
    within_ = false;
    // The first answers for what was sent before it and failed.
    for (int i = 0; i < 2 && !connection_.lost(); ++i) {
      if (connection_.Run("ROLLBACK")) return;
    }
  }

  // Whether the batch up to `size` is there for good, though its COMMIT was not heard.
  Expected<void> AskAbout(uint64_t size, const std::array<uint8_t, 16>& made_by,
                          const Error& error) {
    const auto until = steady_clock::now() + kAskFor;
    while (true) {
      bool there = false;
      Expected<void> known;
      if (const auto begun = BeginWrite(); !begun) known = std::unexpected(begun.error());
      if (known) {
        const auto rows = connection_.Run("SELECT 1 FROM batches WHERE size = $1 AND made_by = $2",
                                          {size, made_by});
        known = Done(rows);
        there = rows && rows->size() == 1;
      }
      if (known) known = Commit();
      if (known && there) return {};
      if (known) return std::unexpected(error);
      RollBack();
      if (steady_clock::now() > until) {
        return Fail(error.code,
                    StrCat(error.message, "; whether it was committed nobody could tell"));
      }
      std::this_thread::sleep_for(kAskEvery);
    }
  }

  // Once more where the connection turns out to be gone, outside of transactions: asking twice
  // gives the same.
  Expected<PostgresRows> Read(std::string_view sql, PostgresConnection::Values values = {}) {
    if (within_) return connection_.Run(sql, values);
    for (int attempt = 0;; ++attempt) {
      if (const auto ready = connection_.Ready(); !ready) return std::unexpected(ready.error());
      connection_.TakeWarning();
      auto rows = connection_.Run(sql, values);
      if (rows && connection_.TakeWarning()) {
        return Fail(ErrorCode::kUnavailable,
                    StrCat(connection_.name(), ": done, but maybe not on the standby"));
      }
      if (rows || !connection_.lost() || attempt > 0) return rows;
    }
  }

  // A page at a time, in or outside of a transaction: `see` may call this store.
  template <typename See>
  Expected<void> EachPage(std::string_view sql, uint64_t begin, uint64_t end, const See& see) {
    end = std::min<uint64_t>(end, INT64_MAX);
    while (begin < end) {
      const auto rows = Read(sql, {begin, end, int64_t{kPage}});
      if (!rows) return Done(rows);
      for (int row = 0; row < rows->size(); ++row) {
        if (auto seen = see(*rows, row); !seen) return seen;
      }
      if (rows->size() < kPage) return {};
      begin = rows->Number(rows->size() - 1, 0) + 1;
    }
    return {};
  }

  Expected<std::vector<uint64_t>> Numbers(std::string_view sql, PostgresConnection::Values values) {
    const auto rows = Read(sql, values);
    if (!rows) return std::unexpected(rows.error());
    std::vector<uint64_t> numbers;
    for (int row = 0; row < rows->size(); ++row) numbers.push_back(rows->Number(row, 0));
    return numbers;
  }

  bool serving_ = false, unsure_ = false;
  bool within_ = false;  // a transaction
  PostgresConnection connection_;
};

Expected<std::unique_ptr<RegistryStore>> Open(const PostgresAddress& address,
                                              std::string_view log_key, bool create) {
  if (sodium_init() < 0) return Fail(ErrorCode::kInternal, "no random numbers here");
  auto store = std::make_unique<PostgresStore>(address);
  if (const auto opened = store->Open(log_key, create); !opened) {
    return std::unexpected(opened.error());
  }
  return store;
}

}  // namespace

Expected<std::unique_ptr<RegistryStore>> OpenPostgresStore(const PostgresAddress& address,
                                                           std::string_view log_key) {
  return Open(address, log_key, false);
}

Expected<std::unique_ptr<RegistryStore>> CreatePostgresStore(const PostgresAddress& address,
                                                             std::string_view log_key) {
  return Open(address, log_key, true);
}

}  // namespace kaopu
