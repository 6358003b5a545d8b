// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// What a registry says of a seller: the sellers' file and, where there is one, the details' file of
// the same publish, searched by seller key. No request leaves for it.
#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

#include "index/index_file.h"
#include "index/seller_detail.h"
#include "index/seller_row.h"
#include "reputation/risk.h"

namespace kaopu::index {

struct SellerAnswer {
  PooledEvidence evidence;  // as of the asked time
  Risk risk;                // by the priors of the index
  std::optional<SellerDetail> detail;
};

class SellerIndex {
 public:
  // kConflict where the details are not of the sellers' publish; else as IndexFile::Open.
  static Expected<SellerIndex> Open(const std::filesystem::path& sellers,
                                    const std::optional<std::filesystem::path>& details);

  const Header& header() const { return sellers_.header(); }
  // nullopt = nothing is known of the seller here: not in it, of another platform than the index's
  // shard, or the key is another seller's (the details' check says so).
  Expected<std::optional<SellerAnswer>> Find(std::string_view seller_key, Minute now) const;

 private:
  SellerIndex(IndexFile sellers, std::optional<IndexFile> details)
      : sellers_(std::move(sellers)), details_(std::move(details)) {}

  IndexFile sellers_;
  std::optional<IndexFile> details_;
};

}  // namespace kaopu::index
