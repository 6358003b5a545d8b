// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include <array>

#include "base/str_cat.h"
#include "store/journal.h"
#include "store/store_impl.h"

namespace kaopu {
namespace {

// DISK, WIRE
constexpr std::array<std::string_view, 6> kStatusNames = {"unknown",   "paid",      "shipped",
                                                          "delivered", "cancelled", "refunded"};

constexpr std::array<std::string_view, 10> kColumns = {
    "order_id",   "seller_id",   "status",         "placed_at",      "promised_by",
    "item_title", "price_minor", "price_currency", "recorded_at_ms", "changed_at_ms"};
constexpr JournalTable kTable = {"order", "orders", "order_id", kColumns};

OrderRecord ReadOrder(const Row& row) {
  OrderRecord order;
  order.order_id = row.Text(0);
  order.seller_key = row.Text(1);
  order.status = ParseOrderStatus(row.Text(2)).value_or(OrderStatus::kUnknown);
  order.placed_at = row.MaybeDate(3);
  order.promised_by = row.MaybeDate(4);
  order.item_title = row.MaybeText(5);
  order.item_price = PriceOf(row, 6);
  order.recorded_at = row.Time(8);
  order.changed_at = row.Time(9);
  return order;
}

}  // namespace

std::string_view OrderStatusName(OrderStatus status) {
  return kStatusNames[static_cast<size_t>(status)];
}

std::optional<OrderStatus> ParseOrderStatus(std::string_view name) {
  for (size_t i = 0; i < kStatusNames.size(); ++i) {
    if (kStatusNames[i] == name) return static_cast<OrderStatus>(i);
  }
  return std::nullopt;
}

Expected<std::vector<OrderRecord>> Store::Impl::ReadOrders(std::string_view where,
                                                           Database::Values values) const {
  std::vector<OrderRecord> orders;
  const Expected<void> read = database.Query(
      StrCat("SELECT order_id, seller_key, status, placed_at, promised_by, item_title, "
             "price_minor, price_currency,"
             " recorded_at_ms, changed_at_ms FROM orders JOIN sellers USING (seller_id) ",
             where),
      values, [&](const Row& row) { orders.push_back(ReadOrder(row)); });
  if (!read) return std::unexpected(read.error());
  return orders;
}

Expected<OrderRecord> Store::GetOrder(std::string_view order_id) const {
  Expected<std::vector<OrderRecord>> found = impl_->ReadOrders("WHERE order_id = ?", {order_id});
  if (!found) return std::unexpected(found.error());
  if (found->empty()) return Fail(ErrorCode::kNotFound, StrCat("no order ", order_id));
  return std::move(found->front());
}

Expected<std::vector<OrderRecord>> Store::Orders(std::optional<std::string> seller_key,
                                                 int64_t limit) const {
  if (!seller_key)
    return impl_->ReadOrders("ORDER BY recorded_at_ms DESC, order_id LIMIT ?", {limit});
  const Expected<int64_t> seller = impl_->FindSeller(*seller_key);
  if (!seller) return std::unexpected(seller.error());
  return impl_->ReadOrders("WHERE seller_id = ? ORDER BY recorded_at_ms DESC, order_id LIMIT ?",
                           {*seller, limit});
}

Expected<OrderRecord> Store::AddOrder(const SellerRecord& seller, OrderRecord order, TimeMs now) {
  return impl_->database.Transact([&]() -> Expected<OrderRecord> {
    const Expected<OrderRecord> taken = GetOrder(order.order_id);
    if (taken) {
      return Fail(
          ErrorCode::kConflict,
          StrCat("order ", order.order_id, " is known already, with seller ", taken->seller_key));
    }
    if (taken.error().code != ErrorCode::kNotFound) return taken;
    const Expected<int64_t> seller_id = impl_->KeepSeller(seller);
    if (!seller_id) return std::unexpected(seller_id.error());
    const Expected<int64_t> added = impl_->database.Execute(
        "INSERT INTO orders (order_id, seller_id, status, placed_at, promised_by, item_title, "
        "price_minor,"
        " price_currency, recorded_at_ms, changed_at_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        {order.order_id, *seller_id, OrderStatusName(order.status), order.placed_at,
         order.promised_by, order.item_title, PriceMinor(order.item_price),
         PriceCurrency(order.item_price), now, now});
    if (!added) return std::unexpected(added.error());
    const Expected<void> noted = NoteChange(impl_->database, kTable, "add", order.order_id, now);
    if (!noted) return std::unexpected(noted.error());
    return GetOrder(order.order_id);
  });
}

Expected<OrderRecord> Store::EditOrder(OrderRecord order, TimeMs now) {
  return impl_->database.Transact([&]() -> Expected<OrderRecord> {
    const Expected<void> noted = NoteChange(impl_->database, kTable, "edit", order.order_id, now);
    if (!noted) return std::unexpected(noted.error());
    const Expected<int64_t> seller_id = impl_->KeepSeller({order.seller_key, std::nullopt, {}});
    if (!seller_id) return std::unexpected(seller_id.error());
    const Expected<int64_t> edited = impl_->database.Execute(
        "UPDATE orders SET seller_id = ?, status = ?, placed_at = ?, promised_by = ?, item_title = "
        "?, price_minor = ?,"
        " price_currency = ?, changed_at_ms = ? WHERE order_id = ?",
        {*seller_id, OrderStatusName(order.status), order.placed_at, order.promised_by,
         order.item_title, PriceMinor(order.item_price), PriceCurrency(order.item_price), now,
         order.order_id});
    if (!edited) return std::unexpected(edited.error());
    return GetOrder(order.order_id);
  });
}

Expected<UndoneOrder> Store::UndoOrder(std::optional<std::string> order_id) {
  return impl_->database.Transact([&]() -> Expected<UndoneOrder> {
    const Expected<TakenBack> taken = TakeBack(impl_->database, kTable, order_id);
    if (!taken) return std::unexpected(taken.error());
    if (Expected<void> tidy = impl_->ForgetUnusedSellers(); !tidy)
      return std::unexpected(tidy.error());
    UndoneOrder undone{.action = taken->action, .order_id = taken->key, .now = std::nullopt};
    if (taken->action == "add") return undone;
    Expected<OrderRecord> now = GetOrder(undone.order_id);
    if (!now) return std::unexpected(now.error());
    undone.now = std::move(*now);
    return undone;
  });
}

}  // namespace kaopu
