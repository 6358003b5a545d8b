// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "messaging/rules.h"

#include <cstdio>

#include "base/str_cat.h"
#include "messaging/policy_file.h"

namespace kaopu {

Error Rules::Advised(const Error& error) {
  return {
      ErrorCode::kDamaged,
      StrCat(error.message,
             "; install Kaopu again, or mend the file (`kaopu data check` says what is wrong)")};
}

Expected<const PageReader*> Rules::Pages() {
  if (pages_) return &*pages_;
  if (!data_) return std::unexpected(Advised(data_.error()));
  auto pages = PageReader::Load(*data_, PageReader::Compile::kWhenNeeded);
  if (!pages) return std::unexpected(Advised(pages.error()));
  for (const std::string& file : pages->LeftOut()) {
    std::fprintf(stderr, "kaopu: rules left out: %s\n", file.c_str());
  }
  return &pages_.emplace(std::move(*pages));
}

Expected<const Policy*> Rules::GetPolicy() {
  if (policy_) return &*policy_;
  if (!data_) return std::unexpected(Advised(data_.error()));
  auto policy = LoadPolicy(*data_);
  if (!policy) return std::unexpected(Advised(policy.error()));
  return &policy_.emplace(std::move(*policy));
}

}  // namespace kaopu
