// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors

// Addresses and seller keys: first line a base URL, second a link. A link resolves to http(s) or to
// nothing, and no host makes a key that is not one.
#include "page/url.h"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view all(reinterpret_cast<const char*>(data), size);
  const size_t split = all.find('\n');
  const std::string_view text = kaopu::UnwrapArchive(all.substr(0, split));
  const std::string_view link = split == all.npos ? all : all.substr(split + 1);
  const auto url = kaopu::ParseUrl(text);
  if (!url) return 0;
  if (url->host.empty() || url->host.find_first_of("/?#@ ") != std::string::npos) std::abort();
  if (const auto absolute = kaopu::ResolveUrl(*url, link)) {
    if (!absolute->starts_with("http:") && !absolute->starts_with("https:") &&
        !absolute->starts_with("HTTP") && !kaopu::ParseUrl(*absolute)) {
      std::abort();
    }
  }
  if (const auto domain = kaopu::RegistrableDomain(url->host)) {
    if (domain->empty() || domain->front() == '.' || domain->find('.') == std::string::npos ||
        !url->host.ends_with(*domain)) {
      std::abort();
    }
  }
  (void)kaopu::HostMatches("*.example.com", url->host);
  (void)kaopu::HostMatches(link, url->host);
  return 0;
}
