// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// A log's static files (c2sp.org/tlog-tiles): where a tile or an entry bundle lies, what is in it,
// and a tree read from them.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "tlog/merkle.h"

namespace kaopu::tlog {

inline constexpr int kTileHeight = 8;
inline constexpr uint64_t kTileWidth = 256;
inline constexpr size_t kEntryBytesMax = 65535;
// A full bundle of the longest entries.
inline constexpr size_t kBundleBytesMax = kTileWidth * (kEntryBytesMax + 2);

// `tile/<level>/<index>[.p/<width>]`; width 1..256, 256 = full.
std::string TilePath(int level, uint64_t index, uint64_t width);
// `tile/entries/<index>[.p/<width>]`
std::string BundlePath(uint64_t index, uint64_t width);

// How many hashes tile `index` of `level` holds in a log of `size` leaves: 0 = no such tile.
uint64_t TileWidthAt(int level, uint64_t index, uint64_t size);

// The entries of a bundle; kBadRequest where lengths do not add up or there are not `width`.
Expected<std::vector<std::string_view>> ParseBundle(std::string_view bundle, uint64_t width);
// kTooLarge for an entry longer than kEntryBytesMax.
Expected<std::string> WriteBundle(std::span<const std::string> entries);
Expected<Proof> ParseTile(std::string_view tile, uint64_t width);
std::string WriteTile(std::span<const Digest> hashes);

// The file at a path under the log's root: kNotFound where it is missing.
using ReadLogFile = std::function<Expected<std::string>(const std::string& path, size_t bytes_max)>;

// Subtree hashes of a log of `size` leaves, from its tiles; a partial tile that is gone is looked
// for in the full one that replaced it. Keeps the tiles it has read (at most `kTilesKept`).
class TileReader : public NodeReader {
 public:
  TileReader(ReadLogFile read, uint64_t size) : read_(std::move(read)), size_(size) {}
  Expected<Digest> Node(int level, uint64_t index) override;

 private:
  Expected<const Proof*> Tile(int level, uint64_t index);

  static constexpr size_t kTilesKept = 1024;
  ReadLogFile read_;
  uint64_t size_;
  std::map<std::pair<int, uint64_t>, Proof> tiles_;
};

}  // namespace kaopu::tlog
