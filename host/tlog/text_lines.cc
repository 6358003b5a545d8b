// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "tlog/text_lines.h"

#include <algorithm>
#include <charconv>

#include "base/utf8.h"

namespace kaopu::tlog {

bool IsNoteText(std::string_view text) {
  return IsValidUtf8(text) && std::ranges::none_of(text, [](char byte) {
           return static_cast<uint8_t>(byte) < 0x20 && byte != '\n';
         });
}

std::optional<uint64_t> ParseDecimal(std::string_view text) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  if (!whole || (text.size() > 1 && text.front() == '0')) return std::nullopt;
  return value;
}

Expected<std::string_view> LineReader::Next() {
  const size_t end = rest_.find('\n');
  if (end == std::string_view::npos) {
    return Fail(ErrorCode::kBadRequest,
                rest_.empty() ? "the text ends too early" : "the last line has no line end");
  }
  const std::string_view line = rest_.substr(0, end);
  rest_.remove_prefix(end + 1);
  return line;
}

}  // namespace kaopu::tlog
