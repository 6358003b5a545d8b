// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The little of URLs that reading a page needs: parts, absolute links, and the registrable domain
// of a store of its own.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace kaopu {

// An http or https URL. `host` is in lower case, without port, user and final dot; `path` begins
// with '/'; `query` and `fragment` come without their mark.
struct Url {
  std::string scheme;
  std::string host;
  std::string port;
  std::string path;
  std::string query;
};

// `//host/path` counts as https. nullopt for other schemes, an empty host, or a host that holds
// anything but letters, digits, '-', '_', '.' (an IPv6 literal keeps its brackets).
std::optional<Url> ParseUrl(std::string_view text);

// The absolute http(s) form of a link on the page at `base`; nullopt for other schemes and
// nonsense.
std::optional<std::string> ResolveUrl(const Url& base, std::string_view link);

// A page kept by the Wayback Machine stands for the page it kept:
// `https://web.archive.org/web/2016.../http://x/y` -> `http://x/y`. Any other text is returned as
// it is.
std::string_view UnwrapArchive(std::string_view url);

// What one registers of a host, by the public suffix list with its private section
// (`foo.myshopify.com` whole). nullopt for IP addresses, bare suffixes, single labels and names
// that are not plain ASCII. The list is the one compiled into libpsl.
std::optional<std::string> RegistrableDomain(std::string_view host);

// Whether `host` is under `pattern`: equal, or `*.name` for name itself and anything below.
bool HostMatches(std::string_view pattern, std::string_view host);

}  // namespace kaopu
