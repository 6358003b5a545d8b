// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "registry/intake/standing.h"

#include <utility>

#include "base/str_cat.h"

namespace kaopu {

Expected<Standing> Standing::Load(const PoolRules& rules, RegistryStore& store) {
  Standing standing(rules);
  const auto size = store.Size();
  if (!size) return std::unexpected(size.error());
  const auto read = store.EachReport(0, *size, [&](const StoredReport& report) {
    if (!report.judged || report.removal) return;
    (void)standing.Judge(report.reporter, report.seller, report.bad, report.proven,
                         report.received_at);
  });
  if (!read) return std::unexpected(read.error());
  return standing;
}

Judgement Standing::Judge(const report::PublicKey& reporter, std::string_view seller, bool bad,
                          bool proven, TimeMs at) {
  const PersonIndex who =
      IndexOf(std::string(reinterpret_cast<const char*>(reporter.data()), reporter.size()));
  const PersonIndex whom = IndexOf(StrCat("s:", seller));
  const int64_t at_s = std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
  return judge_.Judge(who, whom, bad, proven, at_s);
}

PersonIndex Standing::IndexOf(std::string name) {
  return people_.try_emplace(std::move(name), static_cast<PersonIndex>(people_.size()))
      .first->second;
}

}  // namespace kaopu
