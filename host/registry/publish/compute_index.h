// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Pass 2 of a publish: released reports, the epoch's entry and the trust policy -> the two files of
// the index. A pure function: the same input in any order gives the same bytes on every machine.
// What it takes was fixed before, by entries of the log.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "registry/publish/index_builder.h"
#include "registry/publish/seller_weights.h"
#include "registry/record/log_history.h"
#include "registry/trust/trust_policy.h"

namespace kaopu {

// Takes away what another one of them replaces, and what the epoch does not weigh (entries behind
// it, outcomes known after its day).
void KeepWeighed(std::vector<ReleasedReport>& reports, const EpochEntry& epoch);

// How much readier failures are told of than orders that went well, by platform, as the next epoch
// states it: what was stated before stays until it is off by more than an eighth, so that rows do
// not move with every publish. Of reports that KeepWeighed kept.
std::map<std::string, Micro> BiasOf(const std::vector<ReleasedReport>& reports,
                                    const TrustPolicy& policy,
                                    const std::map<std::string, Micro>& before);

// Of reports that KeepWeighed kept. Errors as BuildIndex.
Expected<BuiltIndex> ComputeIndex(const std::vector<ReleasedReport>& reports,
                                  const EpochEntry& epoch, const TrustPolicy& policy,
                                  const std::string& origin,
                                  const std::filesystem::path& sellers_path,
                                  const std::filesystem::path& details_path);

}  // namespace kaopu
