// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include <array>

#include "base/str_cat.h"
#include "store/store_impl.h"

namespace kaopu {
namespace {

// DISK, WIRE
constexpr std::array<std::string_view, 7> kStateNames = {
    "waiting", "sent", "refused", "withdrawing", "withdrawn", "removed", "vanished"};

constexpr std::string_view kColumns =
    "report_id, registry_id, seller_key, report, platform, order_id, outcome_id, state, envelope, "
    "posted, tries, next_try_at_ms, last_error, entry, class, content, salt, receipt, covered, "
    "released_at_ms, removal, reason, replaced_by, agreed_at_ms, sent_at_ms, withdrawn_at_ms, "
    "changed_at_ms, turn, proof, proof_by";

std::optional<TimeMs> MaybeTime(const Row& row, int column) {
  return row.IsNull(column) ? std::nullopt : std::optional(row.Time(column));
}

ReportRecord ReadReport(const Row& row) {
  ReportRecord out;
  out.report_id = row.Int(0);
  out.registry_id = row.Text(1);
  out.seller_key = row.Text(2);
  out.report = row.Text(3);
  out.platform = row.Text(4);
  out.order_id = row.Text(5);
  out.outcome_id = row.MaybeInt(6);
  out.state = ParseReportState(row.Text(7)).value_or(ReportState::kRefused);
  out.envelope = row.MaybeText(8);
  out.posted = row.Int(9) != 0;
  out.tries = row.Int(10);
  out.next_try_at = row.Time(11);
  out.last_error = row.MaybeText(12);
  out.entry = row.MaybeInt(13);
  out.weight_class = row.MaybeText(14);
  out.content = row.MaybeText(15);
  out.salt = row.MaybeText(16);
  out.receipt = row.MaybeText(17);
  out.covered = row.Int(18) != 0;
  out.released_at = MaybeTime(row, 19);
  out.removal = row.MaybeInt(20);
  out.reason = row.MaybeText(21);
  out.replaced_by = row.MaybeInt(22);
  out.agreed_at = row.Time(23);
  out.sent_at = MaybeTime(row, 24);
  out.withdrawn_at = MaybeTime(row, 25);
  out.changed_at = row.Time(26);
  out.turn = row.Int(27);
  out.proof = row.MaybeText(28);
  out.proof_by = row.MaybeText(29);
  return out;
}

Expected<std::vector<ReportRecord>> ReadReports(const Database& database, std::string_view where,
                                                Database::Values values) {
  std::vector<ReportRecord> reports;
  const Expected<void> read =
      database.Query(StrCat("SELECT ", kColumns, " FROM reports ", where), values,
                     [&](const Row& row) { reports.push_back(ReadReport(row)); });
  if (!read) return std::unexpected(read.error());
  return reports;
}

Expected<void> Add(const Database& database, ReportRecord& report, TimeMs now) {
  const Expected<std::optional<int64_t>> waiting = database.QueryInt(
      "SELECT report_id FROM reports WHERE registry_id = ? AND platform = ? AND order_id = ?"
      " AND state = 'waiting' AND posted = 0",
      {report.registry_id, report.platform, report.order_id});
  if (!waiting) return std::unexpected(waiting.error());
  if (*waiting) {
    return Fail(ErrorCode::kConflict,
                StrCat("report ", **waiting, " on this order is on its way already"));
  }
  const Expected<int64_t> added = database.Execute(
      "INSERT INTO reports (registry_id, seller_key, report, platform, order_id, outcome_id,"
      " state, next_try_at_ms, agreed_at_ms, changed_at_ms, proof, proof_by)"
      " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      {report.registry_id, report.seller_key, report.report, report.platform, report.order_id,
       report.outcome_id, ReportStateName(report.state), report.next_try_at, report.agreed_at, now,
       report.proof, report.proof_by});
  if (!added) return std::unexpected(added.error());
  report.report_id = database.LastInsertId();
  return {};
}

Expected<void> Change(const Database& database, const ReportRecord& report, TimeMs now) {
  const Expected<int64_t> changed = database.Execute(
      "UPDATE reports SET report = ?, outcome_id = ?, state = ?, envelope = ?, posted = ?,"
      " tries = ?, next_try_at_ms = ?, last_error = ?, entry = ?, class = ?, content = ?,"
      " salt = ?, receipt = ?, covered = ?, released_at_ms = ?, removal = ?, reason = ?,"
      " replaced_by = ?, agreed_at_ms = ?, sent_at_ms = ?, withdrawn_at_ms = ?,"
      " changed_at_ms = ?, proof = ?, proof_by = ?, turn = turn + 1 WHERE report_id = ? AND turn = "
      "?",
      {report.report,
       report.outcome_id,
       ReportStateName(report.state),
       report.envelope,
       report.posted ? 1 : 0,
       report.tries,
       report.next_try_at,
       report.last_error,
       report.entry,
       report.weight_class,
       report.content,
       report.salt,
       report.receipt,
       report.covered ? 1 : 0,
       report.released_at,
       report.removal,
       report.reason,
       report.replaced_by,
       report.agreed_at,
       report.sent_at,
       report.withdrawn_at,
       now,
       report.proof,
       report.proof_by,
       report.report_id,
       report.turn});
  if (!changed) return std::unexpected(changed.error());
  if (*changed == 1) return {};
  return Fail(ErrorCode::kConflict,
              StrCat("report ", report.report_id, " was changed meanwhile; look at it again"));
}

}  // namespace

std::string_view ReportStateName(ReportState state) {
  return kStateNames[static_cast<size_t>(state)];
}

std::optional<ReportState> ParseReportState(std::string_view name) {
  for (size_t i = 0; i < kStateNames.size(); ++i) {
    if (kStateNames[i] == name) return static_cast<ReportState>(i);
  }
  return std::nullopt;
}

Expected<ReportRecord> Store::GetReport(int64_t report_id) const {
  auto found = ReadReports(impl_->database, "WHERE report_id = ?", {report_id});
  if (!found) return std::unexpected(found.error());
  if (found->empty()) return Fail(ErrorCode::kNotFound, StrCat("no report ", report_id));
  return std::move(found->front());
}

Expected<std::vector<ReportRecord>> Store::Reports() const {
  return ReadReports(impl_->database, "ORDER BY report_id DESC", {});
}

Expected<std::vector<ReportRecord>> Store::PutReports(std::vector<ReportRecord> reports,
                                                      TimeMs now) {
  return impl_->database.Transact([&]() -> Expected<std::vector<ReportRecord>> {
    std::vector<ReportRecord> kept;
    for (ReportRecord& report : reports) {
      const Expected<void> put = report.report_id == 0 ? Add(impl_->database, report, now)
                                                       : Change(impl_->database, report, now);
      if (!put) return std::unexpected(put.error());
      Expected<ReportRecord> now_is = GetReport(report.report_id);
      if (!now_is) return std::unexpected(now_is.error());
      kept.push_back(std::move(*now_is));
    }
    return kept;
  });
}

Expected<ReportRecord> Store::PutReport(ReportRecord report, TimeMs now) {
  std::vector<ReportRecord> one;
  one.push_back(std::move(report));
  auto kept = PutReports(std::move(one), now);
  if (!kept) return std::unexpected(kept.error());
  return std::move(kept->front());
}

}  // namespace kaopu
