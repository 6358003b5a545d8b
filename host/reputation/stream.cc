// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "reputation/stream.h"

namespace kaopu {
namespace {

constexpr Minute kGrace = 30 * kMinutesADay;  // as in outcome.h: limit + 30 days

}  // namespace

void Stream::CallNever(Minute now) {
  for (; !due_.empty() && due_.front().first <= now; due_.pop_front()) {
    const auto unshipped = unshipped_.find(due_.front().second);
    if (unshipped == unshipped_.end()) continue;
    learner_.LearnNever(unshipped->second.asked, due_.front().first,
                        unshipped->second.seller->evidence);
    unshipped_.erase(unshipped);
  }
}

Risk Stream::Order(Minute now, const std::string& id, const std::string& seller,
                   const OrderContext& context, bool probe) {
  Asked asked;
  if (probe) {
    const auto known = sellers_.find(seller);
    const Seller nobody;
    const Seller& state = known == sellers_.end() ? nobody : known->second;
    return learner_.Ask(state.evidence, state.activity, context, now, asked, state.surprise);
  }
  CallNever(now);
  Seller& state = sellers_[seller];
  const Risk risk =
      learner_.Ask(state.evidence, state.activity, context, now, asked, state.surprise);
  state.activity.Add(now);
  open_[id] = asked;
  return risk;
}

void Stream::Outcome(Minute now, const std::string& id, const std::string& seller, bool bad,
                     std::optional<int64_t> ship_minutes, std::optional<int64_t> promise_minutes) {
  CallNever(now);
  Seller& state = sellers_[seller];
  Asked asked;
  if (auto open = open_.extract(id)) {
    asked = open.mapped();
  } else {
    learner_.Ask(state.evidence, state.activity, {.promise_minutes = promise_minutes}, now, asked,
                 state.surprise);
  }
  learner_.Learn(asked, now, bad, ship_minutes, promise_minutes, state.evidence, kFixOne,
                 &state.surprise);
  // A stream that knows of no promise does not tell late from never.
  if (bad && !ship_minutes && promise_minutes) {
    unshipped_[id] = {&state, asked};
    due_.emplace_back(now + kGrace, id);
  }
}

void Stream::LateShip(Minute now, const std::string& id, std::optional<int64_t> ship_minutes) {
  CallNever(now);
  const auto unshipped = unshipped_.find(id);
  if (unshipped == unshipped_.end()) return;
  if (ship_minutes) learner_.LearnShipTime(now, *ship_minutes, unshipped->second.seller->evidence);
  unshipped_.erase(unshipped);
}

}  // namespace kaopu
