// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors

// The cold path: any bytes as a saved page, through charset, guard, HTML parser and pruner; what
// comes out must be a snapshot that the hot path accepts.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "page/cold/html_snapshot.h"
#include "page/page_reader.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const auto reader = kaopu::PageReader::Load(KAOPU_SOURCE_DIR "/host/data");
  if (!reader) std::abort();
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::string html = kaopu::DecodeHtml(bytes, "text/html");
  static const kaopu::Json generic = reader->Plan("shop.example")["generic"]["snapshot"];
  const auto page = kaopu::HtmlToPageInput(html, "https://shop.example/p/1", generic);
  if (!page) return 0;
  const auto facts =
      reader->Read(*page, kaopu::TimeMs{std::chrono::milliseconds(1'795'000'000'000)});
  if (!facts) {
    std::fprintf(stderr, "the pruner wrote a snapshot that the reader refuses: %s\n",
                 facts.error().message.c_str());
    std::abort();
  }
  return 0;
}
