// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// What it does to a rate that people report failures more readily, and what enrolled orders mend:
// 2,000 sellers (share of bad orders Beta(0.8, 7.2): mean 10 %; 5 to about 400 orders each), of
// whose orders some are enrolled, and of the rest a good one is told of afterwards 1 in 25 times
// and a bad one 1, 5 or 20 times as often. Each seller's next 20 orders are predicted three ways.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <random>
#include <vector>

#include "reputation/reporting_bias.h"

namespace kaopu {
namespace {

constexpr int kSeeds = 20;
constexpr int kSellers = 2000;
constexpr int kNextOrders = 20;
constexpr double kGoodTold = 0.04;
constexpr double kPriorOrders = 4;
constexpr int kBins = 10;

struct Seller {
  double bad_share = 0;
  ReportedOrders orders;
};

double Real(Fix value) { return static_cast<double>(value) / kFixOne; }

std::vector<Seller> Simulate(std::mt19937_64& random, double enrolled_share, double times) {
  std::gamma_distribution<double> bad_gamma(0.8), good_gamma(7.2);
  std::lognormal_distribution<double> orders_of(3.4, 1.0);
  std::uniform_real_distribution<double> chance;
  std::vector<Seller> sellers(kSellers);
  for (Seller& seller : sellers) {
    const double bad = bad_gamma(random), good = good_gamma(random);
    seller.bad_share = bad / (bad + good);
    const int orders = std::clamp(static_cast<int>(orders_of(random)), 5, 400);
    for (int i = 0; i < orders; ++i) {
      const bool is_bad = chance(random) < seller.bad_share;
      if (chance(random) < enrolled_share) {
        (is_bad ? seller.orders.enrolled.bad : seller.orders.enrolled.good) += kFixOne;
      } else if (chance(random) < kGoodTold * (is_bad ? times : 1)) {
        (is_bad ? seller.orders.afterwards.bad : seller.orders.afterwards.good) += kFixOne;
      }
    }
  }
  return sellers;
}

struct Score {
  double said = 0, calibration_error = 0, log_loss = 0;
};

// Predictions from `evidence`, each shrunk to the mean of all; sellers without a report are left
// out, being nobody's.
Score Judge(const std::vector<Seller>& sellers, const std::vector<Stratum>& evidence,
            std::mt19937_64 random) {
  Stratum all;
  for (const Stratum& one : evidence) all = {all.bad + one.bad, all.good + one.good};
  const double mean = Real(all.bad) / std::max(1e-9, Real(all.Total()));
  std::uniform_real_distribution<double> chance;
  double said_in[kBins] = {}, bad_in[kBins] = {}, weight_in[kBins] = {};
  Score score;
  double weight = 0;
  for (size_t i = 0; i < sellers.size(); ++i) {
    const ReportedOrders& orders = sellers[i].orders;
    if (orders.enrolled.Total() + orders.afterwards.Total() == 0) continue;
    const double said = std::clamp(
        (Real(evidence[i].bad) + kPriorOrders * mean) / (Real(evidence[i].Total()) + kPriorOrders),
        1e-4, 1 - 1e-4);
    const int bin = std::min(kBins - 1, static_cast<int>(said * kBins));
    for (int k = 0; k < kNextOrders; ++k) {
      const bool bad = chance(random) < sellers[i].bad_share;
      said_in[bin] += said;
      bad_in[bin] += bad;
      weight_in[bin] += 1;
      score.said += said;
      score.log_loss -= std::log(bad ? said : 1 - said);
      weight += 1;
    }
  }
  for (int bin = 0; bin < kBins; ++bin)
    score.calibration_error += std::abs(said_in[bin] - bad_in[bin]) / weight;
  score.said /= weight;
  score.log_loss /= weight;
  return score;
}

struct Sums {
  double sum = 0, squares = 0;
  void Add(double value) { sum += value, squares += value * value; }
  double Mean() const { return sum / kSeeds; }
  // Half of a 95 % interval of the mean.
  double Half() const {
    return 2.093 * std::sqrt(std::max(0.0, squares / kSeeds - Mean() * Mean()) / (kSeeds - 1));
  }
};

void Row(double enrolled_share, double times) {
  static constexpr const char* kWays[] = {"all reports alike", "enrolled alone", "joined"};
  Sums said[3], error[3], loss[3], bias_sum;
  for (int seed = 0; seed < kSeeds; ++seed) {
    std::mt19937_64 random(static_cast<uint64_t>(seed) + 1);
    const std::vector<Seller> sellers = Simulate(random, enrolled_share, times);
    Stratum enrolled, afterwards;
    for (const Seller& seller : sellers) {
      enrolled.bad += seller.orders.enrolled.bad;
      enrolled.good += seller.orders.enrolled.good;
      afterwards.bad += seller.orders.afterwards.bad;
      afterwards.good += seller.orders.afterwards.good;
    }
    const auto bias = ReportingBiasOf(enrolled, afterwards);
    bias_sum.Add(bias ? Real(*bias) : 0);
    std::vector<Stratum> evidence[3];
    for (const Seller& seller : sellers) {
      const ReportedOrders& orders = seller.orders;
      evidence[0].push_back({orders.enrolled.bad + orders.afterwards.bad,
                             orders.enrolled.good + orders.afterwards.good});
      evidence[1].push_back(orders.enrolled);
      evidence[2].push_back(JoinReports(orders, bias).evidence);
    }
    for (int way = 0; way < 3; ++way) {
      const Score score = Judge(sellers, evidence[way], random);
      said[way].Add(score.said);
      error[way].Add(score.calibration_error);
      loss[way].Add(score.log_loss);
    }
  }
  std::printf("enrolled %.0f %%, bad told %.0f times as often (bias found: %.2f +- %.2f)\n",
              100 * enrolled_share, times, bias_sum.Mean(), bias_sum.Half());
  for (int way = 0; way < 3; ++way) {
    std::printf("  %-18s %.3f +- %.3f   %.3f +- %.3f   %.4f +- %.4f\n", kWays[way],
                said[way].Mean(), said[way].Half(), error[way].Mean(), error[way].Half(),
                loss[way].Mean(), loss[way].Half());
  }
}

}  // namespace
}  // namespace kaopu

int main() {
  std::printf(
      "%d sellers, %d seeds, mean and 95 %% interval; 10 %% of orders are bad\n%-20s %-17s %-17s "
      "%s\n",
      kaopu::kSellers, kaopu::kSeeds, "", "said of bad", "calibration error", "log-loss");
  for (double enrolled_share : {0.02, 0.1, 0.3}) {
    for (double times : {1, 5, 20}) kaopu::Row(enrolled_share, times);
  }
}
