// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The judge of reporters (registry/trust/report_judge.h) over the registry's own keys, brought back
// from the database at a start. What was removed is not in it any more after that. One thread.
#pragma once

#include <string>
#include <unordered_map>

#include "base/error.h"
#include "registry/store/registry_store.h"
#include "registry/trust/report_judge.h"
#include "report/seal/report_keys.h"

namespace kaopu {

class Standing {
 public:
  // With every judged report of the store, in order.
  static Expected<Standing> Load(const PoolRules& rules, RegistryStore& store);

  Judgement Judge(const report::PublicKey& reporter, std::string_view seller, bool bad, bool proven,
                  TimeMs at);

 private:
  explicit Standing(const PoolRules& rules) : judge_(rules) {}
  PersonIndex IndexOf(std::string name);

  ReportJudge judge_;
  std::unordered_map<std::string, PersonIndex> people_;  // reporters by key, sellers by `s:` + key
};

}  // namespace kaopu
