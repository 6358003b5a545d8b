// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Where a saved page came from, when nobody says: what the page itself tells about its address.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace kaopu {

// The browser's "saved from url" comment, `link[rel=canonical]`, `og:url`, else the site, without a path, of
// the host that most links and assets name (`known` hosts, those an adapter knows, are preferred):
// which page of it this is, nothing tells.
// Empty when the page names none. Never a proof: good for a person's own saved file, not for
// anything that arrives from a browser (which knows its address).
std::string GuessAddress(std::string_view html,
                         const std::function<bool(std::string_view host)>& known);

}  // namespace kaopu
