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
  // One number of several that are told apart by a label, as of now. Any thread.
  void Set(const std::string& name, const std::string& help, const std::string& label,
           const std::string& of, uint64_t value);
  // Prometheus text, version 0.0.4: requests and numbers that were set.
  std::string Text() const;
  // The same, and what a registry's intake counts.
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
  struct Gauge {
    std::string help;
    std::map<std::string, uint64_t> values;  // by label, written out
  };
  std::map<std::string, Gauge> gauges_;
};

}  // namespace kaopu
