// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#pragma once

#include <string>

#include "base/str_cat.h"
#include "registry/http/http_server.h"
#include "tlog/text_lines.h"

namespace kaopu {

// `A:P`, `[v6]:P`.
inline Expected<void> ReadListen(const std::string& text, HttpServerOptions& http) {
  const size_t colon = text.rfind(':');
  const auto port =
      colon == std::string::npos ? std::nullopt : tlog::ParseDecimal(text.substr(colon + 1));
  if (!port || *port > 65535) {
    return Fail(ErrorCode::kBadRequest, StrCat("--listen \"", text,
                                               "\": must be ADDRESS:PORT, as in 127.0.0.1:8787 or "
                                               "[::1]:8787; port 0 = any"));
  }
  std::string address = text.substr(0, colon);
  if (address.starts_with('[') && address.ends_with(']')) {
    address = address.substr(1, address.size() - 2);
  }
  http.address = address == "localhost" ? "127.0.0.1" : address;
  http.port = static_cast<uint16_t>(*port);
  return {};
}

}  // namespace kaopu
