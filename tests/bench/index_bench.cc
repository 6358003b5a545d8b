// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The shared database's index beside SQLite and LMDB in one run: bytes a seller against what
// information alone takes, look-ups, opening, ranges, and the delta of a day. Sellers get a few
// outcomes each over three years; rows are made by the code that publishes.
//   index_bench FOLDER SELLERS [no-peers]
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#ifdef KAOPU_HAVE_LMDB
#include <lmdb.h>
#endif

#include "base/files.h"
#include "index/index_writer.h"
#include "index/key_hash.h"
#include "index/seller_index.h"
#include "index/update/delta.h"
#include "index/update/range_file.h"

namespace kaopu::index {
namespace {

using Clock = std::chrono::steady_clock;

constexpr uint32_t kBase = 19'500;
constexpr int64_t kDays = 1'000;
constexpr size_t kLookups = 400'000;
constexpr int kRounds = 5;

void Must(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "index_bench: %s failed\n", what);
  std::exit(1);
}
template <typename T>
T Must(Expected<T> value, const char* what) {
  if (!value) std::fprintf(stderr, "%s\n", value.error().message.c_str());
  Must(value.has_value(), what);
  if constexpr (!std::is_void_v<T>) return std::move(*value);
}

double CpuSeconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

double Seconds(Clock::time_point since) {
  return std::chrono::duration<double>(Clock::now() - since).count();
}

uint64_t Mix(uint64_t z) {  // splitmix64
  z += 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  uint64_t Next() { return state_ = Mix(state_); }
  uint64_t Below(uint64_t limit) { return Next() % limit; }

 private:
  uint64_t state_;
};

Header AHeader() {
  Header header{.base_day = kBase, .publish = 1, .origin = "registry.example/bench"};
  for (size_t h = 0; h < kHalfLives; ++h) header.half_life[h] = static_cast<uint32_t>(kHalfLife[h]);
  header.epoch.at = (Minute{kBase} + kDays) * kMinutesADay;
  header.epoch.mixture[CandidateOf(kLong, 2, 1)] = kFixOne;
  header.epoch.prior_bad.fill(FixOf(1, 10));
  header.epoch.prior_never.fill(FixOf(1, 50));
  header.epoch.prior_ship.fill(kFixOne / 8);
  header.weights = StandardWeights();
  return header;
}

void AddOutcome(SellerEvidence& evidence, Minute at, Random& random, uint64_t bad_percent) {
  const bool bad = random.Below(100) < bad_percent;
  const Fix weight = random.Below(3) == 0 ? kFixOne / 2 : kFixOne;  // of new reporters, of others
  evidence.Add(at, {.bad = bad, .weight = weight});
  if (bad && random.Below(3) == 0) evidence.AddNever(at, weight);
}

// A seller's history follows from the key alone, so that none need be kept.
SellerEvidence HistoryOf(Key key) {
  Random random(key);
  const uint64_t bad_percent = random.Below(8) == 0 ? 40 : 6;
  uint64_t outcomes = 1;  // half have one, a quarter two, ...: at most 40
  while (outcomes < 40 && random.Below(2) == 0) ++outcomes;
  std::vector<int64_t> days(outcomes);
  for (int64_t& day : days) day = static_cast<int64_t>(random.Below(kDays));
  std::ranges::sort(days);
  SellerEvidence evidence;
  for (const int64_t day : days) {
    AddOutcome(evidence, (kBase + day) * kMinutesADay, random, bad_percent);
  }
  return evidence;
}

Payload RowFor(const Header& header, const SellerEvidence& evidence) {
  const auto row = Must(RowOf(header, evidence), "row");
  return PackRow(row.value_or(SellerRow{}));
}

double WriteIndex(const std::filesystem::path& path, Header header,
                  const std::vector<Entry>& entries) {
  const auto start = Clock::now();
  header.count = entries.size();
  auto writer = Must(IndexWriter::Create(path, header), "create");
  for (const Entry& entry : entries) Must(writer.Add(entry), "add");
  Must(writer.Finish(), "finish");
  Must(writer.Publish(), "publish");
  return Seconds(start);
}

double Median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

// log2 of n over k.
double Log2Choose(double n, double k) {
  return (std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1)) / std::log(2.0);
}
// Bits of a set of n hashes of 64 bits.
double SetBits(double n) { return n == 0 ? 0 : n * (64 - std::log2(n) + 1 / std::log(2.0)); }

// A key of 32 bytes for the peers, which keep whole hashes.
std::array<uint8_t, 32> LongKey(Key key) {
  std::array<uint8_t, 32> bytes;
  for (size_t i = 0; i < 4; ++i) {
    const uint64_t part = i == 0 ? key : Mix(key + i);
    for (size_t b = 0; b < 8; ++b) bytes[i * 8 + b] = static_cast<uint8_t>(part >> (56 - 8 * b));
  }
  return bytes;
}

// A store of the same rows: how large, how long to find.
struct Store {
  std::string name;
  double bytes = 0;
  double build_seconds = 0;
  std::function<bool(Key)> find;
  std::function<void()> open_and_find;
  std::vector<double> ns;      // by the clock
  std::vector<double> cpu_ns;  // of this thread, which a busy machine stretches less
};

void Sql(sqlite3* db, const char* text) {
  Must(sqlite3_exec(db, text, nullptr, nullptr, nullptr) == SQLITE_OK, text);
}

class Sqlite {
 public:
  Sqlite(const std::string& path, bool long_keys) : long_keys_(long_keys) {
    Must(sqlite3_open_v2(path.c_str(), &db_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr) ==
             SQLITE_OK,
         "sqlite3_open");
    Sql(db_, "PRAGMA mmap_size = 17179869184");
  }
  Sqlite(const Sqlite&) = delete;
  Sqlite& operator=(const Sqlite&) = delete;
  ~Sqlite() {
    sqlite3_finalize(select_);
    sqlite3_close(db_);
  }
  void Fill(const std::vector<Entry>& entries) {
    Sql(db_, "PRAGMA journal_mode = OFF");
    Sql(db_, "PRAGMA synchronous = OFF");
    Sql(db_, long_keys_ ? "CREATE TABLE s (k BLOB PRIMARY KEY, v BLOB) WITHOUT ROWID"
                        : "CREATE TABLE s (k INTEGER PRIMARY KEY, v BLOB)");
    Sql(db_, "BEGIN");
    sqlite3_stmt* insert = nullptr;
    sqlite3_prepare_v2(db_, "INSERT INTO s VALUES (?, ?)", -1, &insert, nullptr);
    for (const Entry& entry : entries) {
      Bind(insert, entry.key);
      sqlite3_bind_blob(insert, 2, &entry.payload[0], 6, SQLITE_STATIC);
      Must(sqlite3_step(insert) == SQLITE_DONE, "insert");
      sqlite3_reset(insert);
    }
    sqlite3_finalize(insert);
    Sql(db_, "COMMIT");
  }
  void Begin() {  // one read transaction for all look-ups
    Sql(db_, "BEGIN");
    sqlite3_prepare_v3(db_, "SELECT v FROM s WHERE k = ?", -1, SQLITE_PREPARE_PERSISTENT, &select_,
                       nullptr);
  }
  bool Find(Key key) {
    Bind(select_, key);
    const bool found = sqlite3_step(select_) == SQLITE_ROW;
    if (found) sum_ += *static_cast<const uint8_t*>(sqlite3_column_blob(select_, 0));
    sqlite3_reset(select_);
    return found;
  }

 private:
  void Bind(sqlite3_stmt* statement, Key key) {
    if (!long_keys_) {
      // Rising as signed numbers do.
      sqlite3_bind_int64(statement, 1, static_cast<int64_t>(key ^ uint64_t{1} << 63));
      return;
    }
    key_ = LongKey(key);
    sqlite3_bind_blob(statement, 1, key_.data(), static_cast<int>(key_.size()), SQLITE_STATIC);
  }

  bool long_keys_;
  sqlite3* db_ = nullptr;
  sqlite3_stmt* select_ = nullptr;
  std::array<uint8_t, 32> key_{};
  uint64_t sum_ = 0;
};

Store SqliteStore(const std::filesystem::path& path, bool long_keys,
                  const std::vector<Entry>& entries) {
  Store store{.name = long_keys ? "SQLite, 32-byte key" : "SQLite, 64-bit key"};
  const auto start = Clock::now();
  Sqlite(path, long_keys).Fill(entries);
  store.build_seconds = Seconds(start);
  store.bytes = static_cast<double>(std::filesystem::file_size(path));
  const auto db = std::make_shared<Sqlite>(path, long_keys);
  db->Begin();
  store.find = [db](Key key) { return db->Find(key); };
  const Key some = entries[entries.size() / 3].key;
  store.open_and_find = [=] {
    Sqlite fresh(path, long_keys);
    fresh.Begin();
    Must(fresh.Find(some), "SQLite's first look-up");
  };
  return store;
}

#ifdef KAOPU_HAVE_LMDB
class Lmdb {
 public:
  Lmdb(const std::string& path, unsigned flags) {
    Must(mdb_env_create(&env_) == 0, "mdb_env_create");
    mdb_env_set_mapsize(env_, size_t{16} << 30);
    Must(mdb_env_open(env_, path.c_str(), MDB_NOSUBDIR | MDB_NOSYNC | flags, 0600) == 0,
         "mdb_env_open");
    Must(mdb_txn_begin(env_, nullptr, flags & MDB_RDONLY, &txn_) == 0, "mdb_txn_begin");
    Must(mdb_dbi_open(txn_, nullptr, 0, &dbi_) == 0, "mdb_dbi_open");
  }
  Lmdb(const Lmdb&) = delete;
  Lmdb& operator=(const Lmdb&) = delete;
  ~Lmdb() {
    if (txn_ != nullptr) mdb_txn_abort(txn_);
    mdb_env_close(env_);
  }
  void Fill(const std::vector<Entry>& entries) {
    for (const Entry& entry : entries) {
      auto key = LongKey(entry.key);
      uint64_t row = entry.payload[0];
      MDB_val k{key.size(), key.data()}, v{6, &row};
      Must(mdb_put(txn_, dbi_, &k, &v, MDB_APPEND) == 0, "mdb_put");
    }
    Must(mdb_txn_commit(txn_) == 0, "mdb_txn_commit");
    txn_ = nullptr;
  }
  bool Find(Key seller) {
    auto key = LongKey(seller);
    MDB_val k{key.size(), key.data()}, v;
    if (mdb_get(txn_, dbi_, &k, &v) != 0) return false;
    sum_ += *static_cast<const uint8_t*>(v.mv_data);
    return true;
  }

 private:
  MDB_env* env_ = nullptr;
  MDB_txn* txn_ = nullptr;
  MDB_dbi dbi_ = 0;
  uint64_t sum_ = 0;
};

Store LmdbStore(const std::filesystem::path& path, const std::vector<Entry>& entries) {
  Store store{.name = "LMDB, 32-byte key"};
  const auto start = Clock::now();
  Lmdb(path, 0).Fill(entries);
  store.build_seconds = Seconds(start);
  store.bytes = static_cast<double>(std::filesystem::file_size(path));
  const auto db = std::make_shared<Lmdb>(path, MDB_RDONLY | MDB_NOLOCK);
  store.find = [db](Key key) { return db->Find(key); };
  const Key some = entries[entries.size() / 3].key;
  store.open_and_find = [=] {
    Lmdb fresh(path, MDB_RDONLY | MDB_NOLOCK);
    Must(fresh.Find(some), "LMDB's first look-up");
  };
  return store;
}
#endif

// Half of them there, half not.
std::vector<Key> Asked(const std::vector<Entry>& entries, uint64_t seed) {
  Random random(seed);
  std::vector<Key> keys(kLookups);
  for (size_t i = 0; i < keys.size(); ++i) {
    keys[i] = i % 2 == 0 ? entries[random.Below(entries.size())].key : random.Next();
  }
  return keys;
}

void ForgetPages(const std::filesystem::path& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  fsync(fd);
  posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
  close(fd);
}

void TimeStores(std::vector<Store>& stores, const std::vector<Entry>& entries, double bound_bytes) {
  for (int round = 0; round <= kRounds; ++round) {
    const std::vector<Key> keys = Asked(entries, static_cast<uint64_t>(round) + 1);
    for (Store& store : stores) {
      size_t found = 0;
      const auto start = Clock::now();
      const double cpu_start = CpuSeconds();
      for (const Key key : keys) found += store.find(key);
      const double cpu_ns = (CpuSeconds() - cpu_start) * 1e9 / static_cast<double>(keys.size());
      const double ns = Seconds(start) * 1e9 / static_cast<double>(keys.size());
      Must(found == keys.size() / 2, "looking up");
      if (round == 0) continue;  // warming up
      store.ns.push_back(ns);
      store.cpu_ns.push_back(cpu_ns);
    }
  }
  const auto n = static_cast<double>(entries.size());
  std::printf("%-28s %8s %9s %9s %10s %8s %7s %12s\n", "store", "B/seller", "x bound", "build s",
              "look-up ns", "CPU ns", "x ours", "open+find us");
  const double ours = Median(stores.front().cpu_ns);
  for (Store& store : stores) {
    std::vector<double> opens;
    for (int i = 0; i < 101; ++i) {
      const auto start = Clock::now();
      store.open_and_find();
      opens.push_back(Seconds(start) * 1e6);
    }
    const double cpu_ns = Median(store.cpu_ns);
    std::printf("%-28s %8.2f %9.3f %9.1f %10.0f %8.0f %7.1f %12.0f\n", store.name.c_str(),
                store.bytes / n, store.bytes / bound_bytes, store.build_seconds, Median(store.ns),
                cpu_ns, cpu_ns / ours, Median(opens));
  }
}

struct Entropy {
  std::map<std::vector<uint32_t>, std::unordered_map<uint32_t, double>> seen;
  void Add(std::vector<uint32_t> given, uint32_t value) { ++seen[std::move(given)][value]; }
  double Bits() const {
    double bits = 0;
    for (const auto& [given, values] : seen) {
      double all = 0;
      for (const auto& [value, count] : values) all += count;
      for (const auto& [value, count] : values) bits += count * std::log2(all / count);
    }
    return bits;
  }
};

void TimeDelta(const std::filesystem::path& folder, const Header& before,
               std::vector<Entry> entries) {
  Header header = before;
  header.epoch.at += kMinutesADay;
  header.publish += 1;
  const size_t count = entries.size();
  Entropy rows, news;
  double updated = 0, added = 0;
  for (Entry& entry : entries) {
    Random random(Mix(entry.key));
    if (random.Below(1000) >= 9) continue;
    SellerEvidence evidence = HistoryOf(entry.key);
    AddOutcome(evidence, header.epoch.at, random, 10);
    const Payload row = RowFor(header, evidence);
    if (row == entry.payload) continue;
    ++updated;
    const Fields old = SplitFields(Kind::kSellers, entry.payload);
    const Fields now = SplitFields(Kind::kSellers, row);
    const Fields expected = ExpectedFields(header, &old, now[0]);
    uint32_t moved = 0;
    for (uint32_t f = 0; f < 8; ++f) {
      rows.Add({f, f == 0 ? 0u : expected[f], moved}, now[f]);
      if (f > 0 && f < 4 && now[f] != expected[f]) moved = 1;
    }
    entry.payload = row;
  }
  for (size_t i = 0; i < count / 1000; ++i) {
    const Key key = Mix(0x6e65770000000000 + i);
    SellerEvidence evidence;
    Random random(key);
    AddOutcome(evidence, header.epoch.at, random, 10);
    entries.push_back({key, RowFor(header, evidence)});
    const Fields now = SplitFields(Kind::kSellers, entries.back().payload);
    ++added;
    uint32_t moved = 0;
    for (uint32_t f = 0; f < 8; ++f) {
      news.Add({f, moved}, now[f]);
      moved |= f > 0 && now[f] != 0;
    }
  }
  std::ranges::sort(entries, {}, &Entry::key);
  WriteIndex(folder / "newer", header, entries);
  std::vector<Entry>().swap(entries);

  const IndexFile from = Must(IndexFile::Open(folder / "index"), "open");
  const IndexFile to = Must(IndexFile::Open(folder / "newer"), "open");
  auto start = Clock::now();
  const std::string delta = Must(MakeDelta(from, to), "delta");
  const double made = Seconds(start);
  start = Clock::now();
  Must(ApplyDelta(from, delta, folder / "applied"), "apply");
  const double applied = Seconds(start);
  start = Clock::now();
  Must(IndexFile::Open(folder / "applied")->Verify(), "verify");
  const double verified = Seconds(start);
  const double which = Log2Choose(static_cast<double>(count), updated) / 8;
  const double keys = SetBits(added) / 8;
  const double contents = (rows.Bits() + news.Bits()) / 8;
  const double bound = which + keys + contents;
  std::printf(
      "\ndelta of a day, %.0f changed and %.0f new of %zu: %zu bytes = %.3f x bound of %.0f\n"
      "  bound: which changed %.0f, the new keys %.0f, contents given the older file %.0f\n"
      "  (with rows of 48 bits nobody can foresee it would be %.0f); %.2f bytes a change; %.2f %% "
      "of "
      "the file\n"
      "  made in %.2f s, applied and checked in %.2f s, every page verified in %.2f s\n",
      updated, added, count, delta.size(), static_cast<double>(delta.size()) / bound, bound, which,
      keys, contents, which + keys + (updated + added) * 6,
      static_cast<double>(delta.size()) / (updated + added),
      100.0 * static_cast<double>(delta.size()) / static_cast<double>(from.bytes().size()), made,
      applied, verified);
}

// The index at `folder`/index cut into ranges: what padding costs, and a sync of 32 of them. Every
// sixteenth seller or so has details, as a history of five outcomes has.
void TimeRanges(const std::filesystem::path& folder, Header header,
                const std::vector<Entry>& entries) {
  header.kind = Kind::kDetails;
  std::vector<Entry> details;
  for (const Entry& entry : entries) {
    if (Mix(entry.key) % 16 != 0) continue;
    Payload payload{};
    for (size_t word = 0; word < 4; ++word) {
      payload[word] = Mix(entry.key + word) & ((uint64_t{1} << 50) - 1);
    }
    details.push_back({entry.key, payload});
  }
  WriteIndex(folder / "details", header, details);
  const IndexFile rows = Must(IndexFile::Open(folder / "index"), "open"),
                  more = Must(IndexFile::Open(folder / "details"), "open");
  const size_t whole = rows.bytes().size() + more.bytes().size();
  std::printf("in ranges (%zu sellers with details; whole: %zu bytes):\n", details.size(), whole);
  for (const unsigned bits : {8U, 12U, 16U}) {
    const auto start = Clock::now();
    const CutIndex cut = Must(CutRanges(rows, more, bits, folder / "ranges"), "cut");
    const double seconds = Seconds(start);
    const std::string bytes = Must(ReadFile(folder / "ranges", kRangeFileBytesMax), "read");
    uint64_t unpadded = 0;
    for (uint32_t range = 0; range < cut.Ranges(); ++range) {
      const auto slot =
          Must(ReadRangeSlot(std::string_view(bytes).substr(cut.OffsetOf(range), cut.SlotBytes()),
                             cut, range),
               "slot");
      unpadded += slot.sellers.size() + slot.details.size() + slot.proof.size();
    }
    struct stat info {};
    Must(stat((folder / "ranges").c_str(), &info) == 0, "stat");
    std::printf(
        "  %2u bits: %5.0f sellers a range, %6.1f kB each; padded %.2f x the whole, not padded "
        "%.2f x, on disk %.2f x; 32 of them %.2f MB = %.2f %% of the whole; cut in %.2f s\n",
        bits, static_cast<double>(entries.size()) / static_cast<double>(cut.Ranges()),
        static_cast<double>(cut.SlotBytes()) / 1e3,
        static_cast<double>(cut.FileBytes()) / static_cast<double>(whole),
        static_cast<double>(unpadded) / static_cast<double>(whole),
        static_cast<double>(info.st_blocks) * 512 / static_cast<double>(whole),
        32 * static_cast<double>(cut.SlotBytes()) / 1e6,
        3200 * static_cast<double>(cut.SlotBytes()) / static_cast<double>(whole), seconds);
  }
  for (const char* one : {"details", "ranges"}) std::filesystem::remove(folder / one);
}

void Run(const std::filesystem::path& folder, size_t sellers, bool peers) {
  const Header header = AHeader();
  std::vector<Entry> entries;
  {
    std::vector<Key> keys(sellers);
    for (size_t i = 0; i < sellers; ++i) {
      keys[i] = HashSeller(header.salt, "taobao:" + std::to_string(i)).key;
    }
    std::ranges::sort(keys);
    Must(std::ranges::adjacent_find(keys) == keys.end(), "keys that differ");
    entries.reserve(sellers + sellers / 1000);
    for (const Key key : keys) entries.push_back({key, RowFor(header, HistoryOf(key))});
  }
  const auto n = static_cast<double>(sellers);
  const double bound = SetBits(n) / 8 + n * 6;
  std::printf("\n%zu sellers; bound: %.2f bytes a key and 6 of row\n", sellers, SetBits(n) / 8 / n);

  std::vector<Store> stores;
  const std::filesystem::path path = folder / "index";
  Store ours{.name = "index"};
  ours.build_seconds = WriteIndex(path, header, entries);
  ours.bytes = static_cast<double>(std::filesystem::file_size(path));
  const auto file = std::make_shared<IndexFile>(Must(IndexFile::Open(path), "open"));
  ours.find = [file](Key key) {
    const auto found = file->Find(key);
    Must(found.has_value(), "a look-up");
    return found->has_value();
  };
  const Key some = entries[sellers / 3].key;
  ours.open_and_find = [=] {
    const auto fresh = IndexFile::Open(path);
    Must(fresh && *fresh->Find(some), "the first look-up");
  };
  stores.push_back(ours);
  if (peers) {
    stores.push_back(SqliteStore(folder / "sqlite32", true, entries));
    stores.push_back(SqliteStore(folder / "sqlite8", false, entries));
#ifdef KAOPU_HAVE_LMDB
    stores.push_back(LmdbStore(folder / "lmdb", entries));
#endif
  }
  TimeStores(stores, entries, bound);
  stores.clear();

  {
    const auto whole = Must(SellerIndex::Open(path, std::nullopt), "open");
    std::vector<std::string> names(kLookups);
    Random random(77);
    for (std::string& name : names) name = "taobao:" + std::to_string(random.Below(sellers * 2));
    std::vector<double> ns;
    Fix sum = 0;
    for (int round = 0; round < kRounds; ++round) {
      const auto start = Clock::now();
      for (const std::string& name : names) {
        const auto answer = whole.Find(name, header.epoch.at + 5 * kMinutesADay);
        if (answer && *answer) sum += (*answer)->risk.bad;
      }
      ns.push_back(Seconds(start) * 1e9 / static_cast<double>(names.size()));
    }
    std::vector<double> cold;
    for (int i = 0; i < 30; ++i) {
      ForgetPages(path);
      const auto start = Clock::now();
      const auto fresh = IndexFile::Open(path);
      Must(fresh && *fresh->Find(entries[random.Below(sellers)].key), "a cold look-up");
      cold.push_back(Seconds(start) * 1e6);
    }
    std::printf(
        "from a seller's name to P(bad), hash, look-up, decay and priors: %.0f ns (checksum %llx)\n"
        "open and first look-up with nothing in memory: %.0f us (as the disk is)\n",
        Median(ns), static_cast<unsigned long long>(sum), Median(cold));
  }
  for (const char* peer : {"sqlite32", "sqlite8", "lmdb", "lmdb-lock"}) {
    std::filesystem::remove(folder / peer);
  }
  if (sellers <= 10'000'000) TimeRanges(folder, header, entries);
  TimeDelta(folder, header, std::move(entries));
  for (const char* one : {"index", "newer", "applied"}) std::filesystem::remove(folder / one);
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  std::printf(
      "  most memory of the benchmark itself: %ld MiB (entries of 40 bytes, mapped files)\n",
      usage.ru_maxrss / 1024);
  std::fflush(stdout);
}

}  // namespace
}  // namespace kaopu::index

int main(int argc, char** argv) {
  const size_t sellers = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 0;
  if (sellers < 1000) {
    std::fprintf(stderr, "index_bench FOLDER SELLERS [no-peers]\n");
    return 2;
  }
  kaopu::index::Run(argv[1], sellers, argc < 4);
}
