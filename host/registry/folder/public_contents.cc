// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "registry/folder/public_contents.h"

#include <string>
#include <string_view>

#include "base/files.h"
#include "report/seal/log_entry.h"
#include "tlog/tiles.h"

namespace kaopu {

Expected<void> RemovePublicContent(const std::filesystem::path& public_folder, uint64_t entry) {
  constexpr size_t kFileBytesMax = tlog::kTileWidth * 16 * 1024;
  const auto path = public_folder / report::ContentPath(entry);
  const auto text = ReadFile(path, kFileBytesMax);
  if (!text && text.error().code == ErrorCode::kNotFound) return {};
  if (!text) return std::unexpected(text.error());
  std::string kept;
  for (std::string_view rest = *text; !rest.empty();) {
    const size_t end = rest.find('\n');
    const std::string_view line = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    const auto content = report::ContentLine::Parse(line);
    if (content && content->entry == entry) continue;
    kept += line;
    kept += '\n';
  }
  if (kept.size() == text->size()) return {};
  return WriteFileAtomic(path, kept, 0644);
}

}  // namespace kaopu
