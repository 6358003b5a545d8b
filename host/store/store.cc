// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "store/store.h"

#include <sys/stat.h>

#include <map>
#include <set>
#include <system_error>

#include "base/str_cat.h"
#include "reputation/verdict.h"
#include "store/migrations.h"
#include "store/store_impl.h"

namespace kaopu {
namespace {

constexpr std::string_view kFileName = "kaopu.db";  // DISK
constexpr std::string_view kLicence = "licence:";   // DISK, WIRE: see page/licence.h

bool IsLicence(std::string_view alias) { return alias.starts_with(kLicence); }

Expected<void> MakeFolder(const std::filesystem::path& home) {
  std::error_code error;
  std::filesystem::create_directories(home.parent_path(), error);
  if (mkdir(home.c_str(), 0700) == 0) return {};
  if (std::filesystem::is_directory(home, error)) return {};
  return Fail(ErrorCode::kUnavailable, StrCat("cannot make the folder ", home.string()));
}

}  // namespace

Store::Store(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Store::Store(Store&&) noexcept = default;
Store& Store::operator=(Store&&) noexcept = default;
Store::~Store() = default;

Expected<Store> Store::Open(const std::filesystem::path& home) {
  if (Expected<void> made = MakeFolder(home); !made) return std::unexpected(made.error());
  Expected<Database> database = Database::Open(home / kFileName);
  if (!database) return std::unexpected(database.error());
  if (Expected<void> migrated = Migrate(*database); !migrated)
    return std::unexpected(migrated.error());
  return Store(std::make_unique<Impl>(Impl{std::move(*database)}));
}

Expected<int64_t> Store::Impl::FindSeller(std::string_view key) const {
  const Expected<std::optional<int64_t>> found = database.QueryInt(
      "SELECT seller_id FROM sellers WHERE seller_key = ?1 UNION ALL"
      " SELECT seller_id FROM aliases WHERE alias_key = ?1 LIMIT 1",
      {key});
  if (!found) return std::unexpected(found.error());
  return found->value_or(0);
}

Expected<int64_t> Store::Impl::KeepSeller(const SellerRecord& seller) const {
  // Known by its key, else by the first alias that is known.
  Expected<int64_t> id = FindSeller(seller.seller_key);
  for (size_t i = 0; id && *id == 0 && i < seller.aliases.size(); ++i) {
    if (!IsLicence(seller.aliases[i])) id = FindSeller(seller.aliases[i]);
  }
  if (!id) return id;
  if (*id == 0) {
    const Expected<int64_t> added = database.Execute(
        "INSERT INTO sellers (seller_key, name) VALUES (?, ?)", {seller.seller_key, seller.name});
    if (!added) return added;
    id = database.LastInsertId();
  } else if (seller.name) {
    const Expected<int64_t> named =
        database.Execute("UPDATE sellers SET name = ? WHERE seller_id = ?", {seller.name, *id});
    if (!named) return named;
  }
  std::vector<std::string> keys = seller.aliases;
  keys.push_back(seller.seller_key);
  for (const std::string& key : keys) {
    if (IsLicence(key)) {
      const Expected<int64_t> printed = database.Execute(
          "INSERT INTO licences (licence, seller_id) VALUES (?, ?) ON CONFLICT DO NOTHING",
          {key, *id});
      if (!printed) return printed;
      continue;
    }
    const Expected<int64_t> added = database.Execute(
        "INSERT INTO aliases (alias_key, seller_id) SELECT ?1, ?2"
        " WHERE NOT EXISTS (SELECT 1 FROM sellers WHERE seller_key = ?1) ON CONFLICT DO NOTHING",
        {key, *id});
    if (!added) return added;
  }
  return id;
}

Expected<void> Store::Impl::ForgetUnusedSellers() const {
  const Expected<int64_t> forgotten = database.Execute(
      "DELETE FROM sellers WHERE seller_id NOT IN (SELECT seller_id FROM outcomes UNION SELECT "
      "seller_id FROM orders"
      " UNION SELECT json_extract(before, '$.seller_id') FROM changes WHERE before IS NOT NULL)");
  if (!forgotten) return std::unexpected(forgotten.error());
  return {};
}

Expected<SellerHistory> Store::HistoryOf(std::span<const std::string> keys) const {
  SellerHistory history;
  std::set<int64_t> seen;
  for (const std::string& key : keys) {
    const Expected<int64_t> id = impl_->FindSeller(key);
    if (!id) return std::unexpected(id.error());
    if (*id == 0 || !seen.insert(*id).second) continue;
    if (seen.size() == 1) {
      const Expected<void> read = impl_->database.Query(
          "SELECT seller_key, name FROM sellers WHERE seller_id = ?", {*id}, [&](const Row& row) {
            history.seller_key = row.Text(0);
            history.name = row.MaybeText(1);
          });
      if (!read) return std::unexpected(read.error());
    }
    Expected<std::vector<OutcomeRecord>> outcomes =
        impl_->ReadOutcomes("WHERE seller_id = ? ORDER BY outcome_id DESC", {*id});
    if (!outcomes) return std::unexpected(outcomes.error());
    history.outcomes.insert(history.outcomes.end(), outcomes->begin(), outcomes->end());
    Expected<std::vector<OrderRecord>> orders =
        impl_->ReadOrders("WHERE seller_id = ? ORDER BY recorded_at_ms DESC, order_id", {*id});
    if (!orders) return std::unexpected(orders.error());
    history.orders.insert(history.orders.end(), orders->begin(), orders->end());
  }
  if (seen.empty() && !keys.empty()) history.seller_key = keys.front();
  return history;
}

Expected<bool> Store::KnowsSeller(std::string_view key) const {
  const Expected<int64_t> id = impl_->FindSeller(key);
  if (!id) return std::unexpected(id.error());
  return *id != 0;
}

Expected<std::vector<SellerRecord>> Store::Sellers() const {
  std::vector<SellerRecord> sellers;
  std::map<int64_t, size_t> place;
  Expected<void> read =
      impl_->database.Query("SELECT seller_id, seller_key, name FROM sellers ORDER BY seller_key",
                            {}, [&](const Row& row) {
                              place[row.Int(0)] = sellers.size();
                              sellers.push_back({row.Text(1), row.MaybeText(2), {}});
                            });
  if (!read) return std::unexpected(read.error());
  read = impl_->database.Query("SELECT seller_id, alias_key FROM aliases ORDER BY alias_key", {},
                               [&](const Row& row) {
                                 const auto seller = place.find(row.Int(0));
                                 if (seller != place.end())
                                   sellers[seller->second].aliases.push_back(row.Text(1));
                               });
  if (!read) return std::unexpected(read.error());
  return sellers;
}

Expected<std::vector<SellerRecord>> Store::SellersWithLicence(
    std::span<const std::string> keys, std::span<const std::string> licences) const {
  int64_t own = 0;
  for (size_t i = 0; own == 0 && i < keys.size(); ++i) {
    const Expected<int64_t> id = impl_->FindSeller(keys[i]);
    if (!id) return std::unexpected(id.error());
    own = *id;
  }
  std::map<std::string, SellerRecord> found;  // by key, so that the order is the same each time
  const auto take = [&](const Row& row) {
    found.try_emplace(row.Text(0), SellerRecord{row.Text(0), row.MaybeText(1), {}});
  };
  for (const std::string& licence : licences) {
    const Expected<void> read = impl_->database.Query(
        "SELECT seller_key, name FROM licences JOIN sellers USING (seller_id)"
        " WHERE licence = ? AND seller_id <> ?",
        {licence, own}, take);
    if (!read) return std::unexpected(read.error());
  }
  if (own != 0) {
    const Expected<void> read = impl_->database.Query(
        "SELECT seller_key, name FROM licences JOIN sellers USING (seller_id) WHERE seller_id <> ?1"
        " AND licence IN (SELECT licence FROM licences WHERE seller_id = ?1)",
        {own}, take);
    if (!read) return std::unexpected(read.error());
  }
  std::vector<SellerRecord> list;
  for (auto& [key, seller] : found) list.push_back(std::move(seller));
  return list;
}

Expected<void> Store::NoteLacks(std::string_view adapter, std::span<const std::string> fields) {
  const Expected<std::optional<int64_t>> pages =
      impl_->database.QueryInt("SELECT pages FROM lacks WHERE adapter = ?", {adapter});
  if (!pages) return std::unexpected(pages.error());
  // Most pages are read whole, and then nothing is written.
  if (fields.empty() ? !*pages : pages->value_or(0) >= kLacksMax) return {};
  std::string names;
  for (const std::string& field : fields) names += (names.empty() ? "" : " ") + field;
  const Expected<int64_t> changed =
      fields.empty() ? impl_->database.Execute("DELETE FROM lacks WHERE adapter = ?", {adapter})
                     : impl_->database.Execute(
                           "INSERT INTO lacks (adapter, fields, pages) VALUES (?1, ?2, 1)"
                           " ON CONFLICT DO UPDATE SET fields = ?2, pages = pages + 1",
                           {adapter, names});
  if (!changed) return std::unexpected(changed.error());
  return {};
}

Expected<std::vector<AdapterLack>> Store::Lacks() const {
  std::vector<AdapterLack> lacks;
  const Expected<void> read = impl_->database.Query(
      "SELECT adapter, fields, pages FROM lacks ORDER BY adapter", {}, [&](const Row& row) {
        AdapterLack& lack = lacks.emplace_back(AdapterLack{row.Text(0), {}, row.Int(2)});
        const std::string names = row.Text(1);
        for (size_t at = 0; at < names.size();) {
          const size_t end = std::min(names.find(' ', at), names.size());
          lack.fields.push_back(names.substr(at, end - at));
          at = end + 1;
        }
      });
  if (!read) return std::unexpected(read.error());
  return lacks;
}

// DISK: names and values of settings.
Expected<Settings> Store::GetSettings() const {
  Settings settings;
  Money ask_above;
  const Expected<void> read =
      impl_->database.Query("SELECT name, value FROM settings", {}, [&](const Row& row) {
        const std::string name = row.Text(0), value = row.Text(1);
        if (name == "caution") settings.caution = ParseCaution(value).value_or(Caution::kNormal);
        if (name == "language") settings.language = value;
        if (name == "ask_above_minor")
          ask_above.amount_minor = std::strtoll(value.c_str(), nullptr, 10);
        if (name == "ask_above_currency") ask_above.currency = value;
      });
  if (!read) return std::unexpected(read.error());
  if (!ask_above.currency.empty()) settings.ask_above = ask_above;
  return settings;
}

Expected<void> Store::PutSettings(const Settings& settings) {
  return impl_->database.Transact([&]() -> Expected<void> {
    Expected<int64_t> done = impl_->database.Execute("DELETE FROM settings");
    const auto put = [&](std::string_view name, std::string_view value) {
      if (done)
        done = impl_->database.Execute("INSERT INTO settings (name, value) VALUES (?, ?)",
                                       {name, value});
    };
    put("caution", CautionName(settings.caution));
    put("language", settings.language);
    if (settings.ask_above) {
      put("ask_above_minor", std::to_string(settings.ask_above->amount_minor));
      put("ask_above_currency", settings.ask_above->currency);
    }
    if (!done) return std::unexpected(done.error());
    return {};
  });
}

Expected<std::vector<ChangeRecord>> Store::Changes() const {
  std::vector<ChangeRecord> changes;
  const Expected<void> read = impl_->database.Query(
      "SELECT entity, entity_key, action, before, changed_at_ms FROM changes ORDER BY change_id",
      {}, [&](const Row& row) {
        changes.push_back({row.Text(0), row.Text(1), row.Text(2), row.MaybeText(3), row.Time(4)});
      });
  if (!read) return std::unexpected(read.error());
  return changes;
}

Expected<void> Store::Check() const {
  std::string found;
  const Expected<void> read = impl_->database.Query("PRAGMA quick_check(1)", {},
                                                    [&](const Row& row) { found = row.Text(0); });
  if (!read) return read;
  if (found != "ok") {
    return Fail(ErrorCode::kDamaged, StrCat("kaopu.db is damaged (", found,
                                            "); move the file away and keep it, then start again"));
  }
  return {};
}

Expected<DeletedCounts> Store::DeleteAll() {
  DeletedCounts counts;
  const Expected<void> deleted = impl_->database.Transact([&]() -> Expected<void> {
    const auto empty = [&](std::string_view table) {
      return impl_->database.Execute(StrCat("DELETE FROM ", table));
    };
    struct {
      std::string_view table;
      int64_t* count;
    } const rows[] = {{"changes", &counts.changes}, {"outcomes", &counts.outcomes},
                      {"orders", &counts.orders},   {"aliases", nullptr},
                      {"licences", nullptr},        {"lacks", nullptr},
                      {"sellers", &counts.sellers}, {"settings", &counts.settings},
                      {"reports", &counts.reports}};
    for (const auto& row : rows) {
      const Expected<int64_t> gone = empty(row.table);
      if (!gone) return std::unexpected(gone.error());
      if (row.count != nullptr) *row.count = *gone;
    }
    return {};
  });
  if (!deleted) return std::unexpected(deleted.error());
  // The rows are gone and overwritten; this takes them out of the write-ahead log too. Busy readers
  // only put it off.
  (void)impl_->database.RunScript("VACUUM");
  (void)impl_->database.RunScript("PRAGMA wal_checkpoint(TRUNCATE)");
  return counts;
}

}  // namespace kaopu
