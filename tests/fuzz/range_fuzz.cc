// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors

// A range of any bytes, as a server might answer. The first byte says which of two it is to be, and
// whether the registry signed it (so that what lies behind the proof is reached) with its headers
// sealed. Without that nothing is taken; with it, nothing but two index files within the bytes.
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <string>

#include "index/update/range_file.h"
#include "must.h"

namespace {

using kaopu::testing::Must;
using namespace kaopu::index;
namespace tlog = kaopu::tlog;

constexpr uint64_t kPartBytes = 3 * kPageBytes;

void TryFile(std::string_view bytes, Kind kind) {
  const int fd = memfd_create("range", MFD_CLOEXEC);
  Must(fd >= 0 && write(fd, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
  const auto file = IndexFile::Open("/proc/self/fd/" + std::to_string(fd));
  Must(file && file->header().kind == kind);
  (void)file->Verify();
  (void)file->Find(file->header().layout.FirstKey());
  close(fd);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  CutIndex cut{.bits = 1, .sellers_bytes = kPartBytes, .details_bytes = kPartBytes};
  const uint32_t prefix = data[0] >> 1 & 1;
  const bool is_signed = (data[0] & 1) != 0;
  std::string slot(reinterpret_cast<const char*>(data + 1), size - 1);
  (void)ReadRangeSlot(slot, cut, prefix);
  slot.resize(cut.SlotBytes());
  if (is_signed) {
    for (const uint64_t at : {uint64_t{0}, kPartBytes}) {
      auto* page = reinterpret_cast<uint8_t*>(&slot[at]);
      StoreLittle(page + kContentBytes, PageChecksum(Page(page, kPageBytes), 0));
    }
    const tlog::Digest leaf = tlog::LeafHash(std::string_view(slot).substr(0, cut.ContentBytes()));
    tlog::Digest other;
    std::copy_n(slot.begin() + static_cast<int64_t>(cut.ContentBytes()), other.size(),
                other.begin());
    cut.root = prefix == 0 ? tlog::NodeHash(leaf, other) : tlog::NodeHash(other, leaf);
  }
  const auto read = ReadRangeSlot(slot, cut, prefix);
  if (!read) return 0;
  Must(is_signed);
  Must(JoinRangeSlot(*read, cut).value() == slot);
  TryFile(read->sellers, Kind::kSellers);
  TryFile(read->details, Kind::kDetails);
  return 0;
}
