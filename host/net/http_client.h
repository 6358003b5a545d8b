// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Requests to registries: TLS verified, http and https only, no redirects, no cookies, no stored
// passwords, nothing of the environment's proxies. One client is one thread's at a time and keeps
// its connections.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace kaopu {

struct HttpRequest {
  std::string url;
  std::optional<std::string> body;  // present: a POST of this
  const char* body_type = "application/json";
  uint64_t from_byte = 0;           // > 0: only what follows (Range)
  uint64_t bytes_wanted = 0;        // > 0: and so many of it
  size_t bytes_max = 1 << 20;       // of the answer's body; what is longer ends it with kTooLarge
  std::chrono::milliseconds time_max{0};  // 0: as long as it takes while bytes keep coming
  // Where given, takes the bytes of an answer with status 200 or 206 as they come, each with its
  // place in the whole; the response's body stays empty. An error ends the transfer with it.
  std::function<Expected<void>(uint64_t at_byte, std::string_view bytes)> on_bytes;
};

struct HttpResponse {
  int status = 0;  // whatever it is: 404 and 503 are answers
  std::string body;
  uint64_t from_byte = 0;              // of the body; 0 where the server gave the whole
  std::optional<uint64_t> bytes_left;  // as announced, from from_byte on
  std::optional<std::chrono::seconds> retry_after;
};

class HttpClient {
 public:
  virtual ~HttpClient() = default;
  // kTooLarge, kTimeout (also: less than 1 KB/s for 20 s), kUnavailable (no connection, TLS,
  // proxy), kDamaged (a range other than the one asked for), or what on_bytes gave. The message
  // names the address.
  virtual Expected<HttpResponse> Send(const HttpRequest& request) = 0;
};

struct HttpOptions {
  std::string user_agent;
  std::string proxy;  // as curl writes it, "socks5h://127.0.0.1:9050" for Tor; "" = none
};
// kInternal where libcurl does not start.
Expected<std::unique_ptr<HttpClient>> MakeHttpClient(HttpOptions options);

// The same, as one GET of a whole body: 404 and 410 are kNotFound, another status than 200 is
// kUnavailable.
Expected<std::string> GetBody(HttpClient& client, const std::string& url, size_t bytes_max);

}  // namespace kaopu
