// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Fetches one public web page, on the user's word, for `kaopu check URL`. The only network code in
// the shopper's programs.
#pragma once

#include <sys/socket.h>

#include <chrono>
#include <functional>
#include <string>

#include "base/error.h"
#include "base/limits.h"

namespace kaopu {

struct FetchOptions {
  size_t bytes_max = kHtmlBytesMax;            // of the body, decompressed
  std::chrono::milliseconds time_max{20'000};  // all together, redirects included
  int redirects_max = 5;
  std::string proxy;  // as curl writes it; "" = none, whatever the environment says
  // Asked for the very address of each connection, after name resolution, redirects included. Not
  // asked for a proxy's: the user named it, and it is the proxy then that resolves names.
  std::function<bool(const sockaddr&)> may_connect;  // unset: IsPublicAddress
};

struct FetchedPage {
  std::string url;  // after redirects
  std::string content_type;
  std::string body;
};

// http and https only; no cookies, no stored passwords, no address with a password in it.
// kBadRequest (not such a URL), kForbidden (an address that is not public), kTooLarge, kTimeout,
// kUnsupported (not a web page), kNotFound (404, 410), kUnavailable (everything else that the
// network or the site does). The message says what to do instead.
Expected<FetchedPage> FetchPage(const std::string& url, const FetchOptions& options = {});

// Neither private, loopback, link-local, shared (CGNAT), multicast, documentation nor reserved; of
// IPv6 addresses that hold an IPv4 one (mapped, NAT64) the inner one decides; 6to4 and Teredo are
// refused.
bool IsPublicAddress(const sockaddr& address);

}  // namespace kaopu
