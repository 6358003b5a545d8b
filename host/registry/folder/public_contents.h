// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Takes the content of a removed report out of the published content files.
#pragma once

#include <cstdint>
#include <filesystem>

#include "base/error.h"

namespace kaopu {

// Nothing to do where it is not there. kUnavailable: the file is as it was.
Expected<void> RemovePublicContent(const std::filesystem::path& public_folder, uint64_t entry);

}  // namespace kaopu
