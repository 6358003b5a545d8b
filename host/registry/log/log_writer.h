// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// The published log: tiles, entry bundles and checkpoint (c2sp.org/tlog-tiles) as files, made of
// the entries in the database, which alone is the truth. Whole files are on disk before the
// checkpoint that covers them. The partial ones of the right edge, which the next batch replaces,
// are written without waiting for the disk: every start makes them again from what is whole. What a
// crash or a torn write left of the others is made again from the entries. What was signed once is
// never contradicted: entries that do not lead to the checkpoint that is there are an error for
// people to solve, and nothing is signed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "tlog/checkpoint.h"
#include "tlog/note.h"
#include "tlog/tiles.h"

namespace kaopu {

class LogWriter {
 public:
  // Calls `see` with the entries [begin, end) in order.
  using SeeEntry = std::function<void(std::string_view entry)>;
  using ReadEntries =
      std::function<Expected<void>(uint64_t begin, uint64_t end, const SeeEntry& see)>;

  // `root` holds the files; `lock` is a file beside it by which programs take turns. `key` and what
  // `read` needs must outlive this. Nothing is touched yet. One thread.
  LogWriter(std::filesystem::path root, std::filesystem::path lock, const tlog::SignerKey& key,
            ReadEntries read);
  ~LogWriter();

  // Brings files and checkpoint up to `size` entries; nothing to do where they are there already,
  // by whomever. O(new entries). kUnavailable: try again, nothing is lost. kDamaged: the signed
  // checkpoint covers more or other entries than the database has (an older copy of it was put in
  // place?).
  Expected<void> Integrate(uint64_t size);

  uint64_t size() const { return size_; }
  // The signed note of the tree of `size` entries, the same bytes whenever asked. `size` <= size().
  Expected<std::string> CheckpointOf(uint64_t size);
  // A tlog-proof of `entry` to the checkpoint of `tree_size`: the receipt.
  Expected<std::string> Receipt(uint64_t entry, uint64_t tree_size);

 private:
  class Nodes;

  Expected<void> Load(uint64_t database_size);
  // The hashes and the last entries of the right edge, from the whole tiles and the database.
  Expected<void> LoadEdge();
  // `signed_before`: what the checkpoint of this size must be.
  Expected<void> Extend(uint64_t size, std::string_view signed_before = {});
  Expected<void> AppendEntry(std::string_view entry);
  Expected<void> AppendHash(size_t level, const tlog::Digest& hash);
  Expected<void> WriteWhole(const std::string& path, std::string_view bytes);
  // The partial files of the right edge, of those levels that grew since `from` entries.
  Expected<void> WriteEdge(uint64_t from);
  Expected<std::string> Sign(uint64_t size);
  void Forget();

  std::filesystem::path root_, lock_;
  const tlog::SignerKey& key_;
  ReadEntries read_;

  bool loaded_ = false;
  uint64_t size_ = 0;
  std::string checkpoint_;                       // as it is on disk
  std::vector<std::string> bundle_;              // the entries of the last, partial bundle
  std::vector<std::vector<tlog::Digest>> edge_;  // by level: the hashes of the last, partial tile
  std::vector<std::string> filled_;              // tiles that became full since the last checkpoint
  std::map<uint64_t, std::string> signed_;       // some checkpoints, by size
  std::unique_ptr<Nodes> nodes_;
};

}  // namespace kaopu
