// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// What structured data was read off a page, as JSON that a person or another program can compare:
// the form that the Python library extruct writes, `{"json-ld", "microdata", "opengraph", "rdfa"}`.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "base/json.h"
#include "page/document.h"
#include "page/url.h"

namespace kaopu {

// Prefix -> namespace, as the `prefix` attributes of html and head declare them.
using Prefixes = std::map<std::string, std::string>;

// `json-ld`: the objects of every script, lists opened. `microdata`, `rdfa` (RDFa Lite, names
// without their prefix): `{"type", "id", "properties": {name: value or list}}`, or `value` for an
// item without properties; links absolute where `base` is known. `opengraph`: `{"namespace",
// "properties": [[name, content], ...]}` of the metas whose prefix is declared or one of the Open
// Graph protocol's own. `document` has its index built.
Json StructuredJson(const Document& document, const std::optional<Url>& base,
                    const Prefixes& declared);

// `og: http://ogp.me/ns# fb: ...`
void AddPrefixes(std::string_view attribute, Prefixes& out);

}  // namespace kaopu
