// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "index/update/range_file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <functional>
#include <system_error>
#include <utility>
#include <vector>

#include "base/hex.h"
#include "base/str_cat.h"
#include "index/index_writer.h"

namespace kaopu::index {
namespace {

using tlog::Digest;
using tlog::kDigestBytes;

std::string_view AsText(std::span<const uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// A file that is whole when it is taken, and gone when it is not.
class OutFile {
 public:
  static Expected<OutFile> Create(const std::filesystem::path& path) {
    std::filesystem::path temporary = path;
    temporary += ".tmp";
    const int fd =
        open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
    OutFile file(path, temporary, fd);
    if (fd < 0) return file.Failure("create");
    return file;
  }
  OutFile(OutFile&& other) noexcept
      : path_(other.path_), temporary_(other.temporary_), fd_(std::exchange(other.fd_, -1)) {}
  OutFile& operator=(OutFile&&) = delete;
  ~OutFile() {
    if (fd_ < 0) return;
    close(fd_);
    unlink(temporary_.c_str());
  }

  Expected<void> Resize(uint64_t bytes) const {
    return ftruncate(fd_, static_cast<off_t>(bytes)) == 0 ? Expected<void>() : Failure("write");
  }
  Expected<void> WriteAt(uint64_t at, std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t n = pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(at));
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) return Failure("write");
      bytes.remove_prefix(static_cast<size_t>(n));
      at += static_cast<uint64_t>(n);
    }
    return {};
  }
  Expected<void> Take() {
    if (fsync(fd_) != 0) return Failure("sync");
    if (rename(temporary_.c_str(), path_.c_str()) != 0) return Failure("replace");
    close(std::exchange(fd_, -1));
    return {};
  }

 private:
  OutFile(std::filesystem::path path, std::filesystem::path temporary, int fd)
      : path_(std::move(path)), temporary_(std::move(temporary)), fd_(fd) {}
  std::unexpected<Error> Failure(std::string_view what) const {
    return Fail(ErrorCode::kUnavailable, StrCat("cannot ", what, " ", path_.string(), ": ",
                                                std::generic_category().message(errno)));
  }
  std::filesystem::path path_, temporary_;
  int fd_;
};

// The ranges of one file, in the order of their prefixes.
class Ranges {
 public:
  Ranges(const IndexFile& file, unsigned bits) : header_(file.header()), cursor_(file) {
    header_.layout.prefix_bits = static_cast<uint8_t>(bits);
  }
  Expected<std::vector<uint8_t>> Next() {
    header_.layout.prefix = static_cast<uint16_t>(prefix_++);
    entries_.clear();
    const Key last = header_.layout.LastKey();
    while (cursor_.entry() != nullptr && cursor_.entry()->key <= last) {
      entries_.push_back(*cursor_.entry());
      cursor_.Next();
    }
    if (cursor_.error()) return std::unexpected(*cursor_.error());
    return IndexWriter::InMemory(header_, entries_);
  }

 private:
  Header header_;
  IndexCursor cursor_;
  uint32_t prefix_ = 0;
  std::vector<Entry> entries_;
};

using SeeRange = std::function<Expected<void>(uint32_t prefix, std::string_view sellers,
                                              std::string_view details)>;

Expected<void> EachRange(const IndexFile& sellers, const IndexFile& details, unsigned bits,
                         const SeeRange& see) {
  Ranges rows(sellers, bits), more(details, bits);
  for (uint32_t prefix = 0; prefix < uint32_t{1} << bits; ++prefix) {
    const auto row = rows.Next();
    if (!row) return std::unexpected(row.error());
    const auto detail = more.Next();
    if (!detail) return std::unexpected(detail.error());
    if (auto seen = see(prefix, AsText(*row), AsText(*detail)); !seen) return seen;
  }
  return {};
}

// Nodes from the leaves up to the root.
std::vector<std::vector<Digest>> TreeOf(std::vector<Digest> leaves) {
  std::vector<std::vector<Digest>> levels = {std::move(leaves)};
  while (levels.back().size() > 1) {
    std::vector<Digest> above;
    for (size_t i = 0; i + 1 < levels.back().size(); i += 2) {
      above.push_back(tlog::NodeHash(levels.back()[i], levels.back()[i + 1]));
    }
    levels.push_back(std::move(above));
  }
  return levels;
}

Expected<void> CheckOfOnePublish(const Header& sellers, const Header& details) {
  if (sellers.kind == Kind::kSellers && details.kind == Kind::kDetails &&
      sellers.origin == details.origin && sellers.shard == details.shard &&
      sellers.salt == details.salt && sellers.base_day == details.base_day &&
      sellers.publish == details.publish && sellers.layout.prefix_bits == 0 &&
      details.layout.prefix_bits == 0) {
    return {};
  }
  return Fail(ErrorCode::kConflict,
              "what is cut into ranges are the sellers and the details of one publish, whole");
}

// An index file of this range at the front of its padded part.
Expected<std::string_view> WithoutPadding(std::string_view padded, Kind kind, unsigned bits,
                                          uint32_t prefix) {
  const auto wrong = [&](std::string_view why) {
    return Fail(ErrorCode::kDamaged, StrCat(KindName(kind), ": ", why));
  };
  const auto header =
      DecodeHeader(Page(reinterpret_cast<const uint8_t*>(padded.data()), kPageBytes));
  if (!header) return wrong(header.error().message);
  if (header->kind != kind) return wrong("an index of another kind");
  if (header->layout.prefix_bits != bits || header->layout.prefix != prefix) {
    return wrong("an index of another range");
  }
  const uint64_t bytes = (1 + uint64_t{header->data_pages} + header->directory_pages) * kPageBytes;
  if (bytes > padded.size()) {
    return wrong(StrCat("its header says ", bytes, " bytes; there are ", padded.size()));
  }
  if (padded.find_first_not_of('\0', bytes) != padded.npos) {
    return wrong("what follows it is not zeros");
  }
  return padded.substr(0, bytes);
}

}  // namespace

std::string RangeName(unsigned bits, uint32_t prefix) { return HexDigits(prefix, (bits + 3) / 4); }

Expected<void> CheckCut(const CutIndex& cut) {
  const auto wrong = [](std::string why) { return Fail(ErrorCode::kBadRequest, std::move(why)); };
  if (cut.bits < 1 || cut.bits > kPrefixBitsMax) {
    return wrong(StrCat("bits: ", cut.bits, "; 1 to ", kPrefixBitsMax));
  }
  for (const auto& [name, bytes] : {std::pair("sellers_bytes", cut.sellers_bytes),
                                    std::pair("details_bytes", cut.details_bytes)}) {
    if (bytes < kPageBytes || bytes % kPageBytes != 0 || bytes > kRangeFileBytesMax) {
      return wrong(StrCat(name, ": ", bytes, "; whole pages of ", kPageBytes, " bytes, at most ",
                          kRangeFileBytesMax, " bytes"));
    }
  }
  if (cut.FileBytes() > kRangeFileBytesMax) {
    return wrong(StrCat(cut.FileBytes(), " bytes of ranges; at most ", kRangeFileBytesMax));
  }
  return {};
}

Expected<CutIndex> CutRanges(const IndexFile& sellers, const IndexFile& details, unsigned bits,
                             const std::filesystem::path& path) {
  if (auto one = CheckOfOnePublish(sellers.header(), details.header()); !one) {
    return std::unexpected(one.error());
  }
  CutIndex cut{.bits = bits,
               .sellers_bytes = kPageBytes,
               .details_bytes = kPageBytes,
               .sellers = sellers.header().count,
               .salt = sellers.header().salt};
  if (auto able = CheckCut(cut); !able) return std::unexpected(able.error());
  const auto measured =
      EachRange(sellers, details, bits,
                [&](uint32_t, std::string_view row, std::string_view detail) -> Expected<void> {
                  cut.sellers_bytes = std::max<uint64_t>(cut.sellers_bytes, row.size());
                  cut.details_bytes = std::max<uint64_t>(cut.details_bytes, detail.size());
                  return {};
                });
  if (!measured) return std::unexpected(measured.error());
  if (cut.FileBytes() > kRangeFileBytesMax) {
    return Fail(ErrorCode::kTooLarge,
                StrCat("ranges of ", bits, " bits come to ", cut.FileBytes(), " bytes, at most ",
                       kRangeFileBytesMax, " can be; take another number of bits"));
  }
  auto file = OutFile::Create(path);
  if (!file) return std::unexpected(file.error());
  if (auto sized = file->Resize(cut.FileBytes()); !sized) return std::unexpected(sized.error());
  std::vector<Digest> leaves;
  std::string content;
  // Padding is left as holes, which take no room on a disk.
  const auto written = EachRange(
      sellers, details, bits,
      [&](uint32_t prefix, std::string_view row, std::string_view detail) -> Expected<void> {
        content.assign(cut.ContentBytes(), '\0');
        std::ranges::copy(row, content.begin());
        std::ranges::copy(detail, content.begin() + static_cast<int64_t>(cut.sellers_bytes));
        leaves.push_back(tlog::LeafHash(content));
        if (auto put = file->WriteAt(cut.OffsetOf(prefix), row); !put) return put;
        return file->WriteAt(cut.OffsetOf(prefix) + cut.sellers_bytes, detail);
      });
  if (!written) return std::unexpected(written.error());
  const auto levels = TreeOf(std::move(leaves));
  cut.root = levels.back().front();
  for (uint32_t prefix = 0; prefix < cut.Ranges(); ++prefix) {
    std::string proof;
    for (unsigned level = 0; level < bits; ++level) {
      proof += tlog::AsText(levels[level][(prefix >> level) ^ 1]);
    }
    if (auto put = file->WriteAt(cut.OffsetOf(prefix) + cut.ContentBytes(), proof); !put) {
      return std::unexpected(put.error());
    }
  }
  if (auto taken = file->Take(); !taken) return std::unexpected(taken.error());
  return cut;
}

Expected<RangeSlot> ReadRangeSlot(std::string_view bytes, const CutIndex& cut, uint32_t prefix) {
  const auto wrong = [&](std::string_view why) {
    return Fail(ErrorCode::kDamaged, StrCat("range ", RangeName(cut.bits, prefix), ": ", why));
  };
  if (bytes.size() != cut.SlotBytes()) {
    return wrong(StrCat("it has ", bytes.size(), " bytes, not ", cut.SlotBytes()));
  }
  const std::string_view content = bytes.substr(0, cut.ContentBytes());
  RangeSlot slot;
  slot.proof = bytes.substr(cut.ContentBytes());
  tlog::Proof proof(cut.bits);
  for (size_t i = 0; i < proof.size(); ++i) {
    std::ranges::copy(slot.proof.substr(i * kDigestBytes, kDigestBytes), proof[i].begin());
  }
  if (!tlog::VerifyInclusion(prefix, cut.Ranges(), tlog::LeafHash(content), proof, cut.root)) {
    return wrong("it is not the one that the log names");
  }
  const auto sellers =
      WithoutPadding(content.substr(0, cut.sellers_bytes), Kind::kSellers, cut.bits, prefix);
  if (!sellers) return wrong(sellers.error().message);
  const auto details =
      WithoutPadding(content.substr(cut.sellers_bytes), Kind::kDetails, cut.bits, prefix);
  if (!details) return wrong(details.error().message);
  slot.sellers = *sellers;
  slot.details = *details;
  return slot;
}

Expected<std::string> JoinRangeSlot(const RangeSlot& slot, const CutIndex& cut) {
  if (slot.sellers.size() > cut.sellers_bytes || slot.details.size() > cut.details_bytes ||
      slot.proof.size() != cut.bits * kDigestBytes) {
    return Fail(ErrorCode::kDamaged, "it is longer than the ranges that the log names");
  }
  std::string bytes(slot.sellers);
  bytes.resize(cut.sellers_bytes);
  bytes += slot.details;
  bytes.resize(cut.ContentBytes());
  return bytes += slot.proof;
}

Expected<void> CheckRangeFile(std::string_view bytes, const CutIndex& cut) {
  if (bytes.size() != cut.FileBytes()) {
    return Fail(ErrorCode::kDamaged,
                StrCat(bytes.size(), " bytes; the log says ", cut.FileBytes()));
  }
  for (uint32_t prefix = 0; prefix < cut.Ranges(); ++prefix) {
    const auto slot =
        ReadRangeSlot(bytes.substr(cut.OffsetOf(prefix), cut.SlotBytes()), cut, prefix);
    if (!slot) return std::unexpected(slot.error());
  }
  return {};
}

}  // namespace kaopu::index
