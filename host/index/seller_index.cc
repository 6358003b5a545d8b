// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "index/seller_index.h"

#include "base/str_cat.h"
#include "index/key_hash.h"

namespace kaopu::index {

Expected<SellerIndex> SellerIndex::Open(const std::filesystem::path& sellers,
                                        const std::optional<std::filesystem::path>& details) {
  auto file = IndexFile::Open(sellers);
  if (!file) return std::unexpected(file.error());
  const Header& header = file->header();
  if (header.kind != Kind::kSellers) {
    return Fail(ErrorCode::kBadRequest,
                StrCat("index ", sellers.string(), ": it holds details, not sellers"));
  }
  if (!details) return SellerIndex(std::move(*file), std::nullopt);
  auto more = IndexFile::Open(*details);
  if (!more) return std::unexpected(more.error());
  const Header& other = more->header();
  if (other.kind != Kind::kDetails || other.origin != header.origin ||
      other.shard != header.shard || other.salt != header.salt ||
      other.base_day != header.base_day || other.publish != header.publish) {
    return Fail(ErrorCode::kConflict, StrCat("index ", details->string(), ": not the details of ",
                                             sellers.string(), " (publish ", header.publish, ")"));
  }
  return SellerIndex(std::move(*file), std::move(*more));
}

Expected<std::optional<SellerAnswer>> SellerIndex::Find(std::string_view seller_key,
                                                        Minute now) const {
  const Header& header = sellers_.header();
  if (!header.shard.empty() && seller_key.substr(0, seller_key.find(':')) != header.shard) {
    return std::nullopt;
  }
  const SellerHash hash = HashSeller(header.salt, seller_key);
  const auto row = sellers_.Find(hash.key);
  if (!row) return std::unexpected(row.error());
  if (!*row) return std::nullopt;
  SellerAnswer answer;
  if (details_) {
    const auto detail = details_->Find(hash.key);
    if (!detail) return std::unexpected(detail.error());
    if (*detail) {
      answer.detail = UnpackDetail(**detail);
      if (answer.detail->check != hash.check) return std::nullopt;
    }
  }
  answer.evidence = EvidenceAt(header, UnpackRow(**row), now);
  answer.risk = RiskOf(header.epoch, answer.evidence.counts, answer.evidence.never);
  return answer;
}

}  // namespace kaopu::index
