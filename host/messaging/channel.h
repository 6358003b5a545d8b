// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The two ends of a host's pipe: frames in from one thread, replies out from any.
#pragma once

#include <chrono>
#include <mutex>
#include <string_view>

#include "base/error.h"
#include "messaging/frame.h"

namespace kaopu {

class Channel {
 public:
  // Does not own the descriptors; they live as long as the process.
  Channel(int in, int out) : in_(in), out_(out) {}

  // One thread. Blocks until a frame, or the end.
  Frame Read() { return ReadFrame(in_); }

  // Any thread; whole frames, never interleaved. Blocks while the browser does not read.
  // kUnavailable: it is gone.
  Expected<void> Write(std::string_view body);
  // The same for a short body (an error reply), given up after `patience`: for a thread that must
  // not be held up.
  Expected<void> WriteShort(std::string_view body, std::chrono::milliseconds patience);

 private:
  const int in_;
  const int out_;
  std::timed_mutex write_mutex_;
};

// Makes this process's standard output ours alone: later output of any library, or a stray print,
// goes to standard error instead of into a frame. Gives the private descriptor (close-on-exec).
// Closes every inherited descriptor above 2. Ignores SIGPIPE: a browser that went away shows as a
// failed write.
Expected<int> TakeStandardOutput();

}  // namespace kaopu
