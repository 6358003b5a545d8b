// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// What the shared databases say of a seller, from the indexes that `kaopu sync` has put on this
// disk: KAOPU_HOME/pool/<id>/{registry.json,sellers.kpi,details.kpi}, or the ranges of one
// (range_set.h) where the shopper takes these. Nothing is opened before the first look-up, files
// are mapped, and one that was swapped meanwhile is opened anew. No request leaves for it. One
// thread.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "index/seller_index.h"
#include "pool/range_set.h"
#include "reputation/pooled.h"

namespace kaopu::pool {

struct Source {
  std::string id, name, origin;  // as in registry.json
  Date as_of{};                  // of its publish; as made here: nothing of it has come yet
  uint64_t sellers = 0;
  int trust = 100;  // the shopper's: per cent of their weight that its reports have in a verdict
};

struct Answer {
  Source source;
  // The first of its keys of which the range is not on this disk: that nothing is said of the
  // seller means nothing.
  std::optional<std::string> not_here;
  std::vector<index::SellerAnswer> said;  // one for each key it knows the seller under, that of
                                          // most weight first; may be none
};

// An index that cannot be used: damaged, of a newer version, of another registry. The rest is asked
// all the same.
struct LeftOut {
  std::string id, name;  // the id where the name is not known
  Error error;
};

struct Answers {
  // By id; without those that have no index yet (but where ranges of it may be asked for), or that
  // the shopper has switched off.
  std::vector<Answer> registries;
  std::vector<LeftOut> left_out;

  // For the verdict: each answer as the reputation room takes it.
  std::vector<PooledReports> Reports() const;
};

class LookUp {
 public:
  // Reads nothing. `home` may be empty: there are no registries then.
  explicit LookUp(std::filesystem::path home) : home_(std::move(home)) {}

  // `keys`: all names of one seller. `now` fades the evidence.
  Answers Find(std::span<const std::string> keys, TimeMs now);

 private:
  // Which bytes a path stands for: a swapped file has another one.
  struct Stamp {
    bool there = false;
    uint64_t device = 0, inode = 0;
    int64_t bytes = 0, changed_ns = 0;
    friend bool operator==(const Stamp&, const Stamp&) = default;
  };
  struct Opened {
    Stamp about, chosen, sellers, details, ranges;
    Source source;
    Expected<std::optional<index::SellerIndex>> index = std::optional<index::SellerIndex>();
    std::optional<RangeSet> set;  // in place of `index`
    bool waits = false;           // neither has come yet, and ranges may be asked for
    std::map<uint16_t, index::SellerIndex> ranges_open;
  };
  using Said = Expected<std::optional<index::SellerAnswer>>;

  static Stamp StampOf(const std::filesystem::path& path);
  Opened& Refreshed(const std::string& id);
  void Open(const std::string& id, Opened& registry) const;
  Expected<index::SellerIndex> OpenFiles(const std::filesystem::path& sellers,
                                         const std::filesystem::path& details,
                                         const std::string& origin) const;
  // Sets `not_here` where the range that would hold the key is not on this disk.
  Said Ask(const std::string& id, Opened& registry, const std::string& key, Minute now,
           std::optional<std::string>& not_here) const;

  std::filesystem::path home_;
  std::map<std::string, Opened> registries_;
};

// What of an index's answer enters a verdict; plain counts stay what they are.
PooledReports ReportsOf(const Source& source, const index::SellerAnswer& answer);

}  // namespace kaopu::pool
