// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The pages that people read, written at a publish: static files, English and Chinese, no request
// to anybody else. Templates, style and script: host/data/registry_pages.
#pragma once

#include <filesystem>
#include <vector>

#include "base/error.h"
#include "registry/record/contents.h"
#include "registry/record/log_history.h"
#include "registry/record/public_files.h"
#include "registry/trust/trust_policy.h"

namespace kaopu {

// `reports`: those the manifest's index weighs. Files that stay the same are not touched. Pages are
// no part of the index: where they fail, the publish stands.
Expected<void> WritePublicPages(const std::filesystem::path& templates,
                                const std::filesystem::path& root, const LogHistory& history,
                                const Manifest& manifest, uint64_t log_size,
                                const std::vector<ReleasedReport>& reports,
                                const TrustPolicy& policy);

}  // namespace kaopu
