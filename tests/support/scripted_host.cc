// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The real host loop around operations that tests need and the real host must not have: ones that
// hang, throw, print and grow. Arguments: request limit in ms, drain limit in ms, how many requests
// may wait.
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <thread>

#include "messaging/host_loop.h"

namespace {

kaopu::Expected<kaopu::Json> Answer(const kaopu::Request& request) {
  const auto number = [&](const char* name) { return request.body.value(name, 0); };
  if (request.op == "echo") return kaopu::Json{{"text", request.body.value("text", "")}};
  if (request.op == "sleep") {
    std::this_thread::sleep_for(std::chrono::milliseconds(number("ms")));
    return kaopu::Json{{"slept", number("ms")}};
  }
  if (request.op == "spin") {
    for (std::atomic<int> i = 0;; ++i) {
    }
  }
  if (request.op == "big") return kaopu::Json{{"text", std::string(number("bytes"), 'x')}};
  if (request.op == "list") return kaopu::Json::array();
  if (request.op == "throw") throw std::runtime_error("thrown by a test");
  if (request.op == "crash") std::abort();
  if (request.op == "print") {
    std::puts("a stray line on standard output");
    std::fflush(stdout);
    return kaopu::Json{{"printed", true}};
  }
  return kaopu::Fail(kaopu::ErrorCode::kUnsupported, "unknown operation");
}

int Argument(int argc, char** argv, int index, int otherwise) {
  return index < argc ? std::atoi(argv[index]) : otherwise;
}

}  // namespace

int main(int argc, char** argv) {
  const auto output = kaopu::TakeStandardOutput();
  if (!output) return 1;
  kaopu::Channel channel(0, *output);
  kaopu::HostOptions options;
  options.request_limit = std::chrono::milliseconds(Argument(argc, argv, 1, 2000));
  options.drain_limit = std::chrono::milliseconds(Argument(argc, argv, 2, 250));
  options.queue_count_max = static_cast<size_t>(Argument(argc, argv, 3, 64));
  kaopu::RunHost(channel, {.answer = Answer, .warm_up = [] {}}, options);
}
