// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Makes HTML safe to parse. libgumbo's work grows with open elements x tags, with unclosed
// formatting and with attributes a tag; no such parser bounds them. The guard keeps the standard's
// stack of open elements by name alone, which is cheap, and leaves out tags that would make the
// tree deeper, or carry more formatting, than any snapshot can show. It also empties what no
// snapshot holds: styles, foreign content (svg, math), noscript (read as a browser with scripts
// does) and most scripts. Input the standard's parser would make a small tree of comes out meaning
// the same.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "page/cold/html_tokenizer.h"

namespace kaopu {

// Whether the text of this script (its start tag, its raw text) is needed.
using KeepScript = std::function<bool(const HtmlToken& tag, std::string_view text)>;

// Linear in `utf8`; the result is at most a little longer.
std::string GuardHtml(std::string_view utf8, const KeepScript& keep_script);

}  // namespace kaopu
