// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Wall time as a seam: programs use SystemClock, tests set FakeClock. Times in files and on the wire are
// integer UTC milliseconds; calendar dates are `YYYY-MM-DD`.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kaopu {

using TimeMs = std::chrono::sys_time<std::chrono::milliseconds>;
using Date = std::chrono::sys_days;

class Clock {
 public:
  virtual ~Clock() = default;
  virtual TimeMs Now() const = 0;
};

class SystemClock final : public Clock {
 public:
  TimeMs Now() const override {
    return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  }
};

class FakeClock final : public Clock {
 public:
  explicit FakeClock(TimeMs now) : now_(now) {}
  TimeMs Now() const override { return now_; }
  void Advance(std::chrono::milliseconds by) { now_ += by; }

 private:
  TimeMs now_;
};

// `2026-11-23`. Years 0001-9999 only; anything else, or a day that does not exist, is nullopt.
std::optional<Date> ParseDate(std::string_view text);
std::string FormatDate(Date date);

// RFC 3339 (`2026-11-23T22:00:00Z`, with fraction or offset) or a bare date, to UTC milliseconds.
std::optional<TimeMs> ParseTime(std::string_view text);
// `2026-11-23T22:00:00Z`, seconds.
std::string FormatTime(TimeMs time);

}  // namespace kaopu
