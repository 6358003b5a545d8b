// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "registry/record/contents.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

#include "base/str_cat.h"
#include "report/seal/envelope.h"

namespace kaopu {
namespace {

using tlog::kTileWidth;

struct Bundle {
  std::vector<ReleasedReport> reports;
  uint64_t others = 0;
};

std::unexpected<Error> Damage(uint64_t entry, std::string_view what) {
  return Fail(ErrorCode::kDamaged,
              StrCat(report::ContentPath(entry), ": entry ", entry, ": ", what));
}

Expected<Bundle> ReadBundle(const tlog::ReadLogFile& read, const LogHistory& history,
                            const std::vector<bool>& wanted, uint64_t number, bool signatures) {
  const uint64_t begin = number * kTileWidth, end = std::min(begin + kTileWidth, history.size());
  Bundle bundle;
  const auto text = read(report::ContentPath(begin), kContentFileBytesMax);
  if (!text && text.error().code != ErrorCode::kNotFound) return std::unexpected(text.error());
  std::vector<report::ContentLine> lines;
  if (text) {
    auto parsed = ParseContentFile(*text, number);
    if (!parsed) return std::unexpected(parsed.error());
    lines = std::move(*parsed);
  }
  auto line = lines.begin();
  for (uint64_t entry = begin; entry < end; ++entry) {
    const bool is_there = line != lines.end() && line->entry == entry;
    if (!wanted[entry]) {
      bundle.others += is_there;
      if (is_there) ++line;
      continue;
    }
    if (!is_there) return Damage(entry, "its content is missing, and no removal is logged");
    if (!history.Commits(entry, line->salt, line->content)) {
      return Damage(entry, "content and salt are not what the log commits to");
    }
    const auto content = report::Content::Parse(line->content);
    if (!content) return Damage(entry, content.error().message);
    auto released = ReleasedReportOf(entry, *content);
    if (!released) return Damage(entry, released.error().message);
    if (signatures &&
        !report::IsSignedBy(content->key, report::SellerSigned(history.origin(), content->report),
                            content->signature)) {
      return Damage(entry, "its signature is not by the key it names");
    }
    bundle.reports.push_back(std::move(*released));
    ++line;
  }
  bundle.others += static_cast<uint64_t>(lines.end() - line);
  return bundle;
}

}  // namespace

Expected<ReleasedReport> ReleasedReportOf(uint64_t entry, const report::Content& content) {
  const auto report = report::Report::Parse(content.report);
  if (!report) return std::unexpected(report.error());
  if (content.replaces && *content.replaces >= entry) {
    return Fail(ErrorCode::kBadRequest, "replaces what came later");
  }
  return ReleasedReport{.entry = entry,
                        .seller = report->seller,
                        .outcome = report::OutcomeOf(*report),
                        .enrolled = report->enrolled,
                        .weight_class = content.weight_class,
                        .weight = content.weight,
                        .aged = content.aged,
                        .replaces = content.replaces};
}

Expected<std::vector<report::ContentLine>> ParseContentFile(std::string_view text,
                                                            uint64_t bundle) {
  std::vector<report::ContentLine> lines;
  const std::string path = report::ContentPath(bundle * kTileWidth);
  while (!text.empty()) {
    const size_t end = text.find('\n');
    const auto wrong = [&](std::string_view what) {
      return Fail(ErrorCode::kDamaged, StrCat(path, ": line ", lines.size() + 1, ": ", what));
    };
    if (end == std::string_view::npos) return wrong("cut off");
    auto line = report::ContentLine::Parse(text.substr(0, end));
    if (!line) return wrong(line.error().message);
    if (line->entry / kTileWidth != bundle) return wrong("belongs to another file");
    if (!lines.empty() && line->entry <= lines.back().entry) return wrong("entries do not rise");
    lines.push_back(std::move(*line));
    text.remove_prefix(end + 1);
  }
  return lines;
}

Expected<ContentsRead> ReadContents(const tlog::ReadLogFile& read, const LogHistory& history,
                                    const std::vector<bool>& wanted,
                                    const ContentsOptions& options) {
  const uint64_t bundles = (history.size() + kTileWidth - 1) / kTileWidth;
  std::vector<Bundle> results(bundles);
  std::atomic<uint64_t> next{0};
  std::mutex mutex;
  uint64_t done = 0, failed_at = bundles;
  std::optional<Error> failure;
  const uint64_t all = static_cast<uint64_t>(std::ranges::count(wanted, true));
  const auto work = [&] {
    for (uint64_t number; (number = next.fetch_add(1)) < bundles;) {
      {
        const std::lock_guard lock(mutex);
        if (number > failed_at) return;
      }
      auto bundle = ReadBundle(read, history, wanted, number, options.signatures);
      const std::lock_guard lock(mutex);
      if (!bundle) {
        if (number < failed_at) {
          failed_at = number;
          failure = std::move(bundle.error());
        }
        return;
      }
      done += bundle->reports.size();
      results[number] = std::move(*bundle);
      if (options.progress) options.progress(done, all);
    }
  };
  std::vector<std::thread> helpers;
  for (unsigned i = 1; i < options.threads; ++i) helpers.emplace_back(work);
  work();
  for (std::thread& helper : helpers) helper.join();
  if (failure) return std::unexpected(std::move(*failure));
  ContentsRead contents;
  contents.reports.reserve(all);
  for (Bundle& bundle : results) {
    std::ranges::move(bundle.reports, std::back_inserter(contents.reports));
    contents.others += bundle.others;
    bundle = {};
  }
  return contents;
}

}  // namespace kaopu
