// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors

// Structured data: a JSON-LD script, `---` on a line of its own, then the body of a snapshot with
// microdata and RDFa. What was read is JSON that can be written and read again, within its limits;
// facts are made of it.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "page/document.h"
#include "page/microdata.h"
#include "page/page_reader.h"
#include "page/structured_view.h"

namespace {

std::string Escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c != '\0') {
      out += c;
    }
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const auto reader = kaopu::PageReader::Load(KAOPU_SOURCE_DIR "/host/data");
  if (!reader) std::abort();
  const std::string_view all(reinterpret_cast<const char*>(data), size);
  const size_t split = all.find("\n---\n");
  const std::string snapshot =
      "<page v=\"1\"><head/><data><script type=\"application/ld+json\">" +
      Escaped(all.substr(0, split)) + "</script></data><body>" +
      (split == all.npos ? std::string() : std::string(all.substr(split + 5))) + "</body></page>";
  auto document = kaopu::Document::Parse(snapshot);
  if (!document) return 0;
  (*document)->BuildIndex();
  const auto url = kaopu::ParseUrl("https://shop.example/a/p?variant=1");
  const kaopu::Json view = kaopu::StructuredJson(**document, url, {});
  if (kaopu::Json::parse(kaopu::DumpJson(view), nullptr, /*allow_exceptions=*/false) != view)
    std::abort();
  if (kaopu::ReadMicrodata(**document, url).tree.size() > 40 * kaopu::kItemPropertiesMax)
    std::abort();
  (void)reader->Read({"https://shop.example/a/p?variant=1", "", "", snapshot},
                     kaopu::TimeMs{std::chrono::milliseconds(1'795'000'000'000)});
  return 0;
}
