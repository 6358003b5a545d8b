// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// How fast outcomes are taken in and risks are told, and what a seller costs in memory, as sellers
// and outcomes grow a hundredfold each: the evidence of host/reputation in one array, sellers drawn
// by a Zipf-like law (few have most of the orders), times rising.
#include <malloc.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "reputation/risk.h"
#include "support/split_mix.h"

namespace kaopu {
namespace {

double SecondsOf(std::chrono::steady_clock::duration took) {
  return std::chrono::duration<double>(took).count();
}

Epoch AnEpoch(Minute at) {
  Epoch epoch{.at = at};
  for (Fix& share : epoch.mixture) share = kFixOne / static_cast<Fix>(kCandidates);
  epoch.prior_bad.fill(FixOf(1, 10));
  epoch.prior_never.fill(FixOf(1, 50));
  epoch.prior_ship.fill(kFixOne / static_cast<Fix>(kShipBands));
  return epoch;
}

// Seller `i` of `sellers`, low numbers far more often: the product of two even draws.
size_t SellerOf(uint64_t bits, size_t sellers) {
  const uint64_t first = (bits & 0xffffffff) * sellers >> 32;
  return static_cast<size_t>(first * (bits >> 32) >> 32);
}

void Row(size_t sellers, int64_t outcomes) {
  using Clock = std::chrono::steady_clock;
  const size_t before = mallinfo2().uordblks + mallinfo2().hblkhd;
  std::vector<SellerEvidence> evidence(sellers);
  const size_t bytes = mallinfo2().uordblks + mallinfo2().hblkhd - before;
  SplitMix64 random(1);
  const Minute start = 28'000'000;
  const Minute year = 365 * kMinutesADay;
  auto begin = Clock::now();
  for (int64_t i = 0; i < outcomes; ++i) {
    const uint64_t draw = random.Next();
    SellerEvidence& seller = evidence[SellerOf(draw, sellers)];
    const Minute at = start + i * year / outcomes;
    const bool bad = (draw & 15) == 0;
    seller.Add(at, {.bad = bad});
    seller.AddShipTime(at, static_cast<int64_t>(draw >> 20 & 0xfff));
    if (bad && (draw & 16) != 0) seller.AddNever(at);
  }
  const double taken_in = SecondsOf(Clock::now() - begin);
  const Epoch epoch = AnEpoch(start + year);
  Fix sum = 0;
  begin = Clock::now();
  for (const SellerEvidence& seller : evidence) {
    const Risk risk = RiskOf(epoch, seller, epoch.at);
    sum += risk.bad + WilsonSpan(risk.rate, risk.weight + risk.prior).high;
  }
  const double told = SecondsOf(Clock::now() - begin);
  std::printf("%9zu  %11lld  %8.1f  %14.2f  %14.2f  %12.1f   (checksum %llx)\n", sellers,
              static_cast<long long>(outcomes), taken_in,
              static_cast<double>(outcomes) / taken_in / 1e6,
              static_cast<double>(sellers) / told / 1e6,
              static_cast<double>(bytes) / static_cast<double>(sellers),
              static_cast<unsigned long long>(sum));
  std::fflush(stdout);
}

}  // namespace
}  // namespace kaopu

int main() {
  std::printf("%9s  %11s  %8s  %14s  %14s  %12s\n", "sellers", "outcomes", "seconds",
              "M outcomes/s", "M risks/s", "bytes/seller");
  kaopu::Row(10'000, 1'000'000);
  kaopu::Row(100'000, 10'000'000);
  kaopu::Row(1'000'000, 100'000'000);
}
