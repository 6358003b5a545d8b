// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The cold path: raw HTML (a saved file, a fetched page) -> the same XML snapshot that the
// extension sends, by the same pruning rules and caps (host/docs/protocol.md, "Snapshot";
// tests/vectors/snapshot.json is run by both serializers).
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "base/json.h"
#include "page/page_reader.h"

namespace kaopu {

// Bytes -> UTF-8: BOM; valid UTF-8 beyond ASCII beats any declaration; then `content_type` (HTTP
// header, may be empty); then a prescan of real meta elements and the XML declaration; then
// detection (charset_guess.h). A declaration in which one byte in fifty means nothing is not
// believed, nor are labels that browsers do not know. Never fails: bytes that do not decode become
// U+FFFD. `used`, when given, gets iconv's name of the encoding.
std::string DecodeHtml(std::string_view bytes, std::string_view content_type = {},
                       std::string* used = nullptr);

// `snapshot_plan`: the plan's `snapshot` object, as the extension has it. Work and memory are
// linear in `utf8`: nesting, attributes and misnested formatting are bounded before the HTML parser
// sees them. kTooLarge over kHtmlBytesMax. Fills url (as given), title, lang, snapshot.
Expected<PageInput> HtmlToPageInput(std::string_view utf8, std::string url,
                                    const Json& snapshot_plan);

}  // namespace kaopu
