// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "registry/log/log_writer.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <system_error>
#include <utility>

#include "base/file_lock.h"
#include "base/files.h"
#include "base/str_cat.h"
#include "tlog/log_proof.h"

namespace kaopu {
namespace {

namespace fs = std::filesystem;
using tlog::Digest;
using tlog::kTileWidth;

constexpr unsigned kPublicFile = 0644;
constexpr size_t kCheckpointsKept = 64;

std::unexpected<Error> SystemFailure(std::string_view what, const fs::path& path) {
  return Fail(ErrorCode::kUnavailable,
              StrCat(what, " ", path.string(), ": ", std::generic_category().message(errno)));
}

Expected<void> SyncFolder(const fs::path& folder) {
  const int fd = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return SystemFailure("cannot open", folder);
  const bool synced = fsync(fd) == 0;
  close(fd);
  if (!synced) return SystemFailure("cannot sync", folder);
  return {};
}

// With the folders above it; each is on disk in the folder that holds it.
Expected<void> MakeFolder(const fs::path& folder) {
  std::error_code error;
  if (fs::is_directory(folder, error)) return {};
  if (const auto above = MakeFolder(folder.parent_path()); !above) return above;
  if (mkdir(folder.c_str(), 0755) != 0 && errno != EEXIST)
    return SystemFailure("cannot make", folder);
  return SyncFolder(folder.parent_path());
}

Digest RootOf(const std::vector<Digest>& hashes) {
  tlog::TreeEdge tree;
  for (const Digest& hash : hashes) tree.Append(hash);
  return tree.Root();
}

}  // namespace

// Subtree hashes from the tiles on disk, each computed once.
class LogWriter::Nodes final : public tlog::NodeReader {
 public:
  Nodes(const fs::path& root, uint64_t size)
      : tiles_([root](const std::string& path,
                      size_t bytes_max) { return ReadFile(root / path, bytes_max); },
               size) {}

  Expected<Digest> Node(int level, uint64_t index) override {
    if (const auto found = known_.find({level, index}); found != known_.end()) return found->second;
    Expected<Digest> node = Digest{};
    if (level % tlog::kTileHeight == 0) {
      node = tiles_.Node(level, index);
    } else {
      const Expected<Digest> left = Node(level - 1, 2 * index);
      if (!left) return left;
      const Expected<Digest> right = Node(level - 1, 2 * index + 1);
      if (!right) return right;
      node = tlog::NodeHash(*left, *right);
    }
    if (known_.size() >= kKnownMax) known_.clear();
    if (node) known_.emplace(std::pair(level, index), *node);
    return node;
  }

 private:
  static constexpr size_t kKnownMax = 16'384;
  tlog::TileReader tiles_;
  std::map<std::pair<int, uint64_t>, Digest> known_;
};

LogWriter::LogWriter(fs::path root, fs::path lock, const tlog::SignerKey& key, ReadEntries read)
    : root_(std::move(root)), lock_(std::move(lock)), key_(key), read_(std::move(read)) {}
LogWriter::~LogWriter() = default;

Expected<void> LogWriter::Integrate(uint64_t size) {
  const Expected<FileLock> lock = FileLock::Take(lock_);
  if (!lock) return std::unexpected(lock.error());
  if (loaded_) {  // Another program may have gone on meanwhile.
    const auto now = ReadFile(root_ / "checkpoint", tlog::kNoteBytesMax);
    if (!now || *now != checkpoint_) Forget();
  }
  Expected<void> done = loaded_ ? Expected<void>() : Load(size);
  if (done && size_ < size) done = Extend(size);
  if (!done) Forget();
  return done;
}

void LogWriter::Forget() {
  loaded_ = false;
  size_ = 0;
  checkpoint_.clear();
  bundle_.clear();
  edge_.clear();
  filled_.clear();
  signed_.clear();
  nodes_.reset();
}

// From the checkpoint on disk and the tiles it covers; from the entries where a tile is not what
// the checkpoint needs.
Expected<void> LogWriter::Load(uint64_t database_size) {
  Forget();
  auto note = ReadFile(root_ / "checkpoint", tlog::kNoteBytesMax);
  if (!note && note.error().code != ErrorCode::kNotFound) return std::unexpected(note.error());
  if (!note || !tlog::Note::Parse(*note)) {  // none yet, or torn: the database knows
    loaded_ = true;
    return {};
  }
  const auto verified = tlog::VerifyCheckpoint(*note, key_.verifier());
  if (!verified) {
    return Fail(ErrorCode::kDamaged,
                StrCat((root_ / "checkpoint").string(), ": ", verified.error().message,
                       "; nothing is signed until it is put right"));
  }
  const tlog::Checkpoint& head = verified->checkpoint;
  // More than was asked for may be another program's work; more than the database has is not.
  bool has_last = head.size <= database_size;
  if (!has_last) {
    const auto read = read_(head.size - 1, head.size, [&](std::string_view) { has_last = true; });
    if (!read) return read;
  }
  if (!has_last) {
    return Fail(ErrorCode::kDamaged,
                StrCat("the signed checkpoint covers ", head.size,
                       " entries, the database has fewer: an older copy of it is in place; going "
                       "on would contradict receipts that shoppers hold. Put the newer one back"));
  }
  size_ = head.size;
  checkpoint_ = std::move(*note);
  loaded_ = true;
  if (const auto edge = LoadEdge(); edge) {
    const auto signed_again = Sign(size_);
    if (signed_again && *signed_again == checkpoint_) return {};
  }
  // A tile is missing or torn: everything anew.
  const std::string kept = checkpoint_;
  Forget();
  loaded_ = true;
  return Extend(head.size, kept);
}

Expected<void> LogWriter::LoadEdge() {
  const uint64_t first = size_ / kTileWidth * kTileWidth;
  edge_.emplace_back();
  const auto read = read_(first, size_, [&](std::string_view entry) {
    bundle_.emplace_back(entry);
    edge_[0].push_back(tlog::LeafHash(entry));
  });
  if (!read) return read;
  if (bundle_.size() != size_ - first) {
    return Fail(ErrorCode::kDamaged, "the database lacks entries that the log has");
  }
  for (int level = 1; size_ >> (level * tlog::kTileHeight) > 0; ++level) {
    const uint64_t hashes = size_ >> (level * tlog::kTileHeight);
    auto& edge = edge_.emplace_back();
    for (uint64_t i = hashes / kTileWidth * kTileWidth; i < hashes; ++i) {
      const auto bytes = ReadFile(root_ / tlog::TilePath(level - 1, i, kTileWidth),
                                  kTileWidth * tlog::kDigestBytes);
      if (!bytes) return std::unexpected(bytes.error());
      const auto below = tlog::ParseTile(*bytes, kTileWidth);
      if (!below) return std::unexpected(below.error());
      edge.push_back(RootOf(*below));
    }
  }
  if (const auto written = WriteEdge(0); !written) return written;
  nodes_ = std::make_unique<Nodes>(root_, size_);
  return {};
}

Expected<void> LogWriter::Extend(uint64_t size, std::string_view signed_before) {
  const uint64_t from = size_;
  Expected<void> appended;
  const auto read = read_(from, size, [&](std::string_view entry) {
    if (appended) appended = AppendEntry(entry);
  });
  if (!read) return read;
  if (!appended) return appended;
  if (size_ != size) {
    return Fail(ErrorCode::kDamaged,
                StrCat("the database has ", size_, " entries in a row, must have ", size));
  }
  if (const auto written = WriteEdge(from); !written) return written;
  nodes_ = std::make_unique<Nodes>(root_, size_);
  const auto note = Sign(size_);
  if (!note) return std::unexpected(note.error());
  if (!signed_before.empty() && *note != signed_before) {
    return Fail(ErrorCode::kDamaged,
                StrCat("the database's first ", size,
                       " entries are not those that the checkpoint "
                       "in ",
                       root_.string(), " was signed for. Put the right database back"));
  }
  if (const auto made = MakeFolder(root_); !made) return made;
  const auto put = WriteFileAtomic(root_ / "checkpoint", *note, kPublicFile);
  if (!put) return put;
  checkpoint_ = *note;
  // The parts of what is whole now are needed by nobody: a reader of an older checkpoint takes the
  // beginning of the whole.
  for (const std::string& path : filled_) {
    std::error_code ignored;
    fs::remove_all(root_ / (path + ".p"), ignored);
  }
  filled_.clear();
  return {};
}

Expected<void> LogWriter::AppendEntry(std::string_view entry) {
  const uint64_t number = size_++;
  bundle_.emplace_back(entry);
  if (bundle_.size() == kTileWidth) {
    const auto bundle = tlog::WriteBundle(bundle_);
    if (!bundle) return std::unexpected(bundle.error());
    const std::string path = tlog::BundlePath(number / kTileWidth, kTileWidth);
    if (const auto written = WriteWhole(path, *bundle); !written) return written;
    filled_.push_back(path);
    bundle_.clear();
  }
  return AppendHash(0, tlog::LeafHash(entry));
}

Expected<void> LogWriter::AppendHash(size_t level, const Digest& hash) {
  if (edge_.size() <= level) edge_.resize(level + 1);
  edge_[level].push_back(hash);
  if (edge_[level].size() < kTileWidth) return {};
  const uint64_t index = (size_ >> (level * tlog::kTileHeight)) / kTileWidth - 1;
  const std::string path = tlog::TilePath(static_cast<int>(level), index, kTileWidth);
  if (const auto written = WriteWhole(path, tlog::WriteTile(edge_[level])); !written)
    return written;
  filled_.push_back(path);
  const Digest root = RootOf(edge_[level]);
  edge_[level].clear();
  return AppendHash(level + 1, root);
}

Expected<void> LogWriter::WriteWhole(const std::string& path, std::string_view bytes) {
  const fs::path full = root_ / path;
  if (const auto made = MakeFolder(full.parent_path()); !made) return made;
  return WriteFileAtomic(full, bytes, kPublicFile);
}

Expected<void> LogWriter::WriteEdge(uint64_t from) {
  const auto write = [&](const std::string& path, std::string_view bytes) -> Expected<void> {
    const fs::path full = root_ / path;
    std::error_code error;
    fs::create_directories(full.parent_path(), error);
    if (error) {
      return Fail(ErrorCode::kUnavailable,
                  StrCat("cannot make ", full.parent_path().string(), ": ", error.message()));
    }
    return WriteFileAtomic(full, bytes, kPublicFile, Durability::kLater);
  };
  if (!bundle_.empty()) {
    const auto bundle = tlog::WriteBundle(bundle_);
    if (!bundle) return std::unexpected(bundle.error());
    const auto done = write(tlog::BundlePath(size_ / kTileWidth, bundle_.size()), *bundle);
    if (!done) return done;
  }
  for (size_t level = 0; level < edge_.size(); ++level) {
    const size_t shift = level * tlog::kTileHeight;
    if (edge_[level].empty() || size_ >> shift == from >> shift) continue;
    const uint64_t index = (size_ >> shift) / kTileWidth;
    const auto done = write(tlog::TilePath(static_cast<int>(level), index, edge_[level].size()),
                            tlog::WriteTile(edge_[level]));
    if (!done) return done;
  }
  return {};
}

Expected<std::string> LogWriter::Sign(uint64_t size) {
  Expected<Digest> root = tlog::EmptyRoot();
  if (size > 0) root = tlog::RangeRoot(*nodes_, 0, size);
  if (!root) return std::unexpected(root.error());
  const std::string text = tlog::Checkpoint{key_.verifier().name, size, *root, {}}.ToText();
  return StrCat(text, "\n", key_.SignatureLine(text, 0));
}

Expected<std::string> LogWriter::CheckpointOf(uint64_t size) {
  if (size > size_) {
    return Fail(ErrorCode::kNotFound,
                StrCat("the log has ", size_, " entries, no checkpoint of ", size));
  }
  if (size == size_) return checkpoint_;
  if (const auto found = signed_.find(size); found != signed_.end()) return found->second;
  auto note = Sign(size);
  if (!note) return note;
  if (signed_.size() >= kCheckpointsKept) signed_.erase(signed_.begin());
  signed_.emplace(size, *note);
  return note;
}

Expected<std::string> LogWriter::Receipt(uint64_t entry, uint64_t tree_size) {
  if (entry >= tree_size) {
    return Fail(ErrorCode::kBadRequest,
                StrCat("entry ", entry, " is not in the tree of ", tree_size));
  }
  auto note = CheckpointOf(tree_size);
  if (!note) return note;
  auto inclusion = tlog::InclusionProof(*nodes_, entry, tree_size);
  if (!inclusion) return std::unexpected(inclusion.error());
  return tlog::LogProof{.extra = std::nullopt,
                        .index = entry,
                        .inclusion = std::move(*inclusion),
                        .checkpoint = *note}
      .ToText();
}

}  // namespace kaopu
