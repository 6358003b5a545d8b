// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// What a registry remembers, as use cases: the log's entries, of which the published files are made
// and made again, and what stands behind the entries of reports. One contract-test suite
// (tests/unit/registry/store_contract_test.cc) holds every database behind this seam.
//
// An instance belongs to one thread; several, in any number of programs, may be open on one
// database: entries are numbered inside the write transaction.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "report/seal/log_entry.h"
#include "report/seal/report_keys.h"
#include "report/seal/voprf.h"

namespace kaopu {

// A report's entry and what the registry alone knows of it.
struct StoredReport {
  uint64_t entry = 0;
  TimeMs received_at{};
  // What the public gets; seller, content and salt are empty once it was removed.
  std::string seller;
  std::string content;  // report::Content::ToText
  report::Salt salt{};
  // Who may say another word on it, and on what order it is.
  report::PublicKey key{}, reporter{};
  report::Nullifier nullifier{};
  tlog::Digest identity{};  // of what was sent, but for the work: the same again is answered alike
  uint32_t revision = 0;
  std::optional<uint64_t> replaces;  // this reporter's word before on the same order
  bool duplicate = false;  // somebody else had told of this order: never released, no weight
  bool proven = false;     // came with a proof of purchase that held
  // Whether the reporter's standing was asked and moved (registry/trust/report_judge.h), and by
  // what word: replaying these in order gives the standing again.
  bool judged = false, bad = false;
  std::optional<TimeMs> released_at;
  std::optional<uint64_t> removal;  // the entry that says that it was removed
  std::string removed_reason;
};

// Inside one write transaction.
class RegistryBatch {
 public:
  virtual ~RegistryBatch() = default;
  // What will be asked for: a database that is far away is asked once for all of it. Answers are
  // the same without.
  virtual Expected<void> Foresee(std::span<const report::Nullifier> /*orders*/,
                                 std::span<const std::string_view> /*challenges*/) {
    return {};
  }
  // The log's size, those appended in this transaction included: the next entry's number.
  virtual uint64_t Size() const = 0;
  // The next entry; gives its number.
  virtual Expected<uint64_t> Append(std::string_view entry, TimeMs at) = 0;
  // What stands behind an entry that was appended in this transaction.
  virtual Expected<void> AddReport(const StoredReport& report) = 0;
  // False where it was used before.
  virtual Expected<bool> UseChallenge(std::string_view id, TimeMs expires) = 0;
  // By anybody, in order of entries.
  virtual Expected<std::vector<StoredReport>> ReportsOfOrder(
      const report::Nullifier& nullifier) = 0;
  virtual Expected<std::optional<StoredReport>> FindReport(uint64_t entry) = 0;
  // Seller, content and salt go; entry and nullifier stay. `removal` is the entry that says so.
  // kNotFound; kConflict where it was removed before.
  virtual Expected<void> Remove(uint64_t entry, uint64_t removal, std::string_view reason) = 0;
  // Marks contents as published; those removed meanwhile are passed over.
  virtual Expected<void> Release(std::span<const uint64_t> entries, TimeMs at) = 0;

 protected:
  // Why Remove changed nothing.
  Expected<void> NotRemoved(uint64_t entry);
};

// Everything that is in a store, a kind after the other, each in order.
struct StoreRows {
  std::function<Expected<void>(uint64_t number, std::string_view entry, TimeMs at)> entry;
  std::function<Expected<void>(uint64_t end)> batch;
  std::function<Expected<void>(const StoredReport& report)> report;
  std::function<Expected<void>(std::string_view id, TimeMs expires)> challenge;
};

class RegistryStore {
 public:
  virtual ~RegistryStore() = default;

  // `SQLite`, `PostgreSQL`. Any thread.
  virtual std::string_view kind() const = 0;
  // From now on, as long as this is open, no other store's call succeeds, in whatever program: one
  // server a database. kUnavailable where there is one.
  virtual Expected<void> ServeAlone() = 0;

  // Runs `body` in one write transaction, durable when this returns; what fails leaves nothing.
  // kUnavailable (disk full, database away): try again later; a database away may have it all the
  // same, if nobody is there to tell: what is done again must find it. The entries it appended form
  // a batch: the log has a checkpoint of the size after them.
  using Body = std::function<Expected<void>(RegistryBatch&)>;
  virtual Expected<void> Write(const Body& body) = 0;

  virtual Expected<uint64_t> Size() = 0;  // of the log, as far as it is durable
  // Entries [begin, end) in order.
  using SeeEntry = std::function<void(uint64_t number, std::string_view entry)>;
  virtual Expected<void> EachEntry(uint64_t begin, uint64_t end, const SeeEntry& see) = 0;
  // The size of the log after the batch that appended this entry: its receipt is a proof to that
  // checkpoint, the same whenever it is asked for. kNotFound.
  virtual Expected<uint64_t> BatchEndOf(uint64_t entry) = 0;
  // Reports with entries in [begin, end) in order, the removed ones too.
  using SeeReport = std::function<void(const StoredReport& report)>;
  virtual Expected<void> EachReport(uint64_t begin, uint64_t end, const SeeReport& see) = 0;
  virtual Expected<std::optional<StoredReport>> FindReport(uint64_t entry) = 0;

  // Entries whose contents are to be released now, in order: all that wait of a seller of whom
  // `waiting_min` wait, or of whom the oldest came before `oldest`. Duplicates never.
  virtual Expected<std::vector<uint64_t>> Releasable(int waiting_min, TimeMs oldest) = 0;
  // Duplicates that came before and are not removed yet, in order.
  virtual Expected<std::vector<uint64_t>> DuplicatesBefore(TimeMs time) = 0;
  // Used challenges that have expired before are forgotten.
  virtual Expected<void> ForgetChallenges(TimeMs expired_before) = 0;

  // All of it as of one moment.
  virtual Expected<void> EachRow(const StoreRows& see) = 0;
  // Takes in all that is in another store, in one transaction. kConflict where this is not empty.
  virtual Expected<void> Fill(RegistryStore& from) = 0;
};

}  // namespace kaopu
