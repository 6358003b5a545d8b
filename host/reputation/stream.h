// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// A stream of orders and outcomes in time order, asked and learned from line by line. What `kaopu
// backtest` runs; sellers, open orders and the learner in one place. No parsing, no I/O.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "reputation/learner.h"

namespace kaopu {

class Stream {
 public:
  // P(bad) and the rest of an order placed now. `probe`: nothing is remembered of it.
  Risk Order(Minute now, const std::string& id, const std::string& seller,
             const OrderContext& context, bool probe);
  // Its outcome, or one of an order never asked about.
  void Outcome(Minute now, const std::string& id, const std::string& seller, bool bad,
               std::optional<int64_t> ship_minutes, std::optional<int64_t> promise_minutes);
  // An order that was bad because the limit passed did ship. Without this by 30 days after its
  // outcome it counts as never shipped.
  void LateShip(Minute now, const std::string& id, std::optional<int64_t> ship_minutes);

  const Learner& learner() const { return learner_; }
  size_t sellers() const { return sellers_.size(); }
  size_t open() const { return open_.size(); }

 private:
  struct Seller {
    SellerEvidence evidence;
    Activity activity;
    Surprise surprise;
  };
  struct Unshipped {
    Seller* seller;
    Asked asked;
  };
  void CallNever(Minute now);

  Learner learner_;
  std::unordered_map<std::string, Seller> sellers_;  // nodes never move
  std::unordered_map<std::string, Asked> open_;
  std::unordered_map<std::string, Unshipped> unshipped_;
  std::deque<std::pair<Minute, std::string>> due_;  // when an unshipped order is called never
};

}  // namespace kaopu
