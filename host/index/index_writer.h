// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// Writes an index in one pass, beside its place (the same name and `.tmp`); Publish puts it there
// in one step. The same header and entries give the same bytes. Memory: 8 bytes a page.
#pragma once

#include <filesystem>
#include <span>
#include <vector>

#include "index/format.h"
#include "index/page.h"

namespace kaopu::index {

class IndexWriter {
 public:
  // Of `header`, kind, prefix, count and everything that is not a size are taken; the sizes are
  // set. kBadRequest for a header that cannot be, kUnavailable.
  static Expected<IndexWriter> Create(const std::filesystem::path& path, Header header);
  IndexWriter(IndexWriter&&) noexcept;
  IndexWriter& operator=(IndexWriter&&) = delete;
  ~IndexWriter();  // what was not published is gone

  // kBadRequest where keys do not rise, are of another prefix or more than the header's count.
  Expected<void> Add(const Entry& entry);
  // All is on the disk at temporary(), for whoever wants to look at it before it is published.
  Expected<void> Finish();
  const std::filesystem::path& temporary() const { return temporary_; }
  const Header& header() const { return header_; }
  // The whole file in memory, for one that is small; the same bytes as above. Errors as Create,
  // Add.
  static Expected<std::vector<uint8_t>> InMemory(Header header, std::span<const Entry> entries);
  // Puts it in its place, whatever was there; after a crash the old or the new file is whole.
  Expected<void> Publish();

 private:
  IndexWriter(const std::filesystem::path& path, Header header);
  static Expected<IndexWriter> Begin(const std::filesystem::path& path, Header header);
  std::unexpected<Error> SystemFailure(std::string_view operation) const;
  Expected<void> OpenTemporary();
  Expected<void> Flush();
  Expected<void> PutPage(const PageBytes& page);
  Expected<void> PutDataPage();

  std::filesystem::path path_, temporary_;
  Header header_;
  PageBuilder builder_;
  std::vector<Key> first_keys_;
  std::vector<uint8_t> buffer_;
  uint64_t added_ = 0;
  Key last_ = 0;
  int fd_ = -1;  // none = all stays in the buffer
};

}  // namespace kaopu::index
