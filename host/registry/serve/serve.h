// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The running registry: HTTP, intake, and what is done on its own clock.
#pragma once

#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "registry/http/http_server.h"
#include "registry/http/registry_service.h"
#include "registry/intake/intake.h"
#include "registry/witness/ask_witnesses.h"

namespace kaopu {

struct ServeOptions {
  std::filesystem::path data;
  std::string database;  // as RegistryFolder::Open has it
  HttpServerOptions http;
  RequestRates rates;
  IntakeOptions intake;
  // Whose own word for an order counts, beside the keys of the trust policy.
  std::vector<std::string> voucher_keys;
  std::chrono::minutes publish_every{60};  // 0 = never by itself
  WitnessOptions witnesses;                // asked at each publish
};

// Serves until `stop` says so (looked at several times a second), then answers what waits. The
// first line of `log` is `listening` with the address once requests are taken.
Expected<void> Serve(ServeOptions options, const Clock& clock, std::ostream& log,
                     const std::function<bool()>& stop);

}  // namespace kaopu
