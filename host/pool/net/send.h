// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Sends to one registry what the shopper agreed to, and takes back what was taken back. Over an
// HttpClient, the shopper's store and a clock; no report is lost (what may have arrived is asked
// for with the very same bytes until the receipt holds) and none counts twice (an order's nullifier
// is the same for all that is said of it).
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "net/http_client.h"
#include "pool/net/reporter_key.h"
#include "pool/pool_folder.h"
#include "report/seal/voprf.h"
#include "store/store.h"

namespace kaopu::pool {

// A registry that asks for more work than this is asked again later.
inline constexpr int kSendBitsMax = 26;

struct SendStep {
  enum class Kind {
    kWorking,    // proof of work of `bits` bits
    kSending,    // the sealed report leaves now
    kSent,       // its receipt holds
    kWithdrawn,  // the registry says it is gone, or it never arrived
    kRefused,    // for ever: `message`
    kLater,      // not now: `message`
  };
  Kind kind = Kind::kLater;
  int64_t report_id = 0;
  int bits = 0;
  std::string message;  // English, for people
};

struct SendOptions {
  bool now = false;                         // tries before their time too: the shopper asks
  const std::atomic<bool>* stop = nullptr;  // set: ends soon, everything as it was
  std::function<void(const SendStep&)> on_step;
  // From 0 to 1: how far a delay is stretched, so that shoppers do not come all at once. Random
  // unless given.
  std::function<double()> jitter;
};

struct SendResult {
  int sent = 0, withdrawn = 0, refused = 0;
  int later = 0;  // tried in vain, or not yet due
};

// The error is of the shopper's own side (store, key, registry.json): what the registry does or
// does not answer is kept with each report, and the rest goes on.
Expected<SendResult> SendReports(const Registry& registry, HttpClient& client, Store& store,
                                 ReporterKey& key, const Clock& clock, const SendOptions& options);

// An order's nullifier, with what whoever knows the order's number can tell it by. Does the work
// that the registry asks for; nothing is kept. kUnavailable, kTimeout: later; kDamaged: the
// registry used another key for this order than for everybody.
struct EvaluatedOrder {
  report::Scalar blind{};
  report::Evaluation evaluation;
  report::Nullifier nullifier{};
};
Expected<EvaluatedOrder> EvaluateOrder(const Registry& registry, HttpClient& client, Store& store,
                                       ReporterKey& key, const Clock& clock,
                                       const SendOptions& options, const ReportRecord& row);

// How long to wait after so many failures in a row: a minute, doubled each time, half a day at
// most; `jitter` adds up to half of it.
std::chrono::milliseconds DelayAfter(int64_t tries, double jitter);

}  // namespace kaopu::pool
