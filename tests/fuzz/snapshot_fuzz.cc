// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors

// The hot path: any bytes as a snapshot, first line the URL; every adapter rule that the URL
// selects runs over it.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "page/page_reader.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const auto reader = kaopu::PageReader::Load(KAOPU_SOURCE_DIR "/host/data");
  if (!reader) std::abort();
  const std::string_view all(reinterpret_cast<const char*>(data), size);
  const size_t split = all.find('\n');
  kaopu::PageInput page;
  page.url = std::string(all.substr(0, split));
  page.snapshot = split == all.npos ? std::string() : std::string(all.substr(split + 1));
  const auto facts =
      reader->Read(page, kaopu::TimeMs{std::chrono::milliseconds(1'795'000'000'000)});
  if (facts) (void)kaopu::DumpJson(kaopu::ToJson(*facts));
  (void)reader->Plan(page.url);
  return 0;
}
