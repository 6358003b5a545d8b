// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Which path does what: host/docs/registry_api.md over intake and static files.
#pragma once

#include <vector>

#include "registry/http/http_server.h"
#include "registry/http/registry_metrics.h"
#include "registry/http/static_files.h"
#include "registry/intake/intake.h"

namespace kaopu {

struct RequestRates {
  double per_s = 10, burst = 100;                // what costs the registry work
  double files_per_s = 100, files_burst = 1000;  // files
};

// All must outlive the server. `connections` gives how many are open now.
std::vector<HttpRoute> RegistryRoutes(Intake& intake, const RegistryMetrics& metrics,
                                      const StaticFiles& files, const RequestRates& rates,
                                      std::function<uint64_t()> connections);

}  // namespace kaopu
