// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// A small, forgiving reader for pieces of HTML that a page keeps as text (lazy-loaded blocks in a
// textarea). Not an HTML5 parser: enough structure for selectors, whatever the input, in linear
// time.
#pragma once

#include <pugixml.hpp>
#include <string_view>

namespace kaopu {

// Appends what `html` describes to `parent`, at most `depth_max` levels below it and `elements_max`
// elements; returns how many were made. Scripts and styles are dropped; an unmatched end tag is
// ignored.
int AppendHtmlFragment(pugi::xml_node parent, std::string_view html, int depth_max,
                       int elements_max);

}  // namespace kaopu
