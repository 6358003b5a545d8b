// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// A stream of orders and outcomes (CONTRACT.md, "Backtest events") replayed through the estimator.
#pragma once

#include <functional>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "reputation/stream.h"

namespace kaopu {

// One line; appends `id,probability` to `csv` where it is an order. kBadRequest says what is wrong
// with it. Unknown types and fields are passed over.
Expected<void> ReplayLine(std::string_view line, Stream& stream, std::string& csv);

// How well probabilities did, against what became of them.
struct Scored {
  double probability = 0;
  bool bad = false;
};
struct Metrics {
  size_t orders = 0, bad = 0;
  double auc = 0, average_precision = 0, brier = 0, log_loss = 0, calibration_error = 0, lift_5 = 0,
         lift_10 = 0;
};
Metrics MetricsOf(std::vector<Scored> scored);

// The whole stream: CSV to `out`, metrics and what was chosen to `err`; `progress` (may be empty)
// is called now and then with the number of lines. kBadRequest names the line.
Expected<void> Backtest(std::istream& in, std::ostream& out, std::ostream& err,
                        const std::function<void(int64_t lines)>& progress);

}  // namespace kaopu
