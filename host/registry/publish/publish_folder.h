// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// A publish of the registry in a folder, as `publish` and `serve` alike do it.
#pragma once

#include <functional>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "registry/folder/registry_folder.h"
#include "registry/publish/publisher.h"

namespace kaopu {

// Waits for another publish, or removal, of the same folder to end. With a database connection of
// its own: reports are taken in meanwhile. Errors as PublishOnce.
Expected<Published> PublishFolder(const RegistryFolder& folder, const Clock& clock,
                                  std::function<void(std::string_view)> progress = {},
                                  std::function<bool()> stop = {});

}  // namespace kaopu
