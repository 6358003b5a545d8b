// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors

// An adapter file and a page, both any bytes: up to a line `---` the adapter, then a line with the
// URL, then the snapshot. A file that loads must read any page; what it says about sellers must be
// keys.
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "page/adapter.h"
#include "page/page_reader.h"

namespace {

namespace fs = std::filesystem;

// A data folder of this process: the real promises, terms and generic adapter beside the fuzzed
// one.
class Folder {
 public:
  Folder() : path_(fs::temp_directory_path() / ("kaopu_adapter_fuzz." + std::to_string(getpid()))) {
    const fs::path data = KAOPU_SOURCE_DIR "/host/data";
    fs::create_directories(path_ / "adapters");
    for (const char* part : {"promises", "terms"}) {
      fs::create_directory_symlink(data / part, path_ / part);
    }
    fs::create_symlink(data / "adapters/generic.json", path_ / "adapters/generic.json");
  }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  const fs::path& Write(std::string_view adapter) const {
    std::ofstream(path_ / "adapters/fuzzed.json", std::ios::binary | std::ios::trunc) << adapter;
    return path_;
  }

 private:
  fs::path path_;
};

std::string_view TakeLine(std::string_view& rest, std::string_view mark) {
  const size_t at = rest.find(mark);
  const std::string_view line = rest.substr(0, at);
  rest = at == rest.npos ? std::string_view() : rest.substr(at + mark.size());
  return line;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const Folder folder;
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  const std::string_view adapter = TakeLine(rest, "\n---\n");
  const auto json = kaopu::ParseJson(adapter, "fuzzed.json");
  if (!json || !kaopu::ParseAdapter(*json, "fuzzed.json")) return 0;
  const auto reader = kaopu::PageReader::Load(folder.Write(adapter));
  if (!reader) return 0;
  kaopu::PageInput page;
  page.url = std::string(TakeLine(rest, "\n"));
  page.snapshot = std::string(rest);
  std::vector<kaopu::ExplainLine> explain;
  const auto facts =
      reader->Read(page, kaopu::TimeMs{std::chrono::milliseconds(1'795'000'000'000)}, &explain);
  if (!facts) return 0;
  if (facts->seller && facts->seller->key) {
    const std::string& key = *facts->seller->key;
    if (key.find(':') == key.npos || key.find(' ') != key.npos) std::abort();
  }
  (void)kaopu::DumpJson(kaopu::ToJson(*facts));
  return 0;
}
