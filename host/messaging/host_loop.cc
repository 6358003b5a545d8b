// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "messaging/host_loop.h"

#include <unistd.h>

#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "base/limits.h"
#include "base/str_cat.h"
#include "messaging/watchdog.h"

namespace kaopu {
namespace {

[[noreturn]] void End(HostExit code) { _exit(static_cast<int>(code)); }

// What waits for the worker: a body to parse, or, where there is none, an error to reply with.
struct Waiting {
  std::string body;
  std::optional<Error> error;
};

class Host {
 public:
  Host(Channel& channel, const HostHandler& handler, const HostOptions& options)
      : channel_(channel),
        handler_(handler),
        options_(options),
        watchdog_([this] { GiveUp(); }),
        reader_([this] { ReadAll(); }) {}

  [[noreturn]] void Work() {
    bool warm = false;
    for (;;) {
      Reply(Next());
      if (warm || !IsIdle()) continue;
      warm = true;
      watchdog_.Begin(options_.warm_up_limit);
      handler_.warm_up();
      if (!watchdog_.End()) WaitForEnd();
    }
  }

 private:
  // Reader thread.
  [[noreturn]] void ReadAll() {
    for (;;) {
      Frame frame = channel_.Read();
      switch (frame.status) {
        case FrameStatus::kBody:
          Enqueue({std::move(frame.body), std::nullopt});
          break;
        case FrameStatus::kTooLarge:
          Enqueue(
              {{},
               Error{ErrorCode::kTooLarge, StrCat("request has ", frame.length, " bytes, at most ",
                                                  kFrameBytesMax, " are allowed")}});
          break;
        case FrameStatus::kEnd:
          Drain(HostExit::kDone);
        case FrameStatus::kTorn:
          Drain(HostExit::kTornFrame);
        case FrameStatus::kOverlong:
          Drain(HostExit::kOverlongFrame);
      }
    }
  }

  void Enqueue(Waiting waiting) {
    {
      const std::lock_guard lock(mutex_);
      if (queue_.size() < options_.queue_count_max &&
          queued_bytes_ + waiting.body.size() <= options_.queue_bytes_max) {
        queued_bytes_ += waiting.body.size();
        queue_.push_back(std::move(waiting));
        changed_.notify_all();
        return;
      }
    }
    const auto request = ParseRequest(waiting.body);
    const std::optional<int64_t> id = request ? request->id : request.error().id;
    Write(ErrorReply(id, {ErrorCode::kLimit, StrCat("too many requests are waiting, at most ",
                                                    options_.queue_count_max, " may")}));
  }

  [[noreturn]] void Drain(HostExit code) {
    std::unique_lock lock(mutex_);
    ending_ = code;
    changed_.wait_for(lock, options_.drain_limit, [&] { return queue_.empty() && !working_; });
    End(code);
  }

  // Worker.
  Waiting Next() {
    std::unique_lock lock(mutex_);
    working_ = false;
    changed_.notify_all();
    changed_.wait(lock, [&] { return !queue_.empty(); });
    Waiting waiting = std::move(queue_.front());
    queue_.pop_front();
    queued_bytes_ -= waiting.body.size();
    working_ = true;
    return waiting;
  }

  bool IsIdle() {
    const std::lock_guard lock(mutex_);
    return queue_.empty() && !ending_;
  }

  void Reply(Waiting waiting) {
    if (waiting.error) return Write(ErrorReply(std::nullopt, *waiting.error));
    watchdog_.Begin(options_.request_limit);
    const std::string reply = Answer(std::move(waiting.body));
    if (!watchdog_.End()) WaitForEnd();
    Write(reply);
  }

  std::string Answer(std::string body) {
    auto request = ParseRequest(body);
    body = {};  // a page is half a megabyte, and the request holds it now
    if (!request) return ErrorReply(request.error().id, request.error().error);
    const int64_t id = request->id;
    SetRunning(id);
    std::string reply;
    // Rooms do not throw; what still comes (out of memory, a library's surprise) must cost one
    // reply only.
    try {
      auto result = handler_.answer(std::move(*request));
      reply = result ? OkReply(id, std::move(*result)) : ErrorReply(id, result.error());
    } catch (const std::exception& exception) {
      reply = ErrorReply(id, {ErrorCode::kInternal, exception.what()});
    }
    SetRunning(std::nullopt);
    return reply;
  }

  void SetRunning(std::optional<int64_t> id) {
    const std::lock_guard lock(mutex_);
    running_ = id;
  }

  void Write(const std::string& body) {
    if (channel_.Write(body)) return;
    const std::lock_guard lock(mutex_);
    End(ending_.value_or(HostExit::kOutputClosed));
  }

  // The watchdog has taken over and is about to end the process.
  [[noreturn]] static void WaitForEnd() {
    for (;;) pause();
  }

  // Watchdog thread.
  void GiveUp() {
    std::optional<int64_t> id;
    {
      const std::lock_guard lock(mutex_);
      id = running_;
    }
    const Error error{ErrorCode::kTimeout, StrCat("the request took longer than ",
                                                  options_.request_limit.count(), " ms")};
    if (id) (void)channel_.WriteShort(ErrorReply(id, error), std::chrono::milliseconds(100));
    End(HostExit::kHung);
  }

  Channel& channel_;
  const HostHandler& handler_;
  const HostOptions options_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Waiting> queue_;
  size_t queued_bytes_ = 0;
  bool working_ = false;
  std::optional<int64_t> running_;
  std::optional<HostExit> ending_;
  Watchdog watchdog_;  // the threads come last: they use all of the above
  std::thread reader_;
};

}  // namespace

void RunHost(Channel& channel, const HostHandler& handler, const HostOptions& options) {
  Host host(channel, handler, options);
  host.Work();
}

}  // namespace kaopu
