// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include <array>

#include "base/str_cat.h"
#include "store/journal.h"
#include "store/store_impl.h"

namespace kaopu {
namespace {

constexpr std::array<std::string_view, 15> kColumns = {
    "outcome_id",  "seller_id",      "outcome",    "days_late",      "order_id",
    "placed_at",   "promised_by",    "shipped_at", "delivered_at",   "item_title",
    "price_minor", "price_currency", "note",       "recorded_at_ms", "changed_at_ms"};
constexpr JournalTable kTable = {"outcome", "outcomes", "outcome_id", kColumns};

OutcomeRecord ReadOutcome(const Row& row) {
  OutcomeRecord outcome;
  outcome.outcome_id = row.Int(0);
  outcome.seller_key = row.Text(1);
  outcome.outcome = ParseOutcomeKind(row.Text(2)).value_or(OutcomeKind::kOpen);
  if (const std::optional<int64_t> days = row.MaybeInt(3))
    outcome.days_late = static_cast<int>(*days);
  outcome.order_id = row.MaybeText(4);
  outcome.placed_at = row.MaybeDate(5);
  outcome.promised_by = row.MaybeDate(6);
  outcome.shipped_at = row.MaybeDate(7);
  outcome.delivered_at = row.MaybeDate(8);
  outcome.item_title = row.MaybeText(9);
  outcome.item_price = PriceOf(row, 10);
  outcome.note = row.MaybeText(12);
  outcome.recorded_at = row.Time(13);
  outcome.changed_at = row.Time(14);
  return outcome;
}

}  // namespace

Expected<std::vector<OutcomeRecord>> Store::Impl::ReadOutcomes(std::string_view where,
                                                               Database::Values values) const {
  std::vector<OutcomeRecord> outcomes;
  const Expected<void> read =
      database.Query(StrCat("SELECT outcome_id, seller_key, outcome, days_late, order_id, "
                            "placed_at, promised_by, shipped_at,"
                            " delivered_at, item_title, price_minor, price_currency, note, "
                            "recorded_at_ms, changed_at_ms"
                            " FROM outcomes JOIN sellers USING (seller_id) ",
                            where),
                     values, [&](const Row& row) { outcomes.push_back(ReadOutcome(row)); });
  if (!read) return std::unexpected(read.error());
  return outcomes;
}

Expected<OutcomeRecord> Store::GetOutcome(int64_t outcome_id) const {
  Expected<std::vector<OutcomeRecord>> found =
      impl_->ReadOutcomes("WHERE outcome_id = ?", {outcome_id});
  if (!found) return std::unexpected(found.error());
  if (found->empty()) return Fail(ErrorCode::kNotFound, StrCat("no outcome ", outcome_id));
  return std::move(found->front());
}

Expected<std::vector<OutcomeRecord>> Store::Outcomes(std::optional<std::string> seller_key,
                                                     int64_t limit) const {
  if (!seller_key) return impl_->ReadOutcomes("ORDER BY outcome_id DESC LIMIT ?", {limit});
  const Expected<int64_t> seller = impl_->FindSeller(*seller_key);
  if (!seller) return std::unexpected(seller.error());
  return impl_->ReadOutcomes("WHERE seller_id = ? ORDER BY outcome_id DESC LIMIT ?",
                             {*seller, limit});
}

Expected<OutcomeRecord> Store::AddOutcome(const SellerRecord& seller, OutcomeRecord outcome,
                                          TimeMs now) {
  return impl_->database.Transact([&]() -> Expected<OutcomeRecord> {
    const Expected<int64_t> seller_id = impl_->KeepSeller(seller);
    if (!seller_id) return std::unexpected(seller_id.error());
    const Expected<int64_t> added = impl_->database.Execute(
        "INSERT INTO outcomes (seller_id, outcome, days_late, order_id, placed_at, promised_by, "
        "shipped_at,"
        " delivered_at, item_title, price_minor, price_currency, note, recorded_at_ms, "
        "changed_at_ms)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        {*seller_id, OutcomeKindName(outcome.outcome), outcome.days_late, outcome.order_id,
         outcome.placed_at, outcome.promised_by, outcome.shipped_at, outcome.delivered_at,
         outcome.item_title, PriceMinor(outcome.item_price), PriceCurrency(outcome.item_price),
         outcome.note, now, now});
    if (!added) return std::unexpected(added.error());
    const int64_t outcome_id = impl_->database.LastInsertId();
    const Expected<void> noted =
        NoteChange(impl_->database, kTable, "add", std::to_string(outcome_id), now);
    if (!noted) return std::unexpected(noted.error());
    return GetOutcome(outcome_id);
  });
}

Expected<OutcomeRecord> Store::EditOutcome(OutcomeRecord outcome, TimeMs now) {
  return impl_->database.Transact([&]() -> Expected<OutcomeRecord> {
    const std::string key = std::to_string(outcome.outcome_id);
    const Expected<void> noted = NoteChange(impl_->database, kTable, "edit", key, now);
    if (!noted) return std::unexpected(noted.error());
    const Expected<int64_t> seller_id = impl_->KeepSeller({outcome.seller_key, std::nullopt, {}});
    if (!seller_id) return std::unexpected(seller_id.error());
    const Expected<int64_t> edited = impl_->database.Execute(
        "UPDATE outcomes SET seller_id = ?, outcome = ?, days_late = ?, order_id = ?, placed_at = "
        "?, promised_by = ?,"
        " shipped_at = ?, delivered_at = ?, item_title = ?, price_minor = ?, price_currency = ?, "
        "note = ?,"
        " changed_at_ms = ? WHERE outcome_id = ?",
        {*seller_id, OutcomeKindName(outcome.outcome), outcome.days_late, outcome.order_id,
         outcome.placed_at, outcome.promised_by, outcome.shipped_at, outcome.delivered_at,
         outcome.item_title, PriceMinor(outcome.item_price), PriceCurrency(outcome.item_price),
         outcome.note, now, outcome.outcome_id});
    if (!edited) return std::unexpected(edited.error());
    return GetOutcome(outcome.outcome_id);
  });
}

Expected<void> Store::RemoveOutcome(int64_t outcome_id, TimeMs now) {
  return impl_->database.Transact([&]() -> Expected<void> {
    const Expected<void> noted =
        NoteChange(impl_->database, kTable, "remove", std::to_string(outcome_id), now);
    if (!noted) return noted;
    const Expected<int64_t> removed =
        impl_->database.Execute("DELETE FROM outcomes WHERE outcome_id = ?", {outcome_id});
    if (!removed) return std::unexpected(removed.error());
    return {};
  });
}

Expected<UndoneOutcome> Store::UndoOutcome(std::optional<int64_t> outcome_id) {
  return impl_->database.Transact([&]() -> Expected<UndoneOutcome> {
    std::optional<std::string> key;
    if (outcome_id) key = std::to_string(*outcome_id);
    const Expected<TakenBack> taken = TakeBack(impl_->database, kTable, key);
    if (!taken) return std::unexpected(taken.error());
    if (Expected<void> tidy = impl_->ForgetUnusedSellers(); !tidy)
      return std::unexpected(tidy.error());
    UndoneOutcome undone{
        .action = taken->action, .outcome_id = std::stoll(taken->key), .now = std::nullopt};
    if (taken->action == "add") return undone;
    Expected<OutcomeRecord> now = GetOutcome(undone.outcome_id);
    if (!now) return std::unexpected(now.error());
    undone.now = std::move(*now);
    return undone;
  });
}

}  // namespace kaopu
