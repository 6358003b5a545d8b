// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors

// A delta of any bytes onto an index of 300 sellers, or of 40 details. The first byte says which,
// and whether the head is made to fit (so that what lies behind digest and checksum is reached).
// Nothing may come of it but the file whose digest it states.
#include <sys/mman.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "base/files.h"
#include "index/index_writer.h"
#include "index/seller_detail.h"
#include "index/update/delta.h"
#include "must.h"

namespace {

using kaopu::testing::Must;
using namespace kaopu::index;

Header AHeader(Kind kind) {
  Header header{.kind = kind, .base_day = 20'000, .publish = 1, .origin = "registry.example/index"};
  for (size_t h = 0; h < kaopu::kHalfLives; ++h) {
    header.half_life[h] = static_cast<uint32_t>(kaopu::kHalfLife[h]);
  }
  header.epoch.at = 20'400 * kaopu::kMinutesADay;
  header.epoch.mixture[0] = kaopu::kFixOne;
  header.weights = StandardWeights();
  return header;
}

struct Olds {
  std::filesystem::path folder;
  IndexFile sellers, details;
};

IndexFile Make(const std::filesystem::path& path, Kind kind, uint64_t count) {
  Header header = AHeader(kind);
  header.count = count;
  auto writer = IndexWriter::Create(path, header);
  Must(writer.has_value());
  for (uint64_t i = 0; i < count; ++i) {
    const uint64_t mixed = (i + 1) * 0x9e3779b97f4a7c15;
    Payload payload{};
    for (size_t word = 0; word < (kind == Kind::kSellers ? 1u : 4u); ++word) {
      payload[word] = mixed >> (14 + word) & 0xffff'ffff'ffff;
    }
    Must(writer->Add({(~uint64_t{0} / count) * i + mixed % 9999, payload}).has_value());
  }
  Must(writer->Finish() && writer->Publish());
  auto file = IndexFile::Open(path);
  Must(file.has_value());
  return std::move(*file);
}

const Olds& TheOlds() {
  static const Olds& olds = *[] {
    std::string pattern =
        access("/dev/shm", W_OK) == 0 ? "/dev/shm/kaopu-fuzz-XXXXXX" : "/tmp/kaopu-fuzz-XXXXXX";
    const std::filesystem::path folder = mkdtemp(pattern.data());
    auto* made = new Olds{folder, Make(folder / "sellers", Kind::kSellers, 300),
                          Make(folder / "details", Kind::kDetails, 40)};
    // Never destroyed, so that it is still there when the folder goes.
    std::atexit([] {
      std::error_code ignored;
      std::filesystem::remove_all(TheOlds().folder, ignored);
    });
    return made;
  }();
  return olds;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const Olds& olds = TheOlds();
  const bool details = (data[0] & 2) != 0;
  const IndexFile& old = details ? olds.details : olds.sellers;
  std::string delta(reinterpret_cast<const char*>(data + 1), size - 1);
  if ((data[0] & 1) != 0 && delta.size() >= 80) {
    auto* bytes = reinterpret_cast<uint8_t*>(delta.data());
    std::memcpy(bytes, "KaopuDlt\1\0", 10);
    bytes[10] = static_cast<uint8_t>(old.header().kind);
    bytes[11] = 0;
    std::ranges::copy(DigestOf(old), bytes + 16);
    std::copy_n(kaopu::tlog::Sha256({std::string_view(delta).substr(16)}).begin(), 4, bytes + 12);
  }
  const std::filesystem::path made = olds.folder / "made";
  if (ApplyDelta(old, delta, made)) {
    const auto file = IndexFile::Open(made);
    Must(file && file->Verify() && DigestOf(*file) == ReadDeltaHead(delta)->to);
    // The same changes are said in the same bytes.
    const auto again = MakeDelta(old, *file);
    Must(again && ReadDeltaHead(*again)->to == ReadDeltaHead(delta)->to);
    std::filesystem::remove(made);
  }
  if (details && size >= 33) {
    Payload payload;
    for (size_t word = 0; word < 4; ++word) {
      payload[word] = LoadLittle<uint64_t>(data + 1 + word * 8) & ((uint64_t{1} << 50) - 1);
    }
    const SellerDetail detail = UnpackDetail(payload);
    Must(UnpackDetail(PackDetail(detail)) == detail);
  }
  return 0;
}
