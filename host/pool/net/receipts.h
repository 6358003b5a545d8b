// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// What became of the reports that a registry gave receipts for, held against the log that is
// followed: covered by it, released, removed with a logged reason, or gone without a word.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "pool/net/follow.h"
#include "pool/net/reporter_key.h"
#include "pool/net/send.h"
#include "pool/net/verified_log.h"
#include "pool/pool_folder.h"
#include "store/store.h"

namespace kaopu::pool {

// Contents are released within 14 days; so long after that a registry that published meanwhile
// broke its promise.
inline constexpr std::chrono::days kReleasedAfter{16};

// Looks after every report with a receipt of this registry. The alarm: kind `vanished` (a content
// that was public, or should be, is not there and the log says nothing), or `fork` (a signed
// receipt is of another log than the one that is followed). Errors of the registry end the look,
// those of single reports do not.
Expected<std::optional<Alarm>> CheckReceipts(const Registry& registry, VerifiedLog& log,
                                             Store& store, const Clock& clock);

// Whether an entry of the log is the operator's word that `entry` was removed; the reason then.
std::optional<std::string> RemovalReason(std::string_view log_entry, uint64_t entry,
                                         const tlog::VerifierKey& operator_key);

// What is offline to be said of one stored receipt: nullopt where it holds.
std::optional<Error> ReceiptTrouble(const ReportRecord& report, const Registry& registry);

// Sends first, looks after receipts once the log was followed.
class OutboxPartner : public SyncPartner {
 public:
  OutboxPartner(Store& store, ReporterKey& key, const Clock& clock, SendOptions options)
      : store_(store), key_(key), clock_(clock), options_(std::move(options)) {}

  Expected<void> Before(const Registry& registry, HttpClient& client) override;
  Expected<std::optional<Alarm>> After(const Registry& registry, HttpClient& client,
                                       VerifiedLog& log) override;
  const SendResult& result() const { return result_; }  // of all registries

 private:
  Store& store_;
  ReporterKey& key_;
  const Clock& clock_;
  SendOptions options_;
  SendResult result_;
};

}  // namespace kaopu::pool
