// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// How often the 90 % interval of P(bad) holds the truth, on simulated streams of sellers who differ
// and drift: the truth is known there. Asked of every order after the first year, through the same
// Stream as `kaopu backtest`.
//   coverage_bench [SEEDS]      one row a world: share of orders whose true chance lies within
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "reputation/stream.h"

namespace kaopu {
namespace {

struct World {
  const char* name;
  double mean;        // chance of bad of the middle seller
  double differ;      // standard deviation between sellers, log-odds
  double walk;        // of a seller's random walk over a year, log-odds
  double jumps;       // a year: a seller becomes another one
  double orders_min;  // a year, of a seller; up to orders_max, evenly in its logarithm
  double orders_max;
};

constexpr World kWorlds[] = {
    {"steady", .10, 1.0, 0, 0, 5, 300},           {"slow drift", .10, 1.0, .4, 0, 5, 300},
    {"drift", .10, 1.0, .8, 0, 5, 300},           {"fast drift", .10, 1.0, 1.5, 0, 5, 300},
    {"jumps", .10, 1.0, 0, .5, 5, 300},           {"alike", .10, .4, .3, 0, 5, 300},
    {"very unlike", .10, 1.6, .6, .1, 5, 300},    {"mostly good", .04, 1.0, .6, .1, 5, 300},
    {"often bad", .25, 1.0, .6, .1, 5, 300},      {"few orders", .10, 1.0, .6, .1, 2, 20},
    {"many orders", .10, 1.0, .6, .1, 200, 2000},
};

struct Event {
  Minute at;
  int seller;
  int order;
  bool outcome, bad;
  double truth;
};

struct Tally {
  double asked = 0, within = 0, below = 0, above = 0, width = 0;
  double thin_asked = 0, thin_within = 0;  // sellers known by less than four orders' weight
};

Tally Play(const World& world, unsigned seed) {
  constexpr int kSellers = 300, kYears = 3;
  constexpr Minute kYear = 365 * kMinutesADay, kStart = 20'000'000;
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  std::uniform_real_distribution<double> even;
  std::exponential_distribution<double> wait;
  const double middle = std::log(world.mean / (1 - world.mean));
  std::vector<Event> events;
  int orders = 0;
  for (int s = 0; s < kSellers; ++s) {
    const double rate =
        world.orders_min * std::pow(world.orders_max / world.orders_min, even(random));
    double odds = middle + world.differ * normal(random), t = 0;
    for (;;) {
      const double step = wait(random) / rate;
      t += step;
      if (t >= kYears) break;
      odds += world.walk * std::sqrt(step) * normal(random);
      if (even(random) < world.jumps * step) odds = middle + world.differ * normal(random);
      const double truth = 1 / (1 + std::exp(-odds));
      const Minute at = kStart + static_cast<Minute>(t * kYear);
      const bool bad = even(random) < truth;
      events.push_back({at, s, orders, false, bad, truth});
      events.push_back({at + 3 * kMinutesADay, s, orders++, true, bad, truth});
    }
  }
  std::ranges::stable_sort(events, {}, &Event::at);
  Stream stream;
  Tally tally;
  for (const Event& event : events) {
    const std::string id = std::to_string(event.order), seller = std::to_string(event.seller);
    if (event.outcome) {
      stream.Outcome(event.at, id, seller, event.bad, std::nullopt, std::nullopt);
      continue;
    }
    const Risk risk = stream.Order(event.at, id, seller, {}, false);
    if (event.at < kStart + kYear) continue;
    const Span span = SpanOf(risk);
    const double low = static_cast<double>(span.low) / kFixOne,
                 high = static_cast<double>(span.high) / kFixOne;
    const bool within = event.truth >= low && event.truth <= high, thin = risk.weight < FixOf(4);
    ++tally.asked;
    tally.within += within;
    tally.below += event.truth < low;
    tally.above += event.truth > high;
    tally.width += high - low;
    tally.thin_asked += thin;
    tally.thin_within += thin && within;
  }
  return tally;
}

}  // namespace
}  // namespace kaopu

int main(int argc, char** argv) {
  const int seeds = argc > 1 ? std::max(1, std::atoi(argv[1])) : 5;
  std::printf(
      "| stream | orders asked | within %% | below %% | above %% | mean width | thinly known: "
      "within %% |\n"
      "|---|---|---|---|---|---|---|\n");
  for (const kaopu::World& world : kaopu::kWorlds) {
    kaopu::Tally sum;
    for (int seed = 1; seed <= seeds; ++seed) {
      const kaopu::Tally one = kaopu::Play(world, seed);
      sum.asked += one.asked, sum.within += one.within, sum.below += one.below;
      sum.above += one.above, sum.width += one.width;
      sum.thin_asked += one.thin_asked, sum.thin_within += one.thin_within;
    }
    std::printf("| %s | %.0f | %.1f | %.1f | %.1f | %.3f | %.1f |\n", world.name, sum.asked,
                100 * sum.within / sum.asked, 100 * sum.below / sum.asked,
                100 * sum.above / sum.asked, sum.width / sum.asked,
                100 * sum.thin_within / std::max(1., sum.thin_asked));
    std::fflush(stdout);
  }
}
