// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// What the shopper's store keeps, as plain values. Texts are UTF-8; absent is nullopt.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/money.h"
#include "reputation/outcome.h"
#include "reputation/policy.h"

namespace kaopu {

struct SellerRecord {
  std::string seller_key;
  std::optional<std::string> name;
  std::vector<std::string> aliases;  // other keys known to be the same seller
};

// How many pages in a row lacked fields that an adapter's pages used to have.
struct AdapterLack {
  std::string adapter;
  std::vector<std::string> fields;
  int64_t pages = 0;
};
inline constexpr int64_t kLacksMax = 20;   // counted no further
inline constexpr int64_t kLacksStale = 3;  // from here on the adapter is called stale

struct OutcomeRecord {
  int64_t outcome_id = 0;  // given by the store
  std::string seller_key;
  OutcomeKind outcome = OutcomeKind::kOpen;
  std::optional<int> days_late;
  std::optional<std::string> order_id;
  std::optional<Date> placed_at;
  std::optional<Date> promised_by;
  std::optional<Date> shipped_at;
  std::optional<Date> delivered_at;
  std::optional<std::string> item_title;
  std::optional<Money> item_price;
  std::optional<std::string> note;
  TimeMs recorded_at{};
  TimeMs changed_at{};
};

// DISK, WIRE: paid shipped delivered cancelled refunded unknown.
enum class OrderStatus { kUnknown, kPaid, kShipped, kDelivered, kCancelled, kRefunded };
std::string_view OrderStatusName(OrderStatus status);
std::optional<OrderStatus> ParseOrderStatus(std::string_view name);

struct OrderRecord {
  std::string order_id;  // the platform's or the shopper's own; unique in the store
  std::string seller_key;
  OrderStatus status = OrderStatus::kUnknown;
  std::optional<Date> placed_at;
  std::optional<Date> promised_by;
  std::optional<std::string> item_title;
  std::optional<Money> item_price;
  TimeMs recorded_at{};
  TimeMs changed_at{};
};

// One change that can be undone. `before` is the row as it was, a JSON object of columns; absent
// for an addition.
struct ChangeRecord {
  std::string entity;      // outcome order
  std::string entity_key;  // outcome_id or order_id
  std::string action;      // add edit remove
  std::optional<std::string> before;
  TimeMs changed_at{};
};

// A report to one registry: on its way, or there with its receipt.
//   waiting      agreed to; to be sent (once posted, the same bytes until the receipt is there)
//   sent         there: entry, class, content, salt and receipt are kept
//   refused      the registry will not have it: last_error says why
//   withdrawing  to be taken back (one that may have arrived unseen is asked for first)
//   withdrawn    taken back, or cancelled before it left
//   removed      the registry removed it and its log says why: reason
//   vanished     gone without a word in the log
// DISK, WIRE: the names.
enum class ReportState { kWaiting, kSent, kRefused, kWithdrawing, kWithdrawn, kRemoved, kVanished };
std::string_view ReportStateName(ReportState state);
std::optional<ReportState> ParseReportState(std::string_view name);

struct ReportRecord {
  int64_t report_id = 0;    // given by the store
  std::string registry_id;  // 16 hex digits: the folder's name in KAOPU_HOME/pool
  std::string seller_key;
  std::string report;  // the exact bytes agreed to
  // What the order's nullifier is made from; never leaves this computer. An order without a number
  // has one of the shopper's own.
  std::string platform, order_id;
  std::optional<int64_t> outcome_id;  // of the record, where it came from one
  ReportState state = ReportState::kWaiting;
  // A proof of purchase to be sealed with it: a signed note (host/docs/registry_api.md), and the
  // name of the attester who signed it. Both or neither.
  std::optional<std::string> proof, proof_by;
  std::optional<std::string> envelope;  // as sealed: sent again as it is
  bool posted = false;                  // may have arrived, whatever was heard
  int64_t tries = 0;                    // since the last success
  TimeMs next_try_at{};
  std::optional<std::string> last_error;
  std::optional<int64_t> entry;  // number in the registry's log
  std::optional<std::string> weight_class, content, salt, receipt;
  bool covered = false;               // the receipt's checkpoint is one of the log that is followed
  std::optional<TimeMs> released_at;  // its content was seen among the public ones
  std::optional<int64_t> removal;     // the log's entry that says it is gone
  std::optional<std::string> reason;
  std::optional<int64_t> replaced_by;  // a later word on the same order: report_id
  TimeMs agreed_at{};                  // consent to these very bytes
  std::optional<TimeMs> sent_at;
  std::optional<TimeMs> withdrawn_at;  // consent taken back
  TimeMs changed_at{};
  int64_t turn = 0;  // rises with each change: who changes an older one is told
};

struct Settings {
  Caution caution = Caution::kNormal;
  std::optional<Money> ask_above;  // from which value a watch_out seller's checkout is held too
  std::string language = "auto";   // auto en zh_CN
};

}  // namespace kaopu
