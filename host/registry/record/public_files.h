// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// registry.json as an auditor reads it, and where a registry's other files lie; its manifest is in
// report/seal/published_index.h.
// Forms: host/docs/registry_api.md.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "registry/record/log_history.h"
#include "report/seal/published_index.h"

namespace kaopu {

// `registry.json`. kBadRequest names the field.
struct RegistryFile {
  std::string origin, log_key, operator_key;
  // What must stand in the log's first entry as it stands here.
  std::map<std::string, std::string> keys;

  static Expected<RegistryFile> Parse(std::string_view text);
};

// Of the policy with this digest (base64): `policy/<first 16 hex digits>.json`.
std::string PolicyPath(std::string_view sha256_base64);

}  // namespace kaopu
