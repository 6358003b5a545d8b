// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// What a registry's log says, entry by entry: who runs it, what was released, removed, replied to
// and published. Read alike by who publishes and by who audits, so that they cannot disagree.
// Bodies of the entries: host/docs/registry_api.md.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"
#include "index/format.h"
#include "registry/record/entry_ranges.h"
#include "report/seal/log_entry.h"
#include "report/seal/published_index.h"
#include "reputation/policy.h"
#include "tlog/digest.h"
#include "tlog/note.h"

namespace kaopu {

// `epoch`: what a publish weighs and by which numbers. Everything the index is computed from that
// is not a content or a policy.
struct EpochEntry {
  uint64_t publish = 0;
  uint64_t entries = 0;  // it weighs what was released and not removed by these entries
  Date as_of{};
  uint32_t base_day = 0;  // of the index
  index::Salt salt{};
  std::map<std::string, Micro> bias;  // by platform; absent = not known (reporting_bias.h)
  std::string trust_sha256;           // of the trust policy in force; base64

  Json Body() const;
  static Expected<EpochEntry> Parse(const Json& body);
};

struct Removal {
  uint64_t at = 0;  // number of the removal's own entry
  std::string reason;
  std::string on;
};

struct Reply {
  uint64_t at = 0;
  std::string seller, text, on, shown_by;
};

class LogHistory {
 public:
  template <typename Body>
  struct At {
    uint64_t entry = 0;
    Body body;
  };
  struct PolicyEntry {
    std::string name, sha256;
    uint64_t from_entry = 0;
  };

  // In order, from entry 0. kBadRequest, kForbidden: names the entry.
  Expected<void> See(uint64_t number, std::string_view entry);

  uint64_t size() const { return commitments_.size(); }
  uint64_t reports() const { return reports_; }
  // Whether this salt and content are what a report's entry commits to.
  bool Commits(uint64_t entry, const report::Salt& salt, std::string_view content) const;
  bool IsReport(uint64_t entry) const { return is_report_[entry]; }
  const Json& registry() const { return registry_; }  // body of entry 0
  std::string origin() const { return registry_.value("origin", ""); }
  const std::map<uint64_t, Removal>& removals() const { return removals_; }
  const std::vector<At<std::vector<EntryRange>>>& releases() const { return releases_; }
  const std::vector<At<EpochEntry>>& epochs() const { return epochs_; }
  const std::vector<At<IndexEntry>>& indexes() const { return indexes_; }
  const std::vector<At<PolicyEntry>>& policies() const { return policies_; }
  const std::vector<Reply>& replies() const { return replies_; }

  // Reports that were released before log entry `before`, and not removed by entry `at`.
  std::vector<bool> Released(uint64_t before, uint64_t at) const;
  // The epoch that an index entry was computed for: the last one of its publish before it.
  const At<EpochEntry>* EpochOf(const At<IndexEntry>& index) const;
  // Whether a release names it, whatever came later.
  bool WasReleased(uint64_t entry) const { return released_[entry]; }
  // The number of the first removal's entry that is not before `from`; nullopt = none.
  std::optional<uint64_t> RemovalFrom(uint64_t from) const;

 private:
  Expected<void> SeeOperator(uint64_t number, std::string_view entry);

  std::vector<tlog::Digest> commitments_;
  std::vector<bool> is_report_, released_;
  uint64_t reports_ = 0;
  Json registry_;
  std::optional<tlog::VerifierKey> operator_key_;
  std::map<uint64_t, Removal> removals_;
  std::vector<At<std::vector<EntryRange>>> releases_;
  std::vector<At<EpochEntry>> epochs_;
  std::vector<At<IndexEntry>> indexes_;
  std::vector<At<PolicyEntry>> policies_;
  std::vector<Reply> replies_;
};

// `release`: {"entries":"12-15,17","publish":N}: contents of these reports are public from here on.
// As many bodies as the limit of an entry asks for.
std::vector<Json> ReleaseBodies(std::span<const uint64_t> entries, uint64_t publish);

}  // namespace kaopu
