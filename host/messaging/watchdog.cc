// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "messaging/watchdog.h"

namespace kaopu {

Watchdog::Watchdog(std::function<void()> on_late)
    : on_late_(std::move(on_late)), thread_([this] { Watch(); }) {}

Watchdog::~Watchdog() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void Watchdog::Begin(std::chrono::milliseconds limit) {
  const std::lock_guard lock(mutex_);
  deadline_ = std::chrono::steady_clock::now() + limit;
  if (!wakes_at_ || *wakes_at_ > *deadline_) changed_.notify_one();
}

bool Watchdog::End() {
  const std::lock_guard lock(mutex_);
  deadline_.reset();
  return !late_;
}

// Ending a piece of work wakes nobody: the thread sleeps on to the old deadline and only then looks
// what holds now. So under a stream of requests it wakes once a limit, and in an idle host not at
// all.
void Watchdog::Watch() {
  std::unique_lock lock(mutex_);
  while (!stop_ && !late_) {
    if (!deadline_) {
      changed_.wait(lock);
    } else if (std::chrono::steady_clock::now() >= *deadline_) {
      late_ = true;
    } else {
      wakes_at_ = deadline_;
      changed_.wait_until(lock, *wakes_at_);
      wakes_at_.reset();
    }
  }
  if (!late_) return;
  lock.unlock();
  on_late_();
}

}  // namespace kaopu
