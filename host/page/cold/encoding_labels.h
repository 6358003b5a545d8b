// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#pragma once

#include <string_view>

namespace kaopu {

// The encoding that a label in a page or its header stands for, under the name iconv knows it by;
// empty for a label that browsers do not know either. Case and white space around it do not count.
// Labels and the encodings they mean: encoding.spec.whatwg.org, "Names and labels"; an encoding
// that a larger one holds is read as the larger one there (gb2312 is gb18030, iso-8859-1 is
// windows-1252).
std::string_view EncodingOfLabel(std::string_view label);

}  // namespace kaopu
