// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "messaging/watchdog.h"

namespace kaopu {

Watchdog::Watchdog(std::chrono::milliseconds limit, std::function<void()> on_late)
    : limit_(limit), on_late_(std::move(on_late)), thread_([this] { Watch(); }) {}

Watchdog::~Watchdog() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void Watchdog::Begin() {
  {
    const std::lock_guard lock(mutex_);
    deadline_ = std::chrono::steady_clock::now() + limit_;
  }
  changed_.notify_one();
}

bool Watchdog::End() {
  const std::lock_guard lock(mutex_);
  deadline_.reset();
  return !late_;
}

// Ending a piece of work wakes nobody: the thread sleeps on to the old deadline, finds that it no
// longer holds, and sleeps again. So a warm request costs one wake-up at most, an idle host none.
void Watchdog::Watch() {
  std::unique_lock lock(mutex_);
  while (!stop_ && !late_) {
    if (!deadline_) {
      changed_.wait(lock);
    } else if (std::chrono::steady_clock::now() >= *deadline_) {
      late_ = true;
    } else {
      changed_.wait_until(lock, *deadline_);
    }
  }
  if (!late_) return;
  lock.unlock();
  on_late_();
}

}  // namespace kaopu
