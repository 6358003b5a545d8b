// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Inside the store only: what its use-case files share.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "sqlite/database.h"
#include "store/store.h"

namespace kaopu {

struct Store::Impl {
  Database database;

  // The id of the seller that `key` or an alias names; 0 when there is none.
  Expected<int64_t> FindSeller(std::string_view key) const;
  // The id of the seller, remembered now if it was not; name and new aliases are taken over. In a
  // transaction.
  Expected<int64_t> KeepSeller(const SellerRecord& seller) const;
  // Forgets sellers that no order, outcome or undoable change speaks of. In a transaction.
  Expected<void> ForgetUnusedSellers() const;

  Expected<std::vector<OutcomeRecord>> ReadOutcomes(std::string_view where,
                                                    Database::Values values) const;
  Expected<std::vector<OrderRecord>> ReadOrders(std::string_view where,
                                                Database::Values values) const;
};

inline Value PriceMinor(const std::optional<Money>& price) {
  return price ? Value(price->amount_minor) : Value(std::optional<int64_t>());
}
inline Value PriceCurrency(const std::optional<Money>& price) {
  return price ? Value(price->currency) : Value(std::optional<int64_t>());
}
inline std::optional<Money> PriceOf(const Row& row, int minor_column) {
  if (row.IsNull(minor_column)) return std::nullopt;
  return Money{row.Int(minor_column), row.Text(minor_column + 1)};
}

}  // namespace kaopu
