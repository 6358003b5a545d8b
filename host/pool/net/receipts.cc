// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "pool/net/receipts.h"

#include <algorithm>

#include "base/str_cat.h"
#include "pool/net/registry_answers.h"
#include "report/seal/log_entry.h"
#include "tlog/log_proof.h"

namespace kaopu::pool {
namespace {

class ReceiptCheck {
 public:
  ReceiptCheck(const Registry& registry, VerifiedLog& log, Store& store, const Clock& clock,
               tlog::VerifierKey log_key, tlog::VerifierKey operator_key)
      : registry_(registry),
        log_(log),
        store_(store),
        clock_(clock),
        log_key_(std::move(log_key)),
        operator_key_(std::move(operator_key)) {}

  // The report as it stands now; nullopt: unchanged.
  Expected<std::optional<ReportRecord>> Look(const ReportRecord& before);
  Expected<std::optional<Alarm>> All();

 private:
  void Raise(std::string kind, std::string message) {
    if (!alarm_) alarm_ = Alarm{std::move(kind), std::move(message), clock_.Now()};
  }
  struct Removal {
    uint64_t number = 0;
    std::string reason;
  };
  Expected<std::optional<Removal>> FindRemoval(uint64_t entry);
  Expected<bool> Cover(const ReportRecord& report, const Receipt& receipt);
  Expected<void> LookForContent(ReportRecord& row);
  Expected<void> LookForRemoval(ReportRecord& row);

  const Registry& registry_;
  VerifiedLog& log_;
  Store& store_;
  const Clock& clock_;
  tlog::VerifierKey log_key_, operator_key_;
  std::optional<Alarm> alarm_;
};

Expected<std::optional<ReceiptCheck::Removal>> ReceiptCheck::FindRemoval(uint64_t entry) {
  std::optional<Removal> found;
  const auto seen =
      log_.EachEntry(entry + 1, log_.head().size, [&](uint64_t number, std::string_view log_entry) {
        if (const auto reason = RemovalReason(log_entry, entry, operator_key_)) {
          found = Removal{number, *reason};
        }
        return !found;
      });
  if (!seen) return std::unexpected(seen.error());
  return found;
}

// Whether the followed log goes on from the one the receipt was signed for.
Expected<bool> ReceiptCheck::Cover(const ReportRecord& report, const Receipt& receipt) {
  if (receipt.checkpoint.size > log_.head().size) return false;  // not as far yet
  const Expected<void> continues = log_.Continues(receipt.checkpoint);
  if (continues) return true;
  if (continues.error().code != ErrorCode::kConflict) return std::unexpected(continues.error());
  Raise("fork",
        StrCat("the receipt of report ", report.report_id,
               " is signed for another log than the one shown: ", continues.error().message));
  return false;
}

// Of one that should stand: released, not yet, removed, or gone.
Expected<void> ReceiptCheck::LookForContent(ReportRecord& row) {
  const uint64_t entry = static_cast<uint64_t>(*row.entry);
  const auto content = log_.Content(entry);
  if (!content) return std::unexpected(content.error());
  if (*content) {
    if ((*content)->content == row.content) {
      if (!row.released_at) row.released_at = clock_.Now();
      if (row.state != ReportState::kWithdrawing) row.state = ReportState::kSent;
      row.removal.reset();
      row.reason.reset();
    }
    return {};
  }
  const bool due = !row.replaced_by && row.sent_at && registry_.state.as_of &&
                   clock_.Now() - *row.sent_at > kReleasedAfter &&
                   *registry_.state.as_of - *row.sent_at > kReleasedAfter;
  if (!row.released_at && !due && row.state == ReportState::kSent) return {};
  const auto removal = FindRemoval(entry);
  if (!removal) return std::unexpected(removal.error());
  if (*removal) {
    row.state = ReportState::kRemoved;
    row.removal = static_cast<int64_t>((*removal)->number);
    row.reason = (*removal)->reason;
    return {};
  }
  row.state = ReportState::kVanished;
  Raise("vanished", StrCat("report ", row.report_id, " (entry ", entry,
                           ") is gone, and the log gives no reason"));
  return {};
}

// Of one that was taken back: the log says so, and the content is gone.
Expected<void> ReceiptCheck::LookForRemoval(ReportRecord& row) {
  if (!row.removal || static_cast<uint64_t>(*row.removal) >= log_.head().size) return {};
  const uint64_t entry = static_cast<uint64_t>(*row.entry);
  row.last_error.reset();
  const auto logged = log_.Entry(static_cast<uint64_t>(*row.removal));
  if (!logged) return std::unexpected(logged.error());
  const auto reason = RemovalReason(*logged, entry, operator_key_);
  if (!reason) {
    row.last_error = "the registry said that it is gone, but its log does not say so";
    Raise("vanished",
          StrCat("report ", row.report_id, " was taken back, and the log does not say so"));
    return {};
  }
  const auto content = log_.Content(entry);
  if (!content) return std::unexpected(content.error());
  if (*content) row.last_error = "the registry still shows what it said was deleted";
  return {};
}

Expected<std::optional<ReportRecord>> ReceiptCheck::Look(const ReportRecord& before) {
  ReportRecord row = before;
  const Expected<Receipt> receipt =
      CheckReceipt(static_cast<uint64_t>(*row.entry), row.content.value_or(""),
                   row.salt.value_or(""), row.receipt.value_or(""), log_key_);
  if (!receipt) {
    row.last_error = StrCat("its receipt on this computer is damaged: ", receipt.error().message);
  } else {
    if (!row.covered) {
      const Expected<bool> covered = Cover(row, *receipt);
      if (!covered) return std::unexpected(covered.error());
      row.covered = *covered;
    }
    if (static_cast<uint64_t>(*row.entry) < log_.head().size) {
      const Expected<void> looked =
          row.state == ReportState::kWithdrawn ? LookForRemoval(row) : LookForContent(row);
      if (!looked) return std::unexpected(looked.error());
    }
  }
  const bool same = row.state == before.state && row.covered == before.covered &&
                    row.released_at == before.released_at && row.removal == before.removal &&
                    row.reason == before.reason && row.last_error == before.last_error;
  return same ? std::nullopt : std::optional(std::move(row));
}

Expected<std::optional<Alarm>> ReceiptCheck::All() {
  const Expected<std::vector<ReportRecord>> reports = store_.Reports();
  if (!reports) return std::unexpected(reports.error());
  for (const ReportRecord& report : *reports) {
    const bool ours = report.registry_id == registry_.id && report.entry && *report.entry >= 0;
    if (!ours || report.state == ReportState::kWithdrawing) continue;
    Expected<std::optional<ReportRecord>> now_is = Look(report);
    if (!now_is) return std::unexpected(now_is.error());
    if (!*now_is) continue;
    const auto kept = store_.PutReport(std::move(**now_is), clock_.Now());
    // Changed by the host meanwhile: looked at again with the next sync.
    if (!kept && kept.error().code != ErrorCode::kConflict &&
        kept.error().code != ErrorCode::kNotFound) {
      return std::unexpected(kept.error());
    }
  }
  return alarm_;
}

}  // namespace

std::optional<std::string> RemovalReason(std::string_view log_entry, uint64_t entry,
                                         const tlog::VerifierKey& operator_key) {
  const auto read = report::ReadOperatorEntry(log_entry, operator_key);
  if (!read || read->what != "removal" || !read->body.is_object()) return std::nullopt;
  const Expected<std::optional<int64_t>> of = GetInt(read->body, "entry");
  if (!of || !*of || **of < 0 || static_cast<uint64_t>(**of) != entry) return std::nullopt;
  Expected<std::string> reason = RequireString(read->body, "reason");
  return reason ? reason->substr(0, 500) : std::string();
}

std::optional<Error> ReceiptTrouble(const ReportRecord& report, const Registry& registry) {
  if (!report.entry || *report.entry < 0) return std::nullopt;
  const Expected<tlog::VerifierKey> key = tlog::VerifierKey::Parse(registry.info.log_key);
  if (!key) return key.error();
  const Expected<Receipt> receipt =
      CheckReceipt(static_cast<uint64_t>(*report.entry), report.content.value_or(""),
                   report.salt.value_or(""), report.receipt.value_or(""), *key);
  if (!receipt) return receipt.error();
  if (receipt->read.report != report.report) {
    return Error{ErrorCode::kDamaged, "the receipt is of another report than the one sent"};
  }
  return std::nullopt;
}

Expected<std::optional<Alarm>> CheckReceipts(const Registry& registry, VerifiedLog& log,
                                             Store& store, const Clock& clock) {
  Expected<tlog::VerifierKey> log_key = tlog::VerifierKey::Parse(registry.info.log_key);
  if (!log_key) return std::unexpected(log_key.error());
  Expected<tlog::VerifierKey> operator_key = tlog::VerifierKey::Parse(registry.info.operator_key);
  if (!operator_key) return std::unexpected(operator_key.error());
  return ReceiptCheck(registry, log, store, clock, std::move(*log_key), std::move(*operator_key))
      .All();
}

Expected<void> OutboxPartner::Before(const Registry& registry, HttpClient& client) {
  const Expected<SendResult> sent = SendReports(registry, client, store_, key_, clock_, options_);
  if (!sent) return std::unexpected(sent.error());
  result_.sent += sent->sent;
  result_.withdrawn += sent->withdrawn;
  result_.refused += sent->refused;
  result_.later += sent->later;
  return {};
}

Expected<std::optional<Alarm>> OutboxPartner::After(const Registry& registry, HttpClient&,
                                                    VerifiedLog& log) {
  return CheckReceipts(registry, log, store_, clock_);
}

}  // namespace kaopu::pool
