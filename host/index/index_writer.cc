// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "index/index_writer.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <limits>
#include <system_error>
#include <utility>

#include "base/str_cat.h"

namespace kaopu::index {
namespace {

constexpr size_t kBufferBytes = 256 * kPageBytes;

}  // namespace

IndexWriter::IndexWriter(const std::filesystem::path& path, Header header)
    : path_(path), header_(std::move(header)), builder_(header_.layout) {}

IndexWriter::IndexWriter(IndexWriter&& other) noexcept
    : path_(std::move(other.path_)),
      temporary_(std::exchange(other.temporary_, {})),
      header_(std::move(other.header_)),
      builder_(std::move(other.builder_)),
      first_keys_(std::move(other.first_keys_)),
      buffer_(std::move(other.buffer_)),
      added_(other.added_),
      last_(other.last_),
      fd_(std::exchange(other.fd_, -1)) {}

IndexWriter::~IndexWriter() {
  if (!temporary_.empty()) unlink(temporary_.c_str());
  if (fd_ >= 0) close(fd_);
}

Expected<IndexWriter> IndexWriter::Begin(const std::filesystem::path& path, Header header) {
  header.layout =
      LayoutFor(header.kind, header.count, header.layout.prefix_bits, header.layout.prefix);
  // Sizes are known at the end; any that agree do to check the rest now.
  header.data_pages = header.directory_pages = 0;
  Header empty = header;
  empty.count = 0;
  empty.layout = LayoutFor(header.kind, 0, header.layout.prefix_bits, header.layout.prefix);
  if (auto checked = CheckHeader(empty); !checked) return std::unexpected(checked.error());
  return IndexWriter(path, std::move(header));
}

Expected<IndexWriter> IndexWriter::Create(const std::filesystem::path& path, Header header) {
  auto writer = Begin(path, std::move(header));
  if (!writer) return writer;
  if (auto opened = writer->OpenTemporary(); !opened) return std::unexpected(opened.error());
  if (auto put = writer->PutPage({}); !put) return std::unexpected(put.error());
  return writer;
}

Expected<std::vector<uint8_t>> IndexWriter::InMemory(Header header,
                                                     std::span<const Entry> entries) {
  header.count = entries.size();
  auto writer = Begin({}, std::move(header));
  if (!writer) return std::unexpected(writer.error());
  if (auto put = writer->PutPage({}); !put) return std::unexpected(put.error());
  for (const Entry& entry : entries) {
    if (auto added = writer->Add(entry); !added) return std::unexpected(added.error());
  }
  if (auto finished = writer->Finish(); !finished) return std::unexpected(finished.error());
  return std::move(writer->buffer_);
}

// One name, locked while it is written: what a killed writer left is taken over, and two writers
// never meet.
Expected<void> IndexWriter::OpenTemporary() {
  std::filesystem::path temporary = path_;
  temporary += ".tmp";
  for (;;) {
    fd_ = open(temporary.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0644);
    if (fd_ < 0) return SystemFailure("cannot create");
    if (flock(fd_, LOCK_EX | LOCK_NB) != 0) {
      return Fail(ErrorCode::kConflict,
                  StrCat("another program is writing index ", path_.string(), " now"));
    }
    // Another may have published it between the two steps: then it is no longer ours to write.
    struct stat ours = {}, named = {};
    if (fstat(fd_, &ours) != 0 || !S_ISREG(ours.st_mode)) {
      return Fail(ErrorCode::kUnavailable, StrCat(temporary.string(), " is not a file"));
    }
    if (lstat(temporary.c_str(), &named) == 0 && named.st_dev == ours.st_dev &&
        named.st_ino == ours.st_ino) {
      break;
    }
    close(std::exchange(fd_, -1));
  }
  temporary_ = temporary;
  if (ftruncate(fd_, 0) != 0) return SystemFailure("cannot begin");
  return {};
}

std::unexpected<Error> IndexWriter::SystemFailure(std::string_view operation) const {
  return Fail(ErrorCode::kUnavailable, StrCat(operation, " index ", path_.string(), ": ",
                                              std::generic_category().message(errno)));
}

Expected<void> IndexWriter::Flush() {
  for (size_t done = 0; done < buffer_.size();) {
    const ssize_t n = write(fd_, buffer_.data() + done, buffer_.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return SystemFailure("cannot write");
    done += static_cast<size_t>(n);
  }
  buffer_.clear();
  return {};
}

Expected<void> IndexWriter::PutPage(const PageBytes& page) {
  buffer_.insert(buffer_.end(), page.begin(), page.end());
  return fd_ >= 0 && buffer_.size() >= kBufferBytes ? Flush() : Expected<void>();
}

Expected<void> IndexWriter::PutDataPage() {
  first_keys_.push_back(builder_.first_key());
  if (first_keys_.size() > std::numeric_limits<uint32_t>::max() / 2) {
    return Fail(ErrorCode::kTooLarge, "an index holds at most 2^31 pages; split it by prefix");
  }
  return PutPage(builder_.Take(first_keys_.size()));
}

Expected<void> IndexWriter::Add(const Entry& entry) {
  if (added_ > 0 && entry.key <= last_) {
    return Fail(ErrorCode::kBadRequest, StrCat("key ", entry.key, " does not come after ", last_));
  }
  if (entry.key < header_.layout.FirstKey() || entry.key > header_.layout.LastKey()) {
    return Fail(ErrorCode::kBadRequest, StrCat("key ", entry.key, " has another prefix"));
  }
  if (added_ == header_.count) {
    return Fail(ErrorCode::kBadRequest, StrCat("more keys than the ", header_.count, " promised"));
  }
  if (!builder_.Add(entry)) {
    if (auto put = PutDataPage(); !put) return put;
    builder_.Add(entry);
  }
  ++added_;
  last_ = entry.key;
  return {};
}

Expected<void> IndexWriter::Finish() {
  if (added_ != header_.count) {
    return Fail(ErrorCode::kBadRequest,
                StrCat(added_, " keys were given, ", header_.count, " promised"));
  }
  if (!builder_.empty()) {
    if (auto put = PutDataPage(); !put) return put;
  }
  header_.data_pages = static_cast<uint32_t>(first_keys_.size());
  for (size_t from = 0; from < first_keys_.size(); from += kKeysPerDirectoryPage) {
    PageBytes page{};
    for (size_t i = 0; i < kKeysPerDirectoryPage && from + i < first_keys_.size(); ++i) {
      StoreLittle(&page[i * 8], first_keys_[from + i]);
    }
    ++header_.directory_pages;
    SealPage(page, uint64_t{header_.data_pages} + header_.directory_pages);
    if (auto put = PutPage(page); !put) return put;
  }
  const PageBytes header = EncodeHeader(header_);
  if (fd_ < 0) {
    std::ranges::copy(header, buffer_.begin());
    return {};
  }
  if (auto flushed = Flush(); !flushed) return flushed;
  if (pwrite(fd_, header.data(), header.size(), 0) != static_cast<ssize_t>(header.size())) {
    return SystemFailure("cannot write the header of");
  }
  if (fsync(fd_) != 0) return SystemFailure("cannot sync");
  return {};
}

Expected<void> IndexWriter::Publish() {
  // Renamed while still locked, see OpenTemporary.
  if (rename(temporary_.c_str(), path_.c_str()) != 0) return SystemFailure("cannot replace");
  temporary_.clear();
  close(std::exchange(fd_, -1));  // all was synced by Finish
  const auto folder = path_.has_parent_path() ? path_.parent_path() : std::filesystem::path(".");
  const int folder_fd = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = folder_fd >= 0 && fsync(folder_fd) == 0;
  if (folder_fd >= 0) close(folder_fd);
  return synced ? Expected<void>() : SystemFailure("cannot sync the folder of");
}

}  // namespace kaopu::index
