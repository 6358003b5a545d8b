// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Counts and durations for Prometheus; nothing of whom or about whom.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "registry/intake/intake.h"

namespace kaopu {

class RegistryMetrics {
 public:
  // Any thread.
  void Count(const std::string& route, int status, std::chrono::microseconds took);
  // Prometheus text, version 0.0.4.
  std::string Text(const Intake& intake, uint64_t connections) const;
  // Requests answered so far.
  uint64_t Total() const;

 private:
  // Upper bounds in milliseconds; the last one has none.
  static constexpr std::array<int, 11> kBounds = {1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 5000};
  struct Histogram {
    std::array<uint64_t, kBounds.size() + 1> counts{};
    uint64_t sum_us = 0, count = 0;
  };

  mutable std::mutex mutex_;
  std::map<std::pair<std::string, int>, uint64_t> requests_;
  std::map<std::string, Histogram> durations_;
};

}  // namespace kaopu
