// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "page/cold/declared_prefixes.h"

#include <string>

#include "page/cold/html_tokenizer.h"
#include "page/text.h"

namespace kaopu {

Prefixes DeclaredPrefixes(std::string_view html) {
  Prefixes prefixes;
  HtmlTokenizer tokenizer(html);
  HtmlToken token;
  while (tokenizer.Next(token)) {
    if (token.kind != HtmlToken::Kind::kStart) continue;
    if (token.name != "html" && token.name != "head") break;
    if (const auto* prefix = token.Find("prefix")) AddPrefixes(DecodeEntities(*prefix), prefixes);
    if (token.name == "head") break;
  }
  return prefixes;
}

}  // namespace kaopu
