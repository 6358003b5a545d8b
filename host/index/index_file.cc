// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "index/index_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include "base/str_cat.h"

namespace kaopu::index {

Expected<IndexFile> IndexFile::Open(const std::filesystem::path& path) {
  const auto fail = [&](ErrorCode code, std::string_view what) {
    return Fail(code, StrCat("index ", path.string(), ": ", what));
  };
  IndexFile file;
  file.path_ = path;
  file.fd_ = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);  // a pipe is no index
  if (file.fd_ < 0) {
    return fail(
        errno == ENOENT || errno == ENOTDIR ? ErrorCode::kNotFound : ErrorCode::kUnavailable,
        std::generic_category().message(errno));
  }
  struct stat info;
  if (fstat(file.fd_, &info) != 0 || !S_ISREG(info.st_mode)) {
    return fail(ErrorCode::kUnavailable, "it is not a file");
  }
  const auto size = static_cast<uint64_t>(info.st_size);
  if (size < kPageBytes) return fail(ErrorCode::kBadRequest, "it is too short for an index");
  void* mapped = mmap(nullptr, size, PROT_READ, MAP_SHARED, file.fd_, 0);
  if (mapped == MAP_FAILED) {
    return fail(ErrorCode::kUnavailable, std::generic_category().message(errno));
  }
  file.data_ = static_cast<const uint8_t*>(mapped);
  file.size_ = size;
  madvise(mapped, size, MADV_RANDOM);  // a look-up wants its page, not the ones behind it
  auto header = DecodeHeader(file.PageAt(0));
  if (!header) return fail(header.error().code, header.error().message);
  file.header_ = std::move(*header);
  const uint64_t pages = 1 + uint64_t{file.header_.data_pages} + file.header_.directory_pages;
  if (size != pages * kPageBytes) {
    return fail(ErrorCode::kDamaged,
                StrCat("it has ", size, " bytes, its header says ", pages * kPageBytes));
  }
  file.whole_ = std::make_unique<std::atomic<uint64_t>[]>(pages / 64 + 1);
  return file;
}

IndexFile::IndexFile(IndexFile&& other) noexcept { *this = std::move(other); }

IndexFile& IndexFile::operator=(IndexFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(header_, other.header_);
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  std::swap(fd_, other.fd_);
  std::swap(whole_, other.whole_);
  return *this;
}

IndexFile::~IndexFile() {
  if (data_ != nullptr) munmap(const_cast<uint8_t*>(data_), size_);
  if (fd_ >= 0) close(fd_);
}

std::unexpected<Error> IndexFile::Damage(uint64_t number, std::string_view what) const {
  return Fail(ErrorCode::kDamaged, StrCat("index ", path_.string(), ": page ", number, ' ', what));
}

bool IndexFile::CheckPage(uint64_t number) const {
  // Cut short since it was mapped? Then reading on would end the process.
  struct stat info;
  if (fstat(fd_, &info) != 0 || static_cast<uint64_t>(info.st_size) < size_) return false;
  const Page page = PageAt(number);
  if (!IsPageWhole(page, number)) return false;
  if (number <= header_.data_pages && !PageView(page, header_.layout).Check()) return false;
  whole_[number / 64].fetch_or(uint64_t{1} << (number % 64), std::memory_order_relaxed);
  return true;
}

Expected<std::optional<uint64_t>> IndexFile::PageOf(Key key) const {
  const uint64_t pages = header_.data_pages;
  if (pages == 0) return std::nullopt;
  // Keys are hashes, spread evenly: the page is close to where its share of the range lies. From
  // there in doubling steps until the key is enclosed, then by halves.
  __extension__ using Wide = unsigned __int128;
  const auto guess = static_cast<uint64_t>(Wide{key << header_.layout.prefix_bits} * pages >> 64);
  uint64_t low = guess, high = guess + 1;  // DirectoryKey(low) <= key < DirectoryKey(high)
  const auto bad = [&](uint64_t page) {
    return Damage(1 + pages + page / kKeysPerDirectoryPage, "of the directory is not whole");
  };
  if (!DirectoryWhole(guess)) return bad(guess);
  if (DirectoryKey(guess) <= key) {
    for (uint64_t step = 1; high < pages; step *= 2) {
      if (!DirectoryWhole(high)) return bad(high);
      if (DirectoryKey(high) > key) break;
      low = high;
      high = std::min(pages, high + step);
    }
  } else {
    for (uint64_t step = 1;; step *= 2) {
      if (low == 0) return std::nullopt;
      high = low;
      low -= std::min(low, step);
      if (!DirectoryWhole(low)) return bad(low);
      if (DirectoryKey(low) <= key) break;
    }
  }
  while (high - low > 1) {
    const uint64_t middle = low + (high - low) / 2;
    if (!DirectoryWhole(middle)) return bad(middle);
    (DirectoryKey(middle) <= key ? low : high) = middle;
  }
  return low;
}

Expected<std::optional<Payload>> IndexFile::Find(Key key) const {
  if (key < header_.layout.FirstKey() || key > header_.layout.LastKey()) return std::nullopt;
  const auto page = PageOf(key);
  if (!page) return std::unexpected(page.error());
  if (!*page) return std::nullopt;
  const uint64_t number = **page + 1;
  if (!IsWhole(number)) return Damage(number, "is not whole");
  Payload payload;
  if (!PageView(PageAt(number), header_.layout).Find(key, payload)) return std::nullopt;
  return payload;
}

Expected<void> IndexFile::ForEach(const std::function<bool(const Entry&)>& each) const {
  IndexCursor cursor(*this);
  for (; cursor.entry() != nullptr; cursor.Next()) {
    if (!each(*cursor.entry())) return {};
  }
  if (cursor.error()) return std::unexpected(*cursor.error());
  return {};
}

void IndexCursor::Load() {
  entries_.clear();
  at_ = 0;
  // A page that lists nothing though it states keys is passed over; Verify tells.
  while (entries_.empty() && !error_ && page_ < file_.header().data_pages) {
    ++page_;
    if (!file_.IsWhole(page_)) {
      error_ = file_.Damage(page_, "is not whole").error();
    } else {
      PageView(file_.PageAt(page_), file_.header().layout).AppendTo(entries_);
    }
  }
}

Expected<void> IndexFile::Verify(const std::function<void(uint64_t, uint64_t)>& progress) const {
  const uint64_t data = header_.data_pages, pages = 1 + data + header_.directory_pages;
  uint64_t count = 0;
  Key last = 0;
  std::vector<Entry> entries;
  for (uint64_t number = 1; number <= data; ++number) {
    if (progress && number % 4096 == 0) progress(number, pages);
    if (!CheckPage(number)) return Damage(number, "is not whole");
    const PageView view(PageAt(number), header_.layout);
    if (auto checked = view.CheckAll(); !checked) return Damage(number, checked.error().message);
    entries.clear();
    view.AppendTo(entries);
    if (entries.front().key < header_.layout.FirstKey() ||
        entries.back().key > header_.layout.LastKey()) {
      return Damage(number, "holds keys of another prefix");
    }
    if (count > 0 && entries.front().key <= last) {
      return Damage(number, "begins before the end of the one in front of it");
    }
    if (!DirectoryWhole(number - 1) || DirectoryKey(number - 1) != entries.front().key) {
      return Damage(1 + data + (number - 1) / kKeysPerDirectoryPage,
                    StrCat("of the directory is wrong about page ", number));
    }
    count += entries.size();
    last = entries.back().key;
  }
  if (count != header_.count) {
    return Fail(ErrorCode::kDamaged, StrCat("index ", path_.string(), ": it holds ", count,
                                            " keys, its header says ", header_.count));
  }
  for (uint64_t page = 0; page < header_.directory_pages; ++page) {
    const uint64_t number = 1 + data + page;
    if (!CheckPage(number)) return Damage(number, "is not whole");
    const size_t used =
        std::min<uint64_t>(data - page * kKeysPerDirectoryPage, kKeysPerDirectoryPage);
    const Page bytes = PageAt(number);
    if (std::any_of(bytes.begin() + static_cast<std::ptrdiff_t>(used * 8),
                    bytes.begin() + kContentBytes, [](uint8_t byte) { return byte != 0; })) {
      return Damage(number, "of the directory holds bytes where there are none");
    }
  }
  return {};
}

}  // namespace kaopu::index
