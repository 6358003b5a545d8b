// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Marks unfair contract terms and requests to pay outside the platform, in Chinese and English.
// The wording is data: host/data/terms/*.json, RE2 patterns with a source and cases each.
#pragma once

#include <filesystem>
#include <memory>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "page/facts.h"

namespace kaopu {

class TermsReader {
 public:
  static Expected<TermsReader> Load(const std::filesystem::path& dir);
  TermsReader(TermsReader&&) noexcept;
  TermsReader& operator=(TermsReader&&) noexcept;
  ~TermsReader();

  struct Marks {
    std::vector<Term> terms;    // each once, in text order, the clause itself (at most 200 characters)
    bool off_platform = false;  // "pay me on WeChat / by bank transfer, not here"
  };
  // `text`: a page's visible text. RE2::Set first, captures on hits only.
  Marks Read(std::string_view text) const;

 private:
  struct Impl;
  explicit TermsReader(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace kaopu
