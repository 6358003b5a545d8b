// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors

// Promise phrases: any bytes. First line is the language, the rest the text.
#include "page/promise.h"

#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const auto reader = kaopu::PromiseReader::Load(KAOPU_SOURCE_DIR "/host/data/promises");
  if (!reader) std::abort();
  const std::string_view all(reinterpret_cast<const char*>(data), size);
  const size_t split = all.find('\n');
  const std::string_view lang = split == all.npos ? std::string_view() : all.substr(0, split);
  const std::string_view text = split == all.npos ? all : all.substr(split + 1);
  constexpr kaopu::TimeMs kNow{std::chrono::milliseconds(1'795'000'000'000)};
  const kaopu::Promise promise = reader->Read(text, lang, kNow);
  if (promise.min_hours && promise.max_hours && *promise.min_hours > *promise.max_hours)
    std::abort();
  if (promise.earliest && promise.latest && *promise.earliest > *promise.latest) std::abort();
  for (const std::string& piece : reader->FindCandidates(text, lang))
    (void)reader->Read(piece, lang);
  return 0;
}
