// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kaopu {

// Encodings, by iconv's names, that a page of this language which declares none may be in, the
// likeliest first; never empty. What uchardet says of the bytes, and the encodings that pages in
// the language of the html element were written in (html.spec.whatwg.org, "Determining the
// character encoding", suggested defaults by locale): statistics tell scripts apart well, and Latin
// letters of few accents badly.
std::vector<std::string> GuessEncodings(std::string_view bytes);

}  // namespace kaopu
