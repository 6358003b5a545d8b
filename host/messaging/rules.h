// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The rule files behind a verdict, each read when it is first needed: a damaged one stops what
// needs it and nothing else. One thread.
#pragma once

#include <filesystem>
#include <optional>

#include "base/error.h"
#include "page/page_reader.h"
#include "reputation/policy.h"

namespace kaopu {

class Rules {
 public:
  // `data`: the data folder, or the error that stands for it.
  explicit Rules(Expected<std::filesystem::path> data) : data_(std::move(data)) {}

  // kDamaged: the message names the file and what to do. A failed load is tried again at the next
  // call: the user may have mended the file meanwhile.
  Expected<const PageReader*> Pages();
  Expected<const Policy*> GetPolicy();

  // An error of a rule file as the user reads it: kDamaged, with what to do. For what only shows
  // when a page is read.
  static Error Advised(const Error& error);

 private:
  Expected<std::filesystem::path> data_;
  std::optional<PageReader> pages_;
  std::optional<Policy> policy_;
};

}  // namespace kaopu
