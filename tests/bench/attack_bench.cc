// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Attacks on the shared database, against the registry's own code (registry/trust/report_pool.h).
//   attack_bench DATA_FOLDER [SEEDS] [EVENTS.jsonl LABELS.csv]
// A generated stream, or a real one where its files are given (evaluation only). One row an attack:
// mean over the seeds and half the width of its 95 % interval.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/json.h"
#include "registry/trust/report_judge.h"
#include "registry/trust/report_pool.h"
#include "registry/trust/trust_policy.h"

namespace kaopu {
namespace {

constexpr int64_t kDay = 86'400;

struct Order {
  int64_t at_s = 0, known_s = 0;
  int seller = 0;
  bool bad = false, test = false;
};

struct World {
  std::string name;
  std::vector<Order> orders;  // in order of time
  int sellers = 0;
  int64_t attack_s = 0;  // attacks begin here
  std::vector<int> worst, victims;
};

// Who is attacked, and which orders are looked at: the last quarter; attacks begin half way.
void PickTargets(World& world) {
  std::ranges::stable_sort(world.orders, {}, &Order::at_s);
  const size_t n = world.orders.size();
  world.attack_s = world.orders[n / 2].at_s;
  std::vector<std::pair<int, int>> seen(world.sellers);  // bad, all
  for (size_t i = n / 2; i < n; ++i) {
    world.orders[i].test = i >= n * 3 / 4;
    seen[world.orders[i].seller].first += world.orders[i].bad;
    seen[world.orders[i].seller].second += 1;
  }
  std::vector<int> all(world.sellers);
  for (int s = 0; s < world.sellers; ++s) all[s] = s;
  std::ranges::stable_sort(all, std::greater(), [&](int s) { return seen[s].first; });
  for (const int s : all) {
    if (world.worst.size() < 40 && seen[s].second >= 3 && seen[s].first * 5 >= seen[s].second) {
      world.worst.push_back(s);
    }
  }
  std::ranges::stable_sort(all, std::greater(), [&](int s) { return seen[s].second; });
  for (const int s : all) {
    if (world.victims.size() < 40 && seen[s].second >= 5 && seen[s].first * 20 <= seen[s].second) {
      world.victims.push_back(s);
    }
  }
}

// 1,200 sellers whose volumes are spread as 1 / rank^0.8 and whose rates are Beta(0.6, 4.8), each
// redrawn once at a time of its own; 6,000 reported orders in 540 days.
World Generated() {
  World world{.name = "generated stream", .sellers = 1200};
  std::mt19937_64 random(20261125);
  const auto beta = [&] {
    const double a = std::gamma_distribution<>(.6)(random),
                 b = std::gamma_distribution<>(4.8)(random);
    return a / (a + b);
  };
  std::vector<double> volume(world.sellers), before(world.sellers), after(world.sellers);
  std::vector<int64_t> turn(world.sellers);
  for (int s = 0; s < world.sellers; ++s) {
    volume[s] = std::pow(s + 1, -.8);
    before[s] = beta();
    after[s] = random() % 2 == 0 ? before[s] : beta();
    turn[s] = static_cast<int64_t>(random() % 540) * kDay;
  }
  std::discrete_distribution<int> pick(volume.begin(), volume.end());
  for (int i = 0; i < 6000; ++i) {
    Order order{.at_s = static_cast<int64_t>(random() % (540 * kDay)), .seller = pick(random)};
    const double rate =
        order.at_s < turn[order.seller] ? before[order.seller] : after[order.seller];
    order.bad = std::bernoulli_distribution(rate)(random);
    order.known_s = order.at_s + kDay * (order.bad ? 6 : 2);
    world.orders.push_back(order);
  }
  PickTargets(world);
  return world;
}

World FromFiles(const std::string& events, const std::string& labels) {
  World world{.name = "real stream"};
  std::unordered_map<std::string, int64_t> placed;
  std::unordered_map<std::string, bool> core;
  std::unordered_map<std::string, int> sellers;
  std::string line;
  for (std::ifstream in(labels); std::getline(in, line);) {
    std::vector<std::string> fields(1);
    for (const char c : line) c == ',' ? fields.emplace_back() : fields.back() += c;
    if (fields.size() > 3) core[fields[0]] = fields[3] == "1";
  }
  for (std::ifstream in(events); std::getline(in, line);) {
    const auto event = ParseJson(line, "event");
    if (!event) continue;
    const std::string type = event->value("type", ""), id = event->value("id", "");
    if (type == "order") placed[id] = event->value("t", int64_t{0});
    if (type != "outcome" || !placed.contains(id) || !core[id]) continue;
    const int seller =
        sellers.try_emplace(event->value("seller", ""), sellers.size()).first->second;
    world.orders.push_back({.at_s = placed[id],
                            .known_s = event->value("t", int64_t{0}),
                            .seller = seller,
                            .bad = event->value("bad", 0) == 1});
  }
  world.sellers = static_cast<int>(sellers.size());
  PickTargets(world);
  return world;
}

struct Attack {
  std::string name;
  double ballot = 0, mouth = 0;  // fakes a true report
  double proofs = .5, forged = 0;
  int ring = 0;         // accounts; 0 = each fake its own account
  int rename_days = 0;  // whitewashing, and how many of the switches are linked
  double linked = 0;
  double wrong_links = 0;  // share of victims linked to one of the worst sellers
  bool on_off = false;     // the victims ship for 60 days, then hardly for 30
  bool proof_kinds = true;
  // Fakes by accounts that told the truth about three orders of anybody's so long before.
  int aged_days = 0;
  int team = 0;  // accounts that tell of the same orders, again and again; one team for each side
};

struct Metrics {
  double auc = 0, precision = 0, worst = 0, good = 0;
};

Metrics Measure(const World& world, const std::vector<std::pair<double, size_t>>& scored,
                const std::vector<bool>& bad, uint64_t seed) {
  // Ties broken by chance.
  std::mt19937_64 random(seed);
  std::vector<std::tuple<double, uint64_t, size_t>> ranked;
  for (const auto& [score, order] : scored) ranked.emplace_back(-score, random(), order);
  std::ranges::sort(ranked);
  std::vector<int> kind(world.sellers);
  for (const int s : world.worst) kind[s] = 1;
  for (const int s : world.victims) kind[s] = 2;
  const size_t top = ranked.size() / 10;
  double hits = 0, rank_sum = 0, positives = 0;
  std::array<double, 3> warned{}, all{};
  for (size_t i = 0; i < ranked.size(); ++i) {
    const size_t order = std::get<2>(ranked[i]);
    const int k = kind[world.orders[order].seller];
    all[k] += 1;
    if (i < top) {
      warned[k] += 1;
      hits += bad[order];
    }
    if (bad[order]) {
      positives += 1;
      rank_sum += static_cast<double>(ranked.size() - i);
    }
  }
  const double negatives = static_cast<double>(ranked.size()) - positives;
  return {(rank_sum - positives * (positives + 1) / 2) / (positives * negatives),
          hits / static_cast<double>(top), warned[1] / std::max(1., all[1]),
          warned[2] / std::max(1., all[2])};
}

struct Event {
  int64_t at_s;
  int kind;  // 0 link, 1 report, 2 order; what is known at a time comes before what is asked at it
  PersonIndex seller, reporter;
  bool bad, proven;
  size_t order;
};

Metrics Play(const World& world, const Attack& attack, const PoolRules* rules, uint64_t seed) {
  std::mt19937_64 random(seed);
  const auto chance = [&](double p) { return std::uniform_real_distribution<>()(random) < p; };
  std::vector<int> kind(world.sellers);
  for (const int s : world.worst) kind[s] = 1;
  for (const int s : world.victims) kind[s] = 2;
  // Names: a seller's k-th name is seller + k * sellers.
  std::map<std::pair<int, int>, bool> linked;
  std::vector<Event> events;
  const auto name_of = [&](int seller, int64_t at_s) {
    if (attack.rename_days == 0 || kind[seller] != 1 || at_s < world.attack_s) return seller;
    const int k = static_cast<int>((at_s - world.attack_s) / (attack.rename_days * kDay));
    for (int j = 1; j <= k; ++j) {
      const auto [link, first] = linked.try_emplace({seller, j}, false);
      if (first && (link->second = chance(attack.linked))) {
        events.push_back({world.attack_s + j * attack.rename_days * kDay, 0,
                          static_cast<PersonIndex>(seller + j * world.sellers),
                          static_cast<PersonIndex>(seller + (j - 1) * world.sellers), false, false,
                          0});
      }
    }
    return seller + k * world.sellers;
  };
  std::vector<double> zipf(800);
  for (int i = 0; i < 800; ++i) zipf[i] = std::pow(i + 1, -.8);
  std::discrete_distribution<int> honest(zipf.begin(), zipf.end());
  constexpr PersonIndex kReporters = 100'000, kFakes = 101'000;  // above every seller's names
  PersonIndex fakes = 0;
  std::unordered_set<PersonIndex> aged;
  std::vector<bool> bad(world.orders.size());
  for (const int s : world.victims) {
    if (attack.wrong_links > 0 && chance(attack.wrong_links)) {
      events.push_back({world.attack_s, 0, static_cast<PersonIndex>(s),
                        static_cast<PersonIndex>(world.worst[random() % world.worst.size()]), false,
                        false, 0});
    }
  }
  for (size_t i = 0; i < world.orders.size(); ++i) {
    const Order& order = world.orders[i];
    bad[i] = order.bad;
    const bool off = attack.on_off && kind[order.seller] == 2 && order.at_s >= world.attack_s &&
                     (order.at_s - world.attack_s) / kDay % 90 >= 60;
    if (off) bad[i] = chance(.7);
    if (order.test) {
      events.push_back({order.at_s, 2, static_cast<PersonIndex>(name_of(order.seller, order.at_s)),
                        0, false, false, i});
    }
    const auto report = [&](int64_t at_s, int seller, bool says_bad, PersonIndex who, bool proven) {
      events.push_back(
          {at_s, 1, static_cast<PersonIndex>(name_of(seller, at_s)), who, says_bad, proven, 0});
    };
    report(order.known_s, order.seller, bad[i] != chance(.03), kReporters + honest(random),
           chance(attack.proofs));
    const double factor = kind[order.seller] == 1   ? attack.ballot
                          : kind[order.seller] == 2 ? attack.mouth
                                                    : 0;
    if (factor == 0 || order.known_s < world.attack_s) continue;
    for (int f = std::poisson_distribution<int>(factor)(random); f > 0; --f) {
      const PersonIndex who =
          kFakes + (attack.team > 0   ? f % attack.team + attack.team * (kind[order.seller] == 2)
                    : attack.ring > 0 ? random() % attack.ring
                                      : fakes++);
      const int64_t at_s = order.known_s + static_cast<int64_t>(random() % (10 * kDay)) - 5 * kDay;
      report(at_s, order.seller, kind[order.seller] == 2, who, chance(attack.forged));
      if (attack.aged_days > 0 && aged.insert(who).second) {
        const int64_t since = at_s - (attack.aged_days + random() % 20) * kDay;
        for (int k = 0; k < 3; ++k) {
          const Order& any = world.orders[random() % (i + 1)];
          if (any.known_s <= since) report(since + k * kDay, any.seller, any.bad, who, false);
        }
      }
      if (attack.ring > 0 && chance(.5)) {  // and a truth told elsewhere
        report(at_s + 1, world.victims[random() % world.victims.size()], false, who,
               chance(attack.forged));
      }
    }
  }
  std::ranges::stable_sort(events, [](const Event& a, const Event& b) {
    return std::pair(a.at_s, a.kind) < std::pair(b.at_s, b.kind);
  });
  // A rate with the prior of everybody, worth three orders. Without rules: every report counts
  // fully.
  PoolRules plain;
  ReportPool pool(rules != nullptr ? *rules : plain);
  ReportJudge judge(rules != nullptr ? *rules : plain);
  std::vector<std::pair<double, size_t>> scored;
  for (const Event& event : events) {
    if (event.kind == 0) {
      pool.Inherit(event.seller, event.reporter);
    } else if (event.kind == 1) {
      pool.Add(event.seller, event.bad,
               judge.Judge(event.reporter, event.seller, event.bad,
                           event.proven || rules == nullptr, event.at_s),
               event.at_s);
    } else {
      const PoolCounts counts = pool.At(event.seller, event.at_s, attack.proof_kinds);
      const double prior = static_cast<double>(pool.TrustedBadShare(event.at_s));
      scored.emplace_back((static_cast<double>(counts.bad) + 3 * prior) /
                              static_cast<double>(counts.bad + counts.good + 3 * kOne),
                          event.order);
    }
  }
  return Measure(world, scored, bad, seed);
}

std::vector<Attack> Attacks() {
  std::vector<Attack> attacks = {{.name = "clean"}};
  const auto times = [](double x) { return std::to_string(static_cast<int>(x)); };
  for (const double x : {1., 3., 10., 100.})
    attacks.push_back({.name = "ballot x" + times(x), .ballot = x});
  for (const double x : {1., 3., 10., 100.})
    attacks.push_back({.name = "bad-mouth x" + times(x), .mouth = x});
  for (const double x : {1., 3., 10., 100.})
    attacks.push_back({.name = "both x" + times(x), .ballot = x, .mouth = x});
  for (const double f : {.01, .03}) {
    for (const double x : {3., 10.}) {
      attacks.push_back({.name = "both x" + times(x) + ", " + times(f * 100) + " % bought proofs",
                         .ballot = x,
                         .mouth = x,
                         .forged = f});
    }
  }
  attacks.push_back({.name = "ballot x3, ring of 50, camouflage", .ballot = 3, .ring = 50});
  attacks.push_back(
      {.name = "the same, 3 % bought proofs", .ballot = 3, .forged = .03, .ring = 50});
  for (const double p : {.2, .05, 0.}) {
    attacks.push_back({.name = "clean, " + times(p * 100) + " % proofs", .proofs = p});
    attacks.push_back({.name = "both x10, " + times(p * 100) + " % proofs",
                       .ballot = 10,
                       .mouth = 10,
                       .proofs = p});
  }
  attacks.push_back({.name = "clean, no kind of proof", .proofs = 0, .proof_kinds = false});
  attacks.push_back({.name = "both x10, no kind of proof",
                     .ballot = 10,
                     .mouth = 10,
                     .proofs = 0,
                     .proof_kinds = false});
  for (const double x : {1., 10.}) {
    attacks.push_back({.name = "both x" + times(x) + " by aged accounts, no kind of proof",
                       .ballot = x,
                       .mouth = x,
                       .proofs = 0,
                       .proof_kinds = false,
                       .aged_days = 70});
  }
  attacks.push_back(
      {.name = "both x10 by aged accounts", .ballot = 10, .mouth = 10, .aged_days = 70});
  attacks.push_back({.name = "both x10 by two teams of 12, no kind of proof",
                     .ballot = 10,
                     .mouth = 10,
                     .proofs = 0,
                     .proof_kinds = false,
                     .aged_days = 70,
                     .team = 12});
  attacks.push_back({.name = "both x10 by two teams of 12, 3 % bought proofs",
                     .ballot = 10,
                     .mouth = 10,
                     .forged = .03,
                     .aged_days = 70,
                     .team = 12});
  for (const double l : {0., .7, .9})
    attacks.push_back({.name = "new name every 30 d, " + times(l * 100) + " % linked",
                       .rename_days = 30,
                       .linked = l});
  attacks.push_back({.name = "10 % of the good wrongly linked", .wrong_links = .1});
  attacks.push_back({.name = "on 60 d, off 30 d", .on_off = true});
  return attacks;
}

void PrintWorld(const World& world, const PoolRules& rules, int seeds) {
  std::printf("\n%s: %zu orders, %d sellers; attacked: %zu worst, %zu good\n\n", world.name.c_str(),
              world.orders.size(), world.sellers, world.worst.size(), world.victims.size());
  std::printf(
      "| attack | AUC plain | two tiers | P@10 %% plain | two tiers | worst warned plain | two "
      "tiers | good warned plain | two tiers |\n"
      "|---|---|---|---|---|---|---|---|---|\n");
  for (const Attack& attack : Attacks()) {
    std::vector<Metrics> results[2];
    for (int seed = 1; seed <= seeds; ++seed) {
      results[0].push_back(Play(world, attack, nullptr, seed));
      results[1].push_back(Play(world, attack, &rules, seed));
    }
    std::printf("| %s |", attack.name.c_str());
    for (const auto field : {&Metrics::auc, &Metrics::precision, &Metrics::worst, &Metrics::good}) {
      for (const auto& runs : results) {
        double mean = 0, square = 0;
        for (const Metrics& m : runs) mean += m.*field / seeds;
        for (const Metrics& m : runs) square += (m.*field - mean) * (m.*field - mean);
        std::printf(" %.3f ± %.3f |", mean,
                    seeds < 2 ? 0 : 2.09 * std::sqrt(square / (seeds - 1) / seeds));
      }
    }
    std::printf("\n");
    std::fflush(stdout);
  }
}

}  // namespace
}  // namespace kaopu

int main(int argc, char** argv) {
  if (argc != 2 && argc != 3 && argc != 5) {
    std::fprintf(stderr, "usage: attack_bench DATA_FOLDER [SEEDS [EVENTS.jsonl LABELS.csv]]\n");
    return 2;
  }
  const auto policy = kaopu::LoadTrustPolicy(argv[1]);
  if (!policy) {
    std::fprintf(stderr, "attack_bench: %s\n", policy.error().message.c_str());
    return 3;
  }
  const int seeds = argc > 2 ? std::max(1, std::atoi(argv[2])) : 20;
  kaopu::PrintWorld(kaopu::Generated(), policy->pool, seeds);
  if (argc == 5) kaopu::PrintWorld(kaopu::FromFiles(argv[3], argv[4]), policy->pool, seeds);
}
