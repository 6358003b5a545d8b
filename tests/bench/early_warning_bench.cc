// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// How soon host/reputation/early_warning notices a seller turning bad, beside a CUSUM tuned to that
// very shift, both at one false warning in 1,000 years of a steady seller.
//   early_warning_bench               false warnings and delays, a table
//   early_warning_bench --calibrate   prints host/reputation/early_warning_table.inc
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <vector>

#include "reputation/early_warning.h"
#include "reputation/early_warning_table.h"
#include "support/split_mix.h"

namespace kaopu {
namespace {

constexpr double kYearsAFalseAlarm = 1000;

class Random : public SplitMix64 {
 public:
  using SplitMix64::SplitMix64;
  bool Chance(uint64_t limit) { return Next() >> 11 < limit; }
  static uint64_t Limit(double probability) { return std::ldexp(probability, 53); }
};

using Sums = std::array<int, kShifts>;

EarlyWarningRow StepsOf(double usual, const std::array<double, kShifts>& shifted) {
  EarlyWarningRow row{};
  row.usual_millionths = std::lround(usual * 1e6);
  for (size_t i = 0; i < kShifts; ++i) {
    row.shifted_millionths[i] = std::lround(shifted[i] * 1e6);
    row.bad_step[i] = std::lround(256 * std::log(shifted[i] / usual));
    row.good_step[i] = std::lround(256 * std::log((1 - shifted[i]) / (1 - usual)));
  }
  return row;
}

void Step(const EarlyWarningRow& row, bool bad, Sums& sums) {
  for (size_t i = 0; i < kShifts; ++i) {
    sums[i] = std::max(0, sums[i] + (bad ? row.bad_step[i] : row.good_step[i]));
  }
}

// A steady seller's excursions (from all sums nought to all nought again) that went high, as the
// maxima they reached. Any set of thresholds can be judged by these.
struct Steady {
  double orders = 0;
  std::vector<Sums> maxima;

  double FalseRate(const Sums& thresholds) const {  // an order
    double count = 0;
    for (const Sums& m : maxima) {
      count += m[0] >= thresholds[0] || m[1] >= thresholds[1] || m[2] >= thresholds[2];
    }
    return count / orders;
  }
};

constexpr int kHigh = 256 * 5;
constexpr int kNever = 1 << 30;

Steady SimulateSteady(const EarlyWarningRow& row, double orders, uint64_t seed) {
  Random random(seed);
  const uint64_t bad = Random::Limit(row.usual_millionths / 1e6);
  Steady steady;
  steady.orders = orders;
  Sums sums{}, top{};
  for (int64_t i = 0; i < static_cast<int64_t>(orders); ++i) {
    Step(row, random.Chance(bad), sums);
    if ((sums[0] | sums[1] | sums[2]) == 0) {
      if (top[0] >= kHigh || top[1] >= kHigh || top[2] >= kHigh) steady.maxima.push_back(top);
      top = {};
    } else {
      for (size_t k = 0; k < kShifts; ++k) top[k] = std::max(top[k], sums[k]);
    }
  }
  return steady;
}

// Sums after each order of a seller that turns bad, from a usual state.
constexpr int kRuns = 4001, kBurnIn = 400, kAhead = 600;
using Path = std::vector<Sums>;  // running maxima

std::vector<Path> SimulateShift(const EarlyWarningRow& row, size_t shift, uint64_t seed) {
  Random random(seed);
  const uint64_t usual = Random::Limit(row.usual_millionths / 1e6);
  const uint64_t shifted = Random::Limit(row.shifted_millionths[shift] / 1e6);
  std::vector<Path> paths(kRuns);
  for (Path& path : paths) {
    Sums sums{}, top{};
    for (int i = 0; i < kBurnIn; ++i) Step(row, random.Chance(usual), sums);
    for (int i = 0; i < kAhead; ++i) {
      Step(row, random.Chance(shifted), sums);
      for (size_t k = 0; k < kShifts; ++k) top[k] = std::max(top[k], sums[k]);
      path.push_back(top);
    }
  }
  return paths;
}

int DelayOf(const Path& path, size_t k, int threshold) {
  const auto at =
      std::ranges::lower_bound(path, threshold, {}, [k](const Sums& s) { return s[k]; });
  return static_cast<int>(at - path.begin()) + 1;
}

struct Delay {
  double median = 0, mean = 0;
};

Delay DelayOf(std::vector<int> delays) {
  Delay delay;
  for (const int d : delays) delay.mean += d / static_cast<double>(delays.size());
  std::nth_element(delays.begin(), delays.begin() + delays.size() / 2, delays.end());
  delay.median = delays[delays.size() / 2];
  return delay;
}

// The lowest threshold of sum k alone, or beside others, that keeps to the rate of false alarms.
int LowestThreshold(const Steady& steady, Sums thresholds, size_t k, double rate) {
  int low = kHigh, high = 256 * 30;
  while (low < high) {
    thresholds[k] = (low + high) / 2;
    if (steady.FalseRate(thresholds) <= rate) {
      high = thresholds[k];
    } else {
      low = thresholds[k] + 1;
    }
  }
  return low;
}

int Tuned(const Steady& steady, size_t k, double rate) {
  return LowestThreshold(steady, {kNever, kNever, kNever}, k, rate);
}

// The three thresholds whose worst delay, beside the tuned sums', is least.
Sums Calibrate(const Steady& steady, const std::array<std::vector<Path>, kShifts>& shifts,
               double rate) {
  constexpr int kSteps = 22, kStep = 26;  // up to 2.2 nats above the tuned
  Sums tuned;
  std::array<Delay, kShifts> aim;
  // delay[shift][k][step][run], of the two lower sums
  std::vector<std::vector<int>> delays(kShifts * kShifts * kSteps);
  const auto slot = [](size_t shift, size_t k, int step) {
    return (shift * kShifts + k) * kSteps + step;
  };
  for (size_t k = 0; k < kShifts; ++k) tuned[k] = Tuned(steady, k, rate);
  for (size_t shift = 0; shift < kShifts; ++shift) {
    for (size_t k = 0; k < kShifts; ++k) {
      for (int step = 0; step < kSteps; ++step) {
        for (const Path& path : shifts[shift]) {
          delays[slot(shift, k, step)].push_back(DelayOf(path, k, tuned[k] + step * kStep));
        }
      }
    }
    aim[shift] = DelayOf(delays[slot(shift, shift, 0)]);
  }
  Sums best{};
  double best_score = 1e9;
  for (int a = 0; a < kSteps; ++a) {
    for (int b = 0; b < kSteps; ++b) {
      Sums thresholds = {tuned[0] + a * kStep, tuned[1] + b * kStep, kNever};
      if (steady.FalseRate(thresholds) > rate) continue;
      // As low as the false alarms allow, to the unit: sums move on few values, so that a hair
      // more may cost a whole order.
      thresholds[2] = std::max(tuned[2], LowestThreshold(steady, thresholds, 2, rate));
      double worst = 0, sum = 0;
      for (size_t shift = 0; shift < kShifts; ++shift) {
        std::vector<int> first(kRuns);
        for (int run = 0; run < kRuns; ++run) {
          first[run] = std::min({delays[slot(shift, 0, a)][run], delays[slot(shift, 1, b)][run],
                                 DelayOf(shifts[shift][run], 2, thresholds[2])});
        }
        const Delay delay = DelayOf(std::move(first));
        worst = std::max(worst, delay.median / aim[shift].median);
        sum += delay.mean / aim[shift].mean;
      }
      const double score = worst + sum / 100;
      if (score < best_score) {
        best_score = score;
        best = thresholds;
      }
    }
  }
  return best;
}

void PrintCalibrated() {
  const std::pair<double, std::array<double, kShifts>> kinds[] = {{.01, {.2, .4, .8}},
                                                                  {.02, {.2, .4, .8}},
                                                                  {.05, {.2, .4, .8}},
                                                                  {.10, {.2, .4, .8}},
                                                                  {.20, {.4, .6, .9}}};
  std::printf("// Printed by tests/bench/early_warning --calibrate.\n");
  for (const auto& [usual, shifted] : kinds) {
    const EarlyWarningRow row = StepsOf(usual, shifted);
    const Steady steady = SimulateSteady(row, 3e9, 1);
    std::array<std::vector<Path>, kShifts> shifts;
    for (size_t i = 0; i < kShifts; ++i) shifts[i] = SimulateShift(row, i, 2 + i);
    std::printf("{%lld, {%lld, %lld, %lld}, {%d, %d, %d}, {%d, %d, %d}, {{\n",
                static_cast<long long>(row.usual_millionths),
                static_cast<long long>(row.shifted_millionths[0]),
                static_cast<long long>(row.shifted_millionths[1]),
                static_cast<long long>(row.shifted_millionths[2]), row.bad_step[0], row.bad_step[1],
                row.bad_step[2], row.good_step[0], row.good_step[1], row.good_step[2]);
    for (const int64_t volume : kVolume) {
      const double rate = 1 / (kYearsAFalseAlarm * static_cast<double>(volume));
      // Below it by two standard errors of the simulation, so that these do not make it more.
      const double short_of = std::min(.03, 2 / std::sqrt(rate * steady.orders));
      const Sums best = Calibrate(steady, shifts, rate * (1 - short_of));
      std::printf("    {%d, %d, %d},\n", best[0], best[1], best[2]);
    }
    std::printf("}}},\n");
    std::fflush(stdout);
  }
}

// False warnings of the shipped detector, as it runs: in steady seller-years.
double FalseAlarms(double usual_rate, int64_t volume, int64_t years, uint64_t seed) {
  Random random(seed);
  const Usual usual(std::lround(usual_rate * 1e6), volume);
  const uint64_t bad = Random::Limit(usual_rate);
  EarlyWarning warning;
  int64_t alarms = 0;
  for (int64_t i = 0; i < years * volume; ++i) alarms += warning.Add(usual, random.Chance(bad));
  return static_cast<double>(alarms) / static_cast<double>(years) * kYearsAFalseAlarm;
}

Delay DelayOfShipped(double usual_rate, double shifted_rate, int64_t volume, uint64_t seed) {
  Random random(seed);
  const Usual usual(std::lround(usual_rate * 1e6), volume);
  const uint64_t before = Random::Limit(usual_rate), after = Random::Limit(shifted_rate);
  std::vector<int> delays;
  while (delays.size() < 20'001) {
    EarlyWarning warning;
    for (int i = 0; i < kBurnIn; ++i) warning.Add(usual, random.Chance(before));
    if (warning.Raised()) continue;  // a false alarm stands: not a delay
    int delay = 1;
    while (!warning.Add(usual, random.Chance(after))) ++delay;
    delays.push_back(delay);
  }
  return DelayOf(std::move(delays));
}

Delay DelayOfTuned(const EarlyWarningRow& row, size_t k, int threshold, uint64_t seed) {
  Random random(seed);
  const uint64_t before = Random::Limit(row.usual_millionths / 1e6),
                 after = Random::Limit(row.shifted_millionths[k] / 1e6);
  std::vector<int> delays;
  while (delays.size() < 20'001) {
    Sums sums{};
    bool raised = false;
    for (int i = 0; i < kBurnIn; ++i) {
      Step(row, random.Chance(before), sums);
      raised |= sums[k] >= threshold;
    }
    if (raised) continue;
    int delay = 1;
    for (;; ++delay) {
      Step(row, random.Chance(after), sums);
      if (sums[k] >= threshold) break;
    }
    delays.push_back(delay);
  }
  return DelayOf(std::move(delays));
}

void PrintTable() {
  std::printf(
      "One detector for every shift, beside a CUSUM tuned to the one shift; %zu bytes a seller.\n"
      "False warnings in 1,000 steady seller-years; delays in orders since the shift, 20,001 "
      "runs.\n\n",
      sizeof(EarlyWarning));
  std::printf(
      "| usual | orders a year | seller-years | false in 1,000 | shift | median | tuned | ratio | "
      "mean | tuned | ratio |\n"
      "|---|---|---|---|---|---|---|---|---|---|---|\n");
  double worst = 0, worst_false = 0;
  for (const double usual : {.05, .10}) {
    const EarlyWarningRow& row = *std::ranges::find_if(kEarlyWarningRows, [&](const auto& r) {
      return r.usual_millionths == std::lround(usual * 1e6);
    });
    const Steady steady = SimulateSteady(row, 3e9, 77);
    for (const int64_t volume : {20, 200, 2000}) {
      const int64_t years = volume == 2000 ? 1'000'000 : 5'000'000;
      const double alarms = FalseAlarms(usual, volume, years, 1234 + volume);
      worst_false = std::max(worst_false, alarms);
      for (size_t k = 0; k < kShifts; ++k) {
        const int threshold =
            Tuned(steady, k, 1 / (kYearsAFalseAlarm * static_cast<double>(volume)));
        const double shifted = row.shifted_millionths[k] / 1e6;
        const Delay ours = DelayOfShipped(usual, shifted, volume, 99 + k);
        const Delay tuned = DelayOfTuned(row, k, threshold, 99 + k);
        worst = std::max(worst, ours.median / tuned.median);
        std::printf(
            "| %.2f | %lld | %lld | %.2f | %.1f | %.0f | %.0f | %.2f | %.2f | %.2f | %.2f |\n",
            usual, static_cast<long long>(volume), static_cast<long long>(years), alarms, shifted,
            ours.median, tuned.median, ours.median / tuned.median, ours.mean, tuned.mean,
            ours.mean / tuned.mean);
        std::fflush(stdout);
      }
    }
  }
  std::printf(
      "\nworst median ratio %.2f (aim 1.15), most false warnings in 1,000 seller-years %.2f (aim "
      "1)\n",
      worst, worst_false);
}

}  // namespace
}  // namespace kaopu

int main(int argc, char** argv) {
  if (argc == 2 && std::strcmp(argv[1], "--calibrate") == 0) {
    kaopu::PrintCalibrated();
  } else if (argc == 1) {
    kaopu::PrintTable();
  } else {
    std::fprintf(stderr, "usage: early_warning_bench [--calibrate]\n");
    return 2;
  }
}
