// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "registry/publish/publisher.h"

#include <sodium.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "base/files.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/str_cat.h"
#include "index/index_file.h"
#include "index/seller_row.h"
#include "index/update/delta.h"
#include "index/update/range_file.h"
#include "registry/pages/public_pages.h"
#include "registry/publish/compute_index.h"
#include "registry/record/contents.h"
#include "registry/record/log_history.h"
#include "registry/record/public_files.h"
#include "report/seal/log_entry.h"

namespace kaopu {
namespace {

using index::IndexFile;
using tlog::kTileWidth;

constexpr int kBaseDays = 3 * 365;  // a base begins so long before the publish that draws it
constexpr int kBaseDaysMax = index::kDayMax - 30;
constexpr int kSaltsMax = 3;
constexpr const char* kKinds[] = {"sellers", "details"};
constexpr const char* kRangesName = "ranges.kpr";

class Publisher {
 public:
  Publisher(RegistryStore& store, LogWriter& log, const tlog::SignerKey& key,
            const PublishOptions& options, TimeMs now)
      : store_(store), log_(log), key_(key), options_(options), now_(now) {
    published_.as_of = std::chrono::floor<std::chrono::days>(now);
  }

  Expected<Published> Run() {
    for (const auto step : {&Publisher::ReadPolicy, &Publisher::ReadHistory, &Publisher::FinishLast,
                            &Publisher::Release, &Publisher::ReadHistory}) {
      if (auto ok = Do(step); !ok) return std::unexpected(std::move(ok.error()));
    }
    if (!IsNew()) return published_;
    for (const auto step : {&Publisher::WriteContents, &Publisher::ReadReports, &Publisher::Compute,
                            &Publisher::MakeDeltas, &Publisher::MakeRanges, &Publisher::LogIndex,
                            &Publisher::WriteManifest}) {
      if (auto ok = Do(step); !ok) return std::unexpected(std::move(ok.error()));
    }
    published_.publish = index_.publish;
    Prune();
    WritePages();
    return published_;
  }

 private:
  using Step = Expected<void>;

  Step Do(Step (Publisher::*step)()) {
    if (options_.stop && options_.stop()) {
      return Fail(ErrorCode::kUnavailable,
                  "the publish was cut off before its end; the next one goes on from there");
    }
    return (this->*step)();
  }

  void Before(std::string_view step) const {
    if (options_.before) options_.before(step);
  }
  void Say(std::string_view text) const {
    if (options_.progress) options_.progress(text);
  }
  Expected<uint64_t> Append(RegistryBatch& batch, std::string_view what, Json body) const {
    return batch.Append(report::OperatorEntry{std::string(what), std::move(body)}.ToEntry(key_),
                        now_);
  }
  std::filesystem::path FolderOf(uint64_t publish) const {
    return options_.root / "index" / StrCat(publish);
  }

  Step ReadPolicy() {
    const auto text = ReadFile(options_.policy, kDataFileBytesMax);
    if (!text) return std::unexpected(text.error());
    auto policy = ParseTrustPolicy(*text, options_.policy.string());
    if (!policy) return std::unexpected(policy.error());
    policy_ = std::move(*policy);
    policy_text_ = std::move(*text);
    policy_sha256_ = tlog::ToBase64(tlog::AsText(tlog::Sha256({policy_text_})));
    return {};
  }

  Step ReadHistory() {
    const auto size = store_.Size();
    if (!size) return std::unexpected(size.error());
    std::optional<Error> wrong;
    const auto read =
        store_.EachEntry(history_.size(), *size, [&](uint64_t number, std::string_view entry) {
          if (wrong) return;
          if (auto seen = history_.See(number, entry); !seen) wrong = std::move(seen.error());
        });
    if (!read) return std::unexpected(read.error());
    if (wrong) return Fail(ErrorCode::kDamaged, StrCat("the log: ", wrong->message));
    if (history_.size() == 0) {
      return Fail(ErrorCode::kNotFound, "the log is empty: kaopu-registry init comes first");
    }
    return {};
  }

  // A publish whose entry is in the log lacks at most its manifest.
  Step FinishLast() {
    if (history_.indexes().empty()) return {};
    const auto& last = history_.indexes().back();
    const auto text = ReadFile(options_.root / kManifestPath, kPublicJsonBytesMax);
    if (text) {
      const auto manifest = Manifest::Parse(*text);
      if (manifest && manifest->index.publish == last.body.publish) return {};
    } else if (text.error().code != ErrorCode::kNotFound) {
      return std::unexpected(text.error());
    }
    Say(StrCat("publish ", last.body.publish, " was cut off before its manifest: finishing it"));
    index_ = last.body;
    index_at_ = last.entry;
    return WriteManifest();
  }

  Step Release() {
    Before("release");
    const auto duplicates = store_.DuplicatesBefore(now_ - options_.duplicates_kept);
    if (!duplicates) return std::unexpected(duplicates.error());
    const auto releasable = store_.Releasable(options_.waiting_min, now_ - options_.wait_max);
    if (!releasable) return std::unexpected(releasable.error());
    const bool policy_changed = history_.policies().empty() || LastTrustPolicy() != policy_sha256_;
    if (duplicates->empty() && releasable->empty() && !policy_changed) return {};
    published_.released = releasable->size();
    published_.duplicates = duplicates->size();
    return store_.Write([&](RegistryBatch& batch) -> Expected<void> {
      for (const uint64_t entry : *duplicates) {
        const auto removal = Append(
            batch, "removal",
            {{"entry", entry}, {"reason", "duplicate"}, {"on", FormatDate(published_.as_of)}});
        if (!removal) return std::unexpected(removal.error());
        if (auto gone = batch.Remove(entry, *removal, "duplicate"); !gone) return gone;
      }
      const uint64_t publish =
          history_.indexes().empty() ? 1 : history_.indexes().back().body.publish + 1;
      for (Json& body : ReleaseBodies(*releasable, publish)) {
        const auto at = Append(batch, "release", std::move(body));
        if (!at) return std::unexpected(at.error());
      }
      if (auto released = batch.Release(*releasable, now_); !released) return released;
      if (policy_changed) {
        const auto at =
            Append(batch, "policy",
                   {{"name", "trust"}, {"sha256", policy_sha256_}, {"from_entry", batch.Size()}});
        if (!at) return std::unexpected(at.error());
      }
      return {};
    });
  }

  std::string LastTrustPolicy() const {
    std::string last;
    for (const auto& one : history_.policies()) {
      if (one.body.name == "trust") last = one.body.sha256;
    }
    return last;
  }

  unsigned LastRangeBits() const {
    if (history_.indexes().empty()) return 0;
    const auto& ranges = history_.indexes().back().body.ranges;
    return ranges ? ranges->cut.bits : 0;
  }
  unsigned RangeBits() const { return options_.range_bits.value_or(LastRangeBits()); }

  // By the log: is there anything that the last index does not hold?
  bool IsNew() const {
    if (history_.indexes().empty()) return true;  // an empty index says that nothing is known yet
    const auto* epoch = history_.EpochOf(history_.indexes().back());
    since_ = epoch == nullptr ? 0 : epoch->body.entries;
    return (!history_.releases().empty() && history_.releases().back().entry >= since_) ||
           history_.RemovalFrom(since_) ||
           (!history_.replies().empty() && history_.replies().back().at >= since_) ||
           (epoch != nullptr && epoch->body.trust_sha256 != policy_sha256_) ||
           RangeBits() != LastRangeBits();
  }

  Step WriteContents() {
    Before("contents");
    std::set<uint64_t> bundles;
    for (const auto& release : history_.releases()) {
      if (release.entry < since_) continue;
      for (const EntryRange& range : release.body) {
        for (uint64_t b = range.first / kTileWidth; b <= range.last / kTileWidth; ++b) {
          bundles.insert(b);
        }
      }
    }
    for (const auto& [entry, removal] : history_.removals()) {
      if (removal.at >= since_) bundles.insert(entry / kTileWidth);
    }
    for (const uint64_t bundle : bundles) {
      std::string text;
      const auto read = store_.EachReport(
          bundle * kTileWidth, (bundle + 1) * kTileWidth, [&](const StoredReport& report) {
            if (!report.released_at || report.removal || report.duplicate) return;
            text += report::ContentLine{report.entry, report.salt, report.content}.ToText() + "\n";
          });
      if (!read) return std::unexpected(read.error());
      if (auto put = Put(report::ContentPath(bundle * kTileWidth), text); !put) return put;
    }
    return Put(PolicyPath(policy_sha256_), policy_text_);
  }

  // Nothing in it = no file.
  Step Put(const std::string& name, std::string_view bytes) const {
    const std::filesystem::path path = options_.root / name;
    std::error_code error;
    if (bytes.empty()) {
      std::filesystem::remove(path, error);
    } else {
      std::filesystem::create_directories(path.parent_path(), error);
    }
    if (error) {
      return Fail(ErrorCode::kUnavailable,
                  StrCat("cannot write ", path.string(), ": ", error.message()));
    }
    return bytes.empty() ? Step() : WriteFileAtomic(path, bytes, 0644);
  }

  Step ReadReports() {
    entries_ = history_.size();
    auto contents = ReadContents(
        [&](const std::string& path, size_t bytes_max) {
          return ReadFile(options_.root / path, bytes_max);
        },
        history_, history_.Released(entries_, entries_), {.threads = options_.threads});
    if (!contents) return std::unexpected(contents.error());
    reports_ = std::move(contents->reports);
    return {};
  }

  Step Compute() {
    Before("epoch");
    EpochEntry epoch;
    epoch.publish = history_.indexes().empty() ? 1 : history_.indexes().back().body.publish + 1;
    epoch.entries = entries_;
    epoch.as_of = published_.as_of;
    epoch.trust_sha256 = policy_sha256_;
    if (!history_.epochs().empty()) {
      const EpochEntry& last = history_.epochs().back().body;
      epoch.base_day = last.base_day;
      epoch.salt = last.salt;
      epoch.as_of = std::max(epoch.as_of, last.as_of);  // a clock that went back is no reason
      epoch.bias = last.bias;
    }
    published_.as_of = epoch.as_of;
    const int64_t today = epoch.as_of.time_since_epoch().count();
    bool new_base = history_.epochs().empty() || today - epoch.base_day > kBaseDaysMax;
    KeepWeighed(reports_, epoch);
    epoch.bias = BiasOf(reports_, policy_, epoch.bias);
    published_.contents = reports_.size();
    for (int salts = 0; salts < kSaltsMax; ++salts) {
      if (new_base) {
        epoch.base_day = static_cast<uint32_t>(std::max<int64_t>(today - kBaseDays, 0));
        if (sodium_init() < 0) return Fail(ErrorCode::kInternal, "no random numbers here");
        randombytes_buf(epoch.salt.data(), epoch.salt.size());
      }
      const auto logged = store_.Write([&](RegistryBatch& batch) -> Expected<void> {
        const auto at = Append(batch, "epoch", epoch.Body());
        return at ? Expected<void>() : std::unexpected(at.error());
      });
      if (!logged) return logged;
      Before("index");
      Say(StrCat("publish ", epoch.publish, ": ", reports_.size(), " contents are weighed"));
      const std::filesystem::path folder = FolderOf(epoch.publish);
      std::error_code error;
      std::filesystem::create_directories(folder, error);
      if (error) {
        return Fail(ErrorCode::kUnavailable,
                    StrCat("cannot make ", folder.string(), ": ", error.message()));
      }
      auto built = ComputeIndex(reports_, epoch, policy_, history_.origin(), folder / "sellers.kpi",
                                folder / "details.kpi");
      if (built) {
        published_.index = *built;
        index_.publish = epoch.publish;
        return {};
      }
      if (built.error().code != ErrorCode::kConflict) return std::unexpected(built.error());
      new_base = true;  // two sellers with one key
    }
    return Fail(ErrorCode::kInternal, "two sellers have the same key under each salt drawn");
  }

  Expected<PublishedFile> Named(const std::string& name, const char* kind) const {
    const auto bytes = ReadFile(options_.root / name, kIndexFileBytesMax);
    if (!bytes) return std::unexpected(bytes.error());
    std::error_code ignored;
    std::filesystem::permissions(options_.root / name, std::filesystem::perms{0644}, ignored);
    return PublishedFile{name, kind, bytes->size(), tlog::Sha256({*bytes})};
  }

  Step MakeDeltas() {
    Before("delta");
    index_.files.clear();
    index_.deltas.clear();
    for (const char* kind : kKinds) {
      const std::string folder = StrCat("index/", index_.publish, "/");
      auto file = Named(StrCat(folder, kind, ".kpi"), kind);
      if (!file) return std::unexpected(file.error());
      published_.bytes += file->bytes;
      index_.files.push_back(std::move(*file));
      if (history_.indexes().empty()) continue;
      const auto from =
          IndexFile::Open(FolderOf(history_.indexes().back().body.publish) / StrCat(kind, ".kpi"));
      const auto to = IndexFile::Open(options_.root / folder / StrCat(kind, ".kpi"));
      if (!to) return std::unexpected(to.error());
      if (!from) continue;  // gone, or damaged: shoppers fetch the whole file
      const auto delta = index::MakeDelta(*from, *to);
      if (!delta && delta.error().code == ErrorCode::kConflict) continue;  // a new base
      if (!delta) return std::unexpected(delta.error());
      const std::string name = StrCat(folder, kind, ".delta");
      if (auto put = Put(name, *delta); !put) return put;
      published_.delta_bytes += delta->size();
      index_.deltas.push_back({name, kind, delta->size(), tlog::Sha256({*delta})});
    }
    return {};
  }

  Step MakeRanges() {
    index_.ranges.reset();
    if (RangeBits() == 0) return {};
    Before("ranges");
    const std::filesystem::path folder = FolderOf(index_.publish);
    const auto sellers = IndexFile::Open(folder / "sellers.kpi"),
               details = IndexFile::Open(folder / "details.kpi");
    for (const auto* file : {&sellers, &details}) {
      if (!*file) return std::unexpected(file->error());
    }
    const auto cut = index::CutRanges(*sellers, *details, RangeBits(), folder / kRangesName);
    if (!cut) return std::unexpected(cut.error());
    published_.ranges = *cut;
    index_.ranges = PublishedRanges{StrCat("index/", index_.publish, "/", kRangesName), *cut};
    return {};
  }

  Step LogIndex() {
    Before("log");
    return store_.Write([&](RegistryBatch& batch) -> Expected<void> {
      const auto at = Append(batch, "index", index_.Body());
      if (!at) return std::unexpected(at.error());
      index_at_ = *at;
      return {};
    });
  }

  Step WriteManifest() {
    Before("checkpoint");
    // The history as it is now holds the index entry, and the chain of deltas that leads to it.
    if (auto read = ReadHistory(); !read) return read;
    if (auto integrated = log_.Integrate(history_.size()); !integrated) return integrated;
    if (options_.cosign) {
      Before("cosignatures");
      if (auto cosigned = options_.cosign(); !cosigned) return cosigned;
    }
    const uint64_t size = history_.size();
    auto proof = log_.Receipt(index_at_, size);
    if (!proof) return std::unexpected(proof.error());
    Manifest& manifest = manifest_;
    manifest = {};
    const auto& indexes = history_.indexes();
    const auto* epoch = history_.EpochOf(indexes.back());
    if (epoch == nullptr || indexes.back().entry != index_at_) {
      return Fail(ErrorCode::kConflict, "another publish took place meanwhile");
    }
    manifest.as_of = epoch->body.as_of;
    manifest.entries = epoch->body.entries;
    manifest.index = index_;
    manifest.proof = std::move(*proof);
    for (size_t i = indexes.size(); i-- > 1 && indexes.size() - i <= options_.deltas_kept;) {
      if (indexes[i].body.deltas.empty()) break;
      std::vector<Manifest::Delta> step;
      for (const PublishedFile& file : indexes[i].body.deltas) {
        step.push_back({file, indexes[i - 1].body.publish, indexes[i].body.publish});
      }
      manifest.deltas.insert(manifest.deltas.begin(), step.begin(), step.end());
    }
    const auto read = store_.EachEntry(index_at_, index_at_ + 1,
                                       [&](uint64_t, std::string_view e) { manifest.entry = e; });
    if (!read) return std::unexpected(read.error());
    Before("manifest");
    return Put(kManifestPath, manifest.ToText());
  }

  void WritePages() {
    if (options_.pages.empty()) return;
    const auto written = WritePublicPages(options_.pages, options_.root, history_, manifest_,
                                          history_.size(), reports_, policy_);
    if (!written) published_.pages_error = written.error().message;
  }

  // What is older than is kept. What cannot be deleted is left for the next time.
  void Prune() const {
    std::error_code error;
    for (const auto& folder : std::filesystem::directory_iterator(options_.root / "index", error)) {
      const std::string name = folder.path().filename().string();
      uint64_t number = 0;
      const auto [end, bad] = std::from_chars(name.data(), name.data() + name.size(), number);
      if (bad != std::errc() || end != name.data() + name.size()) continue;
      const uint64_t age = index_.publish - std::min(number, index_.publish);
      if (age >= options_.deltas_kept) {
        std::filesystem::remove_all(folder.path(), error);
      } else if (age >= options_.full_kept) {
        for (const char* kind : kKinds) {
          std::filesystem::remove(folder.path() / StrCat(kind, ".kpi"), error);
        }
        std::filesystem::remove(folder.path() / kRangesName, error);
      }
    }
  }

  RegistryStore& store_;
  LogWriter& log_;
  const tlog::SignerKey& key_;
  const PublishOptions& options_;
  const TimeMs now_;

  TrustPolicy policy_;
  std::string policy_text_, policy_sha256_;
  LogHistory history_;
  mutable uint64_t since_ = 0;  // what the last index weighed, in entries
  uint64_t entries_ = 0;
  std::vector<ReleasedReport> reports_;
  IndexEntry index_;
  uint64_t index_at_ = 0;
  Manifest manifest_;
  Published published_;
};

}  // namespace

Expected<Published> PublishOnce(RegistryStore& store, LogWriter& log,
                                const tlog::SignerKey& operator_key, const PublishOptions& options,
                                const Clock& clock) {
  return Publisher(store, log, operator_key, options, clock.Now()).Run();
}

}  // namespace kaopu
