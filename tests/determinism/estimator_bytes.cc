// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Replays a made-up stream and prints every number of the estimator, for same_bytes.sh to compare
// between compilers, optimizers and machines. Only host/reputation is linked.
#include <cstdio>
#include <string>

#include "reputation/stream.h"

namespace {

// A generator of our own: the library's distributions differ between libraries.
uint64_t state = 42;
uint64_t Random(uint64_t below) {
  state = state * 6364136223846793005 + 1442695040888963407;
  return (state >> 33) % below;
}

}  // namespace

int main() {
  using namespace kaopu;
  Stream stream;
  Minute now = 25'000'000;
  for (int i = 0; i < 20'000; ++i) {
    now += static_cast<Minute>(Random(200));
    const uint64_t number = Random(1 + Random(400));
    const std::string id = std::to_string(i), seller = std::to_string(number);
    const OrderContext context{.category = Random(9),
                               .state = Random(5),
                               .promise_minutes = static_cast<int64_t>(Random(20'000)),
                               .price_minor = static_cast<int64_t>(Random(1'000'000))};
    const Risk risk = stream.Order(now, id, seller, context, Random(10) == 0);
    std::printf("%lld %lld %lld %lld\n", static_cast<long long>(risk.bad),
                static_cast<long long>(risk.never), static_cast<long long>(risk.weight),
                static_cast<long long>(risk.rate));
    const bool bad = Random(400) < number / 4;
    const auto ship = static_cast<int64_t>(Random(6'000));
    stream.Outcome(now, id, seller, bad, bad ? std::nullopt : std::optional(ship), 5'000);
    if (bad && Random(2) == 0) stream.LateShip(now, id, 5'000 + ship);
    if (i % 100 == 0) {
      const Span span = SpanOf(risk);
      const Span wilson = WilsonSpan(risk.bad, risk.weight + risk.prior);
      std::printf("%lld %lld %lld\n", static_cast<long long>(risk.orders),
                  static_cast<long long>(span.low), static_cast<long long>(span.high));
      std::printf("%lld %lld\n", static_cast<long long>(wilson.low),
                  static_cast<long long>(wilson.high));
    }
  }
  const Epoch epoch = stream.learner().EpochAt(now);
  for (const Fix x : epoch.mixture) std::printf("%lld\n", static_cast<long long>(x));
  for (const Fix x : epoch.prior_never) std::printf("%lld\n", static_cast<long long>(x));
  for (const Fix x : epoch.prior_ship) std::printf("%lld\n", static_cast<long long>(x));
  for (const Fix x : stream.learner().coefficients())
    std::printf("%lld\n", static_cast<long long>(x));
  // What a policy says of a seller, too.
  SellerEvidence seller;
  for (int i = 0; i < 50; ++i) {
    seller.Add(now + i * 3000, {.bad = i % 7 == 0});
    seller.AddShipTime(now + i * 3000, i * 97);
    const ShipTime time = ShipTimeOf(epoch, seller, now + i * 3000);
    std::printf("%lld %lld %lld\n", static_cast<long long>(time.median[0]),
                static_cast<long long>(time.p90[2]),
                static_cast<long long>(TrendOf(epoch, seller, now + i * 3000).change));
  }
}
