// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors

// An index of any bytes: the first says whether the pages are sealed anew (so that what lies behind
// the checksums is reached), the rest is the file. No look-up may leave it; where Verify is
// content, every key that is listed is found.
#include <sys/mman.h>
#include <unistd.h>

#include <string>

#include "index/index_file.h"
#include "index/payload_fields.h"
#include "index/seller_row.h"
#include "must.h"

namespace {

using kaopu::testing::Must;
using namespace kaopu::index;

void TryFile(const IndexFile& file, const uint8_t* data, size_t size) {
  for (size_t at = 0; at + 8 <= size && at < 4096; at += 61) {
    (void)file.Find(LoadLittle<uint64_t>(data + at));
  }
  for (const Key key : {Key{0}, ~Key{0}, file.header().layout.FirstKey()}) (void)file.Find(key);
  const bool verified = file.Verify().has_value();
  const Kind kind = file.header().kind;
  uint64_t listed = 0;
  (void)file.ForEach([&](const Entry& entry) {
    ++listed;
    const auto found = file.Find(entry.key);
    if (verified) Must(found && *found && **found == entry.payload);
    Must(JoinFields(kind, SplitFields(kind, entry.payload)) == entry.payload);
    if (kind == Kind::kSellers) {
      const auto pooled =
          EvidenceAt(file.header(), UnpackRow(entry.payload), kaopu::kMinuteMax / 2);
      Must(pooled.never >= 0 && pooled.counts[kaopu::kLong].bad >= pooled.never);
    }
    return true;
  });
  if (verified) Must(listed == file.header().count);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  std::string bytes(reinterpret_cast<const char*>(data + 1), size - 1);
  if (data[0] % 2 == 1) {
    for (size_t page = 0; (page + 1) * kPageBytes <= bytes.size(); ++page) {
      auto* begin = reinterpret_cast<uint8_t*>(&bytes[page * kPageBytes]);
      StoreLittle(begin + kContentBytes, PageChecksum(Page(begin, kPageBytes), page));
    }
  }
  const int fd = memfd_create("index", MFD_CLOEXEC);
  Must(fd >= 0 && write(fd, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
  if (const auto file = IndexFile::Open("/proc/self/fd/" + std::to_string(fd))) {
    TryFile(*file, data, size);
  }
  close(fd);
  return 0;
}
