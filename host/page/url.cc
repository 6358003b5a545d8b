// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "page/url.h"

#include <libpsl.h>

#include <algorithm>

#include "page/text.h"

namespace kaopu {
namespace {

constexpr size_t kHostBytesMax = 253;

bool IsHostByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}

bool IsIpAddress(std::string_view host) {
  if (host.starts_with('[')) return true;
  // Browsers read any host whose last label is a number as IPv4.
  const std::string_view last = host.substr(host.rfind('.') + 1);
  return !last.empty() && std::ranges::all_of(last, [](char c) { return c >= '0' && c <= '9'; });
}

// Fills host and port from `user@host:port`; false when it is no host name.
bool SplitAuthority(std::string_view authority, Url& url) {
  if (const size_t at = authority.rfind('@'); at != std::string_view::npos) {
    authority.remove_prefix(at + 1);
  }
  size_t host_end = authority.size();
  if (authority.starts_with('[')) {
    host_end = authority.find(']');
    if (host_end == std::string_view::npos) return false;
    constexpr std::string_view kAddressBytes = "0123456789abcdefABCDEF:.";
    if (authority.substr(1, host_end - 1).find_first_not_of(kAddressBytes) !=
        std::string_view::npos)
      return false;
    ++host_end;
  } else if (const size_t colon = authority.find(':'); colon != std::string_view::npos) {
    host_end = colon;
  }
  url.host = ToLowerAscii(authority.substr(0, host_end));
  std::string_view rest = authority.substr(host_end);
  if (rest.starts_with(':')) url.port = rest.substr(1);
  if (!url.host.starts_with('[')) {
    if (url.host.ends_with('.')) url.host.pop_back();
    if (!std::ranges::all_of(url.host, IsHostByte)) return false;
  }
  return !url.host.empty() && url.host.size() <= kHostBytesMax;
}

}  // namespace

std::optional<Url> ParseUrl(std::string_view text) {
  text = TrimAscii(text);
  Url url;
  if (text.starts_with("//")) {
    url.scheme = "https";
  } else {
    const size_t colon = text.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    url.scheme = ToLowerAscii(text.substr(0, colon));
    if (url.scheme != "http" && url.scheme != "https") return std::nullopt;
    text.remove_prefix(colon + 1);
    if (!text.starts_with("//")) return std::nullopt;
  }
  text.remove_prefix(2);
  const size_t authority_end = std::min(text.find_first_of("/?#\\"), text.size());
  if (!SplitAuthority(text.substr(0, authority_end), url)) return std::nullopt;
  text.remove_prefix(authority_end);
  text = text.substr(0, text.find('#'));
  if (const size_t mark = text.find('?'); mark != std::string_view::npos) {
    url.query = text.substr(mark + 1);
    text = text.substr(0, mark);
  }
  url.path = text.empty() ? "/" : std::string(text);
  return url;
}

std::optional<std::string> ResolveUrl(const Url& base, std::string_view link) {
  link = TrimAscii(link);
  if (link.empty() || link.starts_with('#')) return std::nullopt;
  if (link.starts_with("//")) return base.scheme + ":" + std::string(link);
  const size_t mark = link.find_first_of(":/?#");
  if (mark != std::string_view::npos && link[mark] == ':') {
    if (!ParseUrl(link)) return std::nullopt;
    return std::string(link);
  }
  std::string out = base.scheme + "://" + base.host;
  if (!base.port.empty()) out += ":" + base.port;
  if (link.starts_with('/')) return out + std::string(link);
  if (link.starts_with('?')) return out + base.path + std::string(link);
  std::string_view folder = std::string_view(base.path).substr(0, base.path.rfind('/') + 1);
  for (;;) {
    if (link.starts_with("./")) {
      link.remove_prefix(2);
    } else if (link.starts_with("../")) {
      link.remove_prefix(3);
      if (folder.size() > 1) folder = folder.substr(0, folder.rfind('/', folder.size() - 2) + 1);
    } else {
      return out + std::string(folder) + std::string(link);
    }
  }
}

std::string_view UnwrapArchive(std::string_view url) {
  std::string_view rest = url;
  for (std::string_view prefix : {"https://", "http://"}) {
    if (rest.starts_with(prefix)) rest.remove_prefix(prefix.size());
  }
  if (!rest.starts_with("web.archive.org/web/")) return url;
  rest.remove_prefix(std::string_view("web.archive.org/web/").size());
  const size_t slash = rest.find('/');
  if (slash == std::string_view::npos) return url;
  rest.remove_prefix(slash + 1);
  return rest.starts_with("http://") || rest.starts_with("https://") ? rest : url;
}

std::optional<std::string> RegistrableDomain(std::string_view host) {
  if (host.empty() || IsIpAddress(host) || !std::ranges::all_of(host, IsHostByte)) {
    return std::nullopt;
  }
  const std::string name(host);
  const char* domain = psl_registrable_domain(psl_builtin(), name.c_str());
  if (domain == nullptr || *domain == '.' || *domain == '\0') return std::nullopt;
  return std::string(domain);
}

bool HostMatches(std::string_view pattern, std::string_view host) {
  if (!pattern.starts_with("*.")) return pattern == host;
  pattern.remove_prefix(2);
  if (!host.ends_with(pattern)) return false;
  return host.size() == pattern.size() || host[host.size() - pattern.size() - 1] == '.';
}

}  // namespace kaopu
