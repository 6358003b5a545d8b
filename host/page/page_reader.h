// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Page -> Facts, by adapters. An adapter (host/data/adapters/*.json, format: host/docs/adapters.md)
// is data: hosts, page kinds, fields as XPath / state path / RE2 rules, buttons. Nothing about any
// shop stands in this code.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"
#include "page/facts.h"

namespace kaopu {

// A page as it reaches the host: the snapshot is UTF-8 XML, version 1 (host/docs/protocol.md,
// "Snapshot").
struct PageInput {
  std::string url;
  std::string title;
  std::string lang;
  std::string snapshot;
};

// One line of `kaopu page --explain`: which rule of which field was tried, what it gave, why it was
// not taken.
struct ExplainLine {
  std::string field;
  std::string rule;
  std::string value;
  bool taken = false;
  std::string note;
};

// What stands before the colon in the keys of a platform's sellers (host/docs/facts.md).
struct KeyPlatform {
  std::string platform;
  std::string prefix;  // the platform's name, or that of another whose sellers it shares
  bool lower = false;  // ids are in lower case
};

class PageReader {
 public:
  // Reads all of `data`: adapters/, promises/, terms/. kDamaged names file, path in it and reason.
  // kWhenNeeded leaves an adapter's rules uncompiled until a page of its hosts comes (a program
  // that must answer within milliseconds of its start); a rule that does not compile is then Read's
  // kDamaged, and a file that cannot be read at all is left out (LeftOut), so that one bad adapter
  // does not silence every other shop. Heads, hosts and plans are always read.
  enum class Compile { kAll, kWhenNeeded };
  static Expected<PageReader> Load(const std::filesystem::path& data,
                                   Compile compile = Compile::kAll);
  PageReader(PageReader&&) noexcept;
  PageReader& operator=(PageReader&&) noexcept;
  ~PageReader();

  // Compiles now what the first Read of any page would: promise words, terms, the generic rules.
  // kDamaged as Read's.
  Expected<void> Prepare() const;

  // The answer of op `plan` for a host name (host/docs/protocol.md, "plan"): `{"plan": {...}|null,
  // "generic": {...}}`.
  Json Plan(std::string_view host) const;

  // Snapshot -> facts. kBadRequest: not well-formed, wrong version, over a cap. Never throws, never
  // slower than linear in the snapshot; a page that would take more work than any real one
  // (work_budget.h) is read in part, and a note says so. `now` resolves dates without a year.
  // `explain`, when given, collects every rule tried; `steps` gets what was spent.
  Expected<Facts> Read(PageInput page, TimeMs now, std::vector<ExplainLine>* explain = nullptr,
                       uint64_t* steps = nullptr) const;

  // What Load left out, "adapters/x.json: reason" each; empty after kAll.
  const std::vector<std::string>& LeftOut() const;

  // `[{"id","version","checked_on","hosts"}]`, for `hello`, `--version` and `doctor`.
  Json DataVersions() const;
  // Every platform whose sellers have keys, but `web`.
  std::vector<KeyPlatform> KeyPlatforms() const;
  // Families and their match patterns for the extension's permission requests (written into
  // build/extension by the packager).
  Json Families() const;

 private:
  struct Impl;
  explicit PageReader(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace kaopu
