// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Raw pages on their way into the host's own format: what `kaopu page` and `kaopu check` do before
// anything is read.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "cli/command.h"
#include "page/page_reader.h"

namespace kaopu {

// A file, or `context.in` for "-"; at most kHtmlBytesMax.
Expected<std::string> ReadInput(const std::string& file, CommandContext& context);

// Raw bytes -> the snapshot the extension would have sent. An empty `url` is guessed from the page
// (page/cold/page_address.h) and stays empty where the page names none.
Expected<PageInput> InputOf(const PageReader& pages, std::string_view bytes, std::string url,
                            std::string_view content_type);

}  // namespace kaopu
