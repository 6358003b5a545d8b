// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The file that tells a browser where our host is and which extension may start it: made from a
// template, and judged as strictly as the strictest browser does.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "cli/browsers.h"

namespace kaopu {

// WIRE: what the extension asks its browser for; the manifest's file name is this + ".json".
inline constexpr std::string_view kNativeHostName = "io.github.kaopu.host";
std::string ManifestFileName();

// Who may talk to the host.
struct ExtensionIds {
  std::vector<std::string> chromium;
  std::vector<std::string> gecko;
  const std::vector<std::string>& Of(BrowserFamily family) const {
    return family == BrowserFamily::kFirefox ? gecko : chromium;
  }
};

// The project's own ids (manifests/extension_key.json). kNotFound, kDamaged.
Expected<ExtensionIds> OwnExtensionIds(const std::filesystem::path& manifests);

// Adds an id by its shape: 32 letters a-p = Chromium, `name@domain` or `{uuid}` = Firefox.
// kBadRequest: neither.
Expected<void> AddExtensionId(std::string_view id, ExtensionIds& ids);

// The manifest's text for a browser family. `host` is the absolute path of kaopu-host. kNotFound,
// kDamaged (template).
Expected<std::string> ComposeManifest(const std::filesystem::path& manifests, BrowserFamily family,
                                      const std::filesystem::path& host, const ExtensionIds& ids);

// WIRE (`kaopu doctor --json`): names by ManifestStateName. In order of how far a browser would
// get.
enum class ManifestState {
  kMissing,
  kUnreadable,   // no permission, or too large
  kInvalid,      // not what browsers accept: JSON, name, type, description, unknown fields
  kHostMissing,  // names a program that is not there
  kHostNotExecutable,
  kWrongExtension,  // our extension is not among those allowed
  kOtherHost,       // works, but starts another program than this installation's
  kGood,
};
std::string_view ManifestStateName(ManifestState state);

struct ManifestFinding {
  ManifestState state = ManifestState::kMissing;
  std::string detail;  // what was found, where the state alone does not say
};

ManifestFinding InspectManifest(const std::filesystem::path& file, BrowserFamily family,
                                const std::filesystem::path& host, const ExtensionIds& ids);

}  // namespace kaopu
