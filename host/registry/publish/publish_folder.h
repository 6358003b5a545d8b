// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// A publish of the registry in a folder, as `publish` and `serve` alike do it.
#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "registry/folder/registry_folder.h"
#include "registry/publish/publisher.h"
#include "registry/witness/ask_witnesses.h"

namespace kaopu {

// Whom a publish asks for cosignatures of the log's head, also where there is nothing new; each
// answer is told. A publish without the required ones fails with kUnavailable before it is shown,
// and the next run goes on with it.
struct Witnessing {
  WitnessOptions options;
  std::function<void(const WitnessAnswer&)> told;
};

// Waits for another publish, or removal, of the same folder to end. With a database connection of
// its own: reports are taken in meanwhile. Errors as PublishOnce.
Expected<Published> PublishFolder(const RegistryFolder& folder, const Clock& clock,
                                  std::function<void(std::string_view)> progress = {},
                                  std::function<bool()> stop = {},
                                  const Witnessing& witnessing = {},
                                  std::optional<unsigned> range_bits = {});

}  // namespace kaopu
