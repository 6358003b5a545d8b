// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "tlog/text_lines.h"

#include <charconv>

namespace kaopu::tlog {
namespace {

// Bytes of the character that begins `text`; 0 where it is no well-formed one (Unicode, table 3-7).
size_t CharacterBytes(std::string_view text) {
  const auto at = [&](size_t i) { return i < text.size() ? static_cast<uint8_t>(text[i]) : 0; };
  const auto tail = [&](size_t i) { return (at(i) & 0xC0) == 0x80; };
  const uint8_t lead = at(0);
  if (lead < 0x80) return 1;
  if (lead < 0xC2) return 0;
  if (lead < 0xE0) return tail(1) ? 2 : 0;
  if (lead < 0xF0) {
    if (lead == 0xE0 && at(1) < 0xA0) return 0;
    if (lead == 0xED && at(1) > 0x9F) return 0;
    return tail(1) && tail(2) ? 3 : 0;
  }
  if (lead > 0xF4 || (lead == 0xF0 && at(1) < 0x90) || (lead == 0xF4 && at(1) > 0x8F)) return 0;
  return tail(1) && tail(2) && tail(3) ? 4 : 0;
}

}  // namespace

bool IsNoteText(std::string_view text) {
  while (!text.empty()) {
    const auto byte = static_cast<uint8_t>(text.front());
    const size_t size = CharacterBytes(text);
    if (size == 0 || (byte < 0x20 && byte != '\n')) return false;
    text.remove_prefix(size);
  }
  return true;
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
