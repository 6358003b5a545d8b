// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Marks unfair contract terms and requests to pay outside the platform, in Chinese and English. The wording is data
// (host/data/terms/*.json): RE2 patterns, each with a source and cases that must and must not be marked.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "page/facts.h"

namespace kaopu {

class TermsReader {
 public:
  // Reads every *.json of `dir`. Patterns are compiled at the first Read, so that loading costs a start nothing.
  // kDamaged names file, rule and reason.
  static Expected<TermsReader> Load(const std::filesystem::path& dir);
  TermsReader(TermsReader&&) noexcept;
  TermsReader& operator=(TermsReader&&) noexcept;
  ~TermsReader();

  struct Marks {
    std::vector<Term> terms;    // one a kind, in text order; `text` is the clause, at most 200 bytes
    bool off_platform = false;  // "pay me on WeChat / by bank transfer, not here"
  };
  // `text`: a page's visible text, read up to 512 KiB. Linear: of the patterns only those run
  // whose fixed words the text holds. Safe to call from several threads.
  Marks Read(std::string_view text) const;

  // Compiles the patterns now rather than at the first Read. kDamaged names the rule that does not compile; Read marks nothing then.
  Expected<void> Prepare() const;

  // Runs every rule's own cases and returns what is wrong, "file: rule N: ..." a line; empty when all is well.
  std::vector<std::string> Check() const;

 private:
  struct Impl;
  explicit TermsReader(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace kaopu
