// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Notices work that does not end: a worker that hangs cannot say so itself.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

namespace kaopu {

class Watchdog {
 public:
  // `on_late` runs on the watchdog's thread, once, when work has gone on for its limit.
  explicit Watchdog(std::function<void()> on_late);
  // Waits for a running on_late.
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  // Around each piece of work, by one thread. End says whether it was in time: false means that
  // on_late has taken over.
  void Begin(std::chrono::milliseconds limit);
  bool End();

 private:
  void Watch();

  const std::function<void()> on_late_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<std::chrono::steady_clock::time_point> deadline_;
  std::optional<std::chrono::steady_clock::time_point> wakes_at_;  // while it sleeps with an end
  bool late_ = false;
  bool stop_ = false;
  std::thread thread_;  // last: it uses the others
};

}  // namespace kaopu
