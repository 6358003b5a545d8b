// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "registry/store/postgres_connection.h"

#include <endian.h>
#include <errno.h>
#include <libpq-fe.h>
#include <poll.h>

#include <cstring>

#include "base/str_cat.h"

namespace kaopu {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// Longer than any answer takes of a server that works. COMMIT waits for a standby: when that is
// away, this long.
constexpr std::chrono::seconds kPatience{20};
constexpr milliseconds kBackoffMin{100}, kBackoffMax{2000};

// What the address does not say. A partner that is gone without a word is noticed within half a
// minute.
constexpr std::pair<const char*, const char*> kDefaults[] = {
    {"connect_timeout", "5"},
    {"target_session_attrs", "read-write"},
    {"keepalives_idle", "10"},
    {"keepalives_interval", "5"},
    {"keepalives_count", "3"},
    {"tcp_user_timeout", "20000"},
    {"application_name", "kaopu-registry"},
};

using Options = std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)>;

std::string Field(const PGresult* result, int field) {
  const char* text = PQresultErrorField(result, field);
  return text == nullptr ? "" : text;
}

// SQLSTATE, by class: https://www.postgresql.org/docs/current/errcodes-appendix.html
ErrorCode CodeOf(std::string_view state) {
  for (const std::string_view away :
       {"08", "25006", "28", "3D", "40", "42501", "53", "55P03", "57", "58"}) {
    if (state.starts_with(away)) return ErrorCode::kUnavailable;
  }
  if (state.starts_with("XX001") || state.starts_with("XX002")) return ErrorCode::kDamaged;
  if (state.starts_with("54")) return ErrorCode::kTooLarge;
  return ErrorCode::kInternal;
}

std::string_view NextStep(std::string_view state) {
  if (state == "42501") {
    return ". Next: give this role the rights on the database and on the schema kaopu_registry";
  }
  if (state == "55P03") return ". Next: try again once the other program has written";
  if (state.starts_with("53")) return ". Next: look at the server's disk, memory and connections";
  return "";
}

void AppendBig(std::string& out, uint32_t number) {
  const uint32_t big = htobe32(number);
  out.append(reinterpret_cast<const char*>(&big), sizeof big);
}

}  // namespace

Expected<PostgresAddress> PostgresAddress::Parse(const std::string& text) {
  // libpq's own words would quote what may be a password.
  const auto refuse = [](std::string_view why) {
    return Fail(ErrorCode::kBadRequest,
                StrCat("--database: ", why,
                       ". As in postgresql://kaopu-registry@db.example.org/kaopu, "
                       "postgresql:///kaopu?host=/run/postgresql or postgresql:///?service=kaopu"));
  };
  for (const char c : text) {
    if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7f || c == '"' || c == '\\') {
      return refuse("spaces, quotes and control characters must be written as %20 and so on");
    }
  }
  char* why = nullptr;
  const Options options(PQconninfoParse(text.c_str(), &why), PQconninfoFree);
  PQfreemem(why);
  if (!Is(text) || options == nullptr) return refuse("not an address that libpq understands");
  std::string database, host, port, service;
  for (const PQconninfoOption* one = options.get(); one->keyword != nullptr; ++one) {
    const std::string_view keyword = one->keyword;
    const std::string value = one->val == nullptr ? "" : one->val;
    if (value.empty()) continue;
    if (keyword == "password" || keyword == "sslpassword") {
      return refuse(
          "no password in the address: the command line and the settings are read by others. Next: "
          "put it into ~/.pgpass or a service file (host/docs/registry.md, PostgreSQL)");
    }
    if (keyword == "dbname") database = value;
    if (keyword == "host") host = value;
    if (keyword == "port") port = value;
    if (keyword == "service") service = value;
  }
  for (const std::string* one : {&database, &port}) {
    if (one->find_first_of("@/") != std::string::npos) {
      return refuse("\"@\" or \"/\" where none belongs");
    }
  }
  PostgresAddress address{text, "PostgreSQL"};
  if (!database.empty()) address.shown += StrCat(" database ", database);
  if (!host.empty()) address.shown += StrCat(" at ", host, port.empty() ? "" : ":", port);
  if (!service.empty()) address.shown += StrCat(" service ", service);
  return address;
}

PostgresValue::PostgresValue(int64_t number) {
  const uint64_t big = htobe64(static_cast<uint64_t>(number));
  std::memcpy(number_.data(), &big, sizeof big);
}

const char* PostgresValue::data() const {
  if (kind_ == Kind::kNull) return nullptr;
  if (kind_ == Kind::kNumber) return number_.data();
  return view_.data() == nullptr ? "" : view_.data();
}
int PostgresValue::length() const {
  return kind_ == Kind::kView ? static_cast<int>(view_.size()) : length_;
}

PostgresArray::PostgresArray(Of type) {
  for (const uint32_t word : {1u, 1u, static_cast<uint32_t>(type), 0u, 1u}) AppendBig(bytes_, word);
}

void PostgresArray::Add(const PostgresValue& value) {
  const uint32_t big = htobe32(++count_);
  std::memcpy(bytes_.data() + 12, &big, sizeof big);
  const char* data = value.data();
  AppendBig(bytes_, data == nullptr ? ~0u : static_cast<uint32_t>(value.length()));
  if (data != nullptr) bytes_.append(data, static_cast<size_t>(value.length()));
}

void PostgresRows::Clearer::operator()(pg_result* result) const { PQclear(result); }
int PostgresRows::size() const { return PQntuples(result_.get()); }
int64_t PostgresRows::changed() const { return std::atoll(PQcmdTuples(result_.get())); }
bool PostgresRows::Did(std::string_view tag) const { return PQcmdStatus(result_.get()) == tag; }
bool PostgresRows::IsNull(int row, int column) const {
  return PQgetisnull(result_.get(), row, column) != 0;
}
std::string_view PostgresRows::Bytes(int row, int column) const {
  return {PQgetvalue(result_.get(), row, column),
          static_cast<size_t>(PQgetlength(result_.get(), row, column))};
}
int64_t PostgresRows::Int(int row, int column) const {
  const std::string_view bytes = Bytes(row, column);
  uint64_t big = 0;
  if (bytes.size() == sizeof big) std::memcpy(&big, bytes.data(), sizeof big);
  return static_cast<int64_t>(be64toh(big));
}
bool PostgresRows::Flag(int row, int column) const {
  const std::string_view bytes = Bytes(row, column);
  return bytes.size() == 1 && bytes[0] != 0;
}
std::optional<uint64_t> PostgresRows::MaybeNumber(int row, int column) const {
  return IsNull(row, column) ? std::nullopt : std::optional(Number(row, column));
}
std::optional<TimeMs> PostgresRows::MaybeTime(int row, int column) const {
  return IsNull(row, column) ? std::nullopt : std::optional(Time(row, column));
}

void PostgresConnection::Finisher::operator()(pg_conn* connection) const { PQfinish(connection); }

PostgresConnection::PostgresConnection(PostgresAddress address, Setup setup)
    : address_(std::move(address)), setup_(std::move(setup)) {}
PostgresConnection::~PostgresConnection() = default;

Expected<void> PostgresConnection::Ready() {
  if (!lost()) return {};
  if (steady_clock::now() < not_before_) return std::unexpected(why_not_);
  std::vector<const char*> keywords, values;
  for (const auto& [keyword, value] : kDefaults) {
    keywords.push_back(keyword);
    values.push_back(value);
  }
  for (const auto& [keyword, value] :  // what comes later counts more
       {std::pair("dbname", address_.url.c_str()), std::pair("client_encoding", "UTF8")}) {
    keywords.push_back(keyword);
    values.push_back(value);
  }
  keywords.push_back(nullptr);
  values.push_back(nullptr);
  connection_.reset(PQconnectdbParams(keywords.data(), values.data(), 1));
  prepared_.clear();
  preparing_.clear();
  Expected<void> ready;
  if (connection_ == nullptr || PQstatus(connection_.get()) != CONNECTION_OK) {
    ready = Lost(connection_ == nullptr ? "no memory" : PQerrorMessage(connection_.get()));
    ready.error().message +=
        ". Next: is the server running, does the database exist, and may this role connect?";
  } else {
    PQsetNoticeReceiver(
        connection_.get(),
        [](void* self, const PGresult* notice) {
          if (Field(notice, PG_DIAG_SEVERITY_NONLOCALIZED) == "WARNING") {
            static_cast<PostgresConnection*>(self)->warned_ = true;
          }
        },
        this);
    PQsetnonblocking(connection_.get(), 1);
    PQenterPipelineMode(connection_.get());
    ready = setup_();
  }
  if (ready) {
    backoff_ = milliseconds(0);
    return {};
  }
  connection_.reset();
  backoff_ = std::clamp(backoff_ * 2, kBackoffMin, kBackoffMax);
  not_before_ = steady_clock::now() + backoff_;
  why_not_ = ready.error();
  return ready;
}

Expected<void> PostgresConnection::Send(std::string_view sql, Values values) {
  if (lost()) return Lost();
  const auto [statement, fresh] = prepared_.try_emplace(std::string(sql));
  if (fresh) {
    statement->second = StrCat("s", ++statements_);
    preparing_.push_back(statement->first);
    if (PQsendPrepare(connection_.get(), statement->second.c_str(), statement->first.c_str(), 0,
                      nullptr) == 0) {
      return Lost(PQerrorMessage(connection_.get()));
    }
  }
  std::vector<const char*> data;
  std::vector<int> lengths, formats(values.size(), 1);
  for (const PostgresValue& value : values) {
    data.push_back(value.data());
    lengths.push_back(value.length());
  }
  if (PQsendQueryPrepared(connection_.get(), statement->second.c_str(),
                          static_cast<int>(values.size()), data.data(), lengths.data(),
                          formats.data(), 1) == 0) {
    return Lost(PQerrorMessage(connection_.get()));
  }
  return {};
}

Expected<PostgresRows> PostgresConnection::Run(std::string_view sql, Values values) {
  if (const auto sent = Send(sql, values); !sent) return std::unexpected(sent.error());
  return Receive();
}

// The answers to all that was sent: the last one, or the first that failed.
Expected<PostgresRows> PostgresConnection::Receive() {
  if (PQpipelineSync(connection_.get()) == 0) return Lost(PQerrorMessage(connection_.get()));
  const auto deadline = steady_clock::now() + kPatience;
  PostgresRows last(nullptr);
  std::optional<Error> failed;
  bool between = false;
  while (true) {
    const auto next = Next(deadline);
    if (!next) return std::unexpected(next.error());
    if (*next == nullptr) {
      if (between) return Lost("it ended in the middle of an answer");
      between = true;
      continue;
    }
    between = false;
    PostgresRows rows(*next);
    const ExecStatusType status = PQresultStatus(*next);
    if (status == PGRES_PIPELINE_SYNC) break;
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) {
      last = std::move(rows);
    } else if (!failed) {
      failed = Failure(*next).error();
      if (lost()) return std::unexpected(*failed);
    }
  }
  if (failed) {
    for (const std::string& sql : preparing_) prepared_.erase(sql);
    preparing_.clear();
    return std::unexpected(*failed);
  }
  preparing_.clear();
  return last;
}

Expected<pg_result*> PostgresConnection::Next(steady_clock::time_point deadline) {
  pg_conn* const connection = connection_.get();
  while (true) {
    const int unsent = PQflush(connection);
    if (unsent < 0) return Lost(PQerrorMessage(connection));
    if (PQisBusy(connection) == 0) return PQgetResult(connection);
    const auto left = std::chrono::ceil<milliseconds>(deadline - steady_clock::now());
    pollfd socket{PQsocket(connection), static_cast<short>(POLLIN | (unsent > 0 ? POLLOUT : 0)), 0};
    const int ready = left.count() > 0 ? poll(&socket, 1, static_cast<int>(left.count())) : 0;
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return Lost(StrCat("no answer within ", kPatience.count(), " s"));
    if (PQconsumeInput(connection) == 0) return Lost(PQerrorMessage(connection));
  }
}

std::unexpected<Error> PostgresConnection::Failure(const pg_result* result) {
  const std::string state = Field(result, PG_DIAG_SQLSTATE);
  const std::string what = Field(result, PG_DIAG_MESSAGE_PRIMARY);  // the detail holds values
  // Ended by the server, or not the one that takes writes any more.
  if (state.empty() || state.starts_with("57P") || state == "25006" || state == "25P03" ||
      state.starts_with("08")) {
    return Lost(what.empty() ? PQerrorMessage(connection_.get()) : what);
  }
  return Fail(CodeOf(state), StrCat(name(), ": ", what, NextStep(state)));
}

std::unexpected<Error> PostgresConnection::Lost(std::string_view why) {
  std::string text(why.empty() ? "there is no connection" : why);
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  }
  while (text.ends_with(' ')) text.pop_back();
  connection_.reset();
  return Fail(ErrorCode::kUnavailable, StrCat(name(), ": ", text));
}

}  // namespace kaopu
