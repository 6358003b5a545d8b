// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The life of a native-messaging host: one thread reads frames, the calling thread answers them in
// order, a watchdog ends the process when an answer takes too long. Knows no operation; the handler
// does.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>

#include "base/error.h"
#include "base/json.h"
#include "messaging/channel.h"
#include "messaging/protocol.h"

namespace kaopu {

// WIRE: exit codes of the host; none of them is one that a shell or libc gives by itself.
enum class HostExit : int {
  kDone = 0,            // the browser closed the pipe
  kTornFrame = 10,      // the stream ended inside a frame
  kOverlongFrame = 11,  // a length beyond what any browser sends
  kHung = 12,           // a request took longer than the limit; it was answered `timeout`
  kOutputClosed = 13,   // a reply could not be written
};

struct HostOptions {
  std::chrono::milliseconds request_limit{2000};
  std::chrono::milliseconds warm_up_limit{10'000};  // a slow disk at login must not end every host
  std::chrono::milliseconds drain_limit{250};  // from the end of input to the end of the process
  size_t queue_count_max =
      64;  // requests waiting; one more is answered `limit` at once, before those that wait
  size_t queue_bytes_max = 8 * 1024 * 1024;
};

struct HostHandler {
  std::function<Expected<Json>(Request)> answer;
  // Called once, after the first reply, when nothing is waiting: work that the next request will
  // need.
  std::function<void()> warm_up;
};

// Ends the process with a HostExit, whatever its threads are doing; never returns. Replies are
// written before the end where they can be: on end of input, of every request read whole that is
// answered within drain_limit.
[[noreturn]] void RunHost(Channel& channel, const HostHandler& handler,
                          const HostOptions& options = {});

}  // namespace kaopu
