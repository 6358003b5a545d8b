// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// From what the store keeps to what the reputation room judges.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"
#include "messaging/action.h"
#include "reputation/verdict.h"
#include "store/store.h"

namespace kaopu {

// The keys under which the store may know a seller: its own, then those aliases that its platform
// gave it (same platform, and never `web:`). Any other alias, such as a licence number, is a claim
// of the page: it would lend one shop another's record.
std::vector<std::string> TrustedKeys(const std::string& key, std::span<const std::string> aliases);

// What is kept of a seller's aliases: the trusted ones, and licences (which only link).
std::vector<std::string> AliasesToKeep(const std::string& key,
                                       std::span<const std::string> aliases);

// One `reason_same_licence` for each other seller of the shopper's own records that printed the
// same licence, the worse first. It moves no number: a licence on a page is a claim, and a good
// record is not to be had by printing somebody's.
Expected<std::vector<Reason>> ReasonsFromLicences(const Store& store, const std::string& key,
                                                  std::span<const std::string> aliases);

// What the shopper told, with the day it was known: that of shipment or of the broken promise,
// never after the day it was recorded.
Outcome JudgedOutcome(const OutcomeRecord& outcome);

// Days past the promise of an order that is not known to have shipped; 0 = not overdue.
int DaysOverdue(const OrderRecord& order, Date today);

// Whether an outcome other than `open` is recorded for the order.
bool IsDecided(const OrderRecord& order, std::span<const OutcomeRecord> outcomes);

struct OwnEvidence {
  SellerHistory history;
  std::vector<Outcome> outcomes;  // first those of history.outcomes, in its order
  Overdue overdue;
  int open = 0;  // orders not decided yet
};

// kUnavailable, kDamaged: the store's.
Expected<OwnEvidence> ReadOwnEvidence(const Store& store, std::span<const std::string> keys,
                                      Date today);

// The `history` object of a check_page reply.
Json HistoryJson(const OwnEvidence& own, Date today);

Date Today(const ActionContext& context);

}  // namespace kaopu
