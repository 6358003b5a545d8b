// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "registry/record/entry_ranges.h"

#include "base/str_cat.h"
#include "tlog/text_lines.h"

namespace kaopu {

std::vector<EntryRange> RangesOf(std::span<const uint64_t> entries) {
  std::vector<EntryRange> ranges;
  for (const uint64_t entry : entries) {
    if (!ranges.empty() && ranges.back().last + 1 == entry) {
      ranges.back().last = entry;
    } else {
      ranges.push_back({entry, entry});
    }
  }
  return ranges;
}

std::string RangesText(std::span<const EntryRange> ranges) {
  std::string text;
  for (const EntryRange& range : ranges) {
    if (!text.empty()) text += ',';
    text += StrCat(range.first);
    if (range.last != range.first) text += StrCat('-', range.last);
  }
  return text;
}

Expected<std::vector<EntryRange>> ParseRanges(std::string_view text, uint64_t limit) {
  std::vector<EntryRange> ranges;
  while (!text.empty()) {
    const std::string_view one = text.substr(0, text.find(','));
    const size_t dash = one.find('-');
    const auto first = tlog::ParseDecimal(one.substr(0, dash));
    const auto last =
        dash == std::string_view::npos ? first : tlog::ParseDecimal(one.substr(dash + 1));
    if (!first || !last || (dash != std::string_view::npos && *last <= *first) ||
        (!ranges.empty() && *first <= ranges.back().last + 1)) {
      return Fail(ErrorCode::kBadRequest,
                  StrCat("entries: no rising ranges at \"", one.substr(0, 40), "\""));
    }
    if (*last >= limit) {
      return Fail(ErrorCode::kBadRequest,
                  StrCat("entries: ", *last, " is not before entry ", limit));
    }
    ranges.push_back({*first, *last});
    if (one.size() == text.size()) return ranges;
    text.remove_prefix(one.size() + 1);
    if (text.empty()) break;  // a comma with nothing behind it
  }
  return Fail(ErrorCode::kBadRequest, "entries: a range is missing");
}

}  // namespace kaopu
