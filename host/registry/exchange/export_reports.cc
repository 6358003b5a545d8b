// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "registry/exchange/export_reports.h"

#include <algorithm>
#include <unordered_map>

#include "base/str_cat.h"
#include "registry/record/contents.h"

namespace kaopu {
namespace {

using SeeContent = std::function<Expected<void>(uint64_t entry, const report::Content& content)>;

// The wanted contents in order; each is what the log commits to.
Expected<void> EachContent(const tlog::ReadLogFile& read, const LogHistory& history,
                           const std::vector<bool>& wanted, const SeeContent& see) {
  for (uint64_t begin = 0; begin < history.size(); begin += tlog::kTileWidth) {
    const uint64_t end = std::min(begin + tlog::kTileWidth, history.size());
    const auto first = wanted.begin() + static_cast<ptrdiff_t>(begin);
    if (std::find(first, first + static_cast<ptrdiff_t>(end - begin), true) ==
        first + static_cast<ptrdiff_t>(end - begin)) {
      continue;
    }
    const std::string path = report::ContentPath(begin);
    const auto text = read(path, kContentFileBytesMax);
    if (!text) return std::unexpected(text.error());
    const auto lines = ParseContentFile(*text, begin / tlog::kTileWidth);
    if (!lines) return std::unexpected(lines.error());
    for (const report::ContentLine& line : *lines) {
      if (line.entry >= end || !wanted[line.entry]) continue;
      const auto content = report::Content::Parse(line.content);
      if (!content || !history.Commits(line.entry, line.salt, line.content)) {
        return Fail(ErrorCode::kDamaged,
                    StrCat(path, ": entry ", line.entry, ": was changed while it was read"));
      }
      if (auto seen = see(line.entry, *content); !seen) return seen;
    }
  }
  return {};
}

}  // namespace

Expected<void> ExportReports(const tlog::ReadLogFile& read, const RegistryAudit& audit,
                             const ExportOptions& options) {
  const LogHistory& history = audit.history;
  const auto* epoch =
      history.indexes().empty() ? nullptr : history.EpochOf(history.indexes().back());
  if (epoch == nullptr) return Fail(ErrorCode::kNotFound, "nothing was published yet");
  std::vector<bool> wanted = history.Released(epoch->body.entries, history.size());
  // An order is called by the entry of the first word on it; the last word on it counts.
  std::unordered_map<uint64_t, uint64_t> first_of;
  std::vector<uint64_t> replaced;
  const auto linked = EachContent(
      read, history, wanted, [&](uint64_t entry, const report::Content& content) -> Expected<void> {
        if (!content.replaces) return {};
        const auto first = first_of.find(*content.replaces);
        first_of[entry] = first == first_of.end() ? *content.replaces : first->second;
        replaced.push_back(*content.replaces);
        return {};
      });
  if (!linked) return linked;
  for (const uint64_t entry : replaced) wanted[entry] = false;

  options.begin({.source = history.origin(),
                 .publish = epoch->body.publish,
                 .entries = epoch->body.entries,
                 .as_of = epoch->body.as_of,
                 .reports = static_cast<uint64_t>(std::ranges::count(wanted, true))});
  return EachContent(
      read, history, wanted, [&](uint64_t entry, const report::Content& content) -> Expected<void> {
        auto report = report::Report::Parse(content.report);
        if (!report) return std::unexpected(report.error());
        const auto first = first_of.find(entry);
        options.report({.order = StrCat(first == first_of.end() ? entry : first->second),
                        .order_id = {},
                        .report = std::move(*report),
                        .weight_class = content.weight_class,
                        .weight = content.weight});
        return {};
      });
}

}  // namespace kaopu
