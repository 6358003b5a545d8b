// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The shopper's own SQLite file, KAOPU_HOME/kaopu.db, behind its use cases. Every method is one
// transaction: when it returns a value the change is on disk (WAL, synchronous=FULL); when it
// returns an error nothing changed. Several processes may have the same file open; one object
// belongs to one thread at a time.
//
// Errors of every method besides those named: kUnavailable (disk full, locked beyond the busy
// timeout, not writable), kDamaged (the file is not a sound database; the message says what to do),
// kInternal.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "store/records.h"

namespace kaopu {

struct SellerHistory {
  std::string seller_key;  // the key the store knows the seller by, else the first one asked for
  std::optional<std::string> name;
  std::vector<OutcomeRecord> outcomes;  // newest first
  std::vector<OrderRecord> orders;      // newest first
};

// What an undo took back.
struct UndoneOutcome {
  std::string action;  // add edit remove
  int64_t outcome_id = 0;
  std::optional<OutcomeRecord> now;  // as it stands after the undo
};
struct UndoneOrder {
  std::string action;
  std::string order_id;
  std::optional<OrderRecord> now;
};

struct DeletedCounts {
  int64_t sellers = 0, orders = 0, outcomes = 0, changes = 0, settings = 0, reports = 0;
};

class Store {
 public:
  // Opens KAOPU_HOME/kaopu.db; makes folder (0700) and file (0600) where absent and brings an older
  // file up to date. kUnsupported: made by a newer Kaopu. Opens no file outside `home`, then or
  // later.
  static Expected<Store> Open(const std::filesystem::path& home);
  Store(Store&&) noexcept;
  Store& operator=(Store&&) noexcept;
  ~Store();

  // Everything known about the seller that any of `keys` (its key, then aliases) names. An unknown
  // seller has an empty history.
  Expected<SellerHistory> HistoryOf(std::span<const std::string> keys) const;
  Expected<std::vector<SellerRecord>> Sellers() const;
  // Whether anything was recorded under this key or alias.
  Expected<bool> KnowsSeller(std::string_view key) const;

  // Other sellers that printed a licence of `licences`, or one that the seller known by `keys`
  // printed, when something was recorded about them: who claims the same licence, not who is the
  // same.
  Expected<std::vector<SellerRecord>> SellersWithLicence(
      std::span<const std::string> keys, std::span<const std::string> licences) const;

  // A page on which the adapter found what such pages have (`fields` empty), or lacked these
  // fields. Only a count of lacks in a row is kept, up to kLacksMax.
  Expected<void> NoteLacks(std::string_view adapter, std::span<const std::string> fields);
  Expected<std::vector<AdapterLack>> Lacks() const;  // by adapter

  // `seller` is remembered with its name and aliases, licences apart (`licence:...` never makes two
  // sellers one); an alias already known as another seller's stays that one's. outcome.outcome_id
  // and the two times are given by the store.
  Expected<OutcomeRecord> AddOutcome(const SellerRecord& seller, OutcomeRecord outcome, TimeMs now);
  Expected<OutcomeRecord> GetOutcome(int64_t outcome_id) const;            // kNotFound
  Expected<OutcomeRecord> EditOutcome(OutcomeRecord outcome, TimeMs now);  // kNotFound
  Expected<void> RemoveOutcome(int64_t outcome_id, TimeMs now);            // kNotFound
  // Newest first; of every seller when `seller_key` is absent. `limit` >= 1.
  Expected<std::vector<OutcomeRecord>> Outcomes(std::optional<std::string> seller_key,
                                                int64_t limit) const;
  // Takes back the last change of that outcome, or of any. kNotFound when there is none left.
  Expected<UndoneOutcome> UndoOutcome(std::optional<int64_t> outcome_id);

  Expected<OrderRecord> AddOrder(const SellerRecord& seller, OrderRecord order,
                                 TimeMs now);                       // kConflict: id is taken
  Expected<OrderRecord> GetOrder(std::string_view order_id) const;  // kNotFound
  Expected<OrderRecord> EditOrder(OrderRecord order, TimeMs now);   // kNotFound
  Expected<std::vector<OrderRecord>> Orders(std::optional<std::string> seller_key,
                                            int64_t limit) const;
  Expected<UndoneOrder> UndoOrder(std::optional<std::string> order_id);

  // Reports to registries. Adding or changing some is all or nothing; report_id, turn and
  // changed_at are given by the store. kConflict: another program changed one meanwhile (look
  // again), or the order has one that waits and was never posted.
  Expected<std::vector<ReportRecord>> PutReports(std::vector<ReportRecord> reports, TimeMs now);
  Expected<ReportRecord> PutReport(ReportRecord report, TimeMs now);
  Expected<ReportRecord> GetReport(int64_t report_id) const;  // kNotFound
  Expected<std::vector<ReportRecord>> Reports() const;        // newest first

  Expected<Settings> GetSettings() const;
  Expected<void> PutSettings(const Settings& settings);

  // What an undo could still take back, oldest first.
  Expected<std::vector<ChangeRecord>> Changes() const;

  // Reads the whole file: kDamaged when it is not sound.
  Expected<void> Check() const;

  // Empties every table and overwrites the space; the file stays.
  Expected<DeletedCounts> DeleteAll();

 private:
  struct Impl;
  explicit Store(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace kaopu
