// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The HTTP server: libmicrohttpd with limits on size, time, connections and rate. A handler may
// answer later, from any thread: its connection sleeps meanwhile and takes no thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "registry/http/http_message.h"

namespace kaopu {

// One path, or every other one (empty path).
struct HttpRoute {
  std::string name;    // for counting: `reports`
  std::string method;  // GET answers HEAD too
  std::string path;
  size_t body_bytes_max = 0;
  double per_s = 0, burst = 0;  // by neighbourhood of addresses; 0 = not limited
  std::function<void(ServedRequest request, HttpAnswer answer)> handle;
};

struct HttpServerOptions {
  std::string address = "127.0.0.1";
  uint16_t port = 0;  // 0 = any; see HttpServer::port
  unsigned threads = 2;
  unsigned connections_max = 2000;
  unsigned connections_per_prefix_max = 64;
  // From the first byte of a request to its last; also how long an unused connection is kept.
  std::chrono::seconds request_timeout{20};
  // Of each answered request, from its last byte to the reply's first. Any thread.
  std::function<void(const HttpRoute& route, int status, std::chrono::microseconds took)> on_reply;
};

class HttpServer {
 public:
  // Routes are tried in order. kUnavailable says why it cannot listen; kBadRequest: no address.
  static Expected<std::unique_ptr<HttpServer>> Start(HttpServerOptions options,
                                                     std::vector<HttpRoute> routes);
  ~HttpServer();  // as Drain

  uint16_t port() const;
  uint64_t connections() const;
  // Takes no new connection, waits until all that was asked is answered, closes. Handlers must
  // still answer.
  void Drain();

 private:
  struct Impl;
  explicit HttpServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace kaopu
