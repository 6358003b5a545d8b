// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Reads a shipping promise out of a phrase in zh en ja ko de fr es pt it th he. The wording is data
// (host/data/promises/*.json: words by what they do, each file with a source and cases); this code
// knows numbers, units and dates.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "page/data_check.h"
#include "page/facts.h"

namespace kaopu {

class PromiseReader {
 public:
  // Loads every *.json of host/data/promises (not of its folder cases/). kDamaged names file, rule
  // and reason.
  static Expected<PromiseReader> Load(const std::filesystem::path& dir);
  PromiseReader(PromiseReader&&) noexcept;
  PromiseReader& operator=(PromiseReader&&) noexcept;
  ~PromiseReader();

  // Parses now what the first use would. kDamaged names file, place in it and reason; a reader of
  // damaged data reads nothing.
  Expected<void> Prepare() const;

  // The one promise a phrase makes, by the conventions of host/docs/promises.md (CONTRACT); kind
  // kNone when it makes none. `lang` (BCP 47, may be empty) breaks ties; `now` resolves dates
  // without a year, without it they stay unresolved. Linear in the text; texts over 2,000 bytes are
  // read up to there. Safe to call from several threads.
  // `bare_as` says what a time is about where the text has no word of its own for it.
  Promise Read(std::string_view text, std::string_view lang = {}, std::optional<TimeMs> now = {},
               std::optional<PromiseKind> bare_as = {}) const;

  // Pieces of running text (a paragraph, a block of the page) that may hold a promise, each at most
  // 200 characters, in order; for pages whose promise sits in prose. Read decides on each.
  std::vector<std::string> FindCandidates(std::string_view text, std::string_view lang = {}) const;
  // The same one by one, until `visit` returns false.
  using Visit = std::function<bool(const std::string& piece)>;
  void ForEachCandidate(std::string_view text, const Visit& visit) const;

 private:
  struct Impl;
  explicit PromiseReader(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// For `kaopu data check`: loads `dir` (host/data/promises) and reads every case of
// dir/cases/*.json. Empty = all is well.
std::vector<CheckFailure> CheckPromiseData(const std::filesystem::path& dir);

}  // namespace kaopu
