// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "tlog/tiles.h"

#include <algorithm>
#include <span>

#include "base/str_cat.h"

namespace kaopu::tlog {
namespace {

// Three digits a path element, all but the last after an `x`.
std::string IndexPath(uint64_t index) {
  std::string path = ZeroPadded(static_cast<long long>(index % 1000), 3);
  for (index /= 1000; index > 0; index /= 1000) {
    path = StrCat("x", ZeroPadded(static_cast<long long>(index % 1000), 3), "/", path);
  }
  return path;
}

std::string PathOf(std::string_view kind, uint64_t index, uint64_t width) {
  std::string path = StrCat("tile/", kind, "/", IndexPath(index));
  return width == kTileWidth ? path : StrCat(path, ".p/", width);
}

}  // namespace

std::string TilePath(int level, uint64_t index, uint64_t width) {
  return PathOf(std::to_string(level), index, width);
}

std::string BundlePath(uint64_t index, uint64_t width) { return PathOf("entries", index, width); }

uint64_t TileWidthAt(int level, uint64_t index, uint64_t size) {
  if (level < 0 || level > 7) return 0;  // 256^8 leaves do not fit a 64-bit size
  const uint64_t hashes = size >> (level * kTileHeight);
  if (index > hashes / kTileWidth) return 0;
  return std::min(kTileWidth, hashes - index * kTileWidth);
}

Expected<std::vector<std::string_view>> ParseBundle(std::string_view bundle, uint64_t width) {
  std::vector<std::string_view> entries;
  while (!bundle.empty()) {
    if (bundle.size() < 2) return Fail(ErrorCode::kBadRequest, "entry bundle: a torn length");
    const size_t size =
        static_cast<size_t>(static_cast<uint8_t>(bundle[0])) << 8 | static_cast<uint8_t>(bundle[1]);
    if (bundle.size() < 2 + size) {
      return Fail(ErrorCode::kBadRequest, StrCat("entry bundle: entry ", entries.size(), " of ",
                                                 size, " bytes is cut off"));
    }
    entries.push_back(bundle.substr(2, size));
    bundle.remove_prefix(2 + size);
  }
  if (entries.size() != width) {
    return Fail(ErrorCode::kBadRequest,
                StrCat("entry bundle: ", entries.size(), " entries, must be ", width));
  }
  return entries;
}

Expected<std::string> WriteBundle(std::span<const std::string> entries) {
  std::string bundle;
  for (const std::string& entry : entries) {
    if (entry.size() > kEntryBytesMax) {
      return Fail(ErrorCode::kTooLarge,
                  StrCat("a log entry of ", entry.size(), " bytes, at most ", kEntryBytesMax));
    }
    bundle += static_cast<char>(entry.size() >> 8);
    bundle += static_cast<char>(entry.size() & 0xFF);
    bundle += entry;
  }
  return bundle;
}

Expected<Proof> ParseTile(std::string_view tile, uint64_t width) {
  if (tile.size() != width * kDigestBytes) {
    return Fail(ErrorCode::kBadRequest, StrCat("tile: ", tile.size(), " bytes, must be ",
                                               width * kDigestBytes, " for ", width, " hashes"));
  }
  Proof hashes(width);
  for (Digest& hash : hashes) {
    std::copy_n(tile.begin(), kDigestBytes, hash.begin());
    tile.remove_prefix(kDigestBytes);
  }
  return hashes;
}

std::string WriteTile(std::span<const Digest> hashes) {
  std::string tile;
  for (const Digest& hash : hashes) tile += AsText(hash);
  return tile;
}

Expected<const Proof*> TileReader::Tile(int level, uint64_t index) {
  if (const auto found = tiles_.find({level, index}); found != tiles_.end()) return &found->second;
  const uint64_t width = TileWidthAt(level, index, size_);
  if (width == 0) {
    return Fail(ErrorCode::kBadRequest,
                StrCat("a log of ", size_, " leaves has no tile ", index, " of level ", level));
  }
  std::string path = TilePath(level, index, width);
  auto bytes = read_(path, kTileWidth * kDigestBytes);
  if (!bytes && bytes.error().code == ErrorCode::kNotFound && width < kTileWidth) {
    path = TilePath(level, index, kTileWidth);
    bytes = read_(path, kTileWidth * kDigestBytes);
    if (bytes && bytes->size() > width * kDigestBytes) bytes->resize(width * kDigestBytes);
  }
  if (!bytes) return std::unexpected(bytes.error());
  auto hashes = ParseTile(*bytes, width);
  if (!hashes) return Fail(hashes.error().code, StrCat(path, ": ", hashes.error().message));
  if (tiles_.size() >= kTilesKept) tiles_.clear();
  return &tiles_.emplace(std::pair(level, index), std::move(*hashes)).first->second;
}

Expected<Digest> TileReader::Node(int level, uint64_t index) {
  const int tile_level = level / kTileHeight;
  const int inner = level % kTileHeight;
  const uint64_t first = index << inner;  // of the tile level's hashes
  const auto tile = Tile(tile_level, first / kTileWidth);
  if (!tile) return std::unexpected(tile.error());
  const uint64_t offset = first % kTileWidth;
  const uint64_t count = uint64_t{1} << inner;
  if (offset + count > (*tile)->size()) {
    return Fail(ErrorCode::kBadRequest, StrCat("a log of ", size_, " leaves has no full subtree ",
                                               index, " of height ", level));
  }
  TreeEdge edge;
  for (uint64_t i = 0; i < count; ++i) edge.Append((**tile)[offset + i]);
  return edge.Root();
}

}  // namespace kaopu::tlog
