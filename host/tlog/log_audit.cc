// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "tlog/log_audit.h"

#include <algorithm>
#include <string>
#include <vector>

#include "base/str_cat.h"
#include "tlog/witness.h"

namespace kaopu::tlog {
namespace {

// A tile or bundle; where the partial one is gone, the beginning of the full one.
Expected<std::string> ReadPart(const ReadLogFile& read, const std::string& partial,
                               const std::string& full, size_t bytes_max, bool& is_full) {
  auto bytes = read(partial, bytes_max);
  is_full = partial == full;
  if (bytes || is_full || bytes.error().code != ErrorCode::kNotFound) return bytes;
  auto whole = read(full, bytes_max);
  is_full = whole.has_value();
  return whole ? std::move(whole) : std::move(bytes);
}

class Auditor {
 public:
  Auditor(const ReadLogFile& read, uint64_t size, const SeeEntry& see)
      : read_(read), size_(size), see_(see) {}

  Expected<void> Run() {
    for (uint64_t bundle = 0; bundle * kTileWidth < size_; ++bundle) {
      if (auto ok = ReadBundle(bundle); !ok) return ok;
    }
    for (size_t level = 0; level < levels_.size(); ++level) {
      if (levels_[level].hashes.empty()) continue;
      if (auto ok = CheckTile(level); !ok) return ok;
    }
    return {};
  }

  Digest Root() const { return edge_.Root(); }
  uint64_t tiles() const { return tiles_; }

 private:
  struct Level {
    uint64_t index = 0;  // of the tile being filled
    std::vector<Digest> hashes;
  };

  Expected<void> ReadBundle(uint64_t index) {
    const uint64_t width = TileWidthAt(0, index, size_);
    const std::string path = BundlePath(index, width);
    bool is_full = false;
    const auto bytes =
        ReadPart(read_, path, BundlePath(index, kTileWidth), kBundleBytesMax, is_full);
    if (!bytes) return std::unexpected(bytes.error());
    auto entries = ParseBundle(*bytes, is_full ? kTileWidth : width);
    if (!entries) return Fail(entries.error().code, StrCat(path, ": ", entries.error().message));
    entries->resize(width);
    std::vector<Digest> leaves;
    for (const std::string_view entry : *entries) leaves.push_back(LeafHash(entry));
    if (auto ok = Add(0, leaves); !ok) return ok;
    for (uint64_t i = 0; see_ && i < width; ++i) see_(index * kTileWidth + i, (*entries)[i]);
    return {};
  }

  Expected<void> Add(size_t level, std::span<const Digest> hashes) {
    if (levels_.size() <= level) levels_.resize(level + 1);
    for (const Digest& hash : hashes) {
      if (level == 0) edge_.Append(hash);
      levels_[level].hashes.push_back(hash);
      if (levels_[level].hashes.size() < kTileWidth) continue;
      if (auto ok = CheckTile(level); !ok) return ok;
      TreeEdge tile;
      for (const Digest& below : levels_[level].hashes) tile.Append(below);
      ++levels_[level].index;
      levels_[level].hashes.clear();
      const Digest root = tile.Root();
      if (auto ok = Add(level + 1, {&root, 1}); !ok) return ok;
    }
    return {};
  }

  // The tile file against the hashes that were computed for it.
  Expected<void> CheckTile(size_t level) {
    const Level& mine = levels_[level];
    const uint64_t width = mine.hashes.size();
    const auto at = static_cast<int>(level);
    const std::string path = TilePath(at, mine.index, width);
    bool is_full = false;
    auto bytes = ReadPart(read_, path, TilePath(at, mine.index, kTileWidth),
                          kTileWidth * kDigestBytes, is_full);
    if (!bytes) return std::unexpected(bytes.error());
    if (is_full && bytes->size() > width * kDigestBytes) bytes->resize(width * kDigestBytes);
    const auto theirs = ParseTile(*bytes, width);
    if (!theirs) return Fail(theirs.error().code, StrCat(path, ": ", theirs.error().message));
    const auto differs = std::ranges::mismatch(*theirs, mine.hashes).in1;
    if (differs != theirs->end()) {
      return Fail(ErrorCode::kBadRequest, StrCat(path, ": hash ", differs - theirs->begin(),
                                                 level == 0 ? " is not the one of the entry"
                                                            : " is not the one of the tile",
                                                 " it stands for"));
    }
    ++tiles_;
    return {};
  }

  const ReadLogFile& read_;
  uint64_t size_;
  const SeeEntry& see_;
  TreeEdge edge_;
  std::vector<Level> levels_;
  uint64_t tiles_ = 0;
};

// The heads that witnesses cosigned, where the log keeps them: none, or one for each witness.
Expected<std::vector<VerifiedCheckpoint>> KeptHeads(const ReadLogFile& read, const VerifierKey& log,
                                                    std::span<const VerifierKey> witnesses) {
  std::vector<VerifiedCheckpoint> heads;
  for (const VerifierKey& witness : witnesses) {
    const std::string path = CosignedPath(witness);
    const auto note = read(path, kNoteBytesMax);
    if (!note && note.error().code == ErrorCode::kNotFound) continue;
    if (!note) return std::unexpected(note.error());
    auto head = VerifyCheckpoint(*note, log, {&witness, 1});
    if (!head) return Fail(head.error().code, StrCat(path, ": ", head.error().message));
    if (!head->cosignatures.empty()) heads.push_back(std::move(*head));
  }
  return heads;
}

// Whether the log goes on from a head that was cosigned.
Expected<void> GoesOn(const ReadLogFile& read, const Checkpoint& from, const Checkpoint& head) {
  if (from.size == 0) return {};
  TileReader tiles(read, head.size);
  Expected<Proof> proof = Proof{};
  if (from.size < head.size) proof = ConsistencyProof(tiles, from.size, head.size);
  if (!proof) return std::unexpected(proof.error());
  return VerifyConsistency(from.size, from.root, head.size, head.root, *proof);
}

}  // namespace

Expected<LogAudit> AuditLog(const ReadLogFile& read, const VerifierKey& log,
                            std::span<const VerifierKey> witnesses, const SeeEntry& see) {
  const auto kept = KeptHeads(read, log, witnesses);  // first: the checkpoint is never behind them
  if (!kept) return std::unexpected(kept.error());
  const auto note = read("checkpoint", kNoteBytesMax);
  if (!note) return std::unexpected(note.error());
  auto head = VerifyCheckpoint(*note, log, witnesses);
  if (!head) return std::unexpected(head.error());
  Auditor auditor(read, head->checkpoint.size, see);
  if (auto ok = auditor.Run(); !ok) return std::unexpected(ok.error());
  if (auditor.Root() != head->checkpoint.root) {
    return Fail(ErrorCode::kBadRequest, StrCat("checkpoint: its root is not that of the ",
                                               head->checkpoint.size, " entries that are there"));
  }
  for (const VerifiedCheckpoint& one : *kept) {
    const VerifiedSignature& by = one.cosignatures.front();
    if (const auto goes_on = GoesOn(read, one.checkpoint, head->checkpoint); !goes_on) {
      return Fail(goes_on.error().code,
                  StrCat("checkpoint: the log does not go on from the ", one.checkpoint.size,
                         " entries that ", by.name, " cosigned: ", goes_on.error().message));
    }
    if (std::ranges::none_of(head->cosignatures,
                             [&](const auto& has) { return has.name == by.name; })) {
      head->cosignatures.push_back(by);
    }
  }
  return LogAudit{std::move(*head), auditor.tiles()};
}

}  // namespace kaopu::tlog
