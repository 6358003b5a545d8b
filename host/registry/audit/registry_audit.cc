// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
#include "registry/audit/registry_audit.h"

#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <unordered_map>

#include "base/files.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/str_cat.h"
#include "index/index_file.h"
#include "index/key_hash.h"
#include "index/update/delta.h"
#include "index/update/range_file.h"
#include "registry/publish/compute_index.h"
#include "registry/record/contents.h"
#include "registry/record/public_files.h"
#include "tlog/log_audit.h"
#include "tlog/log_proof.h"

namespace kaopu {
namespace {

using index::IndexFile;

constexpr uint64_t kProgressEveryEntries = 1'000'000, kProgressEveryContents = 100'000;

std::unexpected<Error> Differs(std::string message) {
  return Fail(ErrorCode::kDamaged, std::move(message));
}

// What is wrong in a file of the registry is its damage, not a mistake of who asks.
Error AsDamage(Error error) {
  if (error.code == ErrorCode::kBadRequest || error.code == ErrorCode::kForbidden) {
    error.code = ErrorCode::kDamaged;
  }
  return error;
}

struct TemporaryFolder {
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "kaopu-audit-XXXXXX").string();
    if (mkdtemp(pattern.data()) != nullptr) path = pattern;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    if (!path.empty()) std::filesystem::remove_all(path, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  std::filesystem::path path;
};

class Auditor {
 public:
  Auditor(const tlog::ReadLogFile& read, const RegistryAuditOptions& options)
      : read_(read), options_(options) {}

  Expected<RegistryAudit> Run() {
    for (const auto step : {&Auditor::ReadLog, &Auditor::CheckContents, &Auditor::CheckManifest,
                            &Auditor::CheckDigests, &Auditor::Recompute, &Auditor::CheckRanges}) {
      if (auto ok = (this->*step)(); !ok) return std::unexpected(AsDamage(std::move(ok.error())));
    }
    audit_.history = std::move(history_);
    return std::move(audit_);
  }

 private:
  void Say(std::string_view text) const {
    if (options_.progress) options_.progress(text);
  }

  Expected<void> ReadLog() {
    const auto text = read_("registry.json", kPublicJsonBytesMax);
    if (!text) return std::unexpected(text.error());
    auto file = RegistryFile::Parse(*text);
    if (!file) return std::unexpected(file.error());
    if (options_.key && options_.key->ToText() != file->log_key) {
      return Differs("registry.json: its log_key is not the key given");
    }
    const auto key = tlog::VerifierKey::Parse(file->log_key);
    if (!key) return Differs(StrCat("registry.json: log_key: ", key.error().message));
    log_key_ = *key;
    std::optional<Error> wrong;
    const auto log = tlog::AuditLog(read_, *key, options_.witnesses,
                                    [&](uint64_t number, std::string_view entry) {
                                      if (wrong) return;
                                      if (auto seen = history_.See(number, entry); !seen) {
                                        wrong = std::move(seen.error());
                                      }
                                      if ((number + 1) % kProgressEveryEntries == 0) {
                                        Say(StrCat(number + 1, " entries of the log checked"));
                                      }
                                    });
    if (!log) return std::unexpected(log.error());
    if (wrong) return std::unexpected(*wrong);
    if (history_.size() == 0) return Differs("the log is empty");
    for (const auto& [field, value] : file->keys) {
      if (!history_.registry().contains(field) || history_.registry()[field] != value) {
        return Differs(
            StrCat("registry.json: ", field, " is not the one of the log's first entry"));
      }
    }
    audit_.origin = file->origin;
    audit_.entries = history_.size();
    audit_.reports = history_.reports();
    audit_.tiles = log->tiles;
    audit_.removed = history_.removals().size();
    if (!history_.indexes().empty()) {
      newest_ = &history_.indexes().back();
      epoch_ = history_.EpochOf(*newest_);
      if (epoch_ == nullptr) {
        return Differs(StrCat("entry ", newest_->entry, ": no epoch stands before this index"));
      }
      audit_.publish = newest_->body.publish;
    }
    return {};
  }

  Expected<void> CheckContents() {
    const uint64_t until = epoch_ == nullptr ? 0 : epoch_->body.entries;
    const std::vector<bool> wanted = history_.Released(until, history_.size());
    uint64_t said = 0;
    const auto contents = ReadContents(read_, history_, wanted,
                                       {.signatures = options_.signatures,
                                        .threads = options_.threads,
                                        .progress = [&](uint64_t done, uint64_t of) {
                                          if (done / kProgressEveryContents == said) return;
                                          said = done / kProgressEveryContents;
                                          Say(StrCat(done, " of ", of, " contents checked"));
                                        }});
    if (!contents) return std::unexpected(contents.error());
    reports_ = std::move(contents->reports);
    audit_.contents = reports_.size();
    audit_.left_over = contents->others;
    audit_.waiting = audit_.reports - audit_.contents - audit_.removed;
    return {};
  }

  Expected<void> CheckManifest() {
    if (newest_ == nullptr) return {};
    const auto text = read_(kManifestPath, kPublicJsonBytesMax);
    if (!text) return std::unexpected(text.error());
    const auto manifest = Manifest::Parse(*text);
    if (!manifest) return std::unexpected(manifest.error());
    const auto proof = tlog::LogProof::Parse(manifest->proof);
    if (!proof) return Differs(StrCat(kManifestPath, ": proof: ", proof.error().message));
    const auto proven = tlog::VerifyLogProof(*proof, tlog::LeafHash(manifest->entry), log_key_);
    if (!proven) return Differs(StrCat(kManifestPath, ": proof: ", proven.error().message));
    const auto found = std::ranges::find_if(
        history_.indexes(), [&](const auto& one) { return one.entry == proof->index; });
    if (found == history_.indexes().end() || found->body.publish != manifest->index.publish) {
      return Differs(StrCat(kManifestPath, ": its entry is no index entry of the log"));
    }
    // A publish that is being written has its entry in the log before its manifest.
    if (history_.indexes().end() - found > 2) {
      return Differs(StrCat(kManifestPath, ": names publish ", manifest->index.publish,
                            ", the log's newest is ", newest_->body.publish));
    }
    return {};
  }

  Expected<void> CheckDigests() {
    for (auto one = history_.indexes().rbegin(); one != history_.indexes().rend(); ++one) {
      const bool newest = &*one == newest_;
      bool gone = false;
      for (const auto* list : {&one->body.files, &one->body.deltas}) {
        for (const PublishedFile& file : *list) {
          const auto bytes = read_(file.path, kIndexFileBytesMax);
          if (!bytes && bytes.error().code == ErrorCode::kNotFound && !newest) {
            gone = true;
            continue;
          }
          if (!bytes) return std::unexpected(bytes.error());
          if (bytes->size() != file.bytes) {
            return Differs(StrCat(file.path, ": ", bytes->size(), " bytes; entry ", one->entry,
                                  " of the log says ", file.bytes));
          }
          if (tlog::Sha256({*bytes}) != file.sha256) {
            const std::string where = newest ? FirstDifference(file, *bytes) : "";
            return Differs(StrCat(file.path, ": its sha256 is not the one in entry ", one->entry,
                                  " of the log", where));
          }
        }
      }
      if (const auto ok = CheckOlderRanges(*one, newest); !ok) return ok;
      if (newest) continue;
      ++(gone ? audit_.older_gone : audit_.older_checked);
      // Pruned from the oldest on.
      if (gone && std::ranges::all_of(one->body.deltas, [&](const PublishedFile& file) {
            return !read_(file.path, kIndexFileBytesMax);
          })) {
        audit_.older_gone += static_cast<uint64_t>(history_.indexes().rend() - one) - 1;
        break;
      }
    }
    return {};
  }

  // The newest are cut again, below. Older ones are pruned with their publish's whole files.
  Expected<void> CheckOlderRanges(const LogHistory::At<IndexEntry>& one, bool newest) const {
    if (newest || !one.body.ranges) return {};
    const auto bytes = read_(one.body.ranges->path, kIndexFileBytesMax);
    if (!bytes && bytes.error().code == ErrorCode::kNotFound) return {};
    if (!bytes) return std::unexpected(bytes.error());
    const auto whole = index::CheckRangeFile(*bytes, one.body.ranges->cut);
    if (whole) return {};
    return Differs(StrCat(one.body.ranges->path, ": ", whole.error().message, " (entry ", one.entry,
                          " of the log)"));
  }

  // A file of the newest publish, on this disk so that it can be mapped.
  Expected<IndexFile> Downloaded(std::string_view kind) const {
    if (temporary_.path.empty()) {
      return Fail(ErrorCode::kUnavailable, "cannot make a temporary folder");
    }
    const auto file = std::ranges::find(newest_->body.files, kind, &PublishedFile::kind);
    if (file == newest_->body.files.end()) {
      return Differs(StrCat("entry ", newest_->entry, " of the log: ranges, but no ", kind));
    }
    const auto bytes = read_(file->path, kIndexFileBytesMax);
    if (!bytes) return std::unexpected(bytes.error());
    const auto path = temporary_.path / StrCat(kind, ".published");
    if (auto put = WriteFileAtomic(path, *bytes); !put) return std::unexpected(put.error());
    return IndexFile::Open(path);
  }

  // The ranges are the newest index, whose own bytes were checked, cut.
  Expected<void> CheckRanges() {
    if (newest_ == nullptr || !newest_->body.ranges) return {};
    const PublishedRanges& named = *newest_->body.ranges;
    const auto sellers = Downloaded("sellers"), details = Downloaded("details");
    for (const auto* file : {&sellers, &details}) {
      if (!*file) return std::unexpected(file->error());
    }
    Say(StrCat("cutting publish ", newest_->body.publish, " into ", named.cut.Ranges(), " ranges"));
    const auto path = temporary_.path / "ranges";
    const auto cut = index::CutRanges(*sellers, *details, named.cut.bits, path);
    if (!cut) return std::unexpected(cut.error());
    if (*cut != named.cut) {
      return Differs(StrCat("entry ", newest_->entry,
                            " of the log: the ranges it names are not its index, cut by ",
                            named.cut.bits, " bits"));
    }
    const auto theirs = read_(named.path, kIndexFileBytesMax);
    if (!theirs) return std::unexpected(theirs.error());
    const auto ours = ReadFile(path, kIndexFileBytesMax);
    if (!ours) return std::unexpected(ours.error());
    const auto differ = std::ranges::mismatch(*ours, *theirs);
    audit_.ranges = cut->Ranges();
    if (differ.in1 == ours->end() && differ.in2 == theirs->end()) return {};
    const auto byte = static_cast<uint64_t>(differ.in1 - ours->begin());
    if (byte >= cut->FileBytes()) {
      return Differs(StrCat(named.path, ": ", theirs->size(), " bytes; entry ", newest_->entry,
                            " of the log says ", cut->FileBytes()));
    }
    const uint64_t range = byte / cut->SlotBytes(), within = byte % cut->SlotBytes();
    const std::string_view part = within < cut->sellers_bytes    ? "sellers"
                                  : within < cut->ContentBytes() ? "details"
                                                                 : "proof";
    return Differs(StrCat(named.path, ": is not the index cut into ranges, first at byte ", byte,
                          ": range ", index::RangeName(cut->bits, static_cast<uint32_t>(range)),
                          ", ", part, ", byte ", within));
  }

  // Computes the newest publish again, once. Empty = not possible, or not wanted.
  Expected<void> ComputeAgain() {
    if (computed_ || newest_ == nullptr) return {};
    if (history_.RemovalFrom(epoch_->body.entries)) {
      audit_.by_digest_alone = true;
      return {};
    }
    const EpochEntry& epoch = epoch_->body;
    const std::string path = PolicyPath(epoch.trust_sha256);
    const auto text = read_(path, kDataFileBytesMax);
    if (!text) return std::unexpected(text.error());
    if (tlog::ToBase64(tlog::AsText(tlog::Sha256({*text}))) != epoch.trust_sha256) {
      return Differs(StrCat(path, ": its sha256 is not the one of the epoch, entry ", epoch_->entry,
                            " of the log"));
    }
    if (std::ranges::none_of(history_.policies(), [&](const auto& one) {
          return one.entry < epoch_->entry && one.body.sha256 == epoch.trust_sha256;
        })) {
      return Differs(StrCat("entry ", epoch_->entry, ": its policy is not in the log before it"));
    }
    const auto policy = ParseTrustPolicy(*text, path);
    if (!policy) return std::unexpected(policy.error());
    Say(StrCat("computing publish ", epoch.publish, " again"));
    KeepWeighed(reports_, epoch);
    std::map<std::string, Micro> before;
    for (const auto& one : history_.epochs()) {
      if (one.entry < epoch_->entry) before = one.body.bias;
    }
    if (BiasOf(reports_, *policy, before) != epoch.bias) {
      return Differs(StrCat("entry ", epoch_->entry,
                            ": the bias it states is not the one that the contents give"));
    }
    if (temporary_.path.empty()) {
      return Fail(ErrorCode::kUnavailable, "cannot make a temporary folder");
    }
    const auto built = ComputeIndex(reports_, epoch, *policy, history_.origin(),
                                    temporary_.path / "sellers", temporary_.path / "details");
    if (!built) return std::unexpected(built.error());
    audit_.sellers = built->sellers;
    computed_ = true;
    return {};
  }

  Expected<void> Recompute() {
    if (newest_ == nullptr) return {};
    if (auto ok = ComputeAgain(); !ok) return ok;
    if (!computed_) return {};
    for (const PublishedFile& file : newest_->body.files) {
      if (file.kind != "sellers" && file.kind != "details") continue;
      const auto mine = IndexFile::Open(temporary_.path / file.kind);
      if (!mine) return std::unexpected(mine.error());
      if (index::DigestOf(*mine) == file.sha256) continue;
      const auto published = read_(file.path, kIndexFileBytesMax);
      if (!published) return std::unexpected(published.error());
      return Differs(StrCat(file.path, ": is not what the log and the contents give",
                            FirstDifference(file, *published)));
    }
    return {};
  }

  // ", first at byte 4711: ..." by the file computed again; empty where that is not possible.
  std::string FirstDifference(const PublishedFile& file, const std::string& published) {
    if (file.kind != "sellers" && file.kind != "details") return "";
    if (!ComputeAgain() || !computed_) return "";
    const auto mine = IndexFile::Open(temporary_.path / file.kind);
    if (!mine) return "";
    const auto ours = mine->bytes();
    const auto theirs = reinterpret_cast<const uint8_t*>(published.data());
    size_t at = 0;
    while (at < ours.size() && at < published.size() && ours[at] == theirs[at]) ++at;
    std::string where = StrCat(", first at byte ", at);
    if (at < index::kPageBytes) return where + " (header)";
    const auto other = temporary_.path / "published";
    if (!WriteFileAtomic(other, published)) return where;
    const auto opened = IndexFile::Open(other);
    if (!opened) return where;
    index::IndexCursor a(*mine), b(*opened);
    while (a.entry() != nullptr && b.entry() != nullptr && *a.entry() == *b.entry()) {
      a.Next();
      b.Next();
    }
    const index::Entry* one = a.entry();
    if (one == nullptr || (b.entry() != nullptr && b.entry()->key < one->key)) {
      return b.entry() == nullptr ? where : where + ": a seller of whom no content tells";
    }
    for (const ReleasedReport& report : reports_) {
      if (index::HashSeller(epoch_->body.salt, report.seller).key == one->key) {
        return StrCat(where, ": seller ", report.seller);
      }
    }
    return where;
  }

  const tlog::ReadLogFile& read_;
  const RegistryAuditOptions& options_;
  RegistryAudit audit_;
  tlog::VerifierKey log_key_;
  LogHistory history_;
  const LogHistory::At<IndexEntry>* newest_ = nullptr;
  const LogHistory::At<EpochEntry>* epoch_ = nullptr;
  std::vector<ReleasedReport> reports_;
  TemporaryFolder temporary_;
  bool computed_ = false;
};

}  // namespace

Expected<RegistryAudit> AuditRegistry(const tlog::ReadLogFile& read,
                                      const RegistryAuditOptions& options) {
  return Auditor(read, options).Run();
}

}  // namespace kaopu
