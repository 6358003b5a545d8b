// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "registry/pages/public_pages.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "base/files.h"
#include "base/limits.h"
#include "base/str_cat.h"
#include "index/seller_index.h"
#include "registry/pages/seller_facts.h"

namespace kaopu {
namespace {

constexpr size_t kPageBytesMax = size_t{64} << 20;

std::string HtmlText(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

Expected<void> PutIfNew(const std::filesystem::path& path, std::string_view bytes) {
  if (const auto there = ReadFile(path, kPageBytesMax); there && *there == bytes) return {};
  std::error_code error;
  std::filesystem::create_directories(path.parent_path(), error);
  if (error) {
    return Fail(ErrorCode::kUnavailable,
                StrCat("cannot make ", path.parent_path().string(), ": ", error.message()));
  }
  return WriteFileAtomic(path, bytes, 0644);
}

using Values = std::map<std::string, std::string, std::less<>>;

// `{{name}}` becomes the value as HTML text. A name that is not known is our bug.
Expected<std::string> Filled(std::string_view page, const Values& values) {
  std::string out;
  while (true) {
    const size_t open = page.find("{{");
    out += page.substr(0, open);
    if (open == std::string_view::npos) return out;
    const size_t close = page.find("}}", open);
    if (close == std::string_view::npos) return Fail(ErrorCode::kDamaged, "{{ without }}");
    const auto value = values.find(page.substr(open + 2, close - open - 2));
    if (value == values.end()) {
      return Fail(ErrorCode::kDamaged, StrCat(page.substr(open, close - open), "}} is not known"));
    }
    out += HtmlText(value->second);
    page.remove_prefix(close + 2);
  }
}

std::string MegaBytes(uint64_t bytes) {
  const uint64_t tenths = (bytes + 50'000) / 100'000;
  return bytes < 1'000'000 ? StrCat((bytes + 999) / 1000, " kB")
                           : StrCat(tenths / 10, '.', tenths % 10, " MB");
}

Values ValuesOf(const LogHistory& history, const Manifest& manifest, uint64_t log_size,
                size_t contents, size_t sellers) {
  const Json& registry = history.registry();
  Values values = {{"origin", history.origin()},
                   {"name", registry.value("name", history.origin())},
                   {"log_key", registry.value("log_key", "")},
                   {"operator_key", registry.value("operator_key", "")},
                   {"publish", StrCat(manifest.index.publish)},
                   {"as_of", FormatDate(manifest.as_of)},
                   {"entries", StrCat(log_size)},
                   {"reports", StrCat(history.reports())},
                   {"contents", StrCat(contents)},
                   {"removed", StrCat(history.removals().size())},
                   {"waiting", StrCat(history.reports() - history.removals().size() -
                                      std::min<uint64_t>(contents, history.reports() -
                                                                       history.removals().size()))},
                   {"sellers", StrCat(sellers)}};
  for (const PublishedFile& file : manifest.index.files) {
    values[file.kind + "_path"] = file.path;
    values[file.kind + "_size"] = MegaBytes(file.bytes);
    values[file.kind + "_sha256"] = tlog::ToBase64(tlog::AsText(file.sha256));
  }
  return values;
}

}  // namespace

Expected<void> WritePublicPages(const std::filesystem::path& templates,
                                const std::filesystem::path& root, const LogHistory& history,
                                const Manifest& manifest, uint64_t log_size,
                                const std::vector<ReleasedReport>& reports,
                                const TrustPolicy& policy) {
  // Sellers: those reported on, and those who replied.
  std::map<std::string_view, std::vector<const ReleasedReport*>> sellers;
  std::map<std::string_view, std::vector<const Reply*>> replies;
  for (const ReleasedReport& report : reports) sellers[report.seller].push_back(&report);
  for (const Reply& reply : history.replies()) {
    replies[reply.seller].push_back(&reply);
    sellers[reply.seller];
  }
  const std::string folder = StrCat("index/", manifest.index.publish, "/");
  const auto index = index::SellerIndex::Open(root / (folder + "sellers.kpi"), std::nullopt);
  if (!index) return std::unexpected(index.error());
  const Minute as_of = manifest.as_of.time_since_epoch().count() * kMinutesADay;

  const int digits = BucketDigits(sellers.size());
  std::map<std::string, Json> buckets;
  for (const auto& [seller, of_seller] : sellers) {
    const auto found = index->Find(seller, as_of);
    if (!found) return std::unexpected(found.error());
    std::optional<Span> bad;
    if (*found && (*found)->risk.weight > 0) {
      const Risk& risk = (*found)->risk;
      bad = WilsonSpan(risk.rate, risk.weight + risk.prior);
      bad->mean = risk.bad;
    }
    const std::string_view platform = seller.substr(0, seller.find(':'));
    buckets[SellerBucket(seller, digits)][std::string(seller)] =
        SellerFacts(of_seller, policy.HasProofKind(platform), bad, replies[seller]);
  }
  const auto folder_path = root / "pages" / "sellers" / StrCat(digits);
  for (const auto& [name, bucket] : buckets) {
    if (auto put = PutIfNew(folder_path / (name + ".json"), DumpJson(bucket) + "\n"); !put) {
      return put;
    }
  }

  const Values values = ValuesOf(history, manifest, log_size, reports.size(), sellers.size());
  for (const std::string language : {"en", "zh"}) {
    const auto files = ListFiles(templates / language, ".html");
    if (!files) return std::unexpected(files.error());
    for (const auto& file : *files) {
      const auto text = ReadFile(file, kDataFileBytesMax);
      if (!text) return std::unexpected(text.error());
      const auto page = Filled(*text, values);
      if (!page) return Fail(page.error().code, StrCat(file.string(), ": ", page.error().message));
      const auto place = language == "en" ? root : root / language;
      if (auto put = PutIfNew(place / file.filename(), *page); !put) return put;
    }
  }
  for (const char* name : {"style.css", "seller.js"}) {
    const auto text = ReadFile(templates / name, kDataFileBytesMax);
    if (!text) return std::unexpected(text.error());
    if (auto put = PutIfNew(root / "pages" / name, *text); !put) return put;
  }
  // Last: the groups it names are there.
  const Json status = {{"v", 1},
                       {"publish", manifest.index.publish},
                       {"as_of", FormatDate(manifest.as_of)},
                       {"bucket_digits", digits}};
  if (auto put = PutIfNew(root / "pages" / "status.json", DumpJson(status) + "\n"); !put) {
    return put;
  }
  // Groups that nobody is in any more, and those of another number of digits, go.
  std::error_code error;
  for (const auto& other : std::filesystem::directory_iterator(root / "pages" / "sellers", error)) {
    if (other.path() != folder_path) std::filesystem::remove_all(other.path(), error);
  }
  for (const auto& file : std::filesystem::directory_iterator(folder_path, error)) {
    if (!buckets.contains(file.path().stem().string())) {
      std::filesystem::remove(file.path(), error);
    }
  }
  return {};
}

}  // namespace kaopu
