// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The server's log: one JSON object a line, for people and programs. Events and counts; never an
// address, a key, a seller or a report. What each means: host/docs/registry.md.
#pragma once

#include <mutex>
#include <ostream>
#include <string_view>

#include "base/clock.h"
#include "base/json.h"

namespace kaopu {

class EventLog {
 public:
  EventLog(std::ostream& out, const Clock& clock) : out_(out), clock_(clock) {}
  // `level`: info, warning, error. Any thread.
  void Write(std::string_view level, std::string_view event, Json fields = Json::object()) {
    fields["at"] = FormatTime(clock_.Now());
    fields["level"] = level;
    fields["event"] = event;
    const std::lock_guard lock(mutex_);
    out_ << DumpJson(fields) << '\n' << std::flush;
  }

 private:
  std::mutex mutex_;
  std::ostream& out_;
  const Clock& clock_;
};

}  // namespace kaopu
