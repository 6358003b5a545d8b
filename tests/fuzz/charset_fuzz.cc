// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors

// Bytes of a page in whatever encoding; first line the content type of its header. What comes out
// is UTF-8 that decodes to itself, and little larger than what went in.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/utf8.h"
#include "page/cold/html_snapshot.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view all(reinterpret_cast<const char*>(data), size);
  const size_t split = all.find('\n');
  const std::string_view type = split == all.npos ? std::string_view() : all.substr(0, split);
  const std::string_view bytes = split == all.npos ? all : all.substr(split + 1);
  std::string used;
  const std::string text = kaopu::DecodeHtml(bytes, type, &used);
  if (!kaopu::IsValidUtf8(text) || used.empty() || text.size() > 4 * bytes.size() + 16)
    std::abort();
  if (used == "utf-8" && kaopu::IsValidUtf8(bytes) && !bytes.starts_with("\xEF\xBB\xBF") &&
      text != bytes)
    std::abort();
  return 0;
}
