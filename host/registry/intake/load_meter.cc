// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "registry/intake/load_meter.h"

#include <algorithm>
#include <cmath>

namespace kaopu {
namespace {

// The mean forgets at this pace: quick enough for a flood, slow enough for a burst of a second.
constexpr double kForgetSeconds = 5;

}  // namespace

void LoadMeter::Tick(std::chrono::milliseconds elapsed) {
  const double seconds = std::max<double>(static_cast<double>(elapsed.count()) / 1000, 0.001);
  const double now = static_cast<double>(asked_.exchange(0)) / seconds;
  const double kept = std::exp(-seconds / kForgetSeconds);
  const double rate = rate_.load() * kept + now * (1 - kept);
  rate_.store(rate);
  const double doublings = rate > usual_per_s_ ? std::ceil(std::log2(rate / usual_per_s_)) : 0;
  now_.store(
      std::clamp(static_cast<int>(std::min(doublings, 64.0)), 0, std::max(0, bits_max_ - bits_)));
}

}  // namespace kaopu
