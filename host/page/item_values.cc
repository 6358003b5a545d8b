// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "page/item_values.h"

#include "base/str_cat.h"
#include "page/packed_name.h"

namespace kaopu {

int LineEndsAround(const char* name) {
  switch (PackName(name)) {
    case PackName("address"):
    case PackName("article"):
    case PackName("aside"):
    case PackName("br"):
    case PackName("dd"):
    case PackName("details"):
    case PackName("div"):
    case PackName("dt"):
    case PackName("fieldset"):
    case PackName("footer"):
    case PackName("form"):
    case PackName("header"):
    case PackName("hr"):
    case PackName("legend"):
    case PackName("li"):
    case PackName("main"):
    case PackName("nav"):
    case PackName("section"):
    case PackName("table"):
    case PackName("tr"):
      return 1;
    case PackName("dl"):
    case PackName("figure"):
    case PackName("h1"):
    case PackName("h2"):
    case PackName("h3"):
    case PackName("h4"):
    case PackName("h5"):
    case PackName("h6"):
    case PackName("ol"):
    case PackName("p"):
    case PackName("pre"):
    case PackName("ul"):
      return 2;
    default:
      return 0;
  }
}

std::string AbsoluteLink(std::string_view link, const std::optional<Url>& base) {
  link = TrimAscii(link);
  if (!base || link.empty()) return std::string(link);
  if (link.starts_with('#')) {
    const std::string port = base->port.empty() ? "" : ":" + base->port;
    const std::string query = base->query.empty() ? "" : "?" + base->query;
    return StrCat(base->scheme, "://", base->host, port, base->path, query, link);
  }
  return ResolveUrl(*base, link).value_or(std::string(link));
}

}  // namespace kaopu
