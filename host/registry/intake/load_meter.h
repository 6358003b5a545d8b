// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// How busy the registry is, and how much work it asks for that: a flood pays for itself, and when
// it is over the price falls again.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/clock.h"

namespace kaopu {

class LoadMeter {
 public:
  // Up to so many requests a second cost `bits`; each doubling costs one bit (twice the work) more,
  // to `bits_max`.
  LoadMeter(int bits, int bits_max, double usual_per_s)
      : bits_(bits), bits_max_(bits_max), usual_per_s_(usual_per_s) {}

  // A challenge was asked for. Any thread.
  void Count() { asked_.fetch_add(1, std::memory_order_relaxed); }
  // Once a second or so, by one thread: `elapsed` since the last time.
  void Tick(std::chrono::milliseconds elapsed);
  int Bits() const { return now_.load(std::memory_order_relaxed) + bits_; }
  double PerSecond() const { return rate_.load(std::memory_order_relaxed); }

 private:
  const int bits_, bits_max_;
  const double usual_per_s_;
  std::atomic<uint64_t> asked_{0};
  std::atomic<double> rate_{0};
  std::atomic<int> now_{0};  // bits above bits_
};

}  // namespace kaopu
