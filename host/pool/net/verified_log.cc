// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "pool/net/verified_log.h"

#include <algorithm>
#include <chrono>
#include <span>
#include <utility>

#include "base/str_cat.h"
#include "tlog/merkle.h"

namespace kaopu::pool {
namespace {

constexpr std::chrono::milliseconds kSmallFileTime{60'000};
// A file of contents: 256 lines of at most 8 KiB, and room.
constexpr size_t kContentFileBytesMax = 4 * 1024 * 1024;

// By what a file holds, or by its absence: never the fault of who asks.
std::unexpected<Error> AsItsFault(Error error) {
  switch (error.code) {
    case ErrorCode::kBadRequest:
    case ErrorCode::kTooLarge:
      error.code = ErrorCode::kDamaged;
      break;
    case ErrorCode::kNotFound:
      error.code = ErrorCode::kUnavailable;
      break;
    default:
      break;
  }
  return std::unexpected(std::move(error));
}

// The tree, with one bundle's own hashes in place of what the tiles say of it.
class NodesAround : public tlog::NodeReader {
 public:
  NodesAround(tlog::TileReader& tiles, uint64_t bundle, std::span<const tlog::Digest> leaves)
      : tiles_(tiles), bundle_(bundle), leaves_(leaves) {}

  Expected<tlog::Digest> Node(int level, uint64_t index) override {
    if (level >= tlog::kTileHeight || index >> (tlog::kTileHeight - level) != bundle_) {
      return tiles_.Node(level, index);
    }
    const uint64_t first = (index << level) % tlog::kTileWidth, count = uint64_t{1} << level;
    if (first + count > leaves_.size()) {
      return Fail(ErrorCode::kInternal, "a subtree beyond the end of the log");
    }
    tlog::TreeEdge edge;
    for (uint64_t i = first; i < first + count; ++i) edge.Append(leaves_[i]);
    return edge.Root();
  }

 private:
  tlog::TileReader& tiles_;
  uint64_t bundle_;
  std::span<const tlog::Digest> leaves_;
};

}  // namespace

tlog::ReadLogFile RegistryReader(HttpClient& client, const std::string& url) {
  std::string base = url;
  if (!base.ends_with('/')) base += '/';
  return [&client, base](const std::string& path, size_t bytes_max) -> Expected<std::string> {
    auto response = client.Send(
        {.url = base + path, .body = {}, .bytes_max = bytes_max, .time_max = kSmallFileTime});
    if (!response) return std::unexpected(response.error());
    if (response->status == 404 || response->status == 410) {
      return Fail(ErrorCode::kNotFound, StrCat(base, path, ": not there"));
    }
    if (response->status != 200) {
      return Fail(ErrorCode::kUnavailable,
                  StrCat(base, path, ": answered with status ", response->status));
    }
    return std::move(response->body);
  };
}

VerifiedLog::VerifiedLog(tlog::ReadLogFile read, tlog::Checkpoint head)
    : read_(std::move(read)), head_(std::move(head)), tiles_(read_, head_.size) {}

Expected<const std::vector<std::string>*> VerifiedLog::Bundle(uint64_t index) {
  if (bundle_index_ == index) return &bundle_;
  bundle_index_.reset();
  const uint64_t width = tlog::TileWidthAt(0, index, head_.size);
  std::string path = tlog::BundlePath(index, width);
  auto bytes = read_(path, tlog::kBundleBytesMax);
  uint64_t width_read = width;
  if (!bytes && bytes.error().code == ErrorCode::kNotFound && width < tlog::kTileWidth) {
    path = tlog::BundlePath(index, tlog::kTileWidth);
    bytes = read_(path, tlog::kBundleBytesMax);
    width_read = tlog::kTileWidth;
  }
  if (!bytes) return AsItsFault(bytes.error());
  const auto entries = tlog::ParseBundle(*bytes, width_read);
  if (!entries) {
    return AsItsFault({entries.error().code, StrCat(path, ": ", entries.error().message)});
  }
  std::vector<tlog::Digest> leaves;
  for (uint64_t i = 0; i < width; ++i) leaves.push_back(tlog::LeafHash((*entries)[i]));
  // The proof of the first leaf is made of all the others.
  NodesAround nodes(tiles_, index, leaves);
  const uint64_t first = index * tlog::kTileWidth;
  const auto proof = tlog::InclusionProof(nodes, first, head_.size);
  if (!proof) return AsItsFault(proof.error());
  if (!tlog::VerifyInclusion(first, head_.size, leaves.front(), *proof, head_.root)) {
    return Fail(ErrorCode::kDamaged,
                StrCat(path, ": these are not the entries that the signed log holds"));
  }
  bundle_.assign(entries->begin(), entries->begin() + static_cast<int64_t>(width));
  bundle_index_ = index;
  return &bundle_;
}

Expected<std::string> VerifiedLog::Entry(uint64_t number) {
  if (number >= head_.size) {
    return Fail(ErrorCode::kBadRequest,
                StrCat("the log has ", head_.size, " entries and none of number ", number));
  }
  const auto bundle = Bundle(number / tlog::kTileWidth);
  if (!bundle) return std::unexpected(bundle.error());
  return (**bundle)[number % tlog::kTileWidth];
}

Expected<void> VerifiedLog::EachEntry(uint64_t begin, uint64_t end, const SeeEntry& see) {
  if (end > head_.size) {
    return Fail(ErrorCode::kBadRequest, StrCat("the log has ", head_.size, " entries, not ", end));
  }
  for (uint64_t number = begin; number < end; ++number) {
    const auto bundle = Bundle(number / tlog::kTileWidth);
    if (!bundle) return std::unexpected(bundle.error());
    if (!see(number, (**bundle)[number % tlog::kTileWidth])) break;
  }
  return {};
}

Expected<void> VerifiedLog::Includes(uint64_t number, std::string_view entry) {
  if (number >= head_.size) {
    return Fail(ErrorCode::kBadRequest,
                StrCat("the log has ", head_.size, " entries and none of number ", number));
  }
  const auto proof = tlog::InclusionProof(tiles_, number, head_.size);
  if (!proof) return AsItsFault(proof.error());
  if (!tlog::VerifyInclusion(number, head_.size, tlog::LeafHash(entry), *proof, head_.root)) {
    return Fail(ErrorCode::kDamaged, StrCat("entry ", number, " of the signed log is another one"));
  }
  return {};
}

Expected<void> VerifiedLog::Continues(const tlog::Checkpoint& earlier) {
  if (earlier.size == 0) return {};
  if (earlier.size > head_.size) {
    return Fail(ErrorCode::kConflict,
                StrCat("the log has ", head_.size, " entries; it had ", earlier.size, " before"));
  }
  if (earlier.size == head_.size) {
    if (earlier.root == head_.root) return {};
    return Fail(ErrorCode::kConflict,
                StrCat("there are two different logs of ", head_.size, " entries"));
  }
  const auto proof = tlog::ConsistencyProof(tiles_, earlier.size, head_.size);
  if (!proof) return AsItsFault(proof.error());
  const auto holds = [&](const tlog::Digest& root) {
    return tlog::VerifyConsistency(earlier.size, root, head_.size, head_.root, *proof).has_value();
  };
  if (holds(earlier.root)) return {};
  // Which root the signed tree has at that size, where its tiles are its own: then it is a fork.
  const auto other = tlog::RangeRoot(tiles_, 0, earlier.size);
  if (!other) return AsItsFault(other.error());
  if (!holds(*other)) {
    return Fail(ErrorCode::kDamaged, "the log's tiles do not lead to its signed head");
  }
  return Fail(ErrorCode::kConflict,
              StrCat("the log of ", head_.size, " entries does not go on from the one of ",
                     earlier.size, " that was seen before"));
}

Expected<std::optional<report::ContentLine>> VerifiedLog::Content(uint64_t number) {
  const auto entry = Entry(number);
  if (!entry) return std::unexpected(entry.error());
  const std::string path = report::ContentPath(number);
  const auto text = read_(path, kContentFileBytesMax);
  if (!text) {
    if (text.error().code == ErrorCode::kNotFound) return std::nullopt;
    return AsItsFault(text.error());
  }
  std::string_view rest = *text;
  while (!rest.empty()) {
    const size_t end = rest.find('\n');
    auto line = report::ContentLine::Parse(rest.substr(0, end));
    if (!line) return AsItsFault({line.error().code, StrCat(path, ": ", line.error().message)});
    if (line->entry == number) {
      if (report::ReportEntry(line->salt, line->content) != *entry) {
        return Fail(ErrorCode::kDamaged, StrCat(path, ": the content of entry ", number,
                                                " is not the one that the log commits to"));
      }
      return std::optional(std::move(*line));
    }
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
  }
  return std::nullopt;
}

}  // namespace kaopu::pool
