// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// A registry's public files, over HTTP or from a folder, for who audits.
#pragma once

#include <string>

#include "base/error.h"
#include "tlog/tiles.h"

namespace kaopu {

// `from`: an http(s) address, or a folder. Any number of threads. Over HTTP: TLS verified, no
// redirects, no cookies; what is missing (404, 410) is kNotFound, kTooLarge, kTimeout,
// kUnavailable. A failed transfer is tried three times. kBadRequest: neither address nor folder.
Expected<tlog::ReadLogFile> ReaderOf(const std::string& from);

}  // namespace kaopu
