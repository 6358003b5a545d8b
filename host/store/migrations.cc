// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "store/migrations.h"

#include <array>
#include <string>

#include "base/str_cat.h"

namespace kaopu {
namespace {

constexpr int64_t kApplicationId = 0x4b616f70;  // DISK: "Kaop", so that `file` and we know our own

// DISK
constexpr char kVersion1[] = R"sql(
PRAGMA application_id = 1264676720;
CREATE TABLE sellers (
  seller_id INTEGER PRIMARY KEY,
  seller_key TEXT NOT NULL UNIQUE CHECK (length(seller_key) BETWEEN 3 AND 200),
  name TEXT CHECK (length(name) BETWEEN 1 AND 200)
) STRICT;
CREATE TABLE aliases (
  alias_key TEXT NOT NULL PRIMARY KEY CHECK (length(alias_key) BETWEEN 3 AND 200),
  seller_id INTEGER NOT NULL REFERENCES sellers ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX aliases_of_seller ON aliases (seller_id);
CREATE TABLE orders (
  order_id TEXT NOT NULL PRIMARY KEY CHECK (length(order_id) BETWEEN 1 AND 100),
  seller_id INTEGER NOT NULL REFERENCES sellers,
  status TEXT NOT NULL CHECK (status IN ('unknown', 'paid', 'shipped', 'delivered', 'cancelled', 'refunded')),
  placed_at TEXT CHECK (placed_at GLOB '????-??-??'),
  promised_by TEXT CHECK (promised_by GLOB '????-??-??'),
  item_title TEXT CHECK (length(item_title) BETWEEN 1 AND 500),
  price_minor INTEGER CHECK (price_minor >= 0),
  price_currency TEXT CHECK (length(price_currency) = 3),
  recorded_at_ms INTEGER NOT NULL,
  changed_at_ms INTEGER NOT NULL,
  CHECK ((price_minor IS NULL) = (price_currency IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX orders_of_seller ON orders (seller_id);
CREATE TABLE outcomes (
  outcome_id INTEGER PRIMARY KEY AUTOINCREMENT,
  seller_id INTEGER NOT NULL REFERENCES sellers,
  outcome TEXT NOT NULL CHECK (outcome IN ('on_time', 'late', 'never_shipped', 'fake_shipment', 'seller_cancelled',
                                           'open', 'buyer_cancelled')),
  days_late INTEGER CHECK (days_late IS NULL OR (days_late >= 1 AND outcome = 'late')),
  order_id TEXT CHECK (length(order_id) BETWEEN 1 AND 100),
  placed_at TEXT CHECK (placed_at GLOB '????-??-??'),
  promised_by TEXT CHECK (promised_by GLOB '????-??-??'),
  shipped_at TEXT CHECK (shipped_at GLOB '????-??-??'),
  delivered_at TEXT CHECK (delivered_at GLOB '????-??-??'),
  item_title TEXT CHECK (length(item_title) BETWEEN 1 AND 500),
  price_minor INTEGER CHECK (price_minor >= 0),
  price_currency TEXT CHECK (length(price_currency) = 3),
  note TEXT CHECK (length(note) BETWEEN 1 AND 2000),
  recorded_at_ms INTEGER NOT NULL,
  changed_at_ms INTEGER NOT NULL,
  CHECK ((price_minor IS NULL) = (price_currency IS NULL))
) STRICT;
CREATE INDEX outcomes_of_seller ON outcomes (seller_id);
CREATE TABLE changes (
  change_id INTEGER PRIMARY KEY AUTOINCREMENT,
  entity TEXT NOT NULL CHECK (entity IN ('outcome', 'order')),
  entity_key TEXT NOT NULL,
  action TEXT NOT NULL CHECK (action IN ('add', 'edit', 'remove')),
  before TEXT,
  changed_at_ms INTEGER NOT NULL,
  CHECK ((before IS NULL) = (action = 'add'))
) STRICT;
CREATE INDEX changes_of_entity ON changes (entity, entity_key, change_id);
CREATE TABLE settings (
  name TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
)sql";

// DISK
constexpr char kVersion2[] = R"sql(
CREATE TABLE licences (
  licence TEXT NOT NULL CHECK (length(licence) BETWEEN 3 AND 200),
  seller_id INTEGER NOT NULL REFERENCES sellers ON DELETE CASCADE,
  PRIMARY KEY (licence, seller_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX licences_of_seller ON licences (seller_id);
CREATE TABLE lacks (
  adapter TEXT NOT NULL PRIMARY KEY CHECK (length(adapter) BETWEEN 1 AND 100),
  fields TEXT NOT NULL CHECK (length(fields) BETWEEN 1 AND 1000),
  pages INTEGER NOT NULL CHECK (pages >= 1)
) STRICT, WITHOUT ROWID;
)sql";

// DISK
constexpr char kVersion3[] = R"sql(
CREATE TABLE reports (
  report_id INTEGER PRIMARY KEY AUTOINCREMENT,
  registry_id TEXT NOT NULL CHECK (length(registry_id) = 16 AND registry_id NOT GLOB '*[^0-9a-f]*'),
  seller_key TEXT NOT NULL CHECK (length(seller_key) BETWEEN 3 AND 200),
  report TEXT NOT NULL CHECK (length(report) BETWEEN 2 AND 1024),
  platform TEXT NOT NULL CHECK (length(platform) BETWEEN 1 AND 200),
  order_id TEXT NOT NULL CHECK (length(order_id) BETWEEN 1 AND 100),
  outcome_id INTEGER,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'sent', 'refused', 'withdrawing', 'withdrawn', 'removed', 'vanished')),
  envelope TEXT,
  posted INTEGER NOT NULL DEFAULT 0 CHECK (posted IN (0, 1)),
  tries INTEGER NOT NULL DEFAULT 0 CHECK (tries >= 0),
  next_try_at_ms INTEGER NOT NULL,
  last_error TEXT,
  entry INTEGER CHECK (entry >= 0),
  class TEXT,
  content TEXT,
  salt TEXT,
  receipt TEXT,
  covered INTEGER NOT NULL DEFAULT 0 CHECK (covered IN (0, 1)),
  released_at_ms INTEGER,
  removal INTEGER CHECK (removal >= 0),
  reason TEXT,
  replaced_by INTEGER REFERENCES reports,
  agreed_at_ms INTEGER NOT NULL,
  sent_at_ms INTEGER,
  withdrawn_at_ms INTEGER,
  changed_at_ms INTEGER NOT NULL,
  turn INTEGER NOT NULL DEFAULT 0,
  CHECK ((entry IS NULL) = (receipt IS NULL)),
  CHECK (state <> 'sent' OR entry IS NOT NULL)
) STRICT;
CREATE INDEX reports_of_order ON reports (platform, order_id);
-- At one registry an order has at most one report that is on its way.
CREATE UNIQUE INDEX reports_waiting ON reports (registry_id, platform, order_id) WHERE state = 'waiting';
)sql";

// DISK. What was posted may have arrived, so a later word on the order stands in a row of its own.
constexpr char kVersion4[] = R"sql(
DROP INDEX reports_waiting;
CREATE UNIQUE INDEX reports_waiting ON reports (registry_id, platform, order_id)
  WHERE state = 'waiting' AND posted = 0;
)sql";

// DISK. A proof of purchase that goes with a report, and the name of who signed it.
constexpr char kVersion5[] = R"sql(
ALTER TABLE reports ADD COLUMN proof TEXT CHECK (length(proof) BETWEEN 1 AND 4096);
ALTER TABLE reports ADD COLUMN proof_by TEXT CHECK ((proof_by IS NULL) = (proof IS NULL));
)sql";

constexpr std::array<const char*, 5> kMigrations = {kVersion1, kVersion2, kVersion3, kVersion4,
                                                    kVersion5};

}  // namespace

std::span<const char* const> Migrations() { return kMigrations; }

Expected<void> Migrate(const Database& database, size_t up_to) {
  const auto version_now = [&]() -> Expected<int64_t> {
    Expected<std::optional<int64_t>> version = database.QueryInt("PRAGMA user_version");
    if (!version) return std::unexpected(version.error());
    return version->value_or(0);
  };
  // Looked at without a lock first: an open of a current file should not wait for anybody.
  const Expected<int64_t> seen = version_now();
  if (!seen) return std::unexpected(seen.error());
  const Expected<std::optional<int64_t>> tables =
      database.QueryInt("SELECT count(*) FROM sqlite_master");
  if (!tables) return std::unexpected(tables.error());
  const Expected<std::optional<int64_t>> application = database.QueryInt("PRAGMA application_id");
  if (!application) return std::unexpected(application.error());
  if (tables->value_or(0) > 0 && application->value_or(0) != kApplicationId) {
    return Fail(ErrorCode::kDamaged,
                "kaopu.db is a database of another program; move it away and start again");
  }
  if (*seen > static_cast<int64_t>(Migrations().size())) {
    return Fail(ErrorCode::kUnsupported,
                StrCat("kaopu.db has version ", *seen, ", this Kaopu knows up to ",
                       Migrations().size(), "; install the newer Kaopu again"));
  }
  if (*seen >= static_cast<int64_t>(up_to)) return {};
  return database.Transact([&]() -> Expected<void> {
    const Expected<int64_t> version = version_now();  // another program may have been faster
    if (!version) return std::unexpected(version.error());
    for (size_t step = static_cast<size_t>(*version); step < up_to; ++step) {
      const std::string script = StrCat(kMigrations[step], "PRAGMA user_version = ", step + 1);
      if (Expected<void> run = database.RunScript(script.c_str()); !run) return run;
    }
    return {};
  });
}

}  // namespace kaopu
