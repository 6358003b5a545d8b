// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "pool/net/registry_address.h"

#include <algorithm>
#include <cctype>

#include "base/str_cat.h"

namespace kaopu::pool {
namespace {

constexpr size_t kAddressBytesMax = 1000;

bool IsThisComputer(std::string_view host) {
  if (host == "localhost" || host == "[::1]") return true;
  return host.starts_with("127.") && std::ranges::all_of(host, [](unsigned char c) {
           return std::isdigit(c) != 0 || c == '.';
         });
}

}  // namespace

Expected<std::string> RegistryAddress(std::string_view url, std::string_view proxy,
                                      std::string_view of) {
  const auto wrong = [&](std::string_view why) {
    return Fail(ErrorCode::kBadRequest,
                StrCat("\"", url.substr(0, 200), "\" is no address of ", of, ": ", why));
  };
  const bool secure = url.starts_with("https://");
  if (!secure && !url.starts_with("http://")) return wrong("it must begin with https://");
  if (url.size() > kAddressBytesMax) {
    return wrong(StrCat("it is longer than ", kAddressBytesMax, " bytes"));
  }
  if (std::ranges::any_of(url, [](unsigned char c) { return c <= 0x20 || c >= 0x7f; })) {
    return wrong("it holds spaces or signs that are not ASCII");
  }
  if (url.find_first_of("?#\\") != std::string_view::npos) {
    return wrong("it must not hold ?, # or a backslash");
  }
  std::string_view rest = url.substr(secure ? 8 : 7);
  const size_t slash = rest.find('/');
  std::string host(rest.substr(0, slash));
  std::string path = slash == std::string_view::npos ? "/" : std::string(rest.substr(slash));
  if (host.find('@') != std::string::npos) return wrong("it must not hold a name or password");
  std::ranges::transform(host, host.begin(), [](unsigned char c) { return std::tolower(c); });
  const std::string authority = host;
  const size_t colon = host.rfind(':');
  if (colon != std::string::npos && host.find(']', colon) == std::string::npos) host.resize(colon);
  if (host.empty()) return wrong("it names no computer");
  if (path.find("/../") != std::string::npos || path.ends_with("/..")) {
    return wrong("its path must not hold ..");
  }
  const bool onion = host.ends_with(".onion");
  if (onion && proxy.empty()) {
    return wrong("a .onion service is reached through Tor: --proxy socks5h://127.0.0.1:9050");
  }
  if (!secure && !onion && !IsThisComputer(host)) {
    return wrong("http can be read and changed on the way; use https");
  }
  constexpr std::string_view kFile = "/registry.json";
  if (path.ends_with(kFile)) path.resize(path.size() - kFile.size());
  while (path.ends_with('/')) path.pop_back();
  return StrCat(secure ? "https://" : "http://", authority, path, "/");
}

}  // namespace kaopu::pool
