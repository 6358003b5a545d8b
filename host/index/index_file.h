// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Reads an index where it lies: mapped, nothing parsed but the header's page. Each page's checksum
// is checked when it is first read and remembered; later look-ups in it cost nothing more.
//
// The bytes are trusted to stay as they are while mapped: Kaopu replaces files by renaming, never
// by writing into them. A file that another program has cut short is told by the first look-up into
// a page not read before; one cut in the very moment of reading ends the process with SIGBUS, which
// the browser takes for a host that is away.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>

#include "index/format.h"
#include "index/page.h"

namespace kaopu::index {

class IndexFile {
 public:
  // kNotFound, kUnavailable, kBadRequest (no index), kUnsupported, kDamaged; names the file.
  static Expected<IndexFile> Open(const std::filesystem::path& path);
  IndexFile(IndexFile&&) noexcept;
  IndexFile& operator=(IndexFile&&) noexcept;
  ~IndexFile();

  const Header& header() const { return header_; }
  std::span<const uint8_t> bytes() const { return {data_, size_}; }

  // nullopt = not in it. kDamaged: the page that would hold it is not whole. Any number of threads.
  Expected<std::optional<Payload>> Find(Key key) const;
  // Every entry in the order of keys; stops at a page that is not whole (kDamaged), or where `each`
  // says false.
  Expected<void> ForEach(const std::function<bool(const Entry&)>& each) const;
  // Every page, every key, the directory against the pages. `progress` gets pages done, of all.
  Expected<void> Verify(const std::function<void(uint64_t, uint64_t)>& progress = {}) const;

 private:
  IndexFile() = default;
  Page PageAt(uint64_t number) const { return Page(data_ + number * kPageBytes, kPageBytes); }
  bool IsKnownWhole(uint64_t number) const {
    return (whole_[number / 64].load(std::memory_order_relaxed) >> (number % 64) & 1) != 0;
  }
  bool IsWhole(uint64_t number) const { return IsKnownWhole(number) || CheckPage(number); }
  bool CheckPage(uint64_t number) const;
  std::unexpected<Error> Damage(uint64_t number, std::string_view what) const;
  // The first key of a data page (from 0) by the directory; 0 bits are checked by the caller.
  Key DirectoryKey(uint64_t page) const {
    return LoadLittle<uint64_t>(
        data_ + (1 + header_.data_pages + page / kKeysPerDirectoryPage) * kPageBytes +
        page % kKeysPerDirectoryPage * 8);
  }
  bool DirectoryWhole(uint64_t page) const {
    return IsWhole(1 + header_.data_pages + page / kKeysPerDirectoryPage);
  }
  // The last data page whose first key is not above `key`: kDamaged names the directory's page.
  Expected<std::optional<uint64_t>> PageOf(Key key) const;

  friend class IndexCursor;
  std::filesystem::path path_;
  Header header_;
  const uint8_t* data_ = nullptr;
  size_t size_ = 0;
  int fd_ = -1;
  std::unique_ptr<std::atomic<uint64_t>[]> whole_;  // a bit a page: checked, and whole
};

// Entries in the order of keys, one at a time. The file must outlive it.
class IndexCursor {
 public:
  explicit IndexCursor(const IndexFile& file) : file_(file) { Load(); }
  // nullptr behind the last, and where a page was not whole: then error() says so.
  const Entry* entry() const { return at_ < entries_.size() ? &entries_[at_] : nullptr; }
  void Next() {
    if (++at_ >= entries_.size()) Load();
  }
  const std::optional<Error>& error() const { return error_; }

 private:
  void Load();

  const IndexFile& file_;
  uint64_t page_ = 0;  // loaded last
  std::vector<Entry> entries_;
  size_t at_ = 0;
  std::optional<Error> error_;
};

}  // namespace kaopu::index
